use std::time::Duration;

use super::finish_job::finished;
use super::record_event::apply;
use crate::{Books, Charge, Checkout, CheckoutId, Job, JobId, JobLease, Keys, Rejection, Subject, Task, Timestamp};

/// The gateway made the charge of a checkout. Events that came before are applied in the same commit, which also stores
/// the job that asks the gateway what becomes of the charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachCharge {
    /// The checkout that it collects for.
    pub checkout_id: CheckoutId,
    /// The charge.
    pub charge: Charge,
    /// The job that is done with this.
    pub lease: JobLease,
    /// The id that the job gets which asks what becomes of the charge.
    pub poll_job_id: JobId,
    /// How long after this it asks for the first time.
    pub poll_after: Duration,
}

/// What became of an [`AttachCharge`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachChargeReply {
    /// The checkout has this charge, from now on or already.
    Attached(Box<Checkout>),
    /// The checkout has another charge: this one is one too many, and should be cancelled at the provider.
    Surplus(Box<Checkout>),
}

impl AttachCharge {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.checkouts.push(self.checkout_id);
        keys.new_charges.push(self.charge.code.clone());
        keys.jobs.push(self.lease.job_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<AttachChargeReply, Rejection> {
        let checkout = books.checkouts().get(self.checkout_id).ok_or(Rejection::CheckoutNotFound)?.clone();
        if books.checkout_by_charge(&self.charge.code).is_some_and(|owner| owner.id != checkout.id) {
            return Err(Rejection::ChargeTaken);
        }
        // The work is done whoever did it: a lease that ran out meanwhile doesn't make it undone.
        if let Some(job) = books.jobs().get(self.lease.job_id).filter(|job| job.is_open()).cloned() {
            books.update_job(finished(&job, now));
        }
        match &checkout.charge_code {
            Some(code) if *code == self.charge.code => return Ok(AttachChargeReply::Attached(Box::new(checkout))),
            Some(_) => return Ok(AttachChargeReply::Surplus(Box::new(checkout))),
            None => {}
        }
        books.update_checkout(Checkout {
            charge_code: Some(self.charge.code.clone()),
            hosted_url: Some(self.charge.hosted_url.clone()),
            updated_at: now,
            ..checkout
        });
        books.insert_job(self.poll_job(now));
        for event in books.waiting_for(&Subject::Charge(self.charge.code.clone())) {
            apply(books, event, true, now);
        }
        let checkout = books.checkouts().get(self.checkout_id).ok_or(Rejection::CheckoutNotFound)?;
        Ok(AttachChargeReply::Attached(Box::new(checkout.clone())))
    }

    fn poll_job(&self, now: Timestamp) -> Job {
        Job::new(self.poll_job_id, Task::PollCharge(self.checkout_id), now + self.poll_after, now)
    }
}
