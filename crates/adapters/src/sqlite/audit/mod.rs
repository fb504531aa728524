//! Reads everything anew, a page at a time. A page is several statements in one read transaction, so that nothing in it is newer
//! than the rest; in WAL mode whoever writes goes on.

mod events;
mod money;
mod stock;

use async_trait::async_trait;
use diesel::RunQueryDsl;
use diesel::connection::Connection;
use diesel::sql_types::Binary;
use diesel::sqlite::SqliteConnection;
use domain::{
    CheckoutAccount, CheckoutId, EventAccount, EventId, HoldId, OrderAccount, OrderId, ProductId, StockCount,
    Timestamp, TransactionAccount, TransactionId,
};
use ports::{AuditRepo, HoldPage, RepoError};

use super::key::Key;
use super::reads::SqliteReads;
use super::statement::{Statement, StatementText, Value};
use crate::readers::{AUDIT_PATIENCE, PAGE_PATIENCE};
use crate::stored::ReadError;

impl SqliteReads {
    /// A page of rows.
    async fn page<T: Send + 'static>(
        &self,
        read: impl Fn(&mut SqliteConnection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, RepoError> {
        let page = move |connection: &mut SqliteConnection| connection.transaction(|connection| read(connection));
        self.readers.read_within(PAGE_PATIENCE, page).await
    }
}

struct FindWaiting;

impl StatementText for FindWaiting {
    const TEXT: &'static str = "SELECT id FROM events INDEXED BY events_waiting_by_age \
        WHERE processed_at IS NULL AND received_at < ? ORDER BY received_at, id LIMIT ?";
    type Columns = Binary;
}

#[async_trait]
impl AuditRepo for SqliteReads {
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError> {
        let count = move |connection: &mut SqliteConnection| stock::counts(connection, after, limit);
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
                let values = [Value::BigInt(cutoff.unix_us()), Value::BigInt(limit.into())];
                let ids: Vec<Key> = Statement::<FindWaiting, _>::new(values).load(connection)?;
                Ok(ids.into_iter().map(|key| EventId::from_uuid(key.0)).collect())
            })
            .await
    }
}
