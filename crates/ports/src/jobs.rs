use async_trait::async_trait;
use domain::{ClaimJobs, Job};

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
