mod outbox;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{
    AuditEntry, Books, Checkout, CheckoutAccount, CheckoutId, CheckoutStatus, ClaimJobs, Event, EventAccount, EventId,
    Hold, HoldAccount, HoldId, HoldStatus, Instruction, Job, JobId, JobKind, Order, OrderAccount, OrderId, OrderStatus,
    PAYMENT_GRACE, Product, ProductId, Purge, Record, Reply, StockCount, Timestamp, Transaction, TransactionAccount,
    TransactionId, Verdict,
};
use ports::{
    AuditRepo, AuditTrailFilter, AuditTrailRepo, CheckoutFilter, CheckoutRepo, Clock, EventFilter, EventRepo, HoldPage,
    HoldRepo, JobFilter, JobQueue, JobRepo, Ledger, LedgerError, OrderFilter, OrderRepo, Page, PageRequest,
    ProductFilter, ProductRepo, Purger, RepoError, StoreHealth, TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

/// Books kept for good: the reference model. Nothing is loaded or flushed, so that it can't share a fault with the
/// engine that is measured against it.
pub(crate) struct MemoryStore {
    books: Mutex<Books>,
    clock: Arc<dyn Clock>,
}

impl MemoryStore {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { books: Mutex::default(), clock }
    }

    /// Books are consistent between commands even if one panicked: that one changed nothing, or is a bug to be seen.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for MemoryStore {
    async fn execute(&self, instruction: Instruction) -> Result<Reply, LedgerError> {
        let mut books = self.books();
        let reply = instruction.decide(&mut books, self.clock.now());
        books.mark_stored();
        Ok(reply)
    }
}

#[async_trait]
impl JobQueue for MemoryStore {
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError> {
        let mut books = self.books();
        let jobs = books.claim_jobs(&claim, self.clock.now());
        books.mark_stored();
        Ok(jobs)
    }
}

#[async_trait]
impl Purger for MemoryStore {
    async fn purge(&self, purge: Purge) -> Result<u32, LedgerError> {
        Ok(self.books().purge(&purge))
    }
}

fn page_of<R: Record>(rows: impl Iterator<Item = R>, page: PageRequest) -> Page<R> {
    page_by(rows, page, Record::id)
}

/// A page of what comes last by `age` first.
fn page_by<R, A: Ord>(rows: impl Iterator<Item = R>, page: PageRequest, age: impl Fn(&R) -> A) -> Page<R> {
    let mut rows: Vec<R> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(age(row)));
    let counted = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let items = rows.into_iter().skip(page.offset() as usize).take(page.page_size as usize).collect();
    Page::new(items, counted)
}

/// The ids of what comes first, at most so many.
fn first_ids<'a, R: Record + 'a>(
    rows: impl Iterator<Item = &'a R>,
    limit: u32,
    place: impl Fn(&R) -> Timestamp,
) -> Vec<R::Id> {
    let mut places: Vec<(Timestamp, R::Id)> = rows.map(|row| (place(row), row.id())).collect();
    places.sort_unstable();
    places.into_iter().take(limit as usize).map(|(_, id)| id).collect()
}

/// An absent wish is met by everything.
fn meets<T: PartialEq>(wish: Option<&T>, value: Option<&T>) -> bool {
    wish.is_none_or(|wish| value == Some(wish))
}

#[async_trait]
impl CheckoutRepo for MemoryStore {
    async fn checkout(&self, id: CheckoutId) -> Result<Option<Checkout>, RepoError> {
        Ok(self.books().checkouts().get(id).cloned())
    }

    async fn checkouts(&self, filter: CheckoutFilter, page: PageRequest) -> Result<Page<Checkout>, RepoError> {
        let books = self.books();
        let wanted = books.checkouts().iter().filter(|row| {
            meets(filter.merchant_id.as_ref(), Some(&row.merchant_id))
                && meets(filter.status.as_ref(), Some(&row.status))
                && meets(filter.email.as_ref(), row.email.as_ref())
        });
        Ok(page_of(wanted.cloned(), page))
    }

