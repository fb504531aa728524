use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{Job, JobKind, Leftovers, PostponeJob, Purge};
use ports::{Clock, Ledger, Purger, execute};
use tokio::time::{Instant, sleep};

use crate::recurring::give_back;
use crate::{Error, JobWorker, Room};

/// How many rows are deleted at a time: a sale that comes meanwhile waits for one batch at most.
pub const PURGE_BATCH: u32 = 500;
/// How often to look, on one node of all.
const INTERVAL: Duration = Duration::from_secs(5 * 60);
/// After so long a round ends, with more to do: another follows in a while.
const LONGEST_ROUND: Duration = Duration::from_secs(20);
/// The pause between two rounds of which the first left something.
const SHORT_PAUSE: Duration = Duration::from_secs(1);
/// The shortest pause between two batches. The usual one is as long as the batch took, so that others have half of the time.
const SHORTEST_BREATH: Duration = Duration::from_millis(5);
/// A round, and as much again for its last batch on a slow database.
const LEASE: Duration = Duration::from_secs(90);

/// Longer than a delivery is under way. Notifications are kept for so long beyond their deliveries, so that hardly any that is
/// looked at has a delivery left: those are passed over in every round.
const LONGEST_DELIVERY: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long leftovers are kept. Whatever money depends on isn't among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Holds that expired or were released.
    pub holds: Duration,
    /// Events that changed nothing and tell of no money.
    pub events: Duration,
    /// Jobs that are done.
    pub jobs: Duration,
    /// What came of requests that had a name.
    pub requests: Duration,
    /// What merchants were told, and how that went.
    pub notifications: Duration,
}

impl Retention {
    const fn of(&self, what: Leftovers) -> Duration {
        match what {
            Leftovers::EndedHolds => self.holds,
            Leftovers::IdleEvents => self.events,
            Leftovers::DoneJobs => self.jobs,
            Leftovers::DecidedRequests => self.requests,
            Leftovers::FinishedDeliveries => self.notifications,
            Leftovers::ToldNotifications => self.notifications.saturating_add(LONGEST_DELIVERY),
        }
    }
}

/// Does `purge`: deletes what was kept long enough, in small batches.
pub struct PurgeWorker {
    ledger: Arc<dyn Ledger>,
    purger: Arc<dyn Purger>,
    clock: Arc<dyn Clock>,
    retention: Retention,
    room: Room,
}

impl PurgeWorker {
    /// Deletes by this policy.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, purger: Arc<dyn Purger>, clock: Arc<dyn Clock>, retention: Retention) -> Self {
        Self { ledger, purger, clock, retention, room: Room::of(1) }
    }

    /// Deletes all that is due, or as much as there is time for; answers whether there may be more.
    async fn sweep(&self) -> Result<bool, Error> {
        let began = Instant::now();
        for &what in Leftovers::ALL {
            let before = self.clock.now() - self.retention.of(what);
            let mut rows: u64 = 0;
            loop {
                let batch_began = Instant::now();
                let gone = self.purger.purge(Purge { what, before, limit: PURGE_BATCH }).await?;
                rows += u64::from(gone);
                if gone < PURGE_BATCH {
                    break;
                }
                if began.elapsed() >= LONGEST_ROUND {
                    log::info!(what:% = what, rows; "deleted what was kept long enough, and there is more");
                    return Ok(true);
                }
                sleep(batch_began.elapsed().max(SHORTEST_BREATH)).await;
            }
            if rows > 0 {
                log::info!(what:% = what, rows; "deleted what was kept long enough");
            }
        }
        Ok(false)
    }
}

#[async_trait]
impl JobWorker for PurgeWorker {
    fn kind(&self) -> JobKind {
        JobKind::Purge
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn room(&self) -> &Room {
        &self.room
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        let lease = job.lease();
        match self.sweep().await {
            Ok(has_more) => {
                let pause = if has_more { SHORT_PAUSE } else { INTERVAL };
                execute(&*self.ledger, PostponeJob { lease, pause }).await??;
                Ok(())
            }
            Err(error) => {
                log::warn!(error:%; "could not delete what was kept long enough; will try again");
                give_back(&*self.ledger, lease, &error).await;
                Err(error)
            }
        }
    }
}
