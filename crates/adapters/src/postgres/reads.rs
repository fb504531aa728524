use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Text};
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

use super::migrate;
use super::rows::{CheckoutRow, EventRow, HoldRow, JobRow, OrderItemRow, OrderRow, ProductRow, TransactionRow, fill};
use super::schema::{audit_trail, checkouts, events, holds, jobs, order_items, orders, products, transactions};
use super::statement::{Column, Statement, StatementText};
use super::trail::EntryRow;
use crate::counted::Counted;
use crate::readers::Readers;
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
