use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use domain::{Books, Checkout, CheckoutId, ClaimJobs, Command, Job, Record, Reply, Shelf, Timestamp, Transaction};
use ports::{
    CheckoutFilter, CheckoutRepo, Clock, JobQueue, Ledger, LedgerError, Page, PageRequest, RepoError, StoreHealth,
    TransactionFilter, TransactionRepo,
};

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
    pub(crate) trouble: Mutex<Option<Trouble>>,
    /// Rows that aren't there, but are counted.
    pub(crate) uncounted: Mutex<i64>,
    /// The last list that was asked for.
    pub(crate) asked: Mutex<Option<PageRequest>>,
}

/// The moment at which everything here happens.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_us(1_750_000_000_000_000);

pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

impl Store {
    pub(crate) fn has(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = Some(trouble);
    }

    pub(crate) fn checkouts_stored(&self) -> usize {
        self.books.lock().unwrap().checkouts().iter().count()
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

    fn page<R: Record>(&self, rows: &Shelf<R>, wanted: impl Fn(&R) -> bool, page: PageRequest) -> Page<R> {
        *self.asked.lock().unwrap() = Some(page);
        let mut rows: Vec<R> = rows.iter().filter(|row| wanted(row)).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.id()));
        let counted = i64::try_from(rows.len()).unwrap() + *self.uncounted.lock().unwrap();
        let part = rows.into_iter().skip(page.offset() as usize).take(page.page_size as usize);
        Page::new(part.collect(), counted)
    }
}

#[async_trait]
impl Ledger for Store {
    async fn execute(&self, command: Command) -> Result<Reply, LedgerError> {
        self.suffer().await?;
        let mut books = self.books.lock().unwrap();
        let reply = command.decide(&mut books, NOW);
        books.mark_stored();
        Ok(reply)
    }
}

#[async_trait]
impl JobQueue for Store {
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError> {
        self.suffer().await?;
        Ok(self.books.lock().unwrap().claim_jobs(&claim, NOW))
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
        Ok(self.page(self.books.lock().unwrap().checkouts(), wanted, page))
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
            filter.checkout_id.is_none_or(|id| row.checkout_id == id)
                && filter.order_id.is_none_or(|id| row.order_id == Some(id))
                && filter.status.is_none_or(|status| row.status == status)
        };
        Ok(self.page(self.books.lock().unwrap().transactions(), wanted, page))
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
