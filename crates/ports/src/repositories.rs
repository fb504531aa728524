use async_trait::async_trait;
use domain::{
    Checkout, CheckoutId, CheckoutStatus, Email, Event, EventId, Job, JobId, JobStatus, MerchantId, OrderId, Provider,
    Timestamp, Transaction, TransactionStatus, Verdict,
};
use thiserror::Error;

use crate::{Page, PageRequest};

/// Why a look-up has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RepoError {
    /// The database is away, or too slow.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A stored row makes no sense; the text names its table, column and id, for the operator.
    #[error("impossible row: {0}")]
    Corrupt(String),
}

/// Which checkouts are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckoutFilter {
    /// Of this merchant.
    pub merchant_id: Option<MerchantId>,
    /// In this status.
    pub status: Option<CheckoutStatus>,
    /// With exactly this buyer's address.
    pub email: Option<Email>,
}

/// Reads checkouts. What this node's ledger has answered shows in the next read.
#[async_trait]
pub trait CheckoutRepo: Send + Sync {
    /// The checkout, if there is one.
    async fn checkout(&self, id: CheckoutId) -> Result<Option<Checkout>, RepoError>;

    /// A page of them, newest first.
    async fn checkouts(&self, filter: CheckoutFilter, page: PageRequest) -> Result<Page<Checkout>, RepoError>;

    /// Ids of PENDING checkouts whose time was up before `cutoff`, longest overdue first, at most `limit`. Where a payment
    /// was seen, the time is longer by [`domain::PAYMENT_GRACE`].
    async fn overdue_checkouts(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<CheckoutId>, RepoError>;
}

/// Which transactions are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Of this checkout.
    pub checkout_id: Option<CheckoutId>,
    /// Of this order.
    pub order_id: Option<OrderId>,
    /// In this status.
    pub status: Option<TransactionStatus>,
}

/// Reads the ledger's transactions.
#[async_trait]
pub trait TransactionRepo: Send + Sync {
    /// A page of them, newest first.
    async fn transactions(&self, filter: TransactionFilter, page: PageRequest) -> Result<Page<Transaction>, RepoError>;
}

/// Which events are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// With this verdict.
    pub verdict: Option<Verdict>,
    /// From this sender.
    pub provider: Option<Provider>,
}

/// Reads the stored webhooks.
#[async_trait]
pub trait EventRepo: Send + Sync {
    /// The event, if there is one.
    async fn event(&self, id: EventId) -> Result<Option<Event>, RepoError>;

    /// A page of them, newest first.
    async fn events(&self, filter: EventFilter, page: PageRequest) -> Result<Page<Event>, RepoError>;
}

/// Which jobs are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// In this status.
    pub status: Option<JobStatus>,
    /// For this checkout.
    pub checkout_id: Option<CheckoutId>,
}

/// Reads the job queue.
#[async_trait]
pub trait JobRepo: Send + Sync {
    /// The job, if there is one.
    async fn job(&self, id: JobId) -> Result<Option<Job>, RepoError>;

    /// A page of them, newest first.
    async fn jobs(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, RepoError>;
}

/// Tells whether the store can be used.
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// Asks the database for a trivial answer.
    async fn ping(&self) -> Result<(), RepoError>;

    /// Whether the database has every migration that this program knows.
    async fn is_migrated(&self) -> Result<bool, RepoError>;
}
