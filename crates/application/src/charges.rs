use std::sync::Arc;
use std::time::Duration;

use domain::{
    AttachCharge, AttachChargeReply, Charge, Checkout, CheckoutStatus, CheckpointJob, CompleteJob, FailJob, JobId,
    JobLease, JobReply,
};
use ports::{ChargeRequest, ChargeSearch, GatewayError, IdSource, Ledger, PaymentGateway, Searched, execute};
use tokio::time::timeout;

use crate::Error;

/// Up to this attempt at a charge nothing is made unless a search says that there is none. Searches that don't get beyond their first
/// question may never do so: a gateway may make charges and not list them.
const FRUITLESS_SEARCHES_MAX: u32 = 5;

/// For so long an attempt looks for a charge, so that there is time left in its lease to make one: the rest is for the next attempt.
const SEARCH_TIME: Duration = Duration::from_secs(10);

/// Sees to it that a stored checkout gets its charge, exactly one.
#[derive(Clone)]
pub struct Charges {
    /// Where checkouts are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Who makes charges.
    pub gateway: Arc<dyn PaymentGateway>,
    /// New ids, and chance, for spreading retries.
    pub ids: Arc<dyn IdSource>,
    /// How long after its charge was made a checkout is asked about for the first time.
    pub poll_after: Duration,
}

impl Charges {
    /// Makes the charge under a lease of the checkout's job, and finishes the job: done, or to be tried again.
    /// `checkpoint` is where a search for a charge of earlier attempts goes on.
    pub async fn create(
        &self,
        checkout: Checkout,
        lease: JobLease,
        checkpoint: Option<String>,
    ) -> Result<Checkout, Error> {
        let outcome = self.try_create(&checkout, lease, checkpoint).await;
        if let Err(error) = &outcome {
            let checkout_id = checkout.id.to_string();
            log::warn!(checkout_id:%, attempt = lease.attempt, error:%; "could not create the charge");
            self.give_back(lease, error).await;
        }
        outcome
    }

    async fn try_create(
        &self,
        checkout: &Checkout,
        lease: JobLease,
        checkpoint: Option<String>,
    ) -> Result<Checkout, Error> {
        if checkout.charge_code.is_some() || checkout.status != CheckoutStatus::Pending {
            execute(&*self.ledger, CompleteJob { lease }).await??;
            return Ok(checkout.clone());
        }
        let charge = self.find_or_create(checkout, lease, checkpoint).await?;
        let attach = AttachCharge {
            checkout_id: checkout.id,
            charge: charge.clone(),
            lease,
            poll_job_id: JobId::from_uuid(self.ids.uuid_v7()),
            poll_after: self.poll_after,
        };
        match execute(&*self.ledger, attach).await?? {
            AttachChargeReply::Attached(checkout) => Ok(*checkout),
            AttachChargeReply::Surplus(checkout) => {
                self.gateway.cancel_charge(&charge.code).await?;
                Ok(*checkout)
            }
        }
    }

    /// An earlier attempt may have made a charge and died before it was stored, or given up waiting for the answer.
    async fn find_or_create(
        &self,
        checkout: &Checkout,
        lease: JobLease,
        mut checkpoint: Option<String>,
    ) -> Result<Charge, Error> {
        let has_come_on = checkpoint.is_some();
        if lease.attempt > 1 {
            let found = timeout(SEARCH_TIME, self.find(checkout, lease, &mut checkpoint)).await;
            match found.unwrap_or_else(|_| Err(too_slow())) {
                Ok(Some(charge)) => return Ok(charge),
                Ok(None) => {}
                Err(error) if lease.attempt <= FRUITLESS_SEARCHES_MAX || has_come_on || checkpoint.is_some() => {
                    return Err(error);
                }
                // At worst the checkout gets a second charge, whose page nobody was ever sent to.
                Err(error) => {
                    let checkout_id = checkout.id.to_string();
                    log::warn!(checkout_id:%, error:%; "gave up looking for a charge, and makes another");
                }
            }
        }
        // Whatever comes of this is newer than all that was looked through.
        if checkpoint.is_some() {
            self.keep(lease, None).await?;
        }
        let request = ChargeRequest {
            checkout_id: checkout.id,
            money: checkout.money,
            name: "Checkout".to_owned(),
            description: checkout
                .order_id
                .map_or_else(|| format!("Checkout {}", checkout.id), |id| format!("Order {id}")),
        };
        Ok(self.gateway.create_charge(request).await?)
    }

