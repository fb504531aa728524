use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::SqliteConnection;
use domain::{Checkout, CheckoutId, Event, EventId, Job, JobId, Timestamp, Transaction};
use ports::{
    COUNT_CAP, CheckoutFilter, CheckoutRepo, EventFilter, EventRepo, JobFilter, JobRepo, Page, PageRequest, RepoError,
    StoreHealth, TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

use super::key::Key;
use super::migrate;
use super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::schema::{checkouts, events, jobs, transactions};
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

fn moment(time: Timestamp) -> i64 {
    time.unix_us()
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
