use application::explain_job;
use domain::{CheckoutId, Job, JobId, JobKind, JobStatus, Timestamp};
use serde::Serialize;

/// A job as operators see it: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub struct JobView<'a> {
    id: JobId,
    kind: JobKind,
    checkout_id: CheckoutId,
    status: JobStatus,
    attempts: u32,
    max_attempts: u32,
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
            kind: job.kind,
            checkout_id: job.checkout_id,
            status: job.status,
            attempts: job.attempts,
            max_attempts: job.max_attempts(),
            run_at: job.run_at,
            last_error: job.last_error.as_deref(),
            explanation: explain_job(job),
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}
