use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{
    Books, Checkout, CheckoutId, CheckoutStatus, ClaimJobs, Command, Event, EventId, Job, JobId, PAYMENT_GRACE, Record,
    Reply, Timestamp, Transaction,
};
use ports::{
    CheckoutFilter, CheckoutRepo, Clock, EventFilter, EventRepo, JobFilter, JobQueue, JobRepo, Ledger, LedgerError,
    Page, PageRequest, RepoError, StoreHealth, TransactionFilter, TransactionRepo,
};

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
    async fn execute(&self, command: Command) -> Result<Reply, LedgerError> {
        let mut books = self.books();
        let reply = command.decide(&mut books, self.clock.now());
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

fn page_of<R: Record>(rows: impl Iterator<Item = R>, page: PageRequest) -> Page<R> {
    let mut rows: Vec<R> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.id()));
    let counted = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let items = rows.into_iter().skip(page.offset() as usize).take(page.page_size as usize).collect();
    Page::new(items, counted)
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
        let mut overdue: Vec<&Checkout> = books.checkouts().iter().filter(is_overdue).collect();
        overdue.sort_by_key(|row| (row.expires_at, row.id));
        Ok(overdue.into_iter().take(limit as usize).map(|row| row.id).collect())
    }
}

#[async_trait]
impl TransactionRepo for MemoryStore {
    async fn transactions(&self, filter: TransactionFilter, page: PageRequest) -> Result<Page<Transaction>, RepoError> {
        let books = self.books();
        let wanted = books.transactions().iter().filter(|row| {
            meets(filter.checkout_id.as_ref(), Some(&row.checkout_id))
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
        Ok(page_of(wanted.cloned(), page))
    }
}

#[async_trait]
impl JobRepo for MemoryStore {
    async fn job(&self, id: JobId) -> Result<Option<Job>, RepoError> {
        Ok(self.books().jobs().get(id).cloned())
    }

    async fn jobs(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, RepoError> {
        let books = self.books();
        let wanted = books.jobs().iter().filter(|row| {
            meets(filter.status.as_ref(), Some(&row.status))
                && meets(filter.checkout_id.as_ref(), Some(&row.checkout_id))
        });
        Ok(page_of(wanted.cloned(), page))
    }
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
