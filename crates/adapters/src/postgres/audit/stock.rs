//! Products, holds and orders.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::{HoldId, OVERDUE_AFTER, OrderAccount, OrderId, ProductId, StockCount, StockShare, Timestamp};
use ports::HoldPage;
use uuid::Uuid;

use super::super::statement::{Column, Statement, StatementText};
use crate::accounts::{CountRow, HoldRow, OrderParts, first_after, hold_account, statuses_with, stock_count};
use crate::stored::ReadError;

/// The products are counted together: where most items are of one of them, the planner takes all to be alike, and would go
/// through everything for each by itself.
struct CountStock;

impl StatementText for CountStock {
    const TEXT: &'static str = "WITH p AS MATERIALIZED ( \
            SELECT id, total_stock, held_stock, sold_stock FROM products WHERE id >= ? ORDER BY id LIMIT ?) \
        SELECT p.id, p.total_stock::bigint, p.held_stock::bigint, p.sold_stock::bigint, \
            coalesce(h.quantity, 0)::bigint, coalesce(o.pending, 0)::bigint, coalesce(o.sold, 0)::bigint, \
            (SELECT coalesce(max(r.number), 0)::bigint FROM stock_repairs AS r WHERE r.product_id = p.id) \
        FROM p \
        LEFT JOIN (SELECT product_id, sum(quantity) AS quantity FROM holds \
            WHERE status = 'active' AND product_id = ANY (ARRAY (SELECT id FROM p)) GROUP BY product_id) AS h \
            ON h.product_id = p.id \
        LEFT JOIN (SELECT i.product_id, sum(i.quantity) FILTER (WHERE o.status = ANY (?)) AS pending, \
                sum(i.quantity) FILTER (WHERE o.status = ANY (?)) AS sold \
            FROM order_items AS i CROSS JOIN LATERAL (SELECT status FROM orders WHERE id = i.order_id OFFSET 0) AS o \
            WHERE i.product_id = ANY (ARRAY (SELECT id FROM p)) GROUP BY i.product_id) AS o \
            ON o.product_id = p.id \
        ORDER BY p.id";
    type Columns = (SqlUuid, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt);
}

pub(super) fn counts(
    connection: &mut PgConnection,
    after: Option<ProductId>,
    limit: u32,
) -> Result<Vec<StockCount>, ReadError> {
    let Some(first) = first_after(after.map(ProductId::as_uuid)) else { return Ok(Vec::new()) };
    // It wants all there is of what it looks for, which other reads never do.
    connection.batch_execute(
        "SET LOCAL enable_bitmapscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on",
    )?;
    let rows: Vec<CountRow<Uuid>> = Statement::<CountStock>::new(vec![
        Column::OneUuid(first),
        Column::OneBigInt(limit.into()),
        Column::Texts(statuses_with(StockShare::Held)),
        Column::Texts(statuses_with(StockShare::Sold)),
    ])
    .load(connection)?;
    Ok(rows.into_iter().map(stock_count).collect())
}

struct HoldIds;

impl StatementText for HoldIds {
    const TEXT: &'static str = "SELECT id FROM holds WHERE id >= ? ORDER BY id LIMIT ?";
    type Columns = SqlUuid;
}

/// Those whose time is up, and those that became an order which isn't there or is another hold's.
struct WrongHolds;

impl StatementText for WrongHolds {
    const TEXT: &'static str = "SELECT h.id, h.status, h.order_id, h.expires_at FROM holds AS h \
        WHERE h.id >= ? AND h.id <= ? AND (h.status = 'active' AND h.expires_at < ? \
            OR h.status = 'converted' \
                AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.id = h.order_id AND o.hold_id = h.id OFFSET 0)) \
        ORDER BY h.id";
    type Columns = (SqlUuid, Text, Nullable<SqlUuid>, Timestamptz);
}

