//! What the money says, by the sandbox's own books, and whether Boxoffice says the same.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::day::{Charged, Day, PATIENCE, text};
use crate::support::ending::{Ending, cents, context_of, is_at_rest};

/// So many checkouts, and each fault has happened to some of their webhooks; deliveries are kept for 10,000.
const ENOUGH_FOR_EVERYTHING: usize = 100;

/// A sale whose charge has come to something.
struct Ended {
    checkout_id: String,
    order_id: Option<String>,
    quantity: u64,
    ending: Ending,
}

pub(crate) struct Truth {
    endings: Vec<Ended>,
    product_path: String,
}

impl Truth {
    pub(crate) async fn of(day: &Day, charged: &[Charged]) -> Result<Self> {
        let endings = charged.iter().map(|charged| Ended::of(day, charged));
        let endings = stream::iter(endings).buffered(8).try_collect().await?;
        Ok(Self { endings, product_path: format!("/api/products/{}", day.product_id) })
    }

    /// Everything is as it should be, or becomes so in time.
    pub(crate) async fn check(&self, day: &Day, patience: Duration) -> Result<()> {
        let checks = self.endings.iter().map(|ending| ending.check(day, patience));
        stream::iter(checks).buffered(16).try_collect::<Vec<()>>().await?;
        let (mut sold, mut held) = (0, 0);
        for ending in self.endings.iter().filter(|ending| ending.order_id.is_some()) {
            match ending.ending.verdict()?.order.0 {
                "paid" => sold += ending.quantity,
                _ => held += ending.quantity,
            }
        }
        let product = day.app.json(&self.product_path).await?;
        assert_eq!((&product["sold_stock"], &product["held_stock"]), (&json!(sold), &json!(held)));
        ensure!(self.movements() == self.booked(day).await?.len(), "the ledger has more or less than what came");
        let audit = day.app.json("/api/admin/reconciliation").await?;
        ensure!(audit["ok"] == json!(true), "{audit}");
        Ok(())
    }
}

impl Truth {
    /// How many payments there were.
    fn movements(&self) -> usize {
        self.endings.iter().map(|ending| ending.ending.payments.len()).sum()
    }

    /// By which news each movement of the ledger was learned of.
    async fn booked(&self, day: &Day) -> Result<Vec<String>> {
        let mut booked = Vec::new();
        for page in 1.. {
            let list = day.app.json(&format!("/api/transactions?page={page}&page_size=100")).await?;
            let items = list["items"].as_array().context("a list")?.clone();
            if items.is_empty() {
                break;
            }
            for item in items {
                booked.push(text(&item["event_type"])?);
            }
        }
        Ok(booked)
    }

    /// The day was as bad as planned, and both ways of learning of money were needed.
    pub(crate) async fn check_that_it_was_bad(&self, day: &Day) -> Result<()> {
        let booked = self.booked(day).await?;
        let polled = booked.iter().filter(|event_type| *event_type == "charge:polled").count();
        ensure!(0 < polled && polled < booked.len(), "{polled} of {} were asked for", booked.len());
        let mut seen = String::new();
        let mut before = String::new();
        loop {
            let path = format!("deliveries?limit=500{before}");
            let page = day.control(Method::GET, &path, &Value::Null).await?;
            let Some(last) = page.as_array().and_then(|page| page.last()) else { break };
            before = format!("&before={}", last["id"]);
            seen += &page.to_string();
        }
        // A second attempt is what a refused signature leads to.
        for trace in ["duplicate", "delay", "reorder", "drop", "\"attempts\":2"] {
            let is_needed = self.endings.len() >= ENOUGH_FOR_EVERYTHING;
            ensure!(seen.contains(trace) || !is_needed, "no webhook shows {trace}");
        }
        Ok(())
    }
}

impl Ended {
    async fn of(day: &Day, charged: &Charged) -> Result<Self> {
        let ending = Ending::read(&until_at_rest(day, &charged.code).await?)?;
        let outcome = charged.sale.buyer.outcome;
        ensure!(ending.context.as_deref() == context_of(outcome), "{outcome:?} came to {ending:?}");
        Ok(Self {
            checkout_id: charged.sale.checkout_id.clone(),
            order_id: charged.sale.order_id.clone(),
            quantity: charged.sale.buyer.quantity,
            ending,
        })
    }

    async fn check(&self, day: &Day, patience: Duration) -> Result<()> {
        let verdict = self.ending.verdict()?;
        let Ending { status, context, .. } = &self.ending;
        let checkout = format!("/checkouts/{}", self.checkout_id);
        let what = format!("{status} {context:?} -> {}", verdict.checkout);
        day.until(&what, &checkout, patience, |checkout| checkout["status"] == verdict.checkout).await?;
        if let Some(order_id) = &self.order_id {
            let order = format!("/api/orders/{order_id}");
            let what = format!("{status} {context:?} -> {:?}", verdict.order);
            let (status, payment) = verdict.order;
            day.until(&what, &order, patience, |order| order["status"] == status && order["payment_status"] == payment)
                .await?;
        }
        self.check_movements(day, patience).await
    }

    /// Every payment is in the ledger once, to the cent.
    async fn check_movements(&self, day: &Day, patience: Duration) -> Result<()> {
        let path = format!("/api/transactions?checkout_id={}", self.checkout_id);
        let count = self.ending.payments.len();
        let moved = day.until("its payments", &path, patience, |moved| moved["total"] == json!(count)).await?;
        let mut booked = BTreeMap::new();
        for row in moved["items"].as_array().context("a list")? {
            ensure!(
                booked.insert(text(&row["provider_transaction_id"])?, cents(&row["amount"])?).is_none(),
                "twice: {row}"
            );
        }
        ensure!(booked == self.ending.payments, "booked {booked:?}, came {:?}", self.ending.payments);
        Ok(())
    }
}

/// The charge, once nothing more happens to it by itself.
async fn until_at_rest(day: &Day, code: &str) -> Result<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        ensure!(Instant::now() < deadline, "{code} never comes to rest");
        let charge = day.charge(code).await?;
        if is_at_rest(&charge) {
            return Ok(charge);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
