use std::time::Duration;

use async_trait::async_trait;
use domain::{ClaimJobs, Job, JobKind, WhichJobs};

use crate::{Error, Room};

/// Does one kind of jobs. The [`JobRunner`](crate::JobRunner) claims them for it.
#[async_trait]
pub trait JobWorker: Send + Sync {
    /// The kind.
    fn kind(&self) -> JobKind;

    /// For how long a claimed job is this worker's; longer than an attempt can take.
    fn lease(&self) -> Duration;

    /// Where its work takes place: never more jobs are under way on this node than there are places.
    fn room(&self) -> &Room;

    /// How many more jobs may be begun now, as far as the worker is concerned: the other side may want a rest.
    fn wanted(&self) -> u32 {
        self.room().free()
    }

    /// What to claim when there is room for so many: those that are due longest, unless the worker knows better. All claims of a
    /// round share a commit.
    async fn claims(&self, room: u32) -> Result<Vec<ClaimJobs>, Error> {
        Ok(vec![ClaimJobs { kind: self.kind(), which: WhichJobs::Due, limit: room, lease: self.lease() }])
    }

    /// Does a job, and says by a command what became of it: done, to be done again later, or failed. A worker that can't even
    /// store that lets the lease run out. The error is for the log.
    async fn perform(&self, job: &Job) -> Result<(), Error>;
}
