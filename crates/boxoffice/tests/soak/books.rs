//! Both sides' books at the end: the sandbox's charges, and the rows of the database.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::support::ending::{Ending, is_at_rest};
use crate::support::promises::text;
use crate::town::Town;

/// A charge of the sandbox.
pub(crate) struct Charge {
    pub(crate) code: String,
    /// What it was made for, as it says itself.
    pub(crate) checkout_id: String,
    /// `None` while something may still happen to it.
    pub(crate) ending: Option<Ending>,
    pub(crate) is_called_off: bool,
}

pub(crate) struct CheckoutRow {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) order_id: Option<String>,
    pub(crate) charge_code: Option<String>,
    pub(crate) key: Option<String>,
}

pub(crate) struct OrderRow {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) payment_status: String,
    pub(crate) hold_id: Option<String>,
}

pub(crate) struct HoldRow {
    pub(crate) status: String,
    pub(crate) quantity: u64,
}

pub(crate) struct ProductRow {
    pub(crate) total: u64,
    pub(crate) held: u64,
    pub(crate) sold: u64,
    /// What paid and completed orders add up to.
    pub(crate) in_sold_orders: u64,
    /// What those add up to that wait for the rest of their money.
    pub(crate) in_pending_orders: u64,
}

pub(crate) struct Books {
    /// By their codes.
    pub(crate) charges: BTreeMap<String, Charge>,
    pub(crate) checkouts: Vec<CheckoutRow>,
    pub(crate) orders: Vec<OrderRow>,
    /// By their ids.
    pub(crate) holds: BTreeMap<String, HoldRow>,
    /// By their ids.
    pub(crate) products: BTreeMap<String, ProductRow>,
    /// The provider's ids and cents, by the id of the checkout.
    pub(crate) movements: BTreeMap<String, Vec<(String, u64)>>,
    /// How many events there are of each verdict.
    pub(crate) events: BTreeMap<String, u64>,
    /// What events wait for.
    pub(crate) waited_for: Vec<String>,
    /// Jobs that were given up, in words.
    pub(crate) dead_jobs: Vec<String>,
}

impl Charge {
    fn read(charge: &Value) -> Result<Self> {
        let last = charge["timeline"].as_array().and_then(|timeline| timeline.last()).context("a timeline")?;
        let is_called_off = last["status"] == "CANCELED";
        let ending = if is_at_rest(charge) { Some(Ending::read(charge)?) } else { None };
        let checkout_id = text(&charge["metadata"]["checkout_id"])?;
        Ok(Self { code: text(&charge["code"])?, checkout_id, ending, is_called_off })
    }
}

impl Books {
    pub(crate) async fn read(town: &Town) -> Result<Self> {
        let charges = town.charges().await?;
        let charges = charges.iter().map(|charge| Charge::read(charge).with_context(|| charge.to_string()));
        let charges = charges.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            charges: charges.into_iter().map(|charge| (charge.code.clone(), charge)).collect(),
            checkouts: checkouts(town)?,
            orders: orders(town)?,
            holds: holds(town)?,
            products: products(town)?,
            movements: movements(town)?,
            events: counts(town, "SELECT concat_ws('|', verdict, count(*)) AS line FROM events GROUP BY verdict")?,
            waited_for: first_fields(town, "SELECT waiting_for AS line FROM events WHERE verdict = 'waiting'")?,
            dead_jobs: first_fields(
                town,
                "SELECT concat_ws(' ', kind, id, last_error) AS line FROM jobs WHERE status = 'dead'",
            )?,
        })
    }
}

fn checkouts(town: &Town) -> Result<Vec<CheckoutRow>> {
    let query = "SELECT concat_ws('|', id, status, coalesce(order_id::text, ''), coalesce(charge_code, ''), \
        coalesce(idempotency_key, '')) AS line FROM checkouts";
    let rows = town.rows(query)?.into_iter().map(|row| {
        let [id, status, order_id, charge_code, key] = fields(row)?;
        let (order_id, charge_code, key) = (unless_empty(order_id), unless_empty(charge_code), unless_empty(key));
        Ok(CheckoutRow { id, status, order_id, charge_code, key })
    });
    rows.collect()
}

fn orders(town: &Town) -> Result<Vec<OrderRow>> {
    let query = "SELECT concat_ws('|', id, status, payment_status, coalesce(hold_id::text, '')) AS line FROM orders";
    let rows = town.rows(query)?.into_iter().map(|row| {
        let [id, status, payment_status, hold_id] = fields(row)?;
        Ok(OrderRow { id, status, payment_status, hold_id: unless_empty(hold_id) })
    });
    rows.collect()
}

fn holds(town: &Town) -> Result<BTreeMap<String, HoldRow>> {
    let rows = town.rows("SELECT concat_ws('|', id, status, quantity) AS line FROM holds")?.into_iter().map(|row| {
        let [id, status, quantity] = fields(row)?;
        Ok((id, HoldRow { status, quantity: quantity.parse()? }))
    });
    rows.collect()
}

fn products(town: &Town) -> Result<BTreeMap<String, ProductRow>> {
    let query = "SELECT concat_ws('|', p.id, p.total_stock, p.held_stock, p.sold_stock, \
        coalesce(sum(i.quantity) FILTER (WHERE o.status IN ('paid', 'completed')), 0), \
        coalesce(sum(i.quantity) FILTER (WHERE o.status = 'pending'), 0)) AS line \
        FROM products AS p LEFT JOIN order_items AS i ON i.product_id = p.id LEFT JOIN orders AS o ON o.id = i.order_id \
        GROUP BY p.id";
    let rows = town.rows(query)?.into_iter().map(|row| {
        let [id, total, held, sold, in_sold_orders, in_pending_orders] = fields(row)?;
        let row = ProductRow {
            total: total.parse()?,
            held: held.parse()?,
            sold: sold.parse()?,
            in_sold_orders: in_sold_orders.parse()?,
            in_pending_orders: in_pending_orders.parse()?,
        };
        Ok((id, row))
    });
    rows.collect()
}

fn movements(town: &Town) -> Result<BTreeMap<String, Vec<(String, u64)>>> {
    let query = "SELECT concat_ws('|', coalesce(checkout_id::text, ''), provider_transaction_id, amount_minor) AS line \
        FROM transactions";
    let mut movements: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for row in town.rows(query)? {
        let [checkout_id, movement, cents] = fields(row)?;
        movements.entry(checkout_id).or_default().push((movement, cents.parse()?));
    }
    Ok(movements)
}

fn counts(town: &Town, query: &str) -> Result<BTreeMap<String, u64>> {
    let rows = town.rows(query)?.into_iter().map(|row| {
        let [word, count] = fields(row)?;
        Ok((word, count.parse()?))
    });
    rows.collect()
}

fn first_fields(town: &Town, query: &str) -> Result<Vec<String>> {
    Ok(town.rows(query)?.into_iter().map(|row| row.join("|")).collect())
}

fn fields<const COUNT: usize>(row: Vec<String>) -> Result<[String; COUNT]> {
    row.try_into().map_err(|row| anyhow::anyhow!("not {COUNT} fields: {row:?}"))
}

fn unless_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
