use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{Checkout, Job, JobKind};
use ports::CheckoutRepo;

use crate::checkouts::CHARGE_LEASE;
use crate::{Charges, Error, JobWorker, Room};

/// Does `create_charge`.
#[derive(Clone)]
pub struct ChargeWorker {
    /// Where the checkouts of jobs are read.
    pub checkouts: Arc<dyn CheckoutRepo>,
    /// Who makes the charges.
    pub charges: Charges,
    /// How many at once.
    pub room: Room,
}

impl ChargeWorker {
    /// An attempt may end without a word, by taking its worker with it; such a job is given up like any other.
    async fn checkout_of(&self, job: &Job) -> Result<Checkout, Error> {
        if job.attempts > job.max_attempts() {
            return Err(Error::AttemptsUsedUp);
        }
        // Jobs are stored with their checkouts, and checkouts are never deleted.
        let id = job.task.checkout_id().ok_or(Error::NotFound)?;
        self.checkouts.checkout(id).await?.ok_or(Error::NotFound)
    }
}

#[async_trait]
impl JobWorker for ChargeWorker {
    fn kind(&self) -> JobKind {
        JobKind::CreateCharge
    }

    fn lease(&self) -> Duration {
        CHARGE_LEASE
    }

    fn room(&self) -> &Room {
        &self.room
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        match self.checkout_of(job).await {
            Ok(checkout) => self.charges.create(checkout, job.lease(), job.checkpoint.clone()).await.map(drop),
            Err(error) => {
                self.charges.give_back(job.lease(), &error).await;
                Err(error)
            }
        }
    }
}