    async fn overdue_checkouts(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<CheckoutId>, RepoError> {
        let books = self.books();
        let is_overdue = |row: &&Checkout| {
            let cutoff = if row.detected_at.is_some() { cutoff - PAYMENT_GRACE } else { cutoff };
            row.status == CheckoutStatus::Pending && row.expires_at < cutoff
        };
        Ok(first_ids(books.checkouts().iter().filter(is_overdue), limit, |row| row.expires_at))
    }
}

#[async_trait]
impl TransactionRepo for MemoryStore {
    async fn transactions(&self, filter: TransactionFilter, page: PageRequest) -> Result<Page<Transaction>, RepoError> {
        let books = self.books();
        let wanted = books.transactions().iter().filter(|row| {
            meets(filter.checkout_id.as_ref(), row.checkout_id.as_ref())
                && meets(filter.order_id.as_ref(), row.order_id.as_ref())
                && meets(filter.status.as_ref(), Some(&row.status))
        });
        Ok(page_of(wanted.cloned(), page))
    }
}

#[async_trait]
impl EventRepo for MemoryStore {
    async fn event(&self, id: EventId) -> Result<Option<Event>, RepoError> {
        Ok(self.books().events().get(id).cloned())
    }

    async fn events(&self, filter: EventFilter, page: PageRequest) -> Result<Page<Event>, RepoError> {
        let books = self.books();
        let wanted = books.events().iter().filter(|row| {
            meets(filter.verdict.as_ref(), Some(&row.verdict))
                && meets(filter.provider.as_ref(), Some(&row.key.provider))
        });
        Ok(page_of(wanted.map(|row| Event { raw: Vec::new(), ..row.clone() }), page))
    }
}

#[async_trait]
impl JobRepo for MemoryStore {
    async fn job(&self, id: JobId) -> Result<Option<Job>, RepoError> {
        Ok(self.books().jobs().get(id).cloned())
    }

    async fn job_of(&self, kind: JobKind, subject_id: Uuid) -> Result<Option<Job>, RepoError> {
        let books = self.books();
        let mut jobs = books.jobs().iter();
        Ok(jobs.find(|row| row.kind() == kind && row.task.subject_id() == subject_id).cloned())
    }

    async fn jobs(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, RepoError> {
        let books = self.books();
        let wanted = books.jobs().iter().filter(|row| {
            meets(filter.status.as_ref(), Some(&row.status)) && meets(filter.kind.as_ref(), Some(&row.kind()))
        });
        Ok(page_of(wanted.cloned(), page))
    }

    async fn queues_with_due(&self, kind: JobKind, now: Timestamp, limit: u32) -> Result<Vec<Uuid>, RepoError> {
        let books = self.books();
        let mut since: HashMap<Uuid, Timestamp> = HashMap::new();
        for job in books.jobs().iter().filter(|job| job.kind() == kind && job.is_claimable(now)) {
            if let Some(queue_id) = job.task.queue_id() {
                let since = since.entry(queue_id).or_insert(job.run_at);
                *since = job.run_at.min(*since);
            }
        }
        let mut queues: Vec<(Timestamp, Uuid)> = since.into_iter().map(|(queue_id, since)| (since, queue_id)).collect();
        queues.sort_unstable();
        Ok(queues.into_iter().take(limit as usize).map(|(_, queue_id)| queue_id).collect())
    }
}

#[async_trait]
impl ProductRepo for MemoryStore {
    async fn product(&self, id: ProductId) -> Result<Option<Product>, RepoError> {
        Ok(self.books().products().get(id).cloned())
    }

