use std::sync::Arc;

use domain::{Job, JobId, Rejection, RetryJob};
use ports::{JobFilter, JobRepo, Ledger, Page, PageRequest, execute_for};

use crate::{Caller, Error};

/// The job queue, dead letters included, for operators.
#[derive(Clone)]
pub struct Jobs {
    /// Where they are asked for again.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn JobRepo>,
}

impl Jobs {
    /// A page of jobs.
    pub async fn list(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, Error> {
        Ok(self.repo.jobs(filter, page).await?)
    }

    /// Has a job done now, if it was given up or waits for its time; answers with the job as it is now.
    pub async fn retry(&self, caller: &Caller, id: JobId) -> Result<Job, Error> {
        match execute_for(&*self.ledger, RetryJob { id }, caller.cause.clone()).await? {
            Ok(job) => Ok(*job),
            // Elsewhere it is a fault of ours; here somebody has named it.
            Err(Rejection::JobNotFound) => Err(Error::NotFound),
            Err(rejection) => Err(rejection.into()),
        }
    }
}
