use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Text};
use domain::{
    AuditEntry, Checkout, CheckoutId, Event, EventId, Hold, HoldId, Job, JobId, JobKind, Order, OrderId, OrderStatus,
    PAYMENT_GRACE, Product, ProductId, StockShare, Timestamp, Transaction,
};
use ports::{
    AuditRepo, AuditTrailFilter, AuditTrailRepo, COUNT_CAP, CheckoutFilter, CheckoutRepo, EventFilter, EventRepo,
    HoldRepo, JobFilter, JobRepo, OrderFilter, OrderRepo, OrderToSettle, Page, PageRequest, ProductFilter, ProductRepo,
    RepoError, StockCount, StoreHealth, TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

use super::migrate;
use super::rows::{CheckoutRow, EventRow, HoldRow, JobRow, OrderItemRow, OrderRow, ProductRow, TransactionRow, fill};
use super::schema::{audit_trail, checkouts, events, holds, jobs, order_items, orders, products, transactions};
use super::statement::{Column, Statement, StatementText};
use super::trail::EntryRow;
use crate::counted::Counted;
use crate::readers::{AUDIT_PATIENCE, Readers};
use crate::reads::{QUEUES_WITH_DUE, impl_reads};
use crate::stored::{ImpossibleRow, ReadError};

/// Reads on connections of their own.
pub(super) struct PostgresReads {
    pub(super) readers: Readers<PgConnection>,
}

type Key = Uuid;
type Connection = PgConnection;

const NO_BODY: &str = "''::bytea";

fn key(id: Uuid) -> Key {
    id
}

fn overdue(connection: &mut PgConnection, cutoff: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    let cutoff_if_seen = (cutoff - PAYMENT_GRACE).as_datetime();
    checkouts::table
        .filter(checkouts::status.eq(sql::<Text>("'PENDING'")))
        .filter(checkouts::expires_at.lt(cutoff.as_datetime()))
        .filter(checkouts::detected_at.is_null().or(checkouts::expires_at.lt(cutoff_if_seen)))
        .order((checkouts::expires_at, checkouts::id))
        .limit(limit.into())
        .select(checkouts::id)
        .load(connection)
}

fn expired_holds(connection: &mut PgConnection, now: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    holds::table
        .filter(holds::ended_at.is_null())
        .filter(holds::expires_at.le(now.as_datetime()))
        .order((holds::expires_at, holds::id))
        .limit(limit.into())
        .select(holds::id)
        .load(connection)
}

fn expired_orders(connection: &mut PgConnection, now: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    orders::table
        .filter(orders::status.eq(sql::<Text>("'pending'")))
        .filter(orders::expires_at.le(now.as_datetime()))
        .order((orders::expires_at, orders::id))
        .limit(limit.into())
        .select(orders::id)
        .load(connection)
}

struct FindQueues;

impl StatementText for FindQueues {
    const TEXT: &'static str = QUEUES_WITH_DUE;
    type Columns = diesel::sql_types::Uuid;
}

fn queues_with_due(connection: &mut PgConnection, kind: JobKind, now: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    let kind = || Column::OneText(kind.as_str());
    let (now, limit) = (Column::OneTime(now.as_datetime()), Column::OneBigInt(limit.into()));
    Statement::<FindQueues>::new(vec![kind(), kind(), kind(), now, limit]).load(connection)
}

impl_reads!(PostgresReads);

/// One statement sees everything as it was at one moment. The products are counted together: where most items are of one of
/// them, the planner takes all to be alike, and would go through everything for each by itself.
struct CountStock;

impl StatementText for CountStock {
    const TEXT: &'static str = "WITH p AS MATERIALIZED ( \
            SELECT id, total_stock, held_stock, sold_stock FROM products WHERE id > ? ORDER BY id LIMIT ?) \
        SELECT p.id, p.total_stock::bigint, p.held_stock::bigint, p.sold_stock::bigint, \
            coalesce(h.quantity, 0)::bigint, coalesce(o.pending, 0)::bigint, coalesce(o.sold, 0)::bigint \
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
    type Columns = (diesel::sql_types::Uuid, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt);
}

type CountRow = (Uuid, i64, i64, i64, i64, i64, i64);

fn statuses_with(share: StockShare) -> Column<'static> {
    let statuses = OrderStatus::ALL.iter().filter(|status| status.stock_share() == share);
    Column::Texts(statuses.map(|status| status.as_str()).collect())
}

#[async_trait]
impl AuditRepo for PostgresReads {
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError> {
        self.readers
            .read_within(AUDIT_PATIENCE, move |connection| {
                let rows: Vec<CountRow> = diesel::Connection::transaction(connection, |connection| {
                    let patience_s = AUDIT_PATIENCE.as_secs();
                    // It wants all there is of what it looks for, which other reads never do.
                    connection.batch_execute(&format!(
                        "SET LOCAL statement_timeout = '{patience_s}s'; SET LOCAL enable_bitmapscan = on; \
                        SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"
                    ))?;
                    Statement::<CountStock>::new(vec![
                        Column::OneUuid(after.map_or(Uuid::nil(), ProductId::as_uuid)),
                        Column::OneBigInt(limit.into()),
                        statuses_with(StockShare::Held),
                        statuses_with(StockShare::Sold),
                    ])
                    .load(connection)
                })?;
                let count = |(id, total, held, sold, in_active_holds, in_pending_orders, in_sold_orders): CountRow| {
                    let product_id = ProductId::from_uuid(id);
                    StockCount { product_id, total, held, sold, in_active_holds, in_pending_orders, in_sold_orders }
                };
                Ok(rows.into_iter().map(count).collect())
            })
            .await
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<OrderToSettle>, RepoError> {
        self.readers
            .read(move |connection| {
                let rows: Vec<OrderRow> = orders::table
                    .filter(orders::payment_status.eq(sql::<Text>("'refund_due'")))
                    .order((orders::updated_at, orders::id))
                    .limit(limit.into())
                    .select(OrderRow::as_select())
                    .load(connection)?;
                let found: Vec<Order> = into_domain(rows)?;
                Ok(found.iter().map(OrderToSettle::of).collect())
            })
            .await
    }

    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError> {
        self.readers
            .read(move |connection| {
                let ids: Vec<Uuid> = events::table
                    .filter(events::processed_at.is_null())
                    .filter(events::received_at.lt(cutoff.as_datetime()))
                    .order((events::received_at, events::id))
                    .limit(limit.into())
                    .select(events::id)
                    .load(connection)?;
                Ok(ids.into_iter().map(EventId::from_uuid).collect())
            })
            .await
    }
}

#[async_trait]
impl StoreHealth for PostgresReads {
    async fn ping(&self) -> Result<(), RepoError> {
        self.readers.read(|connection| Ok(diesel::select(sql::<Bool>("true")).execute(connection).map(drop)?)).await
    }

    async fn is_migrated(&self) -> Result<bool, RepoError> {
        self.readers
            .read(|connection| {
                let applied: Option<String> = diesel::select(sql::<diesel::sql_types::Nullable<Text>>(
                    "(SELECT max(version) FROM __diesel_schema_migrations)",
                ))
                .get_result(connection)?;
                Ok(applied >= migrate::newest())
            })
            .await
    }
}
