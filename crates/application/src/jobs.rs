use std::sync::Arc;

use domain::{Job, JobId, Rejection, RetryJob};
use ports::{JobFilter, JobRepo, Ledger, Page, PageRequest, execute_for};

use crate::{Caller, Error, JobBell};

/// The job queue, dead letters included, for operators.
#[derive(Clone)]
pub struct Jobs {
    /// Where they are asked for again.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn JobRepo>,
    /// Wakes whoever does them.
    pub bell: JobBell,
}

impl Jobs {
    /// A page of jobs.
    pub async fn list(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, Error> {
        Ok(self.repo.jobs(filter, page).await?)
    }

    /// Has a job done now, if it was given up or waits for its time; answers with the job as it is now.
    pub async fn retry(&self, caller: &Caller, id: JobId) -> Result<Job, Error> {
        match execute_for(&*self.ledger, RetryJob { id }, caller.cause.clone()).await? {
            Ok(job) => {
                self.bell.ring();
                Ok(*job)
            }
            // Elsewhere it is a fault of ours; here somebody has named it.
            Err(Rejection::JobNotFound) => Err(Error::NotFound),
            Err(rejection) => Err(rejection.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{ClaimJobs, FailJob, JobKind, JobStatus};
    use testkit::builders::create_checkout;
    use testkit::stores::TestStore;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn whoever_does_jobs_is_woken_when_one_is_retried_and_not_when_it_is_refused() {
        let test = TestStore::memory();
        let create = create_checkout();
        test.decide(create.clone()).await.unwrap();
        let lease = Duration::from_secs(30);
        let claim = ClaimJobs { kind: JobKind::CreateCharge, only: None, limit: 1, lease };
        let job = test.store.job_queue.claim(claim).await.unwrap().remove(0);
        let jobs = Jobs { ledger: test.store.ledger.clone(), repo: test.store.jobs.clone(), bell: JobBell::default() };
        let is_rung = async || timeout(Duration::from_millis(50), jobs.bell.rung()).await.is_ok();
        let running = Rejection::JobNotRetryable { status: JobStatus::Running };
        assert_eq!(jobs.retry(&Caller::default(), job.id).await, Err(running.into()));
        assert_eq!(jobs.retry(&Caller::default(), JobId::from_uuid(create.id.as_uuid())).await, Err(Error::NotFound));
        assert!(!is_rung().await);
        let (lease, error) = (job.lease(), "no".to_owned());
        test.decide(FailJob { lease, error, jitter_permille: 0, not_before: None, give_up: true }).await.unwrap();
        assert_eq!(jobs.retry(&Caller::default(), job.id).await.unwrap().status, JobStatus::Ready);
        assert!(is_rung().await);
    }
}
