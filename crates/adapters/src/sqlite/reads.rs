use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Text};
use diesel::sqlite::SqliteConnection;
use domain::{Checkout, CheckoutId, Event, EventId, Job, JobId, PAYMENT_GRACE, Timestamp, Transaction};
use ports::{
    COUNT_CAP, CheckoutFilter, CheckoutRepo, EventFilter, EventRepo, JobFilter, JobRepo, Page, PageRequest, RepoError,
    StoreHealth, TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

use super::key::Key;
use super::migrate;
use super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::schema::{checkouts, events, jobs, transactions};
use super::statement::{Statement, StatementText, Value};
use crate::counted::Counted;
use crate::readers::Readers;
use crate::reads::impl_reads;
use crate::stored::{ImpossibleRow, ReadError};

/// Reads on connections of their own.
pub(super) struct SqliteReads {
    pub(super) readers: Readers<SqliteConnection>,
}

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

fn overdue(connection: &mut SqliteConnection, cutoff: Timestamp, limit: u32) -> QueryResult<Vec<Key>> {
    let cutoffs = [cutoff, cutoff - PAYMENT_GRACE].map(|cutoff| Value::BigInt(cutoff.unix_us()));
    let values = cutoffs.into_iter().chain([Value::BigInt(limit.into())]).collect();
    Statement::<FindOverdue>::new(values).load(connection)
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
