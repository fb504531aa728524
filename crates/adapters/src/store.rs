use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use domain::Product;
use ports::{
    AuditRepo, AuditTrailRepo, CheckoutRepo, Clock, EventRepo, HoldRepo, IdSource, JobQueue, JobRepo, JobWatch, Ledger,
    NotificationRepo, OrderRepo, ProductRepo, Purger, StockWatch, StoreHealth, TransactionRepo,
};
use thiserror::Error;

use crate::engine::{Engine, EngineOptions, EngineParts};
use crate::memory::MemoryStore;
use crate::{DatabaseUrl, postgres, sqlite};

/// Why a store can't be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The database can't be reached.
    #[error("can't connect to the database: {0}")]
    Connect(String),
    /// The database can't be brought up to date.
    #[error("can't migrate the database: {0}")]
    Migrate(String),
    /// The database lacks what a migration puts there.
    #[error("the database is not up to date: {0}")]
    NotMigrated(String),
    /// The file can't be made.
    #[error("can't use the database file: {0}")]
    File(std::io::Error),
    /// The threads can't be started.
    #[error("can't start the threads of the database: {0}")]
    Threads(std::io::Error),
}

/// The limits of a store.
#[derive(Clone, Copy, Debug)]
pub struct StoreOptions {
    /// Of its writer.
    pub engine: EngineOptions,
    /// How many threads read.
    pub readers: u32,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { engine: EngineOptions::default(), readers: 4 }
    }
}

/// What a store works with, beside its database.
#[derive(Clone)]
pub struct StoreParts {
    /// When it is.
    pub clock: Arc<dyn Clock>,
    /// Names writers and batches.
    pub ids: Arc<dyn IdSource>,
    /// Told of every stock that this node stores.
    pub watch: Arc<dyn StockWatch>,
    /// Told when this node stores jobs that are due.
    pub jobs: Arc<dyn JobWatch>,
    /// Its limits.
    pub options: StoreOptions,
}

impl StoreParts {
    /// With the usual limits, and nobody who watches the stock or the jobs.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { clock, ids, watch: Arc::new(Nobody), jobs: Arc::new(Nobody), options: StoreOptions::default() }
    }

    /// The engine's share of them.
    pub(crate) fn engine(&self) -> EngineParts {
        EngineParts {
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            watch: Arc::clone(&self.watch),
            jobs: Arc::clone(&self.jobs),
            options: self.options.engine,
        }
    }
}

struct Nobody;

impl StockWatch for Nobody {
    fn stored(&self, _products: &[&Product], _decided_at: Instant) {}
}

impl JobWatch for Nobody {
    fn jobs_due(&self) {}
}

/// Everything that a database does for the core, behind its ports.
#[derive(Clone)]
pub struct Store {
    /// Writes.
    pub ledger: Arc<dyn Ledger>,
    /// Hands out jobs.
    pub job_queue: Arc<dyn JobQueue>,
    /// Deletes what nobody needs any more.
    pub purger: Arc<dyn Purger>,
    /// Reads checkouts.
    pub checkouts: Arc<dyn CheckoutRepo>,
    /// Reads transactions.
    pub transactions: Arc<dyn TransactionRepo>,
    /// Reads events.
    pub events: Arc<dyn EventRepo>,
    /// Reads jobs.
    pub jobs: Arc<dyn JobRepo>,
    /// Reads products.
    pub products: Arc<dyn ProductRepo>,
    /// Reads holds.
    pub holds: Arc<dyn HoldRepo>,
    /// Reads orders.
    pub orders: Arc<dyn OrderRepo>,
    /// Reads who changed what, when and why.
    pub audit_trail: Arc<dyn AuditTrailRepo>,
    /// Reads what merchants are told.
    pub notifications: Arc<dyn NotificationRepo>,
    /// Counts everything anew.
    pub audit: Arc<dyn AuditRepo>,
    /// Tells whether it works.
    pub health: Arc<dyn StoreHealth>,
    /// What the tokens of holds are made with: the same for every node on one database, and for as long as it lives.
    pub hold_token_key: [u8; 32],
    writer: Option<Arc<dyn Writer>>,
    // Removed with the last clone of the store, after its connections.
    temporary: Option<Arc<tempfile::TempDir>>,
}

