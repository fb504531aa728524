use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Text};
use diesel::sqlite::SqliteConnection;
use domain::{
    AuditEntry, Checkout, CheckoutId, Event, EventId, Hold, HoldId, Job, JobId, JobKind, Order, OrderId, PAYMENT_GRACE,
    Product, ProductId, Timestamp, Transaction,
};
use ports::{
    AuditTrailFilter, AuditTrailRepo, COUNT_CAP, CheckoutFilter, CheckoutRepo, EventFilter, EventRepo, HoldRepo,
    JobFilter, JobRepo, OrderFilter, OrderRepo, Page, PageRequest, ProductFilter, ProductRepo, RepoError, StoreHealth,
    TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

use super::key::Key;
use super::migrate;
use super::rows::{CheckoutRow, EventRow, HoldRow, JobRow, OrderItemRow, OrderRow, ProductRow, TransactionRow, fill};
use super::schema::{audit_trail, checkouts, events, holds, jobs, order_items, orders, products, transactions};
use super::statement::{Statement, StatementText, Value};
use super::trail::EntryRow;
use crate::counted::Counted;
use crate::readers::Readers;
use crate::reads::{QUEUES_WITH_DUE, impl_reads};
use crate::stored::{ImpossibleRow, ReadError};

/// Reads on connections of their own.
pub(super) struct SqliteReads {
    pub(super) readers: Readers<SqliteConnection>,
}

type Connection = SqliteConnection;

const NO_BODY: &str = "x''";

fn key(id: Uuid) -> Key {
    Key(id)
}

/// SQLite would rather take the index on the status, and sort all that is pending.
struct FindOverdue;

impl StatementText for FindOverdue {
    const TEXT: &'static str = "SELECT id FROM checkouts INDEXED BY checkouts_pending_by_expiry \
        WHERE status = 'PENDING' AND expires_at < ? AND (detected_at IS NULL OR expires_at < ?) \
        ORDER BY expires_at, id LIMIT ?";
    type Columns = Binary;
}

struct FindExpiredHolds;

impl StatementText for FindExpiredHolds {
    const TEXT: &'static str = "SELECT id FROM holds INDEXED BY holds_active_by_expiry \
        WHERE ended_at IS NULL AND expires_at <= ? ORDER BY expires_at, id LIMIT ?";
    type Columns = Binary;
}

struct FindExpiredOrders;

impl StatementText for FindExpiredOrders {
    const TEXT: &'static str = "SELECT id FROM orders INDEXED BY orders_pending_by_expiry \
        WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at, id LIMIT ?";
    type Columns = Binary;
}

fn overdue(connection: &mut SqliteConnection, cutoff: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    let [cutoff, cutoff_if_seen] = [cutoff, cutoff - PAYMENT_GRACE].map(|cutoff| Value::BigInt(cutoff.unix_us()));
    Statement::<FindOverdue, _>::new([cutoff, cutoff_if_seen, Value::BigInt(limit.into())]).load(connection)
}

fn expired_holds(connection: &mut SqliteConnection, now: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    let values = [Value::BigInt(now.unix_us()), Value::BigInt(limit.into())];
    Statement::<FindExpiredHolds, _>::new(values).load(connection)
}

fn expired_orders(connection: &mut SqliteConnection, now: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    let values = [Value::BigInt(now.unix_us()), Value::BigInt(limit.into())];
    Statement::<FindExpiredOrders, _>::new(values).load(connection)
}

struct FindQueues;

impl StatementText for FindQueues {
    const TEXT: &'static str = QUEUES_WITH_DUE;
    type Columns = Binary;
}

fn queues_with_due(
    connection: &mut SqliteConnection,
    kind: JobKind,
    now: Timestamp,
    limit: u32,
) -> QueryResult<Vec<Key>> {
    let kind = || Value::Text(kind.as_str());
    let (now, limit) = (Value::BigInt(now.unix_us()), Value::BigInt(limit.into()));
    Statement::<FindQueues, _>::new([kind(), kind(), kind(), now, limit]).load(connection)
}

impl_reads!(SqliteReads);

#[async_trait]
impl StoreHealth for SqliteReads {
    async fn ping(&self) -> Result<(), RepoError> {
        self.readers.read(|connection| Ok(diesel::select(sql::<Bool>("1")).execute(connection).map(drop)?)).await
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
