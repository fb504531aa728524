use std::collections::HashMap;

use diesel::prelude::*;
use domain::{CheckoutId, HoldId, MerchantId, Order, OrderId, PaymentId, ProductId, Timestamp};
use uuid::Uuid;

use super::super::key::Key;
use super::super::schema::{order_items, orders};
use crate::stored::{ImpossibleRow, Place};

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders)]
pub(in crate::sqlite) struct OrderRow {
    id: Key,
    merchant_id: String,
    hold_id: Option<Key>,
    customer_id: Option<String>,
    customer_is_number: bool,
    email: Option<String>,
    total_minor: i64,
    currency: String,
    status: String,
    payment_status: String,
    payment_id: Option<String>,
    checkout_id: Option<Key>,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
    received_minor: i64,
    counted_minor: i64,
    refunded_minor: i64,
}

impl TryFrom<OrderRow> for Order {
    type Error = ImpossibleRow;

    /// The order without its items, which are rows of their own.
    fn try_from(row: OrderRow) -> Result<Self, Self::Error> {
        let place = Place { table: "orders", id: &row.id.0 };
        Ok(Self {
            id: OrderId::from_uuid(row.id.0),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            hold_id: row.hold_id.map(|key| HoldId::from_uuid(key.0)),
            customer_id: place.customer(row.customer_id, row.customer_is_number)?,
            email: place.email(row.email)?,
            items: Vec::new(),
            total: place.money(row.total_minor, &row.currency)?,
            status: place.read("status", row.status.parse())?,
            payment_status: place.read("payment_status", row.payment_status.parse())?,
            payment_id: place.read_optional("payment_id", row.payment_id, PaymentId::parse)?,
            checkout_id: row.checkout_id.map(|key| CheckoutId::from_uuid(key.0)),
            expires_at: Timestamp::from_unix_us(row.expires_at),
            created_at: Timestamp::from_unix_us(row.created_at),
            updated_at: Timestamp::from_unix_us(row.updated_at),
            received_minor: row.received_minor,
            counted_minor: row.counted_minor,
            refunded_minor: row.refunded_minor,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = order_items)]
pub(in crate::sqlite) struct OrderItemRow {
    order_id: Key,
    #[expect(dead_code, reason = "what they are ordered by")]
    position: i32,
    product_id: Key,
    quantity: i32,
    price_minor: i64,
}

/// Puts items, in the order of their positions, into their orders.
pub(in crate::sqlite) fn fill(orders: &mut [Order], items: Vec<OrderItemRow>) -> Result<(), ImpossibleRow> {
    let at: HashMap<Uuid, usize> = orders.iter().enumerate().map(|(at, order)| (order.id.as_uuid(), at)).collect();
    for row in items {
        let Some(order) = at.get(&row.order_id.0).and_then(|at| orders.get_mut(*at)) else { continue };
        let place = Place { table: "order_items", id: &row.order_id.0 };
        let item = place.item(order, ProductId::from_uuid(row.product_id.0), row.quantity, row.price_minor)?;
        order.items.push(item);
    }
    Ok(())
}