/// What writes, and has to be stopped.
#[async_trait]
pub(crate) trait Writer: Send + Sync {
    /// Stores what is queued and ends.
    async fn stop(&self);
}

#[async_trait]
impl Writer for Engine {
    async fn stop(&self) {
        Self::stop(self).await;
    }
}

/// All that reads.
pub(crate) trait Reads:
    CheckoutRepo
    + TransactionRepo
    + EventRepo
    + JobRepo
    + ProductRepo
    + HoldRepo
    + OrderRepo
    + AuditTrailRepo
    + NotificationRepo
    + AuditRepo
    + StoreHealth
{
}

impl<R> Reads for R where
    R: CheckoutRepo
        + TransactionRepo
        + EventRepo
        + JobRepo
        + ProductRepo
        + HoldRepo
        + OrderRepo
        + AuditTrailRepo
        + NotificationRepo
        + AuditRepo
        + StoreHealth
{
}

impl Store {
    /// A store that has to be stopped.
    pub(crate) fn over<W, R>(writer: W, reads: Arc<R>, hold_token_key: [u8; 32]) -> Self
    where
        W: Ledger + JobQueue + Purger + Writer + 'static,
        R: Reads + 'static,
    {
        let writer = Arc::new(writer);
        Self { writer: Some(writer.clone()), ..Self::new(writer, reads, hold_token_key) }
    }

    fn new<W, R>(writes: Arc<W>, reads: Arc<R>, hold_token_key: [u8; 32]) -> Self
    where
        W: Ledger + JobQueue + Purger + 'static,
        R: Reads + 'static,
    {
        Self {
            ledger: writes.clone(),
            job_queue: writes.clone(),
            purger: writes,
            checkouts: reads.clone(),
            transactions: reads.clone(),
            events: reads.clone(),
            jobs: reads.clone(),
            products: reads.clone(),
            holds: reads.clone(),
            orders: reads.clone(),
            audit_trail: reads.clone(),
            notifications: reads.clone(),
            audit: reads.clone(),
            health: reads,
            hold_token_key,
            writer: None,
            temporary: None,
        }
    }

    pub(crate) fn keeping(mut self, temporary: tempfile::TempDir) -> Self {
        self.temporary = Some(Arc::new(temporary));
        self
    }

    /// Stores what is queued and ends the writer.
    pub async fn stop(&self) {
        if let Some(writer) = &self.writer {
            writer.stop().await;
        }
    }
}

/// Brings a database up to date, or makes it.
pub fn migrate(url: &DatabaseUrl) -> Result<(), OpenError> {
    match url {
        DatabaseUrl::Postgres(url) => postgres::migrate(&postgres::with_time_outs(url)),
        DatabaseUrl::Sqlite(path) => sqlite::migrate(path),
        DatabaseUrl::SqliteTemporary => Ok(()),
    }
}

/// Opens a database that is up to date, for reading and writing. A temporary one is made here.
pub fn open(url: &DatabaseUrl, parts: &StoreParts) -> Result<Store, OpenError> {
    match url {
        DatabaseUrl::Postgres(url) => postgres::open(url, parts),
        DatabaseUrl::Sqlite(path) => sqlite::open(path, parts),
        DatabaseUrl::SqliteTemporary => {
            let folder = tempfile::tempdir().map_err(OpenError::File)?;
            let path = folder.path().join("boxoffice.db");
            sqlite::migrate(&path)?;
            Ok(sqlite::open(&path, parts)?.keeping(folder))
        }
    }
}

/// A store that keeps its books in memory and forgets them at the end: the reference model, for tests.
#[must_use]
pub fn memory(clock: Arc<dyn Clock>) -> Store {
    let store = Arc::new(MemoryStore::new(clock));
    // Its holds are forgotten with it: whoever guesses this key has nothing to open.
    Store::new(store.clone(), store, [0; 32])
}
