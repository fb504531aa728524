//! Group commit: one thread takes whatever is queued, decides it against rows loaded together, and commits it together.
//!
//! A batch is what queued up while the last commit was under way. Nobody waits for a batch to fill, so that a lone
//! request pays no extra latency, and a crowd shares its commits.

mod backend;
mod connection;
mod work;
mod writer;

use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use async_trait::async_trait;
pub use backend::{Backend, Session, StoreError};
use domain::{ClaimJobs, Instruction, Job, Purge, Reply};
use ports::{Clock, IdSource, JobQueue, JobWatch, Ledger, LedgerError, Purger, StockWatch};
use tokio::sync::oneshot;

use self::work::Work;
use self::writer::Writer;

/// The limits of an [`Engine`].
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    /// How many commands may wait; more are turned away as overload.
    pub queue_limit: usize,
    /// How many commands share one commit at most.
    pub batch_limit: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { queue_limit: 2048, batch_limit: 256 }
    }
}

/// What an [`Engine`] works with, beside its database.
#[derive(Clone)]
pub struct EngineParts {
    /// When it is.
    pub clock: Arc<dyn Clock>,
    /// Names batches.
    pub ids: Arc<dyn IdSource>,
    /// Told of every stock that is stored.
    pub watch: Arc<dyn StockWatch>,
    /// Told of jobs that are due when they are stored.
    pub jobs: Arc<dyn JobWatch>,
    /// Its limits.
    pub options: EngineOptions,
}

/// A [`Ledger`] and [`JobQueue`] over one writing connection to a database.
pub struct Engine {
    queue: SyncSender<Work>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the writer's thread. It connects by itself, now or as soon as the database is there.
    pub fn start(backend: Box<dyn Backend>, parts: EngineParts) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(parts.options.queue_limit);
        let writer = Writer::new(backend, parts, waiting);
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || writer.run())?;
        Ok(Self { queue, writer: Mutex::new(Some(thread)) })
    }

    /// Finishes what is queued and ends the writer. Commands that come later are answered as unavailable.
    pub async fn stop(&self) {
        let thread = self.writer.lock().ok().and_then(|mut writer| writer.take());
        let Some(thread) = thread else { return };
        let queue = self.queue.clone();
        // Both may wait: for room in the queue, and for the last commit.
        let joined = tokio::task::spawn_blocking(move || {
            if queue.send(Work::Stop).is_err() {
                log::error!("the ledger's writer had ended before it was asked to");
            }
            thread.join()
        });
        let joined = joined.await;
        if !matches!(joined, Ok(Ok(()))) {
            log::error!("the ledger's writer did not end well");
        }
    }

    async fn ask<T>(
        &self,
        work: impl FnOnce(oneshot::Sender<Result<T, LedgerError>>) -> Work,
    ) -> Result<T, LedgerError> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(work(answer)).map_err(|refused| match refused {
            TrySendError::Full(_) => LedgerError::Overloaded,
            TrySendError::Disconnected(_) => LedgerError::Unavailable,
        })?;
        // The writer answers everything it takes; if it goes away instead, the outcome isn't known.
        answered.await.unwrap_or(Err(LedgerError::Unavailable))
    }
}

#[async_trait]
impl Ledger for Engine {
    async fn execute(&self, instruction: Instruction) -> Result<Reply, LedgerError> {
        let instruction = Box::new(instruction);
        self.ask(|answer| Work::Decide { instruction, answer }).await
    }
}

#[async_trait]
impl JobQueue for Engine {
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError> {
        self.ask(|answer| Work::Claim { claim, answer }).await
    }
}

#[async_trait]
impl Purger for Engine {
    async fn purge(&self, purge: Purge) -> Result<u32, LedgerError> {
        self.ask(|answer| Work::Purge { purge, answer }).await
    }
}

#[cfg(test)]
mod tests;
