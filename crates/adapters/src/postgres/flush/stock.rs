//! Products, holds and orders.

use domain::{Books, Hold, Order, OrderItem, Product, StockRepair};

use super::super::statement::Column;
use super::{Flush, collect, time, words};

const INSERT_PRODUCTS: &str = "INSERT INTO products (id, merchant_id, name, description, price_minor, currency, \
total_stock, held_stock, sold_stock, deleted_at, created_at, updated_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

// Deleted products stay deleted, but late refunds and payments still move their stock.
const UPDATE_STOCK: &str = "UPDATE products AS p SET held_stock = n.held_stock, sold_stock = n.sold_stock, \
updated_at = n.updated_at \
FROM unnest(?, ?, ?, ?) AS n (id, held_stock, sold_stock, updated_at) WHERE p.id = n.id";

const UPDATE_PRODUCTS: &str = "UPDATE products AS p SET name = n.name, description = n.description, \
price_minor = n.price_minor, currency = n.currency, total_stock = n.total_stock, held_stock = n.held_stock, \
sold_stock = n.sold_stock, deleted_at = n.deleted_at, updated_at = n.updated_at \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS n (id, name, description, price_minor, currency, total_stock, held_stock, \
sold_stock, deleted_at, updated_at) WHERE p.id = n.id AND p.deleted_at IS NULL";

const INSERT_REPAIRS: &str = "INSERT INTO stock_repairs (product_id, number, total_stock, held_before, sold_before, \
held_after, sold_after, repaired_at) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_HOLDS: &str = "INSERT INTO holds (id, product_id, quantity, status, order_id, expires_at, created_at, \
ended_at) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)";

// The statuses a row may have had come from the transition table: an update that isn't a transition finds no row.
const UPDATE_HOLDS: &str = "UPDATE holds AS h SET status = n.status, order_id = n.order_id, ended_at = n.ended_at \
FROM unnest(?, ?, ?, ?, ?) AS n (id, status, valid_before, order_id, ended_at) \
WHERE h.id = n.id AND h.status = ANY (string_to_array(n.valid_before, ','))";

const INSERT_ORDERS: &str = "INSERT INTO orders (id, merchant_id, hold_id, customer_id, customer_is_number, email, \
total_minor, currency, status, payment_status, payment_id, checkout_id, expires_at, created_at, updated_at, \
received_minor, counted_minor, refunded_minor) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_ITEMS: &str = "INSERT INTO order_items (order_id, position, product_id, quantity, price_minor) \
SELECT * FROM unnest(?, ?, ?, ?, ?)";

const UPDATE_ORDERS: &str = "UPDATE orders AS o SET status = n.status, payment_status = n.payment_status, \
payment_id = n.payment_id, checkout_id = n.checkout_id, expires_at = n.expires_at, updated_at = n.updated_at, \
received_minor = n.received_minor, counted_minor = n.counted_minor, refunded_minor = n.refunded_minor \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS n (id, status, valid_before, payment_status, payment_valid_before, \
payment_id, checkout_id, expires_at, updated_at, received_minor, counted_minor, refunded_minor) \
WHERE o.id = n.id AND o.status = ANY (string_to_array(n.valid_before, ',')) \
AND o.payment_status = ANY (string_to_array(n.payment_valid_before, ','))";

pub(super) fn store_products<'a>(flush: &mut Flush<'a>, books: &'a Books) {
    insert_products(flush, &books.products().inserted().collect::<Vec<_>>());
    let (redescribed, restocked): (Vec<&Product>, Vec<&Product>) =
        books.products().updated().partition(|product| books.is_redescribed(product.id));
    update_products(flush, &redescribed);
    update_stock(flush, &restocked);
}

/// Counts of stock are at most a thousand million.
fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn insert_products<'a>(flush: &mut Flush<'a>, rows: &[&'a Product]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_PRODUCTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.merchant_id.as_str()).collect()),
            Column::Texts(rows.iter().map(|row| row.name.as_str()).collect()),
            Column::OptionalTexts(
                rows.iter().map(|row| row.description.as_ref().map(domain::Description::as_str)).collect(),
            ),
            Column::BigInts(collect(rows, |row| row.price.minor())),
            Column::Texts(collect(rows, |row| row.price.currency().code())),
            Column::Integers(collect(rows, |row| count(row.stock.total()))),
            Column::Integers(collect(rows, |row| count(row.stock.held()))),
            Column::Integers(collect(rows, |row| count(row.stock.sold()))),
            Column::OptionalTimes(collect(rows, |row| row.deleted_at.map(time))),
            Column::Times(collect(rows, |row| time(row.created_at))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    );
}

fn update_stock<'a>(flush: &mut Flush<'a>, rows: &[&'a Product]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        UPDATE_STOCK,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Integers(collect(rows, |row| count(row.stock.held()))),
            Column::Integers(collect(rows, |row| count(row.stock.sold()))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    );
}

fn update_products<'a>(flush: &mut Flush<'a>, rows: &[&'a Product]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        UPDATE_PRODUCTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.name.as_str()).collect()),
            Column::OptionalTexts(
                rows.iter().map(|row| row.description.as_ref().map(domain::Description::as_str)).collect(),
            ),
            Column::BigInts(collect(rows, |row| row.price.minor())),
            Column::Texts(collect(rows, |row| row.price.currency().code())),
            Column::Integers(collect(rows, |row| count(row.stock.total()))),
            Column::Integers(collect(rows, |row| count(row.stock.held()))),
            Column::Integers(collect(rows, |row| count(row.stock.sold()))),
            Column::OptionalTimes(collect(rows, |row| row.deleted_at.map(time))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    );
}

