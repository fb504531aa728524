use std::sync::Arc;
use std::time::Duration;

use domain::{
    AttachCharge, AttachChargeReply, Charge, Checkout, CheckoutStatus, CompleteJob, FailJob, JobId, JobLease,
};
use ports::{ChargeRequest, GatewayError, IdSource, Ledger, PaymentGateway, execute};

use crate::Error;

/// Up to this attempt at a charge nothing is made unless a search says that there is none. Searches fail for ever where a gateway is
/// slow and a shop makes more charges than can be looked through in time.
const FRUITLESS_SEARCHES_MAX: u32 = 5;

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
    pub async fn create(&self, checkout: Checkout, lease: JobLease) -> Result<Checkout, Error> {
        let outcome = self.try_create(&checkout, lease).await;
        if let Err(error) = &outcome {
            let checkout_id = checkout.id.to_string();
            log::warn!(checkout_id:%, attempt = lease.attempt, error:%; "could not create the charge");
            self.give_back(lease, error).await;
        }
        outcome
    }

    async fn try_create(&self, checkout: &Checkout, lease: JobLease) -> Result<Checkout, Error> {
        if checkout.charge_code.is_some() || checkout.status != CheckoutStatus::Pending {
            execute(&*self.ledger, CompleteJob { lease }).await??;
            return Ok(checkout.clone());
        }
        let charge = self.find_or_create(checkout, lease).await?;
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
    async fn find_or_create(&self, checkout: &Checkout, lease: JobLease) -> Result<Charge, Error> {
        if lease.attempt > 1 {
            match self.find(checkout).await {
                Ok(Some(charge)) => return Ok(charge),
                Ok(None) => {}
                Err(error) if lease.attempt <= FRUITLESS_SEARCHES_MAX => return Err(error),
                // The next search would have more to look through than this one, and so on for ever. At worst the checkout gets
                // a second charge, whose page nobody was ever sent to.
                Err(error) => {
                    let checkout_id = checkout.id.to_string();
                    log::warn!(checkout_id:%, error:%; "gave up looking for a charge, and makes another");
                }
            }
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

    /// A refusal to list charges says nothing about the charge.
    async fn find(&self, checkout: &Checkout) -> Result<Option<Charge>, Error> {
        match self.gateway.find_charge(checkout.id, checkout.created_at).await {
            Err(GatewayError::Refused(why)) => Err(GatewayError::Unavailable(why).into()),
            found => Ok(found?),
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
