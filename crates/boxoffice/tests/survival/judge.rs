//! Whether everything that was answered is honoured, and nothing was done twice.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::sale::{MERCHANT, Sale};
use crate::support::history::Exchange;
use crate::support::promises::{Promises, text};

/// Reads at the same time.
const AT_ONCE: usize = 8;

/// What was found.
pub(crate) struct Findings {
    pub(crate) holds: usize,
    pub(crate) orders: usize,
    pub(crate) paid: usize,
    pub(crate) checkouts: usize,
    /// Requests that had no clear answer.
    pub(crate) unanswered: usize,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holds, orders, paid, checkouts, unanswered } = self;
        write!(f, "{holds} holds, {orders} orders, {paid} payments and {checkouts} checkouts were answered, and are ")?;
        write!(f, "there once each; {unanswered} requests had no answer")
    }
}

impl Sale {
    /// Fails with what was lost or doubled.
    pub(crate) async fn judge(&self) -> Result<Findings> {
        let history = self.caller.history.exchanges();
        let promises = Promises::of(&history)?;
        let bug = history.iter().find(|exchange| exchange.outcome.status() == Some(500));
        ensure!(bug.is_none(), "trouble is 503, and a bug is 500: {bug:?}");
        self.honours(&promises).await?;
        self.has_nothing_twice(&promises).await?;
        let report = self.caller.read("/api/admin/reconciliation").await?;
        ensure!(report["ok"] == json!(true), "{report}");
        let is_unclear = |exchange: &&Exchange| exchange.outcome.status().is_none_or(|status| status >= 500);
        Ok(Findings {
            holds: promises.holds.len(),
            orders: promises.orders.len(),
            paid: promises.paid.len(),
            checkouts: promises.checkouts.len(),
            unanswered: history.iter().filter(is_unclear).count(),
        })
    }

    /// Every answer is true.
    async fn honours(&self, promises: &Promises) -> Result<()> {
        let holds = promises.holds.iter().map(|(id, hold)| {
            let may_be: &[&str] = match (promises.of_holds.contains_key(id), promises.released.contains(id)) {
                (true, _) => &["converted"],
                (false, true) => &["released"],
                (false, false) => &["active", "expired", "converted", "released"],
            };
            self.hold_is(id, hold.quantity, may_be)
        });
        stream::iter(holds).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        let orders = promises.of_holds.iter().map(|(hold, id)| self.order_is(id, hold, promises.paid.contains(id)));
        stream::iter(orders).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        let checkouts = promises.checkouts.iter().map(|(key, id)| self.checkout_is(id, key));
        stream::iter(checkouts).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    async fn hold_is(&self, id: &str, quantity: u64, may_be: &[&str]) -> Result<()> {
        let hold = self.caller.read(&format!("/api/holds/{id}")).await?;
        let status = hold["status"].as_str().context("a status")?;
        ensure!(hold["quantity"] == json!(quantity) && may_be.contains(&status), "{hold} is none of {may_be:?}");
        Ok(())
    }

    async fn order_is(&self, id: &str, hold_id: &str, is_paid: bool) -> Result<()> {
        let order = self.caller.read(&format!("/api/orders/{id}")).await?;
        ensure!(order["hold_id"] == json!(hold_id), "{order} is not of hold {hold_id}");
        let state = [&order["status"], &order["payment_status"]].map(|word| word.as_str().unwrap_or_default());
        let moved = self.caller.read(&format!("/api/transactions?order_id={id}")).await?;
        let (movements, amount) = (&moved["total"], &moved["items"][0]["amount"]);
        match state {
            // Late money finds its stock gone.
            ["paid", "paid"] | ["expired", "refund_due"] => {
                ensure!(*movements == json!(1) && *amount == order["total_amount"], "{order} has {moved}");
            }
            ["pending" | "expired", "unpaid"] => ensure!(!is_paid && *movements == json!(0), "{order} has {moved}"),
            _ => anyhow::bail!("{order} is in no state that it may be in"),
        }
        Ok(())
    }

    async fn checkout_is(&self, id: &str, key: &str) -> Result<()> {
        let checkout = self.caller.read(&format!("/checkouts/{id}")).await?;
        ensure!(checkout["idempotency_key"] == json!(key), "{checkout} is not of {key}");
        Ok(())
    }

    /// There is nothing that nobody can have asked for.
    async fn has_nothing_twice(&self, promises: &Promises) -> Result<()> {
        let checkouts = self.caller.list(&format!("/checkouts?merchant_id={MERCHANT}")).await?;
        let keys: BTreeSet<String> = checkouts.iter().filter_map(|row| text(&row["idempotency_key"]).ok()).collect();
        ensure!(keys.len() == checkouts.len() && keys.is_subset(&promises.keys), "checkouts that nobody asked for");
        let orders = self.caller.list("/api/orders").await?;
        let mut of_holds = BTreeSet::new();
        let (mut sold, mut pending) = (0, 0);
        for order in &orders {
            ensure!(of_holds.insert(text(&order["hold_id"])?), "two orders of one hold: {order}");
            let quantity = order["quantity"].as_u64().context("a quantity")?;
            match order["status"].as_str() {
                Some("paid") => sold += quantity,
                Some("pending") => pending += quantity,
                _ => {}
            }
        }
        let product = self.caller.read(&format!("/api/products/{}", self.product_id)).await?;
        let stock =
            ["total_stock", "held_stock", "sold_stock"].map(|field| product[field].as_u64().unwrap_or(u64::MAX));
        ensure!(stock[0] == self.total_stock && stock[2] == sold && stock[1] >= pending, "{product}, sold are {sold}");
        // What is held and no order is a hold that was answered, or may have been placed unseen.
        let unordered: u64 =
            promises.holds.iter().filter(|(id, _)| !of_holds.contains(*id)).map(|(_, hold)| hold.quantity).sum();
        let most = pending + unordered + 2 * promises.unknown_holds as u64;
        ensure!(stock[1] <= most, "{product}: at most {most} can be held");
        Ok(())
    }
}
