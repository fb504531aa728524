//! A sale: buyers who hold, order and pay, one after the other, and a merchant's own checkouts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use futures_util::future::join;
use serde_json::{Value, json};
use testkit::app::PAYMENT_SECRET;
use tokio::task::JoinSet;

use crate::support::caller::{Caller, Wish};
use crate::support::dice::Dice;
use crate::support::history::Outcome;
use crate::support::promises::text;

/// What a seat costs.
pub(crate) const PRICE: &str = "25.00";
/// Whose checkouts they are.
pub(crate) const MERCHANT: &str = "merchant-of-the-sale";

/// A sale of one product, and what was asked and answered in it.
#[derive(Clone)]
pub(crate) struct Sale {
    pub(crate) caller: Caller,
    pub(crate) product_id: String,
    pub(crate) total_stock: u64,
    seed: u64,
    buyers: Arc<AtomicU64>,
}

/// Buyers that come until they are told not to.
pub(crate) struct Crowd {
    stop: Arc<AtomicBool>,
    buying: JoinSet<Result<()>>,
}

impl Sale {
    pub(crate) async fn open(nodes: Vec<String>, total_stock: u64, seed: u64) -> Result<Self> {
        let caller = Caller::of(nodes)?;
        let body = json!({"name": "Seat", "price": PRICE, "total_stock": total_stock});
        let (status, product) = caller.insist(&Wish::post("/api/products", body)).await?;
        ensure!(status == 201, "{product}");
        let product_id = text(&product["id"])?;
        Ok(Self { caller, product_id, total_stock, seed, buyers: Arc::default() })
    }

    /// So many buyers at a time, the next one when one is done.
    pub(crate) fn crowd(&self, at_once: usize) -> Crowd {
        let stop = Arc::new(AtomicBool::new(false));
        let mut buying = JoinSet::new();
        for _ in 0..at_once {
            let (sale, stop) = (self.clone(), Arc::clone(&stop));
            buying.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    sale.buy().await?;
                }
                Ok(())
            });
        }
        Crowd { stop, buying }
    }

    /// One buyer, as the seed has it.
    async fn buy(&self) -> Result<()> {
        let buyer = self.buyers.fetch_add(1, Ordering::Relaxed);
        let mut dice = Dice::of(self.seed, buyer);
        if dice.percent(25) {
            return self.ask_for_money(buyer).await;
        }
        let wish = Wish::post("/api/holds", json!({"product_id": self.product_id, "quantity": 1 + dice.throw(2)}));
        // Nothing names the request: whoever gets no answer doesn't ask for the same hold again.
        let Outcome::Answered { status: 201, body: hold } = self.caller.ask(&wish).await else { return Ok(()) };
        match dice.throw(8) {
            0 => Ok(()),
            1 => self.give_up(&hold).await,
            _ => self.order(buyer, &hold, &mut dice).await,
        }
    }

    async fn give_up(&self, hold: &Value) -> Result<()> {
        let path = format!("/api/holds/{}", text(&hold["id"])?);
        let wish = Wish::delete(path).with("X-Hold-Token", text(&hold["hold_token"])?);
        let (status, body) = self.caller.insist(&wish).await?;
        ensure!(status == 204 || body["code"] == "hold-not-active", "{status} {body}");
        Ok(())
    }

    async fn order(&self, buyer: u64, hold: &Value, dice: &mut Dice) -> Result<()> {
        let body = json!({"hold_id": hold["id"], "hold_token": hold["hold_token"], "customer_id": buyer});
        let (status, order) = self.caller.insist(&Wish::post("/api/orders", body)).await?;
        let order_id = match (status, order["code"].as_str()) {
            (201, _) => text(&order["id"])?,
            (409, Some("hold-already-used")) => text(&order["order_id"])?,
            (409, Some("hold-expired")) => return Ok(()),
            _ => anyhow::bail!("{status} {order}"),
        };
        if dice.percent(80) { self.pay(&order_id, &hold["quantity"], dice.percent(30)).await } else { Ok(()) }
    }

    /// The word of a payment backend, which some send twice at once.
    async fn pay(&self, order_id: &str, quantity: &Value, twice: bool) -> Result<()> {
        let amount = format!("{}.00", quantity.as_u64().context("a quantity")? * 25);
        let body = json!({"order_id": order_id, "status": "success", "amount": amount, "currency": "USD",
            "idempotency_key": format!("notice-{order_id}"), "payment_id": format!("payment-{order_id}")});
        let signature = adapters::sign(PAYMENT_SECRET, body.to_string().as_bytes());
        let wish = Wish::post("/api/payments/webhook", body).with("X-Signature", signature);
        let (first, second) = if twice {
            join(self.caller.insist(&wish), self.caller.insist(&wish)).await
        } else {
            (self.caller.insist(&wish).await, Ok((200, Value::Null)))
        };
        for (status, answer) in [first?, second?] {
            ensure!(status == 200, "{status} {answer}");
        }
        Ok(())
    }

    /// A merchant whose client is impatient: the same request twice at once, under one key.
    async fn ask_for_money(&self, buyer: u64) -> Result<()> {
        let body = json!({"merchant_id": MERCHANT, "amount": PRICE, "currency": "USD",
            "idempotency_key": format!("checkout-{buyer}")});
        let wish = Wish::post("/checkouts", body);
        let (first, second) = join(self.caller.insist(&wish), self.caller.insist(&wish)).await;
        for (status, answer) in [first?, second?] {
            ensure!(matches!(status, 200 | 201), "{status} {answer}");
        }
        Ok(())
    }
}

impl Crowd {
    /// Lets those who are under way finish, and nobody else in.
    pub(crate) async fn disperse(mut self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(bought) = self.buying.join_next().await {
            bought??;
        }
        Ok(())
    }
}
