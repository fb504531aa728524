mod audit;
mod outbox;
mod stock;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use domain::{
    AuditEntry, Books, Checkout, CheckoutId, ClaimJobs, Event, Instruction, Job, JobId, JobKind, Product, Record,
    Reply, Shelf, Timestamp, Transaction,
};
use ports::{
    AuditTrailFilter, AuditTrailRepo, CheckoutFilter, CheckoutRepo, Clock, JobFilter, JobQueue, JobRepo, Ledger,
    LedgerError, Page, PageRequest, RepoError, StockWatch, StoreHealth, TransactionFilter, TransactionRepo,
};
use uuid::Uuid;

/// What a store may suffer from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Overloaded,
    Unavailable,
    Internal,
    Corrupt,
    /// It never answers.
    Stuck,
    /// A bug.
    Panics,
}

/// Books kept for good: every port of a store.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) books: Mutex<Books>,
    pub(crate) clock: Arc<TurnableClock>,
    /// Told of the products that were stored.
    pub(crate) watch: OnceLock<Arc<dyn StockWatch>>,
    pub(crate) trouble: Mutex<Option<Trouble>>,
    /// Rows that aren't there, but are counted.
    pub(crate) uncounted: Mutex<i64>,
    /// The last list that was asked for.
    pub(crate) asked: Mutex<Option<PageRequest>>,
}

/// The moment at which everything here begins.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_us(1_750_000_000_000_000);

/// A clock that only goes when it is turned.
#[derive(Default)]
pub(crate) struct TurnableClock {
    turned_us: AtomicI64,
}

impl TurnableClock {
    pub(crate) fn turn(&self, span: Duration) {
        self.turned_us.fetch_add(i64::try_from(span.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for TurnableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_us(NOW.unix_us() + self.turned_us.load(Ordering::Relaxed))
    }
}

impl Store {
    pub(crate) fn has(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = Some(trouble);
    }

    pub(crate) fn checkouts_stored(&self) -> usize {
        self.books.lock().unwrap().checkouts().iter().count()
    }

    pub(crate) fn holds_stored(&self) -> usize {
        self.books.lock().unwrap().holds().iter().count()
    }

    pub(crate) fn orders_stored(&self) -> usize {
        self.books.lock().unwrap().orders().iter().count()
    }

    /// Changes a product as another node would: nobody here is told.
    pub(crate) fn change_product_elsewhere(&self, id: &str, change: impl FnOnce(&mut Product)) {
        let mut books = self.books.lock().unwrap();
        let mut product = books.products().get(id.parse().unwrap()).unwrap().clone();
        change(&mut product);
        books.load_product(product);
    }

    /// Changes an event as nobody here would.
    pub(crate) fn change_event_elsewhere(&self, id: &str, change: impl FnOnce(&mut Event)) {
        let mut books = self.books.lock().unwrap();
        let mut event = books.events().get(id.parse().unwrap()).unwrap().clone();
        change(&mut event);
        books.load_event(event);
    }

    pub(crate) fn events_stored(&self) -> usize {
        self.books.lock().unwrap().events().iter().count()
    }

    async fn suffer(&self) -> Result<(), LedgerError> {
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            None => Ok(()),
            Some(Trouble::Overloaded) => Err(LedgerError::Overloaded),
            Some(Trouble::Unavailable) => Err(LedgerError::Unavailable),
            Some(Trouble::Internal | Trouble::Corrupt) => Err(LedgerError::Internal),
            Some(Trouble::Stuck) => std::future::pending().await,
            Some(Trouble::Panics) => panic!("a bug in the store"),
        }
    }

    async fn read(&self) -> Result<(), RepoError> {
        self.suffer().await.map_err(|error| match error {
            LedgerError::Overloaded | LedgerError::Unavailable => RepoError::Unavailable("host db7 is down".to_owned()),
            LedgerError::Internal => RepoError::Corrupt("checkouts.amount of row 7".to_owned()),
        })
    }

    fn page<R: Record, K: Ord>(
        &self,
        rows: &Shelf<R>,
        wanted: impl Fn(&R) -> bool,
        age: impl Fn(&R) -> K,
        page: PageRequest,
    ) -> Page<R> {
        *self.asked.lock().unwrap() = Some(page);
        let mut rows: Vec<R> = rows.iter().filter(|row| wanted(row)).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(age(row)));
        let counted = i64::try_from(rows.len()).unwrap() + *self.uncounted.lock().unwrap();
        let part = rows.into_iter().skip(page.offset() as usize).take(page.page_size as usize);
        Page::new(part.collect(), counted)
    }
}

