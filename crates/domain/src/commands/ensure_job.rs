use std::time::Duration;

use crate::{Books, Job, JobId, JobStatus, Keys, Rejection, Task, Timestamp};

/// Something is to be done. There is one job for each kind and subject: asking again asks for nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnsureJob {
    /// The id that a new job gets.
    pub id: JobId,
    /// What is to be done.
    pub task: Task,
    /// How long after this a new job is due.
    pub after: Duration,
}

impl EnsureJob {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.tasks.push((self.task.kind(), self.task.subject_id()));
    }

    /// Answers with the job as it is afterwards. What is done stays done, and a dead letter waits for an operator; only work
    /// that goes on for ever is taken up again by itself.
    #[expect(clippy::unnecessary_wraps, reason = "nothing speaks against it, but commands share a form")]
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Job>, Rejection> {
        let Some(job) = books.job_of(self.task).cloned() else {
            let job = Job::new(self.id, self.task, now + self.after, now);
            books.insert_job(job.clone());
            return Ok(Box::new(job));
        };
        match job.status {
            JobStatus::Dead if job.kind().is_recurring() => {
                let job = job.begun_anew(now);
                books.update_job(job.clone());
                Ok(Box::new(job))
            }
            JobStatus::Ready | JobStatus::Running | JobStatus::Done | JobStatus::Dead => Ok(Box::new(job)),
        }
    }
}
