//! Reads everything anew, a page at a time. A page is several statements on one snapshot, so that nothing in it is newer than
//! the rest; nothing is locked.

mod events;
mod money;
mod stock;

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use domain::{
    CheckoutAccount, CheckoutId, EventAccount, EventId, HoldId, OrderAccount, OrderId, ProductId, StockCount,
    Timestamp, TransactionAccount, TransactionId,
};
use ports::{AuditRepo, HoldPage, RepoError};
use uuid::Uuid;

use super::reads::PostgresReads;
use super::schema::events::dsl;
use crate::readers::{AUDIT_PATIENCE, PAGE_PATIENCE};
use crate::stored::ReadError;

/// Reads on one snapshot, each statement for as long as `patience_s` at most.
fn snapshot<T>(
    connection: &mut PgConnection,
    patience_s: u64,
    read: impl FnOnce(&mut PgConnection) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    connection.build_transaction().read_only().repeatable_read().run(|connection| {
        connection.batch_execute(&format!("SET LOCAL statement_timeout = '{patience_s}s'"))?;
        read(connection)
    })
}

impl PostgresReads {
    /// A page of rows.
    async fn page<T: Send + 'static>(
        &self,
        read: impl Fn(&mut PgConnection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, RepoError> {
        let patience_s = PAGE_PATIENCE.as_secs();
        let page = move |connection: &mut PgConnection| snapshot(connection, patience_s, &read);
        self.readers.read_within(PAGE_PATIENCE, page).await
    }
}

#[async_trait]
impl AuditRepo for PostgresReads {
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError> {
        let count = move |connection: &mut PgConnection| {
            snapshot(connection, AUDIT_PATIENCE.as_secs(), |connection| stock::counts(connection, after, limit))
        };
        self.readers.read_within(AUDIT_PATIENCE, count).await
    }

    async fn hold_accounts(&self, after: Option<HoldId>, limit: u32, now: Timestamp) -> Result<HoldPage, RepoError> {
        self.page(move |connection| stock::holds(connection, after, limit, now)).await
    }

    async fn order_accounts(&self, after: Option<OrderId>, limit: u32) -> Result<Vec<OrderAccount>, RepoError> {
        self.page(move |connection| stock::orders(connection, after, limit)).await
    }

    async fn transaction_accounts(
        &self,
        after: Option<TransactionId>,
        limit: u32,
    ) -> Result<Vec<TransactionAccount>, RepoError> {
        self.page(move |connection| money::transactions(connection, after, limit)).await
    }

    async fn checkout_accounts(
        &self,
        before: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutAccount>, RepoError> {
        self.page(move |connection| money::checkouts(connection, before, limit)).await
    }

    async fn event_accounts(&self, before: Option<EventId>, limit: u32) -> Result<Vec<EventAccount>, RepoError> {
        self.page(move |connection| events::events(connection, before, limit)).await
    }

    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError> {
        self.readers
            .read(move |connection| {
                let ids: Vec<Uuid> = dsl::events
                    .filter(dsl::processed_at.is_null())
                    .filter(dsl::received_at.lt(cutoff.as_datetime()))
                    .order((dsl::received_at, dsl::id))
                    .limit(limit.into())
                    .select(dsl::id)
                    .load(connection)?;
                Ok(ids.into_iter().map(EventId::from_uuid).collect())
            })
            .await
    }
}
