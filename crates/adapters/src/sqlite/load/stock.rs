//! Orders, holds, and the products that they are of.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Books, Hold, Keys, MAX_HOLDS_TAKEN_BACK, Order, OrderId, ProductId, Timestamp};

use super::super::rows::{HoldRow, OrderItemRow, OrderRow, ProductRow, fill};
use super::super::schema::{holds, order_items, orders, products};
use super::super::statement::{Statement, StatementText, Value};
use super::{find, into_domain, select};
use crate::stored::ReadError;

select!(
    ProductsById,
    products,
    "id, merchant_id, name, description, price_minor, currency, total_stock, held_stock, sold_stock, deleted_at, \
    created_at, updated_at",
    "products WHERE id IN (SELECT unhex(value) FROM json_each(?))"
);
select!(
    HoldsById,
    holds,
    "id, product_id, quantity, status, order_id, expires_at, created_at, ended_at",
    "holds WHERE id IN (SELECT unhex(value) FROM json_each(?))"
);
select!(
    OrdersById,
    orders,
    "id, merchant_id, hold_id, customer_id, customer_is_number, email, total_minor, currency, status, payment_status, \
    payment_id, checkout_id, expires_at, created_at, updated_at, \
    received_minor, counted_minor, refunded_minor",
    "orders WHERE id IN (SELECT unhex(value) FROM json_each(?))"
);
select!(
    ItemsOfOrders,
    order_items,
    "order_id, position, product_id, quantity, price_minor",
    "order_items WHERE order_id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY order_id, position"
);

/// The oldest expired holds of each product.
struct ExpiredHoldsOfProducts;

impl StatementText for ExpiredHoldsOfProducts {
    const TEXT: &'static str = "SELECT h.id, h.product_id, h.quantity, h.status, h.order_id, h.expires_at, h.created_at, h.ended_at \
        FROM json_each(?) AS p JOIN holds AS h ON h.id IN (SELECT a.id \
            FROM holds AS a INDEXED BY holds_active_of_product \
            WHERE a.status = 'active' AND a.product_id = unhex(p.value) AND a.expires_at <= ? \
            ORDER BY a.expires_at, a.id LIMIT ?)";
    type Columns = diesel::dsl::SqlTypeOf<<holds::table as diesel::Table>::AllColumns>;
}

/// The orders that are named, and those that the loaded checkouts pay.
pub(super) fn load_orders(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let named = keys.orders.iter().chain(&keys.event_orders).chain(&keys.new_orders).chain(&keys.checkouts_of_orders);
    let paid = books.checkouts().iter().filter_map(|checkout| checkout.order_id);
    let ids = Value::keys(named.copied().chain(paid).map(OrderId::as_uuid));
    let mut found: Vec<Order> = find::<OrdersById, OrderRow, _>(connection, ids)?;
    if let Some(ids) = Value::keys(found.iter().map(|order| order.id.as_uuid())) {
        let items: Vec<OrderItemRow> = Statement::<ItemsOfOrders, _>::new([ids]).load(connection)?;
        fill(&mut found, items)?;
    }
    for order in found {
        books.load_order(order);
    }
    Ok(())
}

pub(super) fn load_holds(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let ids = Value::keys(keys.holds.iter().map(|id| id.as_uuid()));
    let found = find::<HoldsById, HoldRow, _>(connection, ids)?;
    for hold in found {
        books.load_hold(hold);
    }
    Ok(())
}

/// The products that are named, and those of the loaded holds and orders.
pub(super) fn load_products(
    connection: &mut SqliteConnection,
    keys: &Keys,
    books: &mut Books,
) -> Result<(), ReadError> {
    let held = books.holds().iter().map(|hold| hold.product_id);
    let ordered = books.orders().iter().flat_map(|order| order.items.iter().map(|item| item.product_id));
    let ids = Value::keys(keys.products.iter().copied().chain(held).chain(ordered).map(ProductId::as_uuid));
    let found = find::<ProductsById, ProductRow, _>(connection, ids)?;
    for product in found {
        books.load_product(product);
    }
    Ok(())
}

/// What could be taken back of products that are short.
pub(super) fn load_expired_holds(
    connection: &mut SqliteConnection,
    keys: &Keys,
    books: &mut Books,
    now: Timestamp,
) -> Result<(), ReadError> {
    let short = books.short_products(keys);
    let Some(products) = Value::keys(short.into_iter().map(ProductId::as_uuid)) else { return Ok(()) };
    let most = i64::try_from(MAX_HOLDS_TAKEN_BACK).unwrap_or(i64::MAX);
    let values = [products, Value::BigInt(now.unix_us()), Value::BigInt(most)];
    let rows: Vec<HoldRow> = Statement::<ExpiredHoldsOfProducts, _>::new(values).load(connection)?;
    let found: Vec<Hold> = into_domain(rows)?;
    for hold in found {
        books.load_hold(hold);
    }
    Ok(())
}
