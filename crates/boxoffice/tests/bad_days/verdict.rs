//! What the money says, by the sandbox's own books, and whether Boxoffice says the same.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::day::{Charged, Day, PATIENCE, PRICE_CENTS, text};

/// So many checkouts, and each fault has happened to some of their webhooks; deliveries are kept for 10,000.
const ENOUGH_FOR_EVERYTHING: usize = 100;

/// What a charge of the sandbox came to.
struct Ending {
    checkout_id: String,
    order_id: Option<String>,
    quantity: u64,
    status: String,
    context: Option<String>,
    /// Confirmed payments in cents, by their transactions.
    payments: BTreeMap<String, u64>,
}

pub(crate) struct Truth {
    endings: Vec<Ending>,
    product_path: String,
}

/// Where a checkout and its order must end.
struct Verdict {
    checkout: &'static str,
    order: (&'static str, &'static str),
}

impl Truth {
    pub(crate) async fn of(day: &Day, charged: &[Charged]) -> Result<Self> {
        let endings = charged.iter().map(|charged| Ending::of(day, charged));
        let endings = stream::iter(endings).buffered(8).try_collect().await?;
        Ok(Self { endings, product_path: format!("/api/products/{}", day.product_id) })
    }

    /// Everything is as it should be, or becomes so in time.
    pub(crate) async fn check(&self, day: &Day, patience: Duration) -> Result<()> {
        let checks = self.endings.iter().map(|ending| ending.check(day, patience));
        stream::iter(checks).buffered(16).try_collect::<Vec<()>>().await?;
        let (mut sold, mut held) = (0, 0);
        for ending in self.endings.iter().filter(|ending| ending.order_id.is_some()) {
            match ending.verdict()?.order.0 {
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
        self.endings.iter().map(|ending| ending.payments.len()).sum()
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

impl Ending {
    async fn of(day: &Day, charged: &Charged) -> Result<Self> {
        let charge = until_at_rest(day, &charged.code).await?;
        let last = charge["timeline"].as_array().context("a timeline")?.last().context("an entry")?.clone();
        // What it was before the merchant resolved it is what came of the money.
        let mut unresolved = charge["timeline"].as_array().context("a timeline")?.iter();
        let unresolved = unresolved.rfind(|entry| entry["status"] == "UNRESOLVED");
        let mut payments = BTreeMap::new();
        for payment in charge["payments"].as_array().context("payments")? {
            ensure!(payment["status"] == "CONFIRMED", "{payment}");
            let amount = text(&payment["value"]["local"]["amount"])?;
            payments.insert(text(&payment["transaction_id"])?, amount.replace('.', "").parse()?);
        }
        let context = unresolved.and_then(|entry| entry["context"].as_str()).map(str::to_owned);
        ensure!(
            context.as_deref() == context_of(charged.sale.buyer.outcome),
            "{:?} ended {context:?}",
            charged.sale.buyer.outcome
        );
        Ok(Self {
            checkout_id: charged.sale.checkout_id.clone(),
            order_id: charged.sale.order_id.clone(),
            quantity: charged.sale.buyer.quantity,
            status: text(&last["status"])?,
            context,
            payments,
        })
    }

    fn verdict(&self) -> Result<Verdict> {
        let asked = self.quantity * PRICE_CENTS;
        let came: u64 = self.payments.values().sum();
        let verdict = match (self.status.as_str(), self.context.as_deref()) {
            ("COMPLETED", None) | ("RESOLVED", Some("UNDERPAID" | "DELAYED")) => {
                Verdict { checkout: "COMPLETED", order: ("paid", "paid") }
            }
            ("EXPIRED", None) => Verdict { checkout: "FAILED", order: ("pending", "unpaid") },
            ("UNRESOLVED", Some("UNDERPAID")) => Verdict { checkout: "UNRESOLVED", order: ("pending", "underpaid") },
            ("UNRESOLVED", Some("OVERPAID" | "MULTIPLE")) => {
                Verdict { checkout: "UNRESOLVED", order: ("paid", "overpaid") }
            }
            ("UNRESOLVED", Some("DELAYED")) => Verdict { checkout: "UNRESOLVED", order: ("paid", "paid") },
            ("RESOLVED", Some("OVERPAID" | "MULTIPLE")) => {
                Verdict { checkout: "COMPLETED", order: ("paid", "overpaid") }
            }
            (status, context) => anyhow::bail!("no such ending: {status} {context:?}, {came} of {asked}"),
        };
        Ok(verdict)
    }

    async fn check(&self, day: &Day, patience: Duration) -> Result<()> {
        let verdict = self.verdict()?;
        let checkout = format!("/checkouts/{}", self.checkout_id);
        let what = format!("{} {:?} -> {}", self.status, self.context, verdict.checkout);
        day.until(&what, &checkout, patience, |checkout| checkout["status"] == verdict.checkout).await?;
        if let Some(order_id) = &self.order_id {
            let order = format!("/api/orders/{order_id}");
            let what = format!("{} {:?} -> {:?}", self.status, self.context, verdict.order);
            let (status, payment) = verdict.order;
            day.until(&what, &order, patience, |order| order["status"] == status && order["payment_status"] == payment)
                .await?;
        }
        self.check_movements(day, patience).await
    }

    /// Every payment is in the ledger once, to the cent.
    async fn check_movements(&self, day: &Day, patience: Duration) -> Result<()> {
        let path = format!("/api/transactions?checkout_id={}", self.checkout_id);
        let count = self.payments.len();
        let moved = day.until("its payments", &path, patience, |moved| moved["total"] == json!(count)).await?;
        let mut booked = BTreeMap::new();
        for row in moved["items"].as_array().context("a list")? {
            let amount: u64 = text(&row["amount"])?.replace('.', "").parse()?;
            ensure!(booked.insert(text(&row["provider_transaction_id"])?, amount).is_none(), "twice: {row}");
        }
        ensure!(booked == self.payments, "booked {booked:?}, came {:?}", self.payments);
        Ok(())
    }
}

/// What the sandbox has against a payment that is played like this.
fn context_of(outcome: Option<&str>) -> Option<&'static str> {
    match outcome {
        Some("underpaid") => Some("UNDERPAID"),
        Some("overpaid") => Some("OVERPAID"),
        Some("multiple") => Some("MULTIPLE"),
        Some("delayed") => Some("DELAYED"),
        _ => None,
    }
}

/// The charge, once nothing more happens to it by itself.
async fn until_at_rest(day: &Day, code: &str) -> Result<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        ensure!(Instant::now() < deadline, "{code} never comes to rest");
        let charge = day.charge(code).await?;
        let last = &charge["timeline"].as_array().context("a timeline")?.last().context("an entry")?["status"];
        if !["NEW", "PENDING"].contains(&last.as_str().unwrap_or_default()) {
            return Ok(charge);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
