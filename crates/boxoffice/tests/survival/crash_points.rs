//! The server kills itself with SIGKILL at a named place. Whoever had no answer asks again, and everything is there once.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::app::{PAYMENT_SECRET, TestApp, WEBHOOK_SECRET, client};
use testkit::clock::JumpingClock;
use testkit::databases::FreshDatabase;
use uuid::Uuid;

use crate::merchant::Merchant;
use crate::support::caller::{Caller, Wish};
use crate::support::history::Outcome;
use crate::support::promises::text;
use crate::support::{Program, Recipe, until};

/// Longer than the lease of a dead worker.
const LEASE_S: i64 = 31;

/// Merchants of tests are on this machine.
const FLAGS: [&str; 3] = ["--poll-after-s", "1", "--notify-private-addresses"];

/// A server that is to die, and the gateway that it works with.
struct Doomed {
    recipe: Recipe,
    server: Program,
    caller: Caller,
    sandbox: Program,
    _folder: tempfile::TempDir,
}

impl Doomed {
    /// Dies at this place.
    async fn at(place: &str, database: &FreshDatabase) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut recipe = Recipe::serve(&database.url_text(), &FLAGS)?;
        let file = folder.path().join("sandbox.db").display().to_string();
        let hook = format!("{}/webhook", recipe.url());
        let flags = ["sandbox", "--database", &file, "--api-key", "key-of-the-tests", "--pay-delay-ms", "50"];
        let hook = ["--webhook-secret", WEBHOOK_SECRET, "--webhook-url", &hook];
        // Only what is about webhooks is told by them; everything else has to come right without.
        let flags = flags.into_iter().chain(hook.into_iter().filter(|_| place.starts_with("event")));
        let sandbox = Recipe::of(flags.map(str::to_owned).collect())?.start().await?;
        recipe.arguments.extend(["--coinbase-api-url".to_owned(), sandbox.url.clone()]);
        let mut mortal = recipe.clone();
        mortal.environment.push(("BOXOFFICE_CRASH_AT".to_owned(), place.to_owned()));
        let server = mortal.start().await?;
        let caller = Caller::of(vec![recipe.url()])?;
        Ok(Self { recipe, server, caller, sandbox, _folder: folder })
    }

    /// Waits until it has died, of nothing but its own hand.
    async fn died(&mut self) -> Result<()> {
        let mut how = None;
        for _ in 0..3_000 {
            how = self.server.status()?;
            if how.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let how = how.context("it lives on")?;
        ensure!(std::os::unix::process::ExitStatusExt::signal(&how) == Some(9), "it ended by itself: {how}");
        Ok(())
    }

    /// Starts it again, immortal, at the same address.
    async fn rise(&mut self) -> Result<()> {
        self.server = self.recipe.start().await?;
        Ok(())
    }

    /// Another node takes its place, when the leases of the dead one have ended.
    async fn succeeded_by(&self, database: FreshDatabase) -> Result<TestApp> {
        let clock = Arc::new(JumpingClock::default());
        clock.jump_s(LEASE_S);
        let gateway = ["--coinbase-api-url", &self.sandbox.url];
        TestApp::start_by(clock, database, &[&gateway[..], &FLAGS].concat()).await
    }

    /// Whoever asked has no answer; asked again, there is one.
    async fn ask_twice(&mut self, wish: &Wish) -> Result<(u16, Value)> {
        let outcome = self.caller.ask(wish).await;
        ensure!(matches!(outcome, Outcome::Unknown), "the place was passed: {outcome:?}");
        self.died().await?;
        self.rise().await?;
        self.caller.insist(wish).await
    }

    async fn make(&self, path: &str, body: Value) -> Result<Value> {
        let (status, made) = self.caller.insist(&Wish::post(path, body)).await?;
        ensure!(status == 201, "{status} {made}");
        Ok(made)
    }

    async fn seat(&self) -> Result<String> {
        text(&self.make("/api/products", json!({"name": "Seat", "price": "25", "total_stock": 10})).await?["id"])
    }

    async fn charges(&self) -> Result<Vec<Value>> {
        let request = client()?.get(format!("{}/charges?limit=100", self.sandbox.url));
        let list: Value = request.header("X-CC-Api-Key", "key-of-the-tests").send().await?.json().await?;
        Ok(list["data"].as_array().context("a list")?.clone())
    }

    async fn pay(&self, code: &Value) -> Result<()> {
        let code = code.as_str().context("a code")?;
        let url = format!("{}/_control/charges/{code}/pay", self.sandbox.url);
        client()?.request(Method::POST, url).json(&json!({})).send().await?.error_for_status()?;
        Ok(())
    }

    async fn adds_up(&self) -> Result<()> {
        let report = self.caller.read("/api/admin/reconciliation").await?;
        ensure!(report["ok"] == json!(true) && report["attention"] == json!([]), "{report}");
        Ok(())
    }
}

