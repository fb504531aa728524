//! What the answers promised, read from the history of a sale.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use domain::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::history::{Exchange, Outcome};

/// What the answers promised.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    /// By their ids.
    pub(crate) holds: BTreeMap<String, Hold>,
    /// Holds that were given up, and answered so.
    pub(crate) released: BTreeSet<String>,
    /// By their ids.
    pub(crate) orders: BTreeMap<String, Order>,
    /// The order that it became, by the id of the hold.
    pub(crate) of_holds: BTreeMap<String, String>,
    /// Orders whose money a notice told of, and was answered.
    pub(crate) paid: BTreeSet<String>,
    /// The checkout's id, by its merchant's key.
    pub(crate) checkouts: BTreeMap<String, String>,
    /// Keys that were asked for.
    pub(crate) keys: BTreeSet<String>,
    /// The order, by the id of its checkout.
    pub(crate) of_orders: BTreeMap<String, String>,
    /// What the seller said of orders: of each word, whether it was answered with 200.
    pub(crate) seller: BTreeMap<String, BTreeMap<String, bool>>,
    /// The id of what was made, by the name of the request.
    named: BTreeMap<String, String>,
    /// How many holds were asked for without a clear answer, each name once.
    pub(crate) unknown_holds: usize,
}

/// A hold that was answered.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) product_id: String,
    pub(crate) quantity: u64,
    pub(crate) told_at: Timestamp,
    /// When it may have ended at the earliest: its time was up, or it was asked to.
    pub(crate) ends_at: Timestamp,
}

/// An order that was answered.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) hold_id: Option<String>,
    /// How many of which product.
    pub(crate) items: Vec<(String, u64)>,
    pub(crate) told_at: Timestamp,
    /// When it may have ended at the earliest, if its time was told.
    pub(crate) ends_at: Option<Timestamp>,
}

impl Promises {
    pub(crate) fn of(history: &[Exchange]) -> Result<Self> {
        let mut promises = Self::default();
        for exchange in history.iter().filter(|exchange| exchange.method != Method::GET) {
            promises.take(exchange).with_context(|| format!("{exchange:?}"))?;
        }
        let mut unknown = BTreeSet::new();
        for exchange in history.iter().filter(|exchange| exchange.kind() == "POST /api/holds") {
            let is_unclear = exchange.outcome.status().is_none_or(|status| status >= 500);
            match &exchange.name {
                Some(name) if is_unclear && !promises.named.contains_key(name) => drop(unknown.insert(name.clone())),
                None if is_unclear => promises.unknown_holds += 1,
                Some(_) | None => {}
            }
        }
        promises.unknown_holds += unknown.len();
        Ok(promises)
    }

    fn take(&mut self, exchange: &Exchange) -> Result<()> {
        let (status, body) = match &exchange.outcome {
            Outcome::Answered { status, body } => (*status, body),
            Outcome::Unknown => (0, &Value::Null),
        };
        if let (Some(name), 201) = (&exchange.name, status) {
            let id = text(&body["id"])?;
            let known = self.named.entry(name.clone()).or_insert_with(|| id.clone());
            ensure!(*known == id, "one name, two things: {known} and {id}");
        }
        let sent = &exchange.sent;
        match (exchange.kind().as_str(), status) {
            ("POST /api/holds", 201) => self.held(exchange, body)?,
            ("DELETE /api/holds/{id}", _) => {
                let id = exchange.path["/api/holds/".len()..].to_owned();
                self.hold_may_end(&id, exchange.asked_at);
                if status == 204 {
                    self.released.insert(id);
                }
            }
            ("POST /api/orders", _) => self.ordered(exchange, status, body)?,
            ("PUT /api/orders/{id}/status", _) => {
                let id = exchange.path.split('/').nth(3).context("an id")?;
                if let Some(order) = self.orders.get_mut(id) {
                    order.ends_at = order.ends_at.map(|at| at.min(exchange.asked_at));
                }
                let said = self.seller.entry(id.to_owned()).or_default().entry(text(&sent["status"])?).or_default();
                *said |= status == 200;
            }
            ("POST /api/orders/{id}/checkout", 200 | 201) => {
                let order_id = exchange.path.split('/').nth(3).context("an id")?;
                ensure!(body["order_id"] == order_id, "not a checkout of order {order_id}");
                self.of_orders.insert(text(&body["id"])?, order_id.to_owned());
            }
            ("POST /api/payments/webhook", 200) => drop(self.paid.insert(text(&sent["order_id"])?)),
            ("POST /checkouts", _) => {
                let key = text(&sent["idempotency_key"])?;
                self.keys.insert(key.clone());
                if matches!(status, 200 | 201) {
                    let id = text(&body["id"])?;
                    let known = self.checkouts.entry(key).or_insert_with(|| id.clone());
                    ensure!(*known == id, "one key, two checkouts: {known} and {id}");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn held(&mut self, exchange: &Exchange, body: &Value) -> Result<()> {
        let id = text(&body["id"])?;
        let hold = Hold {
            product_id: text(&exchange.sent["product_id"])?,
            quantity: exchange.sent["quantity"].as_u64().context("a quantity")?,
            told_at: exchange.told_at,
            ends_at: time(&body["expires_at"])?,
        };
        // Told again, it is the same one.
        let is_replay = exchange.name.is_some();
        let known = self.holds.entry(id);
        ensure!(is_replay || matches!(known, std::collections::btree_map::Entry::Vacant(_)), "a hold twice");
        known.or_insert(hold);
        Ok(())
    }

    fn hold_may_end(&mut self, id: &str, at: Timestamp) {
        if let Some(hold) = self.holds.get_mut(id) {
            hold.ends_at = hold.ends_at.min(at);
        }
    }

    fn ordered(&mut self, exchange: &Exchange, status: u16, body: &Value) -> Result<()> {
        let sent = &exchange.sent;
        let hold_id = sent["hold_id"].as_str().map(str::to_owned);
        if let Some(hold_id) = &hold_id {
            self.hold_may_end(hold_id, exchange.asked_at);
        }
        let (id, ends_at) = match (status, body["code"].as_str()) {
            (201, _) => (text(&body["id"])?, Some(time(&body["expires_at"])?)),
            (409, Some("hold-already-used")) => (text(&body["order_id"])?, None),
            (409, Some("order-exists")) => (text(&sent["order_id"])?, None),
            _ => return Ok(()),
        };
        if let Some(hold_id) = &hold_id {
            let known = self.of_holds.entry(hold_id.clone()).or_insert_with(|| id.clone());
            ensure!(*known == id, "one hold, two orders: {known} and {id}");
        }
        let items = match &sent["items"] {
            Value::Array(items) => items.iter().map(item).collect::<Result<_>>()?,
            _ => hold_id.as_ref().and_then(|id| self.holds.get(id)).map_or_else(Vec::new, Hold::items),
        };
        let order = Order { hold_id, items, told_at: exchange.told_at, ends_at };
        let known = self.orders.entry(id).or_insert(order);
        known.ends_at = known.ends_at.or(ends_at);
        Ok(())
    }
}

impl Hold {
    fn items(&self) -> Vec<(String, u64)> {
        vec![(self.product_id.clone(), self.quantity)]
    }
}

fn item(item: &Value) -> Result<(String, u64)> {
    Ok((text(&item["product_id"])?, item["quantity"].as_u64().context("a quantity")?))
}

fn time(value: &Value) -> Result<Timestamp> {
    Ok(serde_json::from_value(value.clone())?)
}

pub(crate) fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("no text: {value}"))?.to_owned())
}