pub(super) fn insert_repairs<'a>(flush: &mut Flush<'a>, rows: &[&'a StockRepair]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_REPAIRS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.product_id.as_uuid())),
            Column::Integers(collect(rows, |row| count(row.id.number))),
            Column::Integers(collect(rows, |row| count(row.after.total()))),
            Column::Integers(collect(rows, |row| count(row.before.held()))),
            Column::Integers(collect(rows, |row| count(row.before.sold()))),
            Column::Integers(collect(rows, |row| count(row.after.held()))),
            Column::Integers(collect(rows, |row| count(row.after.sold()))),
            Column::Times(collect(rows, |row| time(row.repaired_at))),
        ],
    );
}

pub(super) fn insert_holds<'a>(flush: &mut Flush<'a>, rows: &[&'a Hold]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_HOLDS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Uuids(collect(rows, |row| row.product_id.as_uuid())),
            Column::Integers(collect(rows, |row| count(row.quantity.get()))),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OptionalUuids(collect(rows, |row| row.order_id.map(domain::OrderId::as_uuid))),
            Column::Times(collect(rows, |row| time(row.expires_at))),
            Column::Times(collect(rows, |row| time(row.created_at))),
            Column::OptionalTimes(collect(rows, |row| row.ended_at.map(time))),
        ],
    );
}

pub(super) fn update_holds<'a>(flush: &mut Flush<'a>, rows: &[&'a Hold]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.status.valid_before().map(domain::HoldStatus::as_str)));
    flush.add(
        UPDATE_HOLDS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OwnedTexts(valid_before),
            Column::OptionalUuids(collect(rows, |row| row.order_id.map(domain::OrderId::as_uuid))),
            Column::OptionalTimes(collect(rows, |row| row.ended_at.map(time))),
        ],
    );
}

pub(super) fn insert_orders<'a>(flush: &mut Flush<'a>, mut rows: Vec<&'a Order>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|row| row.id);
    flush.add(
        INSERT_ORDERS,
        rows.len(),
        vec![
            Column::Uuids(collect(&rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.merchant_id.as_str()).collect()),
            Column::OptionalUuids(collect(&rows, |row| row.hold_id.map(domain::HoldId::as_uuid))),
            Column::OptionalTexts(
                rows.iter().map(|row| row.customer_id.as_ref().map(domain::CustomerId::as_str)).collect(),
            ),
            Column::Booleans(collect(&rows, |row| {
                row.customer_id.as_ref().is_some_and(|customer| customer.as_number().is_some())
            })),
            Column::OptionalTexts(rows.iter().map(|row| row.email.as_ref().map(domain::Email::as_str)).collect()),
            Column::BigInts(collect(&rows, |row| row.total.minor())),
            Column::Texts(collect(&rows, |row| row.total.currency().code())),
            Column::Texts(collect(&rows, |row| row.status.as_str())),
            Column::Texts(collect(&rows, |row| row.payment_status.as_str())),
            Column::OptionalTexts(
                rows.iter().map(|row| row.payment_id.as_ref().map(domain::PaymentId::as_str)).collect(),
            ),
            Column::OptionalUuids(collect(&rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
            Column::Times(collect(&rows, |row| time(row.expires_at))),
            Column::Times(collect(&rows, |row| time(row.created_at))),
            Column::Times(collect(&rows, |row| time(row.updated_at))),
            Column::BigInts(collect(&rows, |row| row.received_minor)),
            Column::BigInts(collect(&rows, |row| row.counted_minor)),
            Column::BigInts(collect(&rows, |row| row.refunded_minor)),
        ],
    );
    insert_items(flush, &rows);
}

fn insert_items<'a>(flush: &mut Flush<'a>, orders: &[&'a Order]) {
    let rows: Vec<(uuid::Uuid, i32, &OrderItem)> = orders
        .iter()
        .flat_map(|order| (0..).zip(&order.items).map(|(position, item)| (order.id.as_uuid(), position, item)))
        .collect();
    flush.add(
        INSERT_ITEMS,
        rows.len(),
        vec![
            Column::Uuids(rows.iter().map(|(order_id, ..)| *order_id).collect()),
            Column::Integers(rows.iter().map(|(_, position, _)| *position).collect()),
            Column::Uuids(rows.iter().map(|(.., item)| item.product_id.as_uuid()).collect()),
            Column::Integers(rows.iter().map(|(.., item)| count(item.quantity.get())).collect()),
            Column::BigInts(rows.iter().map(|(.., item)| item.price_at_purchase.minor()).collect()),
        ],
    );
}

pub(super) fn update_orders<'a>(flush: &mut Flush<'a>, rows: &[&'a Order]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.status.valid_before().map(domain::OrderStatus::as_str)));
    let payment_valid_before =
        collect(rows, |row| words(row.payment_status.valid_before().map(domain::PaymentStatus::as_str)));
    flush.add(
        UPDATE_ORDERS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OwnedTexts(valid_before),
            Column::Texts(collect(rows, |row| row.payment_status.as_str())),
            Column::OwnedTexts(payment_valid_before),
            Column::OptionalTexts(
                rows.iter().map(|row| row.payment_id.as_ref().map(domain::PaymentId::as_str)).collect(),
            ),
            Column::OptionalUuids(collect(rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
            Column::Times(collect(rows, |row| time(row.expires_at))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
            Column::BigInts(collect(rows, |row| row.received_minor)),
            Column::BigInts(collect(rows, |row| row.counted_minor)),
            Column::BigInts(collect(rows, |row| row.refunded_minor)),
        ],
    );
}