async fn a_stored_notice_pays_once(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("event-stored", &database).await?;
    let seat = doomed.seat().await?;
    let items = json!([{"product_id": seat, "quantity": 2}]);
    let order = doomed.make("/api/orders", json!({"customer_id": 7, "items": items})).await?;
    let notice = json!({"order_id": order["id"], "status": "paid", "amount": "50.00", "idempotency_key": "once"});
    let signature = adapters::sign(PAYMENT_SECRET, notice.to_string().as_bytes());
    let wish = Wish::post("/api/payments/webhook", notice).with("X-Signature", signature);
    let (status, answer) = doomed.ask_twice(&wish).await?;
    ensure!((status, answer["verdict"].as_str()) == (200, Some("applied")), "{status} {answer}");
    let id = text(&order["id"])?;
    let order = doomed.caller.read(&format!("/api/orders/{id}")).await?;
    ensure!(order["status"] == "paid" && order["payment_status"] == "paid", "{order}");
    let moved = doomed.caller.read(&format!("/api/transactions?order_id={id}")).await?;
    ensure!(moved["total"] == json!(1), "{moved}");
    doomed.adds_up().await
}

/// The third event of a charge tells that it is paid; the provider sends again what had no answer.
async fn a_stored_webhook_completes_once(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("event-stored:3", &database).await?;
    let made = doomed.make("/checkouts", a_checkout()).await?;
    let path = format!("/checkouts/{}", text(&made["id"])?);
    let caller = doomed.caller.clone();
    until("a charge", || async { Ok(caller.read(&path).await?["charge_code"].is_string()) }).await?;
    doomed.pay(&caller.read(&path).await?["charge_code"]).await?;
    doomed.died().await?;
    doomed.rise().await?;
    until("it is paid", || async { Ok(caller.read(&path).await?["status"] == "COMPLETED") }).await?;
    let control = format!("{}/_control", doomed.sandbox.url);
    let all_sent = || async {
        let stand: Value = client()?.get(&control).send().await?.json().await?;
        Ok(stand["data"]["counts"]["deliveries_waiting"] == json!(0))
    };
    until("every webhook is taken", all_sent).await?;
    let moved = caller.read("/api/transactions").await?;
    ensure!(moved["total"] == json!(1) && moved["items"][0]["amount"] == "25.00", "{moved}");
    doomed.adds_up().await
}

/// What nothing else names has the name of its request.
async fn a_stored_hold_is_placed_once(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("hold-stored", &database).await?;
    let seat = doomed.seat().await?;
    let wish = Wish::post("/api/holds", json!({"product_id": seat, "quantity": 2})).named(Uuid::from_u128(7));
    let (status, hold) = doomed.ask_twice(&wish).await?;
    ensure!(status == 201 && hold["quantity"] == json!(2), "{status} {hold}");
    let seat = doomed.caller.read(&format!("/api/products/{seat}")).await?;
    ensure!(seat["held_stock"] == json!(2), "{seat}");
    doomed.adds_up().await
}

async fn a_buyers_stored_checkout_is_made_once(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("checkout-stored", &database).await?;
    let body = json!({"amount": "25", "email": "buyer@example.com"});
    let (status, checkout) = doomed.ask_twice(&Wish::post("/checkout", body).named(Uuid::from_u128(7))).await?;
    ensure!(status == 201, "{status} {checkout}");
    let all = doomed.caller.read("/checkouts").await?;
    ensure!(all["total"] == json!(1) && all["items"][0]["id"] == checkout["id"], "{all}");
    doomed.adds_up().await
}

async fn a_stored_order_is_placed_once(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("order-stored", &database).await?;
    let seat = doomed.seat().await?;
    let hold = doomed.make("/api/holds", json!({"product_id": seat, "quantity": 2})).await?;
    let wish = Wish::post("/api/orders", json!({"hold_id": hold["id"], "hold_token": hold["hold_token"]}));
    let (status, answer) = doomed.ask_twice(&wish).await?;
    ensure!(status == 409 && answer["code"] == "hold-already-used", "{status} {answer}");
    let order = doomed.caller.read(&format!("/api/orders/{}", text(&answer["order_id"])?)).await?;
    ensure!(order["hold_id"] == hold["id"] && order["status"] == "pending", "{order}");
    ensure!(doomed.caller.read("/api/orders").await?["total"] == json!(1));
    doomed.adds_up().await
}

fn a_checkout() -> Value {
    json!({"merchant_id": "m", "amount": "25", "currency": "USD", "idempotency_key": "once"})
}

async fn a_stored_checkout_is_made_once(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("checkout-stored", &database).await?;
    let (status, checkout) = doomed.ask_twice(&Wish::post("/checkouts", a_checkout())).await?;
    ensure!(status == 200, "{status} {checkout}");
    ensure!(doomed.charges().await?.is_empty(), "it died before it asked for a charge");
    has_one_charge(&doomed, database).await
}

/// Killed between the gateway's answer and its being stored, or just after that.
async fn a_charge_is_made_once(place: &str, database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at(place, &database).await?;
    // The answer comes before the charge, or not at all.
    doomed.caller.ask(&Wish::post("/checkouts", a_checkout())).await;
    doomed.died().await?;
    ensure!(doomed.charges().await?.len() == 1, "it died after the charge was made");
    has_one_charge(&doomed, database).await
}

