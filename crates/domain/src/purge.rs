use crate::state_machine::words;
use crate::{DecidedRequest, Delivery, Event, Hold, HoldStatus, Job, JobStatus, Timestamp, Verdict};

words! {
    /// Rows that are of no use any more once they are old enough. Nothing that money depends on is among them.
    Leftovers {
        /// Holds that expired or were released. Those that became orders are kept: their orders name them.
        EndedHolds = "ended_holds",
        /// Events that changed nothing and tell of no money.
        IdleEvents = "idle_events",
        /// Jobs that are done. Dead letters wait for an operator.
        DoneJobs = "done_jobs",
        /// What came of requests that had a name.
        DecidedRequests = "decided_requests",
        /// Deliveries that arrived or were given up, with their attempts.
        FinishedDeliveries = "finished_deliveries",
        /// Notifications of which no delivery is left.
        ToldNotifications = "told_notifications",
    }
}

/// A wish to delete leftovers, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purge {
    /// Which.
    pub what: Leftovers,
    /// Those that have been left over since before this.
    pub before: Timestamp,
    /// At most so many.
    pub limit: u32,
}

impl Hold {
    /// Since when it is a leftover.
    #[must_use]
    pub fn left_over_since(&self) -> Option<Timestamp> {
        match self.status {
            HoldStatus::Expired | HoldStatus::Released => self.ended_at,
            HoldStatus::Active | HoldStatus::Converted => None,
        }
    }
}

impl Event {
    /// Since when it is a leftover. What was applied is kept, so that it is known when it comes again; what tells of money is
    /// kept whatever became of it.
    #[must_use]
    pub fn left_over_since(&self) -> Option<Timestamp> {
        match self.verdict {
            Verdict::Stale | Verdict::Rejected | Verdict::Dead => {
                self.processed_at.filter(|_| !self.report.tells_of_money())
            }
            Verdict::Applied | Verdict::Duplicate | Verdict::Waiting => None,
        }
    }
}

impl Job {
    /// Since when it is a leftover.
    #[must_use]
    pub fn left_over_since(&self) -> Option<Timestamp> {
        match self.status {
            JobStatus::Done => Some(self.updated_at),
            JobStatus::Ready | JobStatus::Running | JobStatus::Dead => None,
        }
    }
}

impl DecidedRequest {
    /// Since when it is a leftover: since it was decided.
    #[must_use]
    pub const fn left_over_since(&self) -> Option<Timestamp> {
        Some(self.decided_at)
    }
}

impl Delivery {
    /// Since when it is a leftover. One that was given up is kept as long as one that arrived: so long it can be sent again.
    #[must_use]
    pub const fn left_over_since(&self) -> Option<Timestamp> {
        self.finished_at
    }
}
