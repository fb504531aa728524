//! Products, holds and orders.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use domain::{HoldId, OVERDUE_AFTER, OrderAccount, OrderId, ProductId, StockCount, StockShare, Timestamp};
use ports::HoldPage;

use super::super::key::Key;
use super::super::statement::{Statement, StatementText, Value};
use crate::accounts::{CountRow, HoldRow, OrderParts, first_after, hold_account, statuses_with, stock_count};
use crate::stored::ReadError;

/// One statement sees everything as it was at one moment. Items are grouped in the order in which the products' index
/// gives them, so that nothing is sorted and nobody counts beyond the limit.
struct CountStock;

impl StatementText for CountStock {
    const TEXT: &'static str = "SELECT p.id, p.total_stock, p.held_stock, p.sold_stock, \
            (SELECT coalesce(sum(h.quantity), 0) FROM holds AS h INDEXED BY holds_active_of_product \
                WHERE h.product_id = p.id AND h.status = 'active'), \
            coalesce(sum(i.quantity) FILTER (WHERE o.status IN (SELECT value FROM json_each(?))), 0), \
            coalesce(sum(i.quantity) FILTER (WHERE o.status IN (SELECT value FROM json_each(?))), 0), \
            (SELECT coalesce(max(r.number), 0) FROM stock_repairs AS r WHERE r.product_id = p.id) \
        FROM products AS p \
        LEFT JOIN order_items AS i INDEXED BY order_items_of_product ON i.product_id = p.id \
        LEFT JOIN orders AS o ON o.id = i.order_id \
        WHERE p.id >= ? GROUP BY p.id ORDER BY p.id LIMIT ?";
    type Columns = (Binary, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt);
}

pub(super) fn counts(
    connection: &mut SqliteConnection,
    after: Option<ProductId>,
    limit: u32,
) -> Result<Vec<StockCount>, ReadError> {
    let Some(first) = first_after(after.map(ProductId::as_uuid)) else { return Ok(Vec::new()) };
    let values = [
        Value::json(&statuses_with(StockShare::Held)),
        Value::json(&statuses_with(StockShare::Sold)),
        Value::key(first),
        Value::BigInt(limit.into()),
    ];
    let rows: Vec<CountRow<Key>> = Statement::<CountStock, _>::new(values).load(connection)?;
    Ok(rows.into_iter().map(stock_count).collect())
}

struct HoldIds;

impl StatementText for HoldIds {
    const TEXT: &'static str = "SELECT id FROM holds WHERE id >= ? ORDER BY id LIMIT ?";
    type Columns = Binary;
}

/// Those whose time is up, and those that became an order which isn't there or is another hold's.
struct WrongHolds;

impl StatementText for WrongHolds {
    const TEXT: &'static str = "SELECT h.id, h.status, h.order_id, h.expires_at FROM holds AS h \
        WHERE h.id >= ? AND h.id <= ? AND (h.status = 'active' AND h.expires_at < ? \
            OR h.status = 'converted' \
                AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.id = h.order_id AND +o.hold_id = h.id)) \
        ORDER BY h.id";
    type Columns = (Binary, Text, Nullable<Binary>, BigInt);
}

pub(super) fn holds(
    connection: &mut SqliteConnection,
    after: Option<HoldId>,
    limit: u32,
    now: Timestamp,
) -> Result<HoldPage, ReadError> {
    let Some(first) = first_after(after.map(HoldId::as_uuid)) else { return Ok(HoldPage::default()) };
    let ids: Vec<Key> =
        Statement::<HoldIds, _>::new([Value::key(first), Value::BigInt(limit.into())]).load(connection)?;
    let Some(last) = ids.last().map(|key| key.0) else { return Ok(HoldPage::default()) };
    let cutoff = Value::BigInt((now - OVERDUE_AFTER).unix_us());
    let values = [Value::key(first), Value::key(last), cutoff];
    let rows: Vec<HoldRow<Key, i64>> = Statement::<WrongHolds, _>::new(values).load(connection)?;
    let accounts: Result<Vec<_>, _> = rows.into_iter().map(hold_account).collect();
    let counted = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    Ok(HoldPage { counted, last: Some(HoldId::from_uuid(last)), accounts: accounts? })
}

struct Orders;

impl StatementText for Orders {
    const TEXT: &'static str = "SELECT id, status, payment_status, total_minor, currency, hold_id, expires_at, updated_at, \
            received_minor \
        FROM orders WHERE id >= ? ORDER BY id LIMIT ?";
    type Columns = (Binary, Text, Text, BigInt, Text, Nullable<Binary>, BigInt, BigInt, BigInt);
}

// Whatever belongs to a page of orders lies between the first and the last of them in an index, and nothing else does.
struct ItemsOfOrders;

impl StatementText for ItemsOfOrders {
    const TEXT: &'static str = "SELECT order_id, sum(quantity * price_minor) FROM order_items \
        WHERE order_id >= ? AND order_id <= ? GROUP BY order_id ORDER BY order_id";
    type Columns = (Binary, BigInt);
}

struct MovementsOfOrders;

impl StatementText for MovementsOfOrders {
    const TEXT: &'static str = "SELECT id, checkout_id, order_id, status, amount_minor, currency \
        FROM transactions INDEXED BY transactions_of_order \
        WHERE order_id >= ? AND order_id <= ? AND order_id IS NOT NULL ORDER BY order_id, id";
    type Columns = (Binary, Nullable<Binary>, Nullable<Binary>, Text, BigInt, Text);
}

struct SettledForOrders;

impl StatementText for SettledForOrders {
    const TEXT: &'static str = "SELECT id, order_id, status, failure_reason, amount_minor, currency \
        FROM checkouts INDEXED BY checkouts_of_order \
        WHERE order_id >= ? AND order_id <= ? AND order_id IS NOT NULL AND status IN ('COMPLETED', 'UNRESOLVED')";
    type Columns = (Binary, Nullable<Binary>, Text, Nullable<Text>, BigInt, Text);
}

struct HoldsOfOrders;

impl StatementText for HoldsOfOrders {
    const TEXT: &'static str =
        "SELECT id, status, order_id FROM holds WHERE id IN (SELECT unhex(value) FROM json_each(?))";
    type Columns = (Binary, Text, Nullable<Binary>);
}

pub(super) fn orders(
    connection: &mut SqliteConnection,
    after: Option<OrderId>,
    limit: u32,
) -> Result<Vec<OrderAccount>, ReadError> {
    let Some(first) = first_after(after.map(OrderId::as_uuid)) else { return Ok(Vec::new()) };
    let mut parts: OrderParts<Key, i64> = OrderParts {
        orders: Statement::<Orders, _>::new([Value::key(first), Value::BigInt(limit.into())]).load(connection)?,
        items: Vec::new(),
        movements: Vec::new(),
        settled: Vec::new(),
        holds: Vec::new(),
    };
    let Some(last) = parts.orders.last().map(|order| order.0.0) else { return Ok(Vec::new()) };
    let stretch = || [Value::key(first), Value::key(last)];
    parts.items = Statement::<ItemsOfOrders, _>::new(stretch()).load(connection)?;
    parts.movements = Statement::<MovementsOfOrders, _>::new(stretch()).load(connection)?;
    parts.settled = Statement::<SettledForOrders, _>::new(stretch()).load(connection)?;
    if let Some(holds) = Value::keys(parts.orders.iter().filter_map(|order| order.5).map(|key| key.0)) {
        parts.holds = Statement::<HoldsOfOrders, _>::new([holds]).load(connection)?;
    }
    Ok(parts.accounts()?)
}
