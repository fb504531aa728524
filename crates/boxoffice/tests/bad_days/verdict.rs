//! What the money says, by the sandbox's own books, and whether Boxoffice says the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::day::{Charged, Day, PRICE_CENTS, text};

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

    pub(crate) async fn check(&self, day: &Day) -> Result<()> {
        let checks = self.endings.iter().map(|ending| ending.check(day));
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
        let audit = day.app.json("/api/admin/reconciliation").await?;
        ensure!(audit["ok"] == json!(true), "{audit}");
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
        Ok(Self {
            checkout_id: charged.sale.checkout_id.clone(),
            order_id: charged.sale.order_id.clone(),
            quantity: charged.sale.buyer.quantity,
            status: text(&last["status"])?,
            context: unresolved.and_then(|entry| entry["context"].as_str()).map(str::to_owned),
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

    async fn check(&self, day: &Day) -> Result<()> {
        let verdict = self.verdict()?;
        let checkout = format!("/checkouts/{}", self.checkout_id);
        let what = format!("{} {:?} -> {}", self.status, self.context, verdict.checkout);
        day.until(&what, &checkout, |checkout| checkout["status"] == verdict.checkout).await?;
        if let Some(order_id) = &self.order_id {
            let order = format!("/api/orders/{order_id}");
            let what = format!("{} {:?} -> {:?}", self.status, self.context, verdict.order);
            let (status, payment) = verdict.order;
            day.until(&what, &order, |order| order["status"] == status && order["payment_status"] == payment).await?;
        }
        self.check_movements(day).await
    }

    /// Every payment is in the ledger once, to the cent.
    async fn check_movements(&self, day: &Day) -> Result<()> {
        let path = format!("/api/transactions?checkout_id={}", self.checkout_id);
        let count = self.payments.len();
        let moved = day.until("its payments", &path, |moved| moved["total"] == json!(count)).await?;
        let mut booked = BTreeMap::new();
        for row in moved["items"].as_array().context("a list")? {
            let amount: u64 = text(&row["amount"])?.replace('.', "").parse()?;
            ensure!(booked.insert(text(&row["provider_transaction_id"])?, amount).is_none(), "twice: {row}");
        }
        ensure!(booked == self.payments, "booked {booked:?}, came {:?}", self.payments);
        Ok(())
    }
}

/// The charge, once nothing more happens to it by itself.
async fn until_at_rest(day: &Day, code: &str) -> Result<Value> {
    loop {
        let charge = day.charge(code).await?;
        let last = &charge["timeline"].as_array().context("a timeline")?.last().context("an entry")?["status"];
        if !["NEW", "PENDING"].contains(&last.as_str().unwrap_or_default()) {
            return Ok(charge);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
