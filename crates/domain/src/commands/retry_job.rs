use crate::{Books, Job, JobId, JobStatus, Keys, Rejection, Timestamp};

/// An operator wants a job done now: one that was given up, with all its tries before it again, or one whose time hasn't
/// come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryJob {
    /// The job.
    pub id: JobId,
}

impl RetryJob {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.jobs.push(self.id);
    }

    /// Answers with the job as it is afterwards. What went wrong last stays to be read, until the next try.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Job>, Rejection> {
        let job = books.jobs().get(self.id).ok_or(Rejection::JobNotFound)?.clone();
        let due = match job.status {
            JobStatus::Dead => job.begun_anew(now),
            JobStatus::Ready if job.run_at > now => Job { run_at: now, updated_at: now, ..job },
            JobStatus::Ready => return Ok(Box::new(job)),
            JobStatus::Running | JobStatus::Done => return Err(Rejection::JobNotRetryable { status: job.status }),
        };
        books.update_job(due.clone());
        Ok(Box::new(due))
    }
}
