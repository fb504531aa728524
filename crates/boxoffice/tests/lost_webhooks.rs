//! No webhook ever arrives, and everything ends right all the same: the gateway is asked.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod support;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use support::{Program, until, without_bind};
use testkit::app::{TestApp, client, flags};
use testkit::databases::FreshDatabase;

/// A server that asks about its charges every second.
async fn serve(database: &FreshDatabase, sandbox: &Program) -> Result<Program> {
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(without_bind(&flags(&database.url_text())));
    arguments.extend(["--coinbase-api-url", &sandbox.url, "--poll-after-s", "1"].map(str::to_owned));
    Program::start(&arguments).await
}

/// A server and a sandbox that sends no webhooks.
struct Silence {
    sandbox: Program,
    server: Program,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Silence {
    async fn start(database: &FreshDatabase) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("sandbox.db").display().to_string();
        let arguments = ["sandbox", "--database", &file, "--api-key", "key-of-the-tests", "--pay-delay-ms", "50"];
        let sandbox = Program::start(&arguments.map(str::to_owned)).await?;
        let server = serve(database, &sandbox).await?;
        Ok(Self { sandbox, server, client: client()?, _folder: folder })
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let response = self.client.get(format!("{}{path}", self.server.url)).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let response = self.client.post(format!("{}{path}", self.server.url)).json(body).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }

    async fn checkout(&self) -> Result<Value> {
        self.post("/checkout", &json!({"amount": "29.99", "email": "buyer@example.com"})).await
    }

    /// The buyer pays on the gateway's page.
    async fn pay(&self, checkout: &Value, outcome: &str) -> Result<()> {
        let code = checkout["charge_code"].as_str().context("a charge")?;
        let url = format!("{}/_control/charges/{code}/pay", self.sandbox.url);
        self.client.post(url).json(&json!({ "outcome": outcome })).send().await?.error_for_status()?;
        Ok(())
    }

    async fn cancel(&self, checkout: &Value) -> Result<()> {
        let code = checkout["charge_code"].as_str().context("a charge")?;
        let url = format!("{}/charges/{code}/cancel", self.sandbox.url);
        let request = self.client.post(url).header("X-CC-Api-Key", "key-of-the-tests");
        request.json(&json!({})).send().await?.error_for_status()?;
        Ok(())
    }

    async fn until(&self, path: &str, field: &str, value: &str) -> Result<Value> {
        until(value, || async { Ok(self.get(path).await?[field] == value) }).await?;
        self.get(path).await
    }

    async fn transactions(&self, checkout: &Value) -> Result<Vec<Value>> {
        let id = checkout["id"].as_str().context("an id")?;
        let list = self.get(&format!("/api/transactions?checkout_id={id}")).await?;
        Ok(list["items"].as_array().context("a list")?.clone())
    }
}

fn path_of(checkout: &Value) -> String {
    format!("/checkouts/{}", checkout["id"].as_str().unwrap())
}

async fn each_outcome_ends_as_its_money_says(database: FreshDatabase) -> Result<()> {
    let silence = Silence::start(&database).await?;
    let mut asked = Vec::new();
    for (outcome, status, reason, movements) in [
        ("success", "COMPLETED", json!(null), 1),
        ("underpaid", "UNRESOLVED", json!("underpaid"), 1),
        ("overpaid", "UNRESOLVED", json!("overpaid"), 1),
        ("delayed", "UNRESOLVED", json!("delayed"), 1),
        ("failure", "FAILED", json!("expired"), 0),
    ] {
        let checkout = silence.checkout().await?;
        silence.pay(&checkout, outcome).await?;
        asked.push((checkout, status, reason, movements));
    }
    let called_off = silence.checkout().await?;
    silence.cancel(&called_off).await?;
    asked.push((called_off, "CANCELED", json!("canceled"), 0));
    for (checkout, status, reason, movements) in asked {
        let settled = silence.until(&path_of(&checkout), "status", status).await?;
        assert_eq!(settled["failure_reason"], reason, "{status}");
        let moved = silence.transactions(&checkout).await?;
        assert_eq!(moved.len(), movements, "{moved:?}");
        assert!(moved.iter().all(|row| row["event_type"] == "charge:polled"), "{moved:?}");
    }
    Ok(())
}

async fn an_order_is_paid_and_its_stock_sold(database: FreshDatabase) -> Result<()> {
    let silence = Silence::start(&database).await?;
    let product = silence.post("/api/products", &json!({"name": "Seat", "price": "75", "total_stock": 3})).await?;
    let items = json!([{"product_id": product["id"], "quantity": 2}]);
    let order = silence.post("/api/orders", &json!({"customer_id": 7, "items": items})).await?;
    let order_path = format!("/api/orders/{}", order["id"].as_str().context("an id")?);
    let checkout = silence.post(&format!("{order_path}/checkout"), &json!({})).await?;
    silence.pay(&checkout, "success").await?;
    let paid = silence.until(&order_path, "status", "paid").await?;
    assert_eq!(paid["payment_status"], "paid");
    let product = silence.get(&format!("/api/products/{}", product["id"].as_str().context("an id")?)).await?;
    assert_eq!((&product["sold_stock"], &product["held_stock"]), (&json!(2), &json!(0)));
    Ok(())
}

/// Killed while a payment was under way: the next start asks what became of it.
async fn what_ended_while_the_server_was_away_is_learned_of(database: FreshDatabase) -> Result<()> {
    let mut silence = Silence::start(&database).await?;
    let checkout = silence.checkout().await?;
    silence.server.kill()?;
    let code = checkout["charge_code"].as_str().context("a charge")?;
    let url = format!("{}/_control/charges/{code}/pay", silence.sandbox.url);
    silence.client.post(url).json(&json!({})).send().await?.error_for_status()?;
    silence.server = serve(&database, &silence.sandbox).await?;
    silence.until(&path_of(&checkout), "status", "COMPLETED").await?;
    assert_eq!(silence.transactions(&checkout).await?.len(), 1);
    Ok(())
}

/// Both ways tell of each payment that wasn't as asked. The checkout that was made last is asked about last, and only a
/// question tells that its charge was called off.
async fn webhooks_and_questions_together_count_each_payment_once(database: FreshDatabase) -> Result<()> {
    let app = TestApp::start(database, &["--poll-after-s", "1"]).await?;
    let mut asked = Vec::new();
    for (outcome, status) in
        [("success", "COMPLETED"), ("underpaid", "UNRESOLVED"), ("overpaid", "UNRESOLVED"), ("delayed", "UNRESOLVED")]
    {
        let checkout = app.checkout().await?;
        let path = format!("{}/pay", path_of(&checkout));
        assert_eq!(app.post(&path, &json!({ "outcome": outcome })).await?.status(), 202);
        asked.push((checkout, status));
    }
    let last = app.checkout().await?;
    let cancel = format!("/sandbox/charges/{}/cancel", last["charge_code"].as_str().context("a charge")?);
    let request = app.request(reqwest::Method::POST, &cancel).header("X-CC-Api-Key", "key-of-the-tests");
    request.json(&json!({})).send().await?.error_for_status()?;
    for (checkout, status) in &asked {
        app.checkout_in(&checkout["id"], status).await?;
    }
    app.checkout_in(&last["id"], "CANCELED").await?;
    let moved = app.json("/api/transactions").await?;
    assert_eq!(moved["total"], asked.len(), "{moved}");
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
    each_outcome_ends_as_its_money_says,
    an_order_is_paid_and_its_stock_sold,
    what_ended_while_the_server_was_away_is_learned_of,
    webhooks_and_questions_together_count_each_payment_once,
}
