use std::sync::Arc;

use async_trait::async_trait;
use ports::{CheckoutRepo, Clock, EventRepo, IdSource, JobQueue, JobRepo, Ledger, StoreHealth, TransactionRepo};
use thiserror::Error;

use crate::engine::{Engine, EngineOptions};
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

/// Everything that a database does for the core, behind its ports.
#[derive(Clone)]
pub struct Store {
    /// Writes.
    pub ledger: Arc<dyn Ledger>,
    /// Hands out jobs.
    pub job_queue: Arc<dyn JobQueue>,
    /// Reads checkouts.
    pub checkouts: Arc<dyn CheckoutRepo>,
    /// Reads transactions.
    pub transactions: Arc<dyn TransactionRepo>,
    /// Reads events.
    pub events: Arc<dyn EventRepo>,
    /// Reads jobs.
    pub jobs: Arc<dyn JobRepo>,
    /// Tells whether it works.
    pub health: Arc<dyn StoreHealth>,
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

impl Store {
    pub(crate) fn over<W, R>(writer: W, reads: Arc<R>) -> Self
    where
        W: Ledger + JobQueue + Writer + 'static,
        R: CheckoutRepo + TransactionRepo + EventRepo + JobRepo + StoreHealth + 'static,
    {
        let writer = Arc::new(writer);
        Self::new(writer.clone(), writer.clone(), reads, Some(writer))
    }

    fn new<R>(
        ledger: Arc<dyn Ledger>,
        job_queue: Arc<dyn JobQueue>,
        reads: Arc<R>,
        writer: Option<Arc<dyn Writer>>,
    ) -> Self
    where
        R: CheckoutRepo + TransactionRepo + EventRepo + JobRepo + StoreHealth + 'static,
    {
        Self {
            ledger,
            job_queue,
            checkouts: reads.clone(),
            transactions: reads.clone(),
            events: reads.clone(),
            jobs: reads.clone(),
            health: reads,
            writer,
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
pub fn open(
    url: &DatabaseUrl,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    options: StoreOptions,
) -> Result<Store, OpenError> {
    match url {
        DatabaseUrl::Postgres(url) => postgres::open(url, &clock, &ids, options),
        DatabaseUrl::Sqlite(path) => sqlite::open(path, clock, ids, options),
        DatabaseUrl::SqliteTemporary => {
            let folder = tempfile::tempdir().map_err(OpenError::File)?;
            let path = folder.path().join("boxoffice.db");
            sqlite::migrate(&path)?;
            Ok(sqlite::open(&path, clock, ids, options)?.keeping(folder))
        }
    }
}

/// A store that keeps its books in memory and forgets them at the end: the reference model, for tests.
#[must_use]
pub fn memory(clock: Arc<dyn Clock>) -> Store {
    let store = Arc::new(MemoryStore::new(clock));
    Store::new(store.clone(), store.clone(), store, None)
}
