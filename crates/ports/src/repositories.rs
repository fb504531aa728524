use async_trait::async_trait;
use domain::{
    AuditEntry, Checkout, CheckoutAccount, CheckoutId, CheckoutStatus, CustomerId, Email, Event, EventAccount, EventId,
    Hold, HoldAccount, HoldId, Job, JobId, JobKind, JobStatus, MerchantId, Order, OrderAccount, OrderId, OrderStatus,
    Product, ProductId, Provider, StockCount, Timestamp, Transaction, TransactionAccount, TransactionId,
    TransactionStatus, Verdict,
};
use thiserror::Error;
use uuid::Uuid;

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

    /// A page of them, newest first, without their bodies: those may be large.
    async fn events(&self, filter: EventFilter, page: PageRequest) -> Result<Page<Event>, RepoError>;
}

/// Which jobs are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// In this status.
    pub status: Option<JobStatus>,
    /// Of this kind.
    pub kind: Option<JobKind>,
}

/// Reads the job queue.
#[async_trait]
pub trait JobRepo: Send + Sync {
    /// The job, if there is one.
    async fn job(&self, id: JobId) -> Result<Option<Job>, RepoError>;

    /// The job of this kind that is done to this subject, if there is one.
    async fn job_of(&self, kind: JobKind, subject_id: Uuid) -> Result<Option<Job>, RepoError>;

    /// A page of them, newest first.
    async fn jobs(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, RepoError>;

    /// The queues of a kind in which a job is due at `now`, the one that waits longest first, at most `limit`. What this costs
    /// depends on how many queues have open jobs, and not on how many those are.
    async fn queues_with_due(&self, kind: JobKind, now: Timestamp, limit: u32) -> Result<Vec<Uuid>, RepoError>;
}

/// Which products are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductFilter {
    /// Only those that can be had now, or only those that can't.
    pub in_stock: Option<bool>,
}

/// Reads products. Deleted ones are found by id only.
#[async_trait]
pub trait ProductRepo: Send + Sync {
    /// The product, deleted or not, if there is one.
    async fn product(&self, id: ProductId) -> Result<Option<Product>, RepoError>;

    /// A page of those that are offered, newest first.
    async fn products(&self, filter: ProductFilter, page: PageRequest) -> Result<Page<Product>, RepoError>;
}

/// Reads holds.
#[async_trait]
pub trait HoldRepo: Send + Sync {
    /// The hold, if there is one.
    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, RepoError>;

    /// Ids of active holds whose time is up at `now`, longest over first, at most `limit`.
    async fn expired_holds(&self, now: Timestamp, limit: u32) -> Result<Vec<HoldId>, RepoError>;
}

/// Which orders are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// In this status.
    pub status: Option<OrderStatus>,
    /// Of this customer.
    pub customer_id: Option<CustomerId>,
}

/// Reads orders.
#[async_trait]
pub trait OrderRepo: Send + Sync {
    /// The order with its items, if there is one.
    async fn order(&self, id: OrderId) -> Result<Option<Order>, RepoError>;

    /// A page of them, newest first: by when they were placed, then by id.
    async fn orders(&self, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, RepoError>;

    /// Ids of pending orders whose time is up at `now`, longest over first, at most `limit`.
    async fn expired_orders(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderId>, RepoError>;
}

/// Which entries of the audit trail are wanted. Empty fields don't narrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditTrailFilter {
    /// Changes of the product, hold, order or checkout with this id.
    pub subject_id: Option<Uuid>,
}

/// Reads who changed what, when and why.
#[async_trait]
pub trait AuditTrailRepo: Send + Sync {
    /// A page of the entries, newest first.
    async fn audit_trail(&self, filter: AuditTrailFilter, page: PageRequest) -> Result<Page<AuditEntry>, RepoError>;
}

/// Some holds that were looked at, one after the other by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoldPage {
    /// How many were looked at.
    pub counted: u32,
    /// The last of them; `None` if there were none.
    pub last: Option<HoldId>,
    /// Those with which something is wrong.
    pub accounts: Vec<HoldAccount>,
}

/// Reads everything anew, for whoever doubts the books: a page at a time, each seen as it was at one moment, and without
/// keeping anybody from writing.
#[async_trait]
pub trait AuditRepo: Send + Sync {
    /// The counts of the products that come after `after` by id, deleted ones too, at most `limit`.
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError>;

    /// The holds that come after `after` by id, at most `limit`: holds are many, and only those with which something is wrong at
    /// `now` are handed out.
    async fn hold_accounts(&self, after: Option<HoldId>, limit: u32, now: Timestamp) -> Result<HoldPage, RepoError>;

    /// The orders that come after `after` by id, at most `limit`.
    async fn order_accounts(&self, after: Option<OrderId>, limit: u32) -> Result<Vec<OrderAccount>, RepoError>;

    /// The transactions that come after `after` by id, at most `limit`.
    async fn transaction_accounts(
        &self,
        after: Option<TransactionId>,
        limit: u32,
    ) -> Result<Vec<TransactionAccount>, RepoError>;

    /// The checkouts that come before `before` by id, the latest first, at most `limit`.
    async fn checkout_accounts(
        &self,
        before: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutAccount>, RepoError>;

    /// The events that come before `before` by id, the latest first, at most `limit`.
    async fn event_accounts(&self, before: Option<EventId>, limit: u32) -> Result<Vec<EventAccount>, RepoError>;

    /// Events that wait for what they are about since before `cutoff`, longest first, at most `limit`.
    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError>;
}

/// Tells whether the store can be used.
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// Asks the database for a trivial answer.
    async fn ping(&self) -> Result<(), RepoError>;

    /// Whether the database has every migration that this program knows.
    async fn is_migrated(&self) -> Result<bool, RepoError>;
}
