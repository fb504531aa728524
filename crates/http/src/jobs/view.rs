use application::explain_job;
use domain::{CheckoutId, Job, JobId, JobKind, JobStatus, Timestamp};
use serde::Serialize;
use uuid::Uuid;

/// A job as operators see it: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub struct JobView<'a> {
    id: JobId,
    kind: JobKind,
    /// Null for work that is there once.
    subject_id: Option<Uuid>,
    checkout_id: Option<CheckoutId>,
    status: JobStatus,
    attempts: u32,
    /// Null for work that is never given up.
    max_attempts: Option<u32>,
    run_at: Timestamp,
    last_error: Option<&'a str>,
    explanation: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a Job> for JobView<'a> {
    fn from(job: &'a Job) -> Self {
        Self {
            id: job.id,
            kind: job.kind(),
            subject_id: Some(job.task.subject_id()).filter(|id| !id.is_nil()),
            checkout_id: job.task.checkout_id(),
            status: job.status,
            attempts: job.attempts,
            max_attempts: Some(job.max_attempts()).filter(|_| !job.kind().is_recurring()),
            run_at: job.run_at,
            last_error: job.last_error.as_deref(),
            explanation: explain_job(job),
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}
