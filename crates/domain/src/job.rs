use std::time::Duration;

use crate::state_machine::{transitions, words};
use crate::{JobId, JobKind, Record, Task, Timestamp};

words! {
    /// Where a [`Job`] stands.
    JobStatus {
        /// To be done once its time has come.
        Ready = "ready",
        /// Somebody is at it, until the lease runs out.
        Running = "running",
        /// Done.
        Done = "done",
        /// Given up after the last attempt: a dead letter.
        Dead = "dead",
    }
}

transitions! {
    JobStatus {
        Ready => [Running, Done],
        Running => [Ready, Running, Done, Dead],
        Done => [],
        Dead => [Ready],
    }
}

/// Work to do, stored in the commit that asked for it. There is one for each kind and subject of its [`Task`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Identifies it.
    pub id: JobId,
    /// What to do.
    pub task: Task,
    /// Where it stands.
    pub status: JobStatus,
    /// How often it was begun, ever: leases are told apart by it.
    pub attempts: u32,
    /// How many of its attempts don't count any more, since an operator has asked for it again.
    pub forgiven_attempts: u32,
    /// When that was.
    pub retried_at: Option<Timestamp>,
    /// When it may be claimed: when it is due, or, while it runs, when its lease ends.
    pub run_at: Timestamp,
    /// What went wrong last, for the operator.
    pub last_error: Option<String>,
    /// How far the work has come, in the words of whoever does it: whoever does it next goes on from there.
    pub checkpoint: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The right to do a job: it holds for one attempt, and ends with the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobLease {
    /// The job.
    pub job_id: JobId,
    /// Which attempt this is; a later one makes this lease void.
    pub attempt: u32,
}

impl Job {
    /// A job that nobody has begun, due at `run_at`.
    #[must_use]
    pub const fn new(id: JobId, task: Task, run_at: Timestamp, now: Timestamp) -> Self {
        Self {
            id,
            task,
            status: JobStatus::Ready,
            attempts: 0,
            forgiven_attempts: 0,
            retried_at: None,
            run_at,
            last_error: None,
            checkpoint: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// What kind of work it is.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        self.task.kind()
    }

    /// The lease under which the present attempt runs.
    #[must_use]
    pub const fn lease(&self) -> JobLease {
        JobLease { job_id: self.id, attempt: self.attempts }
    }

    /// How many of its attempts count.
    #[must_use]
    pub const fn tries(&self) -> u32 {
        self.attempts.saturating_sub(self.forgiven_attempts)
    }

    /// How often it is begun at most, ever, unless an operator asks for it again.
    #[must_use]
    pub const fn max_attempts(&self) -> u32 {
        self.forgiven_attempts.saturating_add(self.kind().backoff().max_attempts)
    }

    /// Since when it has been tried: since it was asked for, for the first time or again.
    #[must_use]
    pub fn tried_since(&self) -> Timestamp {
        self.retried_at.unwrap_or(self.created_at)
    }

    /// Whether it may be claimed now: due, or left behind by somebody whose lease ended.
    #[must_use]
    pub fn is_claimable(&self, now: Timestamp) -> bool {
        self.is_open() && self.run_at <= now
    }

    /// Whether there is still something to do.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.status, JobStatus::Ready | JobStatus::Running)
    }

    /// The same job, due now, as if it had never been tried.
    #[must_use]
    pub(crate) fn begun_anew(&self, now: Timestamp) -> Self {
        Self {
            status: JobStatus::Ready,
            forgiven_attempts: self.attempts,
            retried_at: Some(now),
            checkpoint: None,
            run_at: now,
            updated_at: now,
            ..self.clone()
        }
    }

    /// The same job, begun once more.
    #[must_use]
    pub(crate) fn claimed(&self, lease: Duration, now: Timestamp) -> Self {
        Self {
            status: JobStatus::Running,
            attempts: self.attempts + 1,
            run_at: now + lease,
            updated_at: now,
            ..self.clone()
        }
    }
}

impl Record for Job {
    type Id = JobId;

    fn id(&self) -> JobId {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_changes_its_status_only_as_written_here() {
        use JobStatus::{Dead, Done, Ready, Running};
        let allowed = [
            (Ready, Running),
            (Ready, Done),
            (Running, Ready),
            (Running, Running),
            (Running, Done),
            (Running, Dead),
            (Dead, Ready),
        ];
        for &from in JobStatus::ALL {
            for &to in JobStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