    /// Charges that others make meanwhile are newer, and those that were looked through stay behind: the rest gets shorter with each
    /// answer, whoever dies in between.
    async fn find(
        &self,
        checkout: &Checkout,
        lease: JobLease,
        checkpoint: &mut Option<String>,
    ) -> Result<Option<Charge>, Error> {
        loop {
            match self.look(checkout, checkpoint.clone()).await {
                Ok(Searched::Found(charge)) => return Ok(Some(charge)),
                Ok(Searched::Nothing) if checkpoint.is_none() => return Ok(None),
                Ok(Searched::Nothing) => return self.find_latecomer(checkout).await,
                Ok(Searched::GoOn { checkpoint: reached }) => {
                    self.keep(lease, Some(reached.clone())).await?;
                    *checkpoint = Some(reached);
                }
                Err(error) => {
                    // It may be the place that it doesn't understand, or any more.
                    if matches!(error, GatewayError::Refused(_)) && checkpoint.take().is_some() {
                        self.keep(lease, None).await?;
                    }
                    return Err(says_nothing(error).into());
                }
            }
        }
    }

    /// A request whose answer nobody waited for any more may have been carried out after the search had begun.
    async fn find_latecomer(&self, checkout: &Checkout) -> Result<Option<Charge>, Error> {
        match self.look(checkout, None).await {
            Ok(Searched::Found(charge)) => Ok(Some(charge)),
            Ok(Searched::Nothing | Searched::GoOn { .. }) => Ok(None),
            Err(error) => Err(says_nothing(error).into()),
        }
    }

    async fn look(&self, checkout: &Checkout, checkpoint: Option<String>) -> Result<Searched, GatewayError> {
        let (checkout_id, not_before) = (checkout.id, checkout.created_at);
        self.gateway.find_charge(ChargeSearch { checkout_id, not_before, checkpoint }).await
    }

    /// Nothing may be done any more under a lease that was lost.
    async fn keep(&self, lease: JobLease, checkpoint: Option<String>) -> Result<(), Error> {
        match execute(&*self.ledger, CheckpointJob { lease, checkpoint }).await?? {
            JobReply::Running => Ok(()),
            JobReply::Done | JobReply::Retrying { .. } | JobReply::Dead | JobReply::LeaseLost => Err(Error::LeaseLost),
        }
    }

    /// If even this can't be stored, the lease ends by itself and the job is claimed again.
    pub(crate) async fn give_back(&self, lease: JobLease, error: &Error) {
        let not_before = match error {
            Error::Gateway(GatewayError::RateLimited { retry_after }) => *retry_after,
            _ => None,
        };
        // What it understood and refused, it will refuse again.
        let give_up = matches!(error, Error::Gateway(GatewayError::Refused(_)) | Error::AttemptsUsedUp);
        let jitter_permille = self.ids.jitter_permille();
        let fail = FailJob { lease, error: error.to_string(), jitter_permille, not_before, give_up };
        if let Err(error) = execute(&*self.ledger, fail).await {
            let job_id = lease.job_id.to_string();
            log::warn!(job_id:%, error:%; "could not give a job back; its lease will run out");
        }
    }
}

/// A refusal to list charges says nothing about the charge, which may well be made.
fn says_nothing(error: GatewayError) -> GatewayError {
    match error {
        GatewayError::Refused(why) => GatewayError::Unavailable(why),
        other => other,
    }
}

fn too_slow() -> Error {
    GatewayError::Unavailable("there are more charges than could be looked through in time".to_owned()).into()
}
