use domain::{Books, ClaimJobs, Job, Keys, Purge, Timestamp};
use ports::Clock;
use thiserror::Error;
use uuid::Uuid;

/// Why a store didn't do what the engine asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Another writer got in between: a unique violation, a deadlock, a serialization failure. Worth another try.
    #[error("conflict with another writer: {0}")]
    Conflict(String),
    /// The store has no room or no time for anybody: the disk is full, the file is locked.
    #[error("the store has no room: {0}")]
    Exhausted(String),
    /// Something in the batch can't be stored.
    #[error("refused: {0}")]
    Refused(String),
}

/// A kind of database that the engine can write to.
pub trait Backend: Send + 'static {
    /// Opens a connection for writing.
    fn connect(&mut self) -> Result<Box<dyn Session>, StoreError>;
}

/// One connection for writing, used by one thread.
pub trait Session: Send {
    /// Opens a transaction.
    fn begin(&mut self) -> Result<(), StoreError>;

    /// Opens a transaction for a batch that may come, if an open one keeps nobody else from anything; otherwise does
    /// nothing. Answers whether one is open now.
    fn begin_ahead(&mut self) -> Result<bool, StoreError>;

    /// Loads and locks the rows that the keys name and those they lead to, with a number of statements that doesn't
    /// depend on how many there are. The clock is for what is found by time, and is read when the rows are locked.
    fn load(&mut self, keys: &Keys, clock: &dyn Clock) -> Result<Books, StoreError>;

    /// Stores what is new or changed in the books.
    fn flush(&mut self, books: &Books) -> Result<(), StoreError>;

    /// Begins jobs, as [`Books::claim_jobs`] does.
    fn claim(&mut self, claim: &ClaimJobs, now: Timestamp) -> Result<Vec<Job>, StoreError>;

    /// Deletes leftovers, as [`Books::purge`] does; answers with how many there were.
    fn purge(&mut self, purge: &Purge) -> Result<u32, StoreError>;

    /// Leaves the mark of this batch in the transaction: with the flush that follows, or by the commit at the latest.
    fn mark(&mut self, batch_id: Uuid, now: Timestamp) -> Result<(), StoreError>;

    /// Commits. When it returns `Ok`, the transaction is durable.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Rolls back whatever is open. An error means that the connection is of no use any more.
    fn rollback(&mut self) -> Result<(), StoreError>;

    /// Whether the batch with this mark was the last that this writer committed. Waits for a commit that is still
    /// under way on a connection that was lost.
    fn has_committed(&mut self, batch_id: Uuid) -> Result<bool, StoreError>;
}