#[async_trait]
impl Ledger for Store {
    async fn execute(&self, instruction: Instruction) -> Result<Reply, LedgerError> {
        self.suffer().await?;
        let mut books = self.books.lock().unwrap();
        let reply = instruction.decide(&mut books, self.clock.now());
        let changed: Vec<&Product> = books.products().inserted().chain(books.products().updated()).collect();
        if let Some(watch) = self.watch.get() {
            watch.stored(&changed, std::time::Instant::now());
        }
        books.mark_stored();
        Ok(reply)
    }
}

#[async_trait]
impl JobQueue for Store {
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError> {
        self.suffer().await?;
        Ok(self.books.lock().unwrap().claim_jobs(&claim, self.clock.now()))
    }
}

#[async_trait]
impl CheckoutRepo for Store {
    async fn checkout(&self, id: CheckoutId) -> Result<Option<Checkout>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().checkouts().get(id).cloned())
    }

    async fn checkouts(&self, filter: CheckoutFilter, page: PageRequest) -> Result<Page<Checkout>, RepoError> {
        self.read().await?;
        let wanted = |row: &Checkout| {
            filter.merchant_id.as_ref().is_none_or(|id| row.merchant_id == *id)
                && filter.status.is_none_or(|status| row.status == status)
                && filter.email.as_ref().is_none_or(|email| row.email.as_ref() == Some(email))
        };
        Ok(self.page(self.books.lock().unwrap().checkouts(), wanted, |row| row.id, page))
    }

    async fn overdue_checkouts(&self, _: Timestamp, _: u32) -> Result<Vec<CheckoutId>, RepoError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl TransactionRepo for Store {
    async fn transactions(&self, filter: TransactionFilter, page: PageRequest) -> Result<Page<Transaction>, RepoError> {
        self.read().await?;
        let wanted = |row: &Transaction| {
            filter.checkout_id.is_none_or(|id| row.checkout_id == Some(id))
                && filter.order_id.is_none_or(|id| row.order_id == Some(id))
                && filter.status.is_none_or(|status| row.status == status)
        };
        Ok(self.page(self.books.lock().unwrap().transactions(), wanted, |row| row.id, page))
    }
}

#[async_trait]
impl JobRepo for Store {
    async fn job(&self, id: JobId) -> Result<Option<Job>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().jobs().get(id).cloned())
    }

    async fn job_of(&self, kind: JobKind, subject_id: Uuid) -> Result<Option<Job>, RepoError> {
        self.read().await?;
        let books = self.books.lock().unwrap();
        let mut jobs = books.jobs().iter();
        Ok(jobs.find(|row| row.kind() == kind && row.task.subject_id() == subject_id).cloned())
    }

    async fn jobs(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, RepoError> {
        self.read().await?;
        let wanted = |row: &Job| {
            filter.status.is_none_or(|status| row.status == status) && filter.kind.is_none_or(|kind| row.kind() == kind)
        };
        Ok(self.page(self.books.lock().unwrap().jobs(), wanted, |row| row.id, page))
    }

    async fn queues_with_due(&self, _: JobKind, _: Timestamp, _: u32) -> Result<Vec<Uuid>, RepoError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl AuditTrailRepo for Store {
    async fn audit_trail(&self, filter: AuditTrailFilter, page: PageRequest) -> Result<Page<AuditEntry>, RepoError> {
        self.read().await?;
        let wanted = |row: &AuditEntry| filter.subject_id.is_none_or(|id| row.subject_id == id);
        Ok(self.page(self.books.lock().unwrap().audit(), wanted, |row| row.id, page))
    }
}

#[async_trait]
impl StoreHealth for Store {
    async fn ping(&self) -> Result<(), RepoError> {
        self.read().await
    }

    async fn is_migrated(&self) -> Result<bool, RepoError> {
        self.read().await.map(|()| true)
    }
}

/// Longer than any test waits.
pub(crate) const AMPLE: Duration = Duration::from_secs(30);
