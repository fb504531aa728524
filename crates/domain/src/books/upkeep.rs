//! What every store does by itself beside commands: claims of jobs, and purges.

use std::time::Duration;

use uuid::Uuid;

use super::Books;
use crate::{DecidedRequest, Event, Hold, Job, JobKind, JobStatus, Leftovers, Purge, Timestamp};

/// Which jobs of a kind are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichJobs {
    /// Those that are due longest.
    Due,
    /// The one of this subject, due or not, if nobody is at it.
    Of(Uuid),
    /// Those of this queue that are due longest.
    Queue(Uuid),
}

/// A wish for jobs to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimJobs {
    /// What kind of work.
    pub kind: JobKind,
    /// Which of them.
    pub which: WhichJobs,
    /// At most so many.
    pub limit: u32,
    /// For how long they are this caller's.
    pub lease: Duration,
}

impl Books {
    /// Takes jobs to do, those that are due longest, and begins them; answers with them in the order of their ids. This is what every store's own claim must do.
    pub fn claim_jobs(&mut self, claim: &ClaimJobs, now: Timestamp) -> Vec<Job> {
        let is_wanted = |job: &&Job| match claim.which {
            WhichJobs::Due => job.is_claimable(now),
            WhichJobs::Of(subject_id) => {
                job.task.subject_id() == subject_id && (job.status == JobStatus::Ready || job.is_claimable(now))
            }
            WhichJobs::Queue(queue_id) => job.task.queue_id() == Some(queue_id) && job.is_claimable(now),
        };
        let of_kind = self.jobs.iter().filter(|job| job.kind() == claim.kind);
        let mut due: Vec<Job> = of_kind.filter(is_wanted).cloned().collect();
        due.sort_by_key(|job| (job.run_at, job.id));
        due.truncate(claim.limit as usize);
        for job in &mut due {
            *job = job.claimed(claim.lease, now);
            self.jobs.update(job.clone());
        }
        due.sort_by_key(|job| job.id);
        due
    }

    /// Deletes leftovers; answers with how many there were. This is what every store's own purge must do.
    pub fn purge(&mut self, purge: &Purge) -> u32 {
        let (before, limit) = (purge.before, purge.limit);
        let gone = match purge.what {
            Leftovers::EndedHolds => self.holds.purge(before, limit, Hold::left_over_since).len(),
            Leftovers::IdleEvents => {
                let gone = self.events.purge(before, limit, Event::left_over_since);
                for event in &gone {
                    self.index.by_event_key.remove(&event.key);
                }
                gone.len()
            }
            Leftovers::DoneJobs => {
                let gone = self.jobs.purge(before, limit, Job::left_over_since);
                for job in &gone {
                    self.index.by_task.remove(&(job.kind(), job.task.subject_id()));
                }
                gone.len()
            }
            Leftovers::DecidedRequests => self.requests.purge(before, limit, DecidedRequest::left_over_since).len(),
            Leftovers::FinishedDeliveries => self.outbox.purge_deliveries(before, limit),
            Leftovers::ToldNotifications => self.outbox.purge_notifications(before, limit),
        };
        u32::try_from(gone).unwrap_or(u32::MAX)
    }
}
