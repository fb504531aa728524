//! Those who buy: from a hold, straight from the stock, or what a merchant asks them to pay. They pay as it comes, ask again
//! when they get no answer, and some lose interest.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::caller::Wish;
use crate::support::dice::Dice;
use crate::support::ending::OUTCOMES;
use crate::support::promises::text;
use crate::town::{PRICE_CENTS, Town};

/// Whose checkouts are without orders.
pub(crate) const MERCHANT: &str = "merchant-of-the-soak";
/// How long a charge may take to come. Of thousands some are unlucky for long: each attempt may be answered with a fault, or die and
/// leave a lease of half a minute, and the pauses between them grow to a minute.
const PATIENCE: Duration = Duration::from_secs(600);
/// For how long somebody watches what becomes of a payment.
const INTEREST: Duration = Duration::from_secs(15);
/// How often.
const LOOK: Duration = Duration::from_millis(200);

/// A payment that was played, or a charge that nobody paid.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub(crate) code: String,
    /// `None`: nobody pays.
    pub(crate) outcome: Option<&'static str>,
    /// Whether the merchant will declare it settled.
    pub(crate) is_resolved: bool,
}

/// All that buy.
#[derive(Clone)]
pub(crate) struct Crowd {
    town: Arc<Town>,
    deadline: Instant,
    came: Arc<AtomicU64>,
    paid: Arc<AtomicU64>,
    sales: Arc<Mutex<Vec<Sale>>>,
}

struct Buyer {
    crowd: Crowd,
    number: u64,
    dice: Dice,
    names: u64,
}

impl Crowd {
    pub(crate) fn of(town: Arc<Town>) -> Self {
        let deadline = Instant::now() + town.settings.longest;
        Self { town, deadline, came: Arc::default(), paid: Arc::default(), sales: Arc::default() }
    }