    async fn products(&self, filter: ProductFilter, page: PageRequest) -> Result<Page<Product>, RepoError> {
        let books = self.books();
        let wanted = books.products().iter().filter(|row| {
            row.is_offered() && filter.in_stock.is_none_or(|in_stock| in_stock == (row.stock.available() > 0))
        });
        Ok(page_of(wanted.cloned(), page))
    }
}

#[async_trait]
impl HoldRepo for MemoryStore {
    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, RepoError> {
        Ok(self.books().holds().get(id).cloned())
    }

    async fn expired_holds(&self, now: Timestamp, limit: u32) -> Result<Vec<HoldId>, RepoError> {
        let books = self.books();
        let is_expired = |row: &&Hold| row.status == HoldStatus::Active && row.is_over(now);
        Ok(first_ids(books.holds().iter().filter(is_expired), limit, |row| row.expires_at))
    }
}

#[async_trait]
impl OrderRepo for MemoryStore {
    async fn order(&self, id: OrderId) -> Result<Option<Order>, RepoError> {
        Ok(self.books().orders().get(id).cloned())
    }

    async fn orders(&self, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, RepoError> {
        let books = self.books();
        let wanted = books.orders().iter().filter(|row| {
            meets(filter.status.as_ref(), Some(&row.status))
                && meets(filter.customer_id.as_ref(), row.customer_id.as_ref())
        });
        Ok(page_by(wanted.cloned(), page, |row| (row.created_at, row.id)))
    }

    async fn expired_orders(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderId>, RepoError> {
        let books = self.books();
        let is_expired = |row: &&Order| row.status == OrderStatus::Pending && row.expires_at <= now;
        Ok(first_ids(books.orders().iter().filter(is_expired), limit, |row| row.expires_at))
    }
}

#[async_trait]
impl AuditTrailRepo for MemoryStore {
    async fn audit_trail(&self, filter: AuditTrailFilter, page: PageRequest) -> Result<Page<AuditEntry>, RepoError> {
        let books = self.books();
        let wanted = books.audit().iter().filter(|row| meets(filter.subject_id.as_ref(), Some(&row.subject_id)));
        Ok(page_of(wanted.cloned(), page))
    }
}

#[async_trait]
impl AuditRepo for MemoryStore {
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError> {
        Ok(self.books().stock_counts(after, limit))
    }

    async fn hold_accounts(&self, after: Option<HoldId>, limit: u32, now: Timestamp) -> Result<HoldPage, RepoError> {
        Ok(hold_page(self.books().hold_accounts(after, limit), now))
    }

    async fn order_accounts(&self, after: Option<OrderId>, limit: u32) -> Result<Vec<OrderAccount>, RepoError> {
        Ok(self.books().order_accounts(after, limit))
    }

    async fn transaction_accounts(
        &self,
        after: Option<TransactionId>,
        limit: u32,
    ) -> Result<Vec<TransactionAccount>, RepoError> {
        Ok(self.books().transaction_accounts(after, limit))
    }

    async fn checkout_accounts(
        &self,
        before: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutAccount>, RepoError> {
        Ok(self.books().checkout_accounts(before, limit))
    }

    async fn event_accounts(&self, before: Option<EventId>, limit: u32) -> Result<Vec<EventAccount>, RepoError> {
        Ok(self.books().event_accounts(before, limit))
    }

    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError> {
        let books = self.books();
        let waiting = books.events().iter().filter(|row| row.verdict == Verdict::Waiting && row.received_at < cutoff);
        Ok(first_ids(waiting, limit, |row| row.received_at))
    }
}

fn hold_page(mut accounts: Vec<HoldAccount>, now: Timestamp) -> HoldPage {
    let counted = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
    let last = accounts.last().map(|account| account.id);
    accounts.retain(|account| account.issue(now).is_some());
    HoldPage { counted, last, accounts }
}

#[async_trait]
impl StoreHealth for MemoryStore {
    async fn ping(&self) -> Result<(), RepoError> {
        Ok(())
    }

    async fn is_migrated(&self) -> Result<bool, RepoError> {
        Ok(true)
    }
}
