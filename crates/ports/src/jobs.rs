use async_trait::async_trait;
use domain::{ClaimJobs, Job, Purge};

use crate::LedgerError;

/// Hands out the jobs that the ledger stored. They are finished by commands.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Takes jobs to do: each is this caller's until its lease ends, and nobody else gets it meanwhile, on any node.
    /// The beginning of the attempt is durable when this returns, so that a job that kills its worker counts up.
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError>;
}

/// Told of work that this node has stored.
pub trait JobWatch: Send + Sync {
    /// A commit has stored jobs that can be begun at once. Called by the writer: it must not wait for anything.
    fn jobs_due(&self);
}

/// Deletes what nobody needs any more.
#[async_trait]
pub trait Purger: Send + Sync {
    /// Deletes leftovers, a limited number in a commit of its own or one that others share; answers with how many there were. What
    /// somebody else has locked is passed over.
    async fn purge(&self, purge: Purge) -> Result<u32, LedgerError>;
}