pub(super) fn holds(
    connection: &mut PgConnection,
    after: Option<HoldId>,
    limit: u32,
    now: Timestamp,
) -> Result<HoldPage, ReadError> {
    let Some(first) = first_after(after.map(HoldId::as_uuid)) else { return Ok(HoldPage::default()) };
    let ids: Vec<Uuid> =
        Statement::<HoldIds>::new(vec![Column::OneUuid(first), Column::OneBigInt(limit.into())]).load(connection)?;
    let Some(last) = ids.last().copied() else { return Ok(HoldPage::default()) };
    let rows: Vec<HoldRow<Uuid, DateTime<Utc>>> = Statement::<WrongHolds>::new(vec![
        Column::OneUuid(first),
        Column::OneUuid(last),
        Column::OneTime((now - OVERDUE_AFTER).as_datetime()),
    ])
    .load(connection)?;
    let accounts: Result<Vec<_>, _> = rows.into_iter().map(hold_account).collect();
    let counted = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    Ok(HoldPage { counted, last: Some(HoldId::from_uuid(last)), accounts: accounts? })
}

struct Orders;

impl StatementText for Orders {
    const TEXT: &'static str = "SELECT id, status, payment_status, total_minor, currency, hold_id, expires_at, updated_at, \
            received_minor \
        FROM orders WHERE id >= ? ORDER BY id LIMIT ?";
    type Columns = (SqlUuid, Text, Text, BigInt, Text, Nullable<SqlUuid>, Timestamptz, Timestamptz, BigInt);
}

// Whatever belongs to a page of orders lies between the first and the last of them in an index, and nothing else does.
struct ItemsOfOrders;

impl StatementText for ItemsOfOrders {
    const TEXT: &'static str = "SELECT order_id, sum(quantity::bigint * price_minor)::bigint FROM order_items \
        WHERE order_id >= ? AND order_id <= ? GROUP BY order_id ORDER BY order_id";
    type Columns = (SqlUuid, BigInt);
}

struct MovementsOfOrders;

impl StatementText for MovementsOfOrders {
    const TEXT: &'static str = "SELECT id, checkout_id, order_id, status, amount_minor, currency FROM transactions \
        WHERE order_id >= ? AND order_id <= ? ORDER BY order_id, id";
    type Columns = (SqlUuid, Nullable<SqlUuid>, Nullable<SqlUuid>, Text, BigInt, Text);
}

/// In the words of the index.
struct SettledForOrders;

impl StatementText for SettledForOrders {
    const TEXT: &'static str = "SELECT id, order_id, status, failure_reason, amount_minor, currency FROM checkouts \
        WHERE CASE WHEN status IN ('COMPLETED', 'UNRESOLVED') THEN order_id END >= ? \
            AND CASE WHEN status IN ('COMPLETED', 'UNRESOLVED') THEN order_id END <= ?";
    type Columns = (SqlUuid, Nullable<SqlUuid>, Text, Nullable<Text>, BigInt, Text);
}

struct HoldsOfOrders;

impl StatementText for HoldsOfOrders {
    const TEXT: &'static str = "SELECT id, status, order_id FROM holds WHERE id = ANY (?)";
    type Columns = (SqlUuid, Text, Nullable<SqlUuid>);
}

pub(super) fn orders(
    connection: &mut PgConnection,
    after: Option<OrderId>,
    limit: u32,
) -> Result<Vec<OrderAccount>, ReadError> {
    let Some(first) = first_after(after.map(OrderId::as_uuid)) else { return Ok(Vec::new()) };
    let mut parts: OrderParts<Uuid, DateTime<Utc>> = OrderParts {
        orders: Statement::<Orders>::new(vec![Column::OneUuid(first), Column::OneBigInt(limit.into())])
            .load(connection)?,
        items: Vec::new(),
        movements: Vec::new(),
        settled: Vec::new(),
        holds: Vec::new(),
    };
    let Some(last) = parts.orders.last().map(|order| order.0) else { return Ok(Vec::new()) };
    let stretch = || vec![Column::OneUuid(first), Column::OneUuid(last)];
    parts.items = Statement::<ItemsOfOrders>::new(stretch()).load(connection)?;
    parts.movements = Statement::<MovementsOfOrders>::new(stretch()).load(connection)?;
    parts.settled = Statement::<SettledForOrders>::new(stretch()).load(connection)?;
    let holds: Vec<Uuid> = parts.orders.iter().filter_map(|order| order.5).collect();
    if !holds.is_empty() {
        parts.holds = Statement::<HoldsOfOrders>::new(vec![Column::Uuids(holds)]).load(connection)?;
    }
    Ok(parts.accounts()?)
}
