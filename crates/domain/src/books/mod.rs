mod change;
mod keys;
mod lookup;
mod upkeep;

use std::collections::HashSet;

pub use self::keys::{Keys, MAX_HOLDS_TAKEN_BACK};
use self::lookup::Index;
pub use self::upkeep::{ClaimJobs, WhichJobs};
use crate::audit::{AuditEntry, Why};
use crate::{
    Cause, Checkout, DecidedRequest, Event, EventId, Hold, Job, Order, Outbox, Product, ProductId, Shelf, StockRepair,
    Transaction,
};

/// A working set of rows, and the one place where money and status change.
///
/// Adapters load what [`Keys`] ask for and flush what changed; only commands change anything.
#[derive(Clone, Debug, Default)]
pub struct Books {
    checkouts: Shelf<Checkout>,
    events: Shelf<Event>,
    transactions: Shelf<Transaction>,
    jobs: Shelf<Job>,
    products: Shelf<Product>,
    holds: Shelf<Hold>,
    orders: Shelf<Order>,
    requests: Shelf<DecidedRequest>,
    audit: Shelf<AuditEntry>,
    why: Why,
    stock_repairs: Shelf<StockRepair>,
    index: Index,
    redescribed: HashSet<ProductId>,
    outbox: Outbox,
}

impl Books {
    /// The checkouts in the set.
    #[must_use]
    pub const fn checkouts(&self) -> &Shelf<Checkout> {
        &self.checkouts
    }

    /// The events in the set.
    #[must_use]
    pub const fn events(&self) -> &Shelf<Event> {
        &self.events
    }

    /// The transactions in the set.
    #[must_use]
    pub const fn transactions(&self) -> &Shelf<Transaction> {
        &self.transactions
    }

    /// The jobs in the set.
    #[must_use]
    pub const fn jobs(&self) -> &Shelf<Job> {
        &self.jobs
    }

    /// The products in the set.
    #[must_use]
    pub const fn products(&self) -> &Shelf<Product> {
        &self.products
    }

    /// Whether more than the stock of an updated product has changed: most often it hasn't, and then the rest of the row
    /// need not be written.
    #[must_use]
    pub fn is_redescribed(&self, id: ProductId) -> bool {
        self.redescribed.contains(&id)
    }

    /// The holds in the set.
    #[must_use]
    pub const fn holds(&self) -> &Shelf<Hold> {
        &self.holds
    }

    /// The orders in the set.
    #[must_use]
    pub const fn orders(&self) -> &Shelf<Order> {
        &self.orders
    }

    /// The requests with names that were decided before.
    #[must_use]
    pub const fn requests(&self) -> &Shelf<DecidedRequest> {
        &self.requests
    }

    /// The audit trail: the entries that the commands up to now have made. Stored ones are never loaded.
    #[must_use]
    pub const fn audit(&self) -> &Shelf<AuditEntry> {
        &self.audit
    }

    /// What merchants are told.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// What merchants are told, for whoever loads it.
    pub const fn outbox_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// The repairs of stock in the set.
    #[must_use]
    pub const fn stock_repairs(&self) -> &Shelf<StockRepair> {
        &self.stock_repairs
    }

    /// Puts in a product as it is stored.
    pub fn load_product(&mut self, product: Product) {
        self.products.load(product);
    }

    /// Puts in a hold as it is stored.
    pub fn load_hold(&mut self, hold: Hold) {
        self.index.hold(&hold);
        self.holds.load(hold);
    }

    /// Puts in an order as it is stored.
    pub fn load_order(&mut self, order: Order) {
        self.orders.load(order);
    }

    /// Puts in a checkout as it is stored.
    pub fn load_checkout(&mut self, checkout: Checkout) {
        self.index.checkout(&checkout);
        self.checkouts.load(checkout);
    }

    /// Puts in an event as it is stored.
    pub fn load_event(&mut self, event: Event) {
        self.index.event(&event);
        self.events.load(event);
    }

    /// Puts in a transaction as it is stored.
    pub fn load_transaction(&mut self, transaction: Transaction) {
        self.index.transaction(&transaction);
        self.transactions.load(transaction);
    }

    /// Puts in a job as it is stored.
    pub fn load_job(&mut self, job: Job) {
        self.index.job(&job);
        self.jobs.load(job);
    }

    /// Puts in a request as it is stored.
    pub fn load_request(&mut self, request: DecidedRequest) {
        self.requests.load(request);
    }

    /// Puts in a repair of stock as it is stored.
    pub fn load_stock_repair(&mut self, repair: StockRepair) {
        self.stock_repairs.load(repair);
    }

    /// Whether nothing was changed since the rows were loaded.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.checkouts.inserted().len() + self.checkouts.updated().len() == 0
            && self.events.inserted().len() + self.events.updated().len() == 0
            && self.transactions.inserted().len() == 0
            && self.jobs.inserted().len() + self.jobs.updated().len() == 0
            && self.products.inserted().len() + self.products.updated().len() == 0
            && self.holds.inserted().len() + self.holds.updated().len() == 0
            && self.orders.inserted().len() + self.orders.updated().len() == 0
            && self.requests.inserted().len() == 0
            && self.outbox.is_unchanged()
            && self.stock_repairs.inserted().len() == 0
    }

    /// Forgets what was new or changed: all of it is stored now. For whoever keeps the books themselves.
    pub fn mark_stored(&mut self) {
        self.checkouts.mark_stored();
        self.events.mark_stored();
        self.transactions.mark_stored();
        self.jobs.mark_stored();
        self.products.mark_stored();
        self.redescribed.clear();
        self.holds.mark_stored();
        self.orders.mark_stored();
        self.requests.mark_stored();
        self.audit.mark_stored();
        self.outbox.mark_stored();
        self.stock_repairs.mark_stored();
    }

    /// Says who wants what is decided next.
    pub(crate) fn set_cause(&mut self, cause: Cause) {
        self.why.cause = cause;
    }

    /// Says by which command the books are changed next.
    pub(crate) fn set_command(&mut self, command: &'static str) {
        self.why.command = command;
        self.why.event_id = None;
    }

    /// Says which event is behind what is changed next; `None` for the command itself.
    pub(crate) fn set_event(&mut self, event_id: Option<EventId>) {
        self.why.event_id = event_id;
    }
}
