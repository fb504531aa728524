//! Products, holds and orders.

use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use domain::{
    CheckoutId, CustomerId, Description, Email, Hold, HoldId, HoldStatus, Order, OrderId, OrderStatus, PaymentId,
    PaymentStatus, Product, StockRepair, Timestamp,
};

use super::super::statement::{Value, statement};
use super::{guarded, run};

statement! { InsertProduct, "INSERT INTO products (id, merchant_id, name, description, price_minor, currency, total_stock, \
held_stock, sold_stock, deleted_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { UpdateProduct, "UPDATE products SET name = ?, description = ?, price_minor = ?, currency = ?, total_stock = ?, \
held_stock = ?, sold_stock = ?, deleted_at = ?, updated_at = ? WHERE id = ?" }

statement! { InsertRepair, "INSERT INTO stock_repairs (product_id, number, total_stock, held_before, sold_before, held_after, \
sold_after, repaired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { InsertHold, "INSERT INTO holds (id, product_id, quantity, status, order_id, expires_at, created_at, ended_at) \
VALUES (?, ?, ?, ?, ?, ?, ?, ?)" }

// The states a row may have had come from the transition tables: an update that isn't a transition finds no row.
statement! { UpdateHold, "UPDATE holds SET status = ?, order_id = ?, ended_at = ? \
WHERE id = ? AND status IN (?, ?, ?, ?)" }

statement! { InsertOrder, "INSERT INTO orders (id, merchant_id, hold_id, customer_id, customer_is_number, email, \
total_minor, currency, status, payment_status, payment_id, checkout_id, expires_at, created_at, updated_at, \
received_minor, counted_minor, refunded_minor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { InsertItem, "INSERT INTO order_items (order_id, position, product_id, quantity, price_minor) \
VALUES (?, ?, ?, ?, ?)" }

statement! { UpdateOrder, "UPDATE orders SET status = ?, payment_status = ?, payment_id = ?, checkout_id = ?, \
expires_at = ?, updated_at = ?, received_minor = ?, counted_minor = ?, refunded_minor = ? \
WHERE id = ? AND status IN (?, ?, ?, ?, ?, ?) AND payment_status IN (?, ?, ?, ?, ?, ?, ?)" }

/// Counts of stock are at most a thousand million.
fn count(number: u32) -> Value<'static> {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}

pub(super) fn insert_product(connection: &mut SqliteConnection, row: &Product) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.merchant_id.as_str()),
        Value::Text(row.name.as_str()),
        Value::OptionalText(row.description.as_ref().map(Description::as_str)),
        Value::BigInt(row.price.minor()),
        Value::Text(row.price.currency().code()),
        count(row.stock.total()),
        count(row.stock.held()),
        count(row.stock.sold()),
        Value::OptionalBigInt(row.deleted_at.map(Timestamp::unix_us)),
        Value::BigInt(row.created_at.unix_us()),
        Value::BigInt(row.updated_at.unix_us()),
    ];
    run::<InsertProduct, _>(connection, values)
}

/// The whole row, also if only the stock has changed: SQLite writes no less for fewer columns.
pub(super) fn update_product(connection: &mut SqliteConnection, row: &Product) -> QueryResult<()> {
    let values = [
        Value::Text(row.name.as_str()),
        Value::OptionalText(row.description.as_ref().map(Description::as_str)),
        Value::BigInt(row.price.minor()),
        Value::Text(row.price.currency().code()),
        count(row.stock.total()),
        count(row.stock.held()),
        count(row.stock.sold()),
        Value::OptionalBigInt(row.deleted_at.map(Timestamp::unix_us)),
        Value::BigInt(row.updated_at.unix_us()),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateProduct, _>(connection, values)
}

pub(super) fn insert_repair(connection: &mut SqliteConnection, row: &StockRepair) -> QueryResult<()> {
    let values = [
        Value::key(row.id.product_id.as_uuid()),
        count(row.id.number),
        count(row.after.total()),
        count(row.before.held()),
        count(row.before.sold()),
        count(row.after.held()),
        count(row.after.sold()),
        Value::BigInt(row.repaired_at.unix_us()),
    ];
    run::<InsertRepair, _>(connection, values)
}

pub(super) fn insert_hold(connection: &mut SqliteConnection, row: &Hold) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::key(row.product_id.as_uuid()),
        count(row.quantity.get()),
        Value::Text(row.status.as_str()),
        Value::optional_key(row.order_id.map(OrderId::as_uuid)),
        Value::BigInt(row.expires_at.unix_us()),
        Value::BigInt(row.created_at.unix_us()),
        Value::OptionalBigInt(row.ended_at.map(Timestamp::unix_us)),
    ];
    run::<InsertHold, _>(connection, values)
}

pub(super) fn update_hold(connection: &mut SqliteConnection, row: &Hold) -> QueryResult<()> {
    let values = [
        Value::Text(row.status.as_str()),
        Value::optional_key(row.order_id.map(OrderId::as_uuid)),
        Value::OptionalBigInt(row.ended_at.map(Timestamp::unix_us)),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateHold, 8>(connection, guarded(values, row.status.valid_before().map(HoldStatus::as_str)))
}

pub(super) fn insert_order(connection: &mut SqliteConnection, row: &Order) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.merchant_id.as_str()),
        Value::optional_key(row.hold_id.map(HoldId::as_uuid)),
        Value::OptionalText(row.customer_id.as_ref().map(CustomerId::as_str)),
        Value::Bool(row.customer_id.as_ref().is_some_and(|customer| customer.as_number().is_some())),
        Value::OptionalText(row.email.as_ref().map(Email::as_str)),
        Value::BigInt(row.total.minor()),
        Value::Text(row.total.currency().code()),
        Value::Text(row.status.as_str()),
        Value::Text(row.payment_status.as_str()),
        Value::OptionalText(row.payment_id.as_ref().map(PaymentId::as_str)),
        Value::optional_key(row.checkout_id.map(CheckoutId::as_uuid)),
        Value::BigInt(row.expires_at.unix_us()),
        Value::BigInt(row.created_at.unix_us()),
        Value::BigInt(row.updated_at.unix_us()),
        Value::BigInt(row.received_minor),
        Value::BigInt(row.counted_minor),
        Value::BigInt(row.refunded_minor),
    ];
    run::<InsertOrder, _>(connection, values)?;
    for (position, item) in (0..).zip(&row.items) {
        let values = [
            Value::key(row.id.as_uuid()),
            Value::Integer(position),
            Value::key(item.product_id.as_uuid()),
            count(item.quantity.get()),
            Value::BigInt(item.price_at_purchase.minor()),
        ];
        run::<InsertItem, _>(connection, values)?;
    }
    Ok(())
}

pub(super) fn update_order(connection: &mut SqliteConnection, row: &Order) -> QueryResult<()> {
    let values = [
        Value::Text(row.status.as_str()),
        Value::Text(row.payment_status.as_str()),
        Value::OptionalText(row.payment_id.as_ref().map(PaymentId::as_str)),
        Value::optional_key(row.checkout_id.map(CheckoutId::as_uuid)),
        Value::BigInt(row.expires_at.unix_us()),
        Value::BigInt(row.updated_at.unix_us()),
        Value::BigInt(row.received_minor),
        Value::BigInt(row.counted_minor),
        Value::BigInt(row.refunded_minor),
        Value::key(row.id.as_uuid()),
    ];
    let values: [_; 16] = guarded(values, row.status.valid_before().map(OrderStatus::as_str));
    run::<UpdateOrder, 23>(connection, guarded(values, row.payment_status.valid_before().map(PaymentStatus::as_str)))
}