    /// Buys until there were enough payments.
    pub(crate) async fn sell_out(self) -> Result<Vec<Sale>> {
        let mut buying = JoinSet::new();
        for _ in 0..self.town.settings.buyers {
            let crowd = self.clone();
            buying.spawn(async move {
                while crowd.wants_more() {
                    let number = crowd.came.fetch_add(1, Ordering::Relaxed);
                    let dice = Dice::of(crowd.town.settings.seed, number);
                    Buyer { crowd: crowd.clone(), number, dice, names: 0 }.shop().await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(bought) = buying.join_next().await {
            bought??;
        }
        let sales = self.sales.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(sales)
    }

    fn wants_more(&self) -> bool {
        self.paid.load(Ordering::Relaxed) < self.town.settings.payments && Instant::now() < self.deadline
    }
}

impl Buyer {
    async fn shop(&mut self) -> Result<()> {
        let order_id = match self.dice.throw(10) {
            0..=3 => return self.pay_the_merchant().await,
            4..=6 => self.order_from_hold().await?,
            _ => self.order_from_stock().await?,
        };
        // Whoever was too late, or has lost interest.
        let Some(order_id) = order_id else { return Ok(()) };
        match self.dice.throw(20) {
            0..=2 => Ok(()),
            3 => self.tell(&order_id, "cancelled").await,
            _ => self.pay_the_order(&order_id).await,
        }
    }

    /// A checkout without an order, asked for twice at once by some.
    async fn pay_the_merchant(&mut self) -> Result<()> {
        let amount = format!("{}.00", (1 + self.dice.throw(3)) * PRICE_CENTS / 100);
        let body = json!({"merchant_id": MERCHANT, "amount": amount, "currency": "USD",
            "idempotency_key": format!("checkout-{}", self.number)});
        let (status, checkout) = self.ask(Wish::post("/checkouts", body), 30).await?;
        ensure!(matches!(status, 200 | 201), "{status} {checkout}");
        let outcome = *self.dice.pick(&OUTCOMES);
        self.pay(&text(&checkout["id"])?, outcome).await
    }

    async fn order_from_hold(&mut self) -> Result<Option<String>> {
        let body = json!({"product_id": self.product(), "quantity": 1 + self.dice.throw(2)});
        let wish = Wish::post("/api/holds", body).named(self.name());
        let (status, hold) = self.ask(wish, 20).await?;
        match (status, hold["code"].as_str()) {
            (201, _) => {}
            (409, Some("insufficient-stock")) => return Ok(None),
            _ => bail!("{status} {hold}"),
        }
        match self.dice.throw(12) {
            // Left until its time is up.
            0 => return Ok(None),
            1 => {
                let path = format!("/api/holds/{}", text(&hold["id"])?);
                let wish = Wish::delete(path).with("X-Hold-Token", text(&hold["hold_token"])?);
                let (status, body) = self.ask(wish, 0).await?;
                ensure!(status == 204 || body["code"] == "hold-not-active", "{status} {body}");
                return Ok(None);
            }
            _ => {}
        }
        let body = json!({"hold_id": hold["id"], "hold_token": hold["hold_token"], "customer_id": self.number});
        let (status, order) = self.ask(Wish::post("/api/orders", body), 20).await?;
        match (status, order["code"].as_str()) {
            (201, _) => Ok(Some(text(&order["id"])?)),
            (409, Some("hold-already-used")) => Ok(Some(text(&order["order_id"])?)),
            (409, Some("hold-expired")) => Ok(None),
            _ => bail!("{status} {order}"),
        }
    }

    /// Under an id of the buyer's own, or under the name of the request.
    async fn order_from_stock(&mut self) -> Result<Option<String>> {
        let items = json!([{"product_id": self.product(), "quantity": 1 + self.dice.throw(3)}]);
        let mut body = json!({"customer_id": self.number, "items": items});
        let own_id = self.dice.percent(50).then(|| self.name().to_string());
        let wish = if let Some(own_id) = &own_id {
            body["order_id"] = json!(own_id);
            Wish::post("/api/orders", body)
        } else {
            Wish::post("/api/orders", body).named(self.name())
        };
        let (status, order) = self.ask(wish, 20).await?;
        match (status, order["code"].as_str()) {
            (201, _) => Ok(Some(text(&order["id"])?)),
            (409, Some("order-exists")) => Ok(own_id),
            (409, Some("insufficient-stock")) => Ok(None),
            _ => bail!("{status} {order}"),
        }
    }

    async fn pay_the_order(&mut self, order_id: &str) -> Result<()> {
        let mut outcome = *self.dice.pick(&OUTCOMES);
        loop {
            let Some(checkout_id) = self.checkout_of(order_id).await? else { return Ok(()) };
            self.pay(&checkout_id, outcome).await?;
            // Some try again when it went wrong.
            let again = outcome == Some("failure") && self.dice.percent(50);
            if !again || !self.sees(&format!("/checkouts/{checkout_id}"), "FAILED").await? {
                break;
            }
            outcome = Some("success");
        }
        match self.dice.throw(10) {
            0 => self.tell(order_id, "cancelled").await,
            1 if self.sees(&format!("/api/orders/{order_id}"), "paid").await? => self.tell(order_id, "refunded").await,
            2 if self.sees(&format!("/api/orders/{order_id}"), "paid").await? => self.tell(order_id, "completed").await,
            _ => Ok(()),
        }
    }

    /// `None` if its time is up.
    async fn checkout_of(&mut self, order_id: &str) -> Result<Option<String>> {
        let (status, checkout) =
            self.ask(Wish::post(format!("/api/orders/{order_id}/checkout"), json!({})), 20).await?;
        match (status, checkout["code"].as_str()) {
            (200 | 201, _) => Ok(Some(text(&checkout["id"])?)),
            (409, Some("order-not-pending")) => Ok(None),
            _ => bail!("{status} {checkout}"),
        }
    }

    /// Pays on the sandbox's page, as soon as there is one.
    async fn pay(&mut self, checkout_id: &str, outcome: Option<&'static str>) -> Result<()> {
        let path = format!("/checkouts/{checkout_id}");
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            let checkout = self.crowd.town.caller.read(&path).await?;
            if let Some(code) = checkout["charge_code"].as_str() {
                break code.to_owned();
            }
            if Instant::now() >= deadline {
                let jobs = self.crowd.town.jobs_of(checkout_id);
                bail!("there is never a charge for {checkout}; its jobs: {jobs:?}");
            }
            tokio::time::sleep(LOOK).await;
        };
        if let Some(outcome) = outcome {
            let pay = format!("charges/{code}/pay");
            self.crowd.town.control(Method::POST, &pay, &json!({ "outcome": outcome })).await?;
            self.crowd.paid.fetch_add(1, Ordering::Relaxed);
        }
        let sale = Sale { code, outcome, is_resolved: self.dice.throw(3) == 0 };
        self.crowd.sales.lock().unwrap_or_else(PoisonError::into_inner).push(sale);
        Ok(())
    }

    /// What the seller says of an order. It may be too late for that.
    async fn tell(&mut self, order_id: &str, word: &str) -> Result<()> {
        let wish = Wish::put(format!("/api/orders/{order_id}/status"), json!({ "status": word }));
        let (status, answer) = self.ask(wish, 0).await?;
        ensure!(status == 200 || answer["code"] == "invalid-transition", "{status} {answer}");
        Ok(())
    }

    /// Whether it comes to that while somebody watches.
    async fn sees(&self, path: &str, status: &str) -> Result<bool> {
        let deadline = Instant::now() + INTEREST;
        while Instant::now() < deadline {
            if self.crowd.town.caller.read(path).await?["status"] == status {
                return Ok(true);
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(false)
    }

    /// Asks until there is an answer; some ask twice at once.
    async fn ask(&mut self, wish: Wish, impatient_percent: u64) -> Result<(u16, Value)> {
        let caller = &self.crowd.town.caller;
        if self.dice.percent(impatient_percent) {
            let (first, second) = join(caller.insist(&wish), caller.insist(&wish)).await;
            let (first, second) = (first?, second?);
            // Only one of them may have been the first.
            return Ok(if first.0 == 201 { first } else { second });
        }
        caller.insist(&wish).await
    }

    fn product(&mut self) -> String {
        self.dice.pick(&self.crowd.town.products).id.clone()
    }

    /// A name that nobody else uses, and the same on every run.
    fn name(&mut self) -> Uuid {
        self.names += 1;
        Uuid::from_u64_pair(self.crowd.town.settings.seed, self.number << 8 | self.names)
    }
}
