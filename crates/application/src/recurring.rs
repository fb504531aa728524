//! Work that goes on for ever: there is one job of each kind, on whichever node claims it.

use std::sync::Arc;
use std::time::Duration;

use domain::{EnsureJob, FailJob, JobId, JobLease, Task};
use ports::{IdSource, Ledger, execute};

use crate::Error;

/// Sees to it that the work is queued: at every start of every node, which stores it once.
pub async fn ensure_recurring_jobs(ledger: &dyn Ledger, ids: &Arc<dyn IdSource>) -> Result<(), Error> {
    for task in [Task::Expire, Task::Purge] {
        let id = JobId::from_uuid(ids.uuid_v7());
        execute(ledger, EnsureJob { id, task, after: Duration::ZERO }).await??;
    }
    Ok(())
}

/// Has a round that failed done again in a while. If even this can't be stored, the lease ends by itself.
pub(crate) async fn give_back(ledger: &dyn Ledger, lease: JobLease, error: &Error) {
    // There is one such job: it meets nobody, and needs no chance to keep away from others.
    let fail = FailJob { lease, error: error.to_string(), jitter_permille: 1000, not_before: None, give_up: false };
    if let Err(error) = execute(ledger, fail).await {
        let job_id = lease.job_id.to_string();
        log::warn!(job_id:%, error:%; "could not give a job back; its lease will run out");
    }
}
