use std::time::Duration;

use crate::{Books, Job, JobLease, JobStatus, Keys, Rejection, Timestamp};

/// The longest text kept of what went wrong, in characters.
const MAX_ERROR_CHARS: usize = 500;

/// The longest checkpoint that is kept, in bytes.
const MAX_CHECKPOINT_BYTES: usize = 500;

/// A job has come so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointJob {
    /// The attempt that is at it.
    pub lease: JobLease,
    /// Where to go on, whoever goes on; `None` to begin at the beginning. A text that is too long is one.
    pub checkpoint: Option<String>,
}

/// A job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompleteJob {
    /// The attempt that did it.
    pub lease: JobLease,
}

/// An attempt at a job went well, and there will be more to do later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostponeJob {
    /// The attempt.
    pub lease: JobLease,
    /// How long until the next one. It is one attempt more, but no failure stands behind it.
    pub pause: Duration,
}

/// An attempt at a job went wrong: it is tried again later, or given up after the last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailJob {
    /// The attempt.
    pub lease: JobLease,
    /// What went wrong, for the operator.
    pub error: String,
    /// Where in its range the pause lies, 0 to 1000; chance comes from outside.
    pub jitter_permille: u16,
    /// The pause is at least so long: the other side asked for it.
    pub not_before: Option<Duration>,
    /// Trying again would change nothing.
    pub give_up: bool,
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobReply {
    /// Done, now or before.
    Done,
    /// It goes on under this lease.
    Running,
    /// It will be done again, after a failure or as it was meant to be.
    Retrying {
        /// When, at the earliest.
        run_at: Timestamp,
    },
    /// It was given up.
    Dead,
    /// The lease had ended, and a later attempt owns the job: nothing changed.
    LeaseLost,
}

impl CheckpointJob {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.jobs.push(self.lease.job_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<JobReply, Rejection> {
        let job = books.jobs().get(self.lease.job_id).ok_or(Rejection::JobNotFound)?;
        if let Some(reply) = settled_or_lost(job, self.lease) {
            return Ok(reply);
        }
        // Somebody else may begin at any moment, and must not meet this one on the way.
        if job.run_at <= now {
            return Ok(JobReply::LeaseLost);
        }
        let checkpoint = self.checkpoint.clone().filter(|text| text.len() <= MAX_CHECKPOINT_BYTES);
        let job = Job { checkpoint, updated_at: now, ..job.clone() };
        books.update_job(job);
        Ok(JobReply::Running)
    }
}

impl CompleteJob {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.jobs.push(self.lease.job_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<JobReply, Rejection> {
        let job = books.jobs().get(self.lease.job_id).ok_or(Rejection::JobNotFound)?;
        if let Some(reply) = settled_or_lost(job, self.lease) {
            return Ok(reply);
        }
        let job = finished(job, now);
        books.update_job(job);
        Ok(JobReply::Done)
    }
}

impl PostponeJob {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.jobs.push(self.lease.job_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<JobReply, Rejection> {
        let job = books.jobs().get(self.lease.job_id).ok_or(Rejection::JobNotFound)?;
        if let Some(reply) = settled_or_lost(job, self.lease) {
            return Ok(reply);
        }
        let run_at = now + self.pause;
        // Leases are told apart by the number of the attempt, so that is never taken back.
        let postponed = Job { status: JobStatus::Ready, run_at, last_error: None, updated_at: now, ..job.clone() };
        books.update_job(postponed);
        Ok(JobReply::Retrying { run_at })
    }
}

impl FailJob {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.jobs.push(self.lease.job_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<JobReply, Rejection> {
        let job = books.jobs().get(self.lease.job_id).ok_or(Rejection::JobNotFound)?;
        if let Some(reply) = settled_or_lost(job, self.lease) {
            return Ok(reply);
        }
        let backoff = job.kind().backoff();
        let is_last = self.give_up || job.tries() >= backoff.max_attempts;
        let pause = backoff.pause_after(job.tries(), self.jitter_permille);
        let run_at = now + pause.max(self.not_before.unwrap_or_default());
        let printable = self.error.chars().filter(|c| !c.is_control());
        let failed = Job {
            status: if is_last { JobStatus::Dead } else { JobStatus::Ready },
            run_at: if is_last { now } else { run_at },
            last_error: Some(printable.take(MAX_ERROR_CHARS).collect()),
            updated_at: now,
            ..job.clone()
        };
        books.update_job(failed);
        Ok(if is_last { JobReply::Dead } else { JobReply::Retrying { run_at } })
    }
}

/// The same job, done.
pub(super) fn finished(job: &Job, now: Timestamp) -> Job {
    Job { status: JobStatus::Done, last_error: None, checkpoint: None, updated_at: now, ..job.clone() }
}

/// The answer for a job that this lease has no say in any more.
pub(super) fn settled_or_lost(job: &Job, lease: JobLease) -> Option<JobReply> {
    match job.status {
        JobStatus::Done => Some(JobReply::Done),
        JobStatus::Dead => Some(JobReply::Dead),
        JobStatus::Ready => Some(JobReply::LeaseLost),
        JobStatus::Running if job.attempts != lease.attempt => Some(JobReply::LeaseLost),
        JobStatus::Running => None,
    }
}