async fn a_made_charge_is_found(database: FreshDatabase) -> Result<()> {
    a_charge_is_made_once("charge-made", database).await
}

async fn a_stored_charge_is_kept(database: FreshDatabase) -> Result<()> {
    a_charge_is_made_once("charge-stored", database).await
}

/// The next node finds or makes its charge, one in all, and asks what became of it.
async fn has_one_charge(doomed: &Doomed, database: FreshDatabase) -> Result<()> {
    let app = doomed.succeeded_by(database).await?;
    let again = app.post("/checkouts", &a_checkout()).await?;
    ensure!(again.status() == 200, "it was there: {}", again.status());
    let path = format!("/checkouts/{}", text(&again.json::<Value>().await?["id"])?);
    app.until("a charge", || async { Ok(app.json(&path).await?["charge_code"].is_string()) }).await?;
    let code = app.json(&path).await?["charge_code"].clone();
    let charges = doomed.charges().await?;
    ensure!(charges.len() == 1 && charges[0]["code"] == code, "{code}: {charges:?}");
    doomed.pay(&code).await?;
    app.until("COMPLETED", || async {
        ask_at_once(&app).await?;
        Ok(app.json(&path).await?["status"] == "COMPLETED")
    })
    .await?;
    let moved = app.json("/api/transactions").await?;
    ensure!(moved["total"] == json!(1) && moved["items"][0]["amount"] == "25.00", "{moved}");
    app.stop().await
}

/// What the next question about a charge would bring in a while, an operator may want to know now.
async fn ask_at_once(app: &TestApp) -> Result<()> {
    for job in app.json("/api/admin/jobs?status=ready").await?["items"].as_array().context("a list")? {
        let answer = app.post(&format!("/api/admin/jobs/{}/retry", text(&job["id"])?), &Value::Null).await?;
        ensure!(matches!(answer.status().as_u16(), 200 | 409), "{}", answer.status());
    }
    Ok(())
}

/// Killed with a question about a charge in its hand: the next node asks it.
async fn a_claimed_job_is_done(database: FreshDatabase) -> Result<()> {
    let mut doomed = Doomed::at("poll-claimed", &database).await?;
    doomed.caller.ask(&Wish::post("/checkouts", a_checkout())).await;
    doomed.died().await?;
    has_one_charge(&doomed, database).await
}

/// Killed when the merchant had been told, and nobody had noted it down: the merchant is told again, under the same name.
async fn a_sent_delivery_is_sent_again(database: FreshDatabase) -> Result<()> {
    let merchant = Merchant::start().await?;
    let mut doomed = Doomed::at("delivery-sent", &database).await?;
    let endpoint =
        doomed.make("/api/webhook-endpoints", json!({"merchant_id": "default", "url": merchant.url})).await?;
    let seat = doomed.seat().await?;
    let items = json!([{"product_id": seat, "quantity": 1}]);
    let order = doomed.make("/api/orders", json!({"customer_id": 7, "items": items})).await?;
    let notice = json!({"order_id": order["id"], "status": "paid", "amount": "25.00", "idempotency_key": "once"});
    let signature = adapters::sign(PAYMENT_SECRET, notice.to_string().as_bytes());
    // It may be dead before it can answer.
    doomed.caller.ask(&Wish::post("/api/payments/webhook", notice).with("X-Signature", signature)).await;
    doomed.died().await?;
    let told = merchant.names();
    let [name] = &told[..] else { anyhow::bail!("the merchant was told {told:?}") };

    let app = doomed.succeeded_by(database).await?;
    let path = format!("/api/webhook-endpoints/{}/deliveries", text(&endpoint["id"])?);
    let all_delivered = || async {
        let list = app.json(&path).await?;
        let deliveries = list["items"].as_array().context("a list")?;
        Ok(!deliveries.is_empty() && deliveries.iter().all(|delivery| delivery["status"] == "delivered"))
    };
    app.until("everything is delivered", all_delivered).await?;
    let told = merchant.names();
    ensure!(told.iter().filter(|known| *known == name).count() == 2, "told {told:?}, and {name} before the kill");
    let others: Vec<&String> = told.iter().filter(|known| *known != name).collect();
    let once: std::collections::BTreeSet<_> = others.iter().collect();
    ensure!(others.len() == once.len(), "only what was under way is told again: {told:?}");
    app.stop().await
}

macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(testkit::databases::FreshDatabase::postgres()?).await
            }
        )+}

        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(testkit::databases::FreshDatabase::sqlite()?).await
            }
        )+}
    };
}

on_both_databases! {
    a_stored_notice_pays_once,
    a_stored_webhook_completes_once,
    a_stored_hold_is_placed_once,
    a_stored_order_is_placed_once,
    a_buyers_stored_checkout_is_made_once,
    a_stored_checkout_is_made_once,
    a_made_charge_is_found,
    a_stored_charge_is_kept,
    a_claimed_job_is_done,
    a_sent_delivery_is_sent_again,
}
