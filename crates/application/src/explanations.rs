//! What became of things, in words for operators.

use domain::{Job, JobKind, JobStatus};

/// What a job is for, and where it stands.
#[must_use]
pub fn explain_job(job: &Job) -> String {
    let what = match job.kind() {
        JobKind::CreateCharge => "Makes the charge of its checkout.",
        JobKind::PollCharge => "Asks the gateway what became of its checkout's charge.",
        JobKind::Notify => "Tells a merchant's endpoint what has happened.",
        JobKind::Expire => "Ends checkouts and waiting events whose time is up, every few seconds, for ever.",
        JobKind::Purge => "Deletes what has been kept long enough, every few minutes, for ever.",
    };
    let standing = match (job.status, job.last_error.is_some()) {
        (JobStatus::Ready, false) => "It is done as soon as its time has come (run_at).",
        (JobStatus::Ready, true) => "It failed, and is tried again as soon as its time has come (run_at).",
        (JobStatus::Running, _) => "It is under way; if it doesn't end before run_at, it is begun once more.",
        (JobStatus::Done, _) => "It is done.",
        (JobStatus::Dead, _) => "It was given up, and nobody does it any more, unless it is retried.",
    };
    format!("{what} {standing}")
}
