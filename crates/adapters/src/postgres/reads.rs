use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use domain::{Checkout, CheckoutId, Event, EventId, Job, JobId, PAYMENT_GRACE, Timestamp, Transaction};
use ports::{
    COUNT_CAP, CheckoutFilter, CheckoutRepo, EventFilter, EventRepo, JobFilter, JobRepo, Page, PageRequest, RepoError,
    StoreHealth, TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

use super::migrate;
use super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::schema::{checkouts, events, jobs, transactions};
use crate::counted::Counted;
use crate::readers::Readers;
use crate::reads::impl_reads;
use crate::stored::{ImpossibleRow, ReadError};

/// Reads on connections of their own.
pub(super) struct PostgresReads {
    pub(super) readers: Readers<PgConnection>,
}

type Key = Uuid;

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
