use std::time::Duration;

use super::finish_job::{finished, settled_or_lost};
use crate::{
    Attempted, Books, DISABLED_AFTER, Delivery, DeliveryAttempt, DeliveryFailure, DeliveryId, DeliveryStatus,
    DisabledReason, EndpointId, EndpointStatus, Job, JobKind, JobLease, JobReply, JobStatus, Keys, LONGEST_RETRY_AFTER,
    NotificationSubject, Rejection, Timestamp, WebhookEndpoint,
};

/// An attempt at a delivery has ended. The same commit writes it down, finishes the job or has it tried again, and queues
/// whoever waits behind it in the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishDelivery {
    /// The right to say so.
    pub lease: JobLease,
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// Where it goes.
    pub endpoint_id: EndpointId,
    /// What it is about.
    pub subject: NotificationSubject,
    /// How it went; `None` if nothing was sent, because the endpoint wants nothing, or because its attempts ended without a
    /// word too often.
    pub attempted: Option<Attempted>,
    /// How long the endpoint wants to be left alone; at most [`LONGEST_RETRY_AFTER`] is believed.
    pub retry_after: Option<Duration>,
    /// Where in the pause before the next attempt it falls, from 0 to 1000.
    pub jitter_permille: u16,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryReply {
    /// What became of its job.
    pub job: JobReply,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why it was given up.
    pub failure: Option<DeliveryFailure>,
    /// Its endpoint was disabled by this, for this reason.
    pub disabled: Option<DisabledReason>,
    /// Another one is to be tried now.
    pub queued_next: bool,
}

impl FinishDelivery {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.jobs.push(self.lease.job_id);
        keys.endpoints.push(self.endpoint_id);
        keys.lanes.push(self.subject);
        keys.deliveries.push(self.delivery_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<DeliveryReply, Rejection> {
        let job = books.jobs().get(self.lease.job_id).ok_or(Rejection::JobNotFound)?.clone();
        let delivery = books.outbox().deliveries().get(self.delivery_id).ok_or(Rejection::DeliveryNotFound)?.clone();
        if let Some(reply) = settled_or_lost(&job, self.lease) {
            return Ok(reply_of(&delivery, reply, None, false));
        }
        if !delivery.is_open() {
            books.update_job(finished(&job, now));
            return Ok(reply_of(&delivery, JobReply::Done, None, false));
        }
        let endpoint = books.outbox().endpoints().get(self.endpoint_id).cloned();
        let delivery = self.write_down(books, delivery);
        let disabled = endpoint.as_ref().and_then(|endpoint| self.judge(books, endpoint, now));
        let status = if disabled.is_some() {
            EndpointStatus::Disabled
        } else {
            endpoint.map_or(EndpointStatus::Deleted, |endpoint| endpoint.status)
        };
        let end = self.end(&job, &delivery, status, disabled, now);
        let (delivery, job_reply, queued_next) = if let Some(ended) = end {
            let queued_next = end_job(books, &job, &ended, now);
            (ended, JobReply::Done, queued_next)
        } else {
            let (delivery, run_at) = self.try_again(books, &job, &delivery, now);
            (delivery, JobReply::Retrying { run_at }, false)
        };
        Ok(reply_of(&delivery, job_reply, disabled, queued_next))
    }

    /// Keeps the attempt; answers with the delivery, which has one more.
    fn write_down(&self, books: &mut Books, delivery: Delivery) -> Delivery {
        let Some(attempted) = self.attempted.clone() else { return delivery };
        let attempt = DeliveryAttempt { delivery_id: delivery.id, number: self.lease.attempt, attempted };
        books.outbox_mut().insert_attempt(attempt);
        Delivery { attempts: delivery.attempts + 1, ..delivery }
    }

    /// What the attempt says of the endpoint; the reason if it is disabled for it.
    fn judge(&self, books: &mut Books, endpoint: &WebhookEndpoint, now: Timestamp) -> Option<DisabledReason> {
        // What was sent before the merchant changed it says nothing of the endpoint as it is now.
        let attempted = self.attempted.as_ref().filter(|attempted| attempted.started_at >= endpoint.updated_at)?;
        if attempted.is_success() {
            if endpoint.failing_since.is_some() {
                books.outbox_mut().update_endpoint(WebhookEndpoint { failing_since: None, ..endpoint.clone() });
            }
            return None;
        }
        let failing_since = endpoint.failing_since.unwrap_or(attempted.started_at.min(now));
        let reason = match endpoint.status {
            EndpointStatus::Enabled if attempted.is_gone() => Some(DisabledReason::Gone),
            EndpointStatus::Enabled if now.since(failing_since) >= DISABLED_AFTER => Some(DisabledReason::Failing),
            EndpointStatus::Enabled | EndpointStatus::Disabled | EndpointStatus::Deleted => None,
        };
        let failing = WebhookEndpoint { failing_since: Some(failing_since), ..endpoint.clone() };
        match reason {
            Some(reason) => books.outbox_mut().update_endpoint(failing.disabled(reason, now)),
            None if endpoint.failing_since.is_none() => books.outbox_mut().update_endpoint(failing),
            None => {}
        }
        reason
    }

    /// The delivery at its end, if it has come to it.
    fn end(
        &self,
        job: &Job,
        delivery: &Delivery,
        endpoint: EndpointStatus,
        disabled: Option<DisabledReason>,
        now: Timestamp,
    ) -> Option<Delivery> {
        if self.attempted.as_ref().is_some_and(Attempted::is_success) {
            return Some(delivery.delivered(now));
        }
        let failure = match (endpoint, disabled) {
            (EndpointStatus::Deleted, _) => DeliveryFailure::EndpointDeleted,
            (EndpointStatus::Disabled, Some(DisabledReason::Gone)) => DeliveryFailure::EndpointGone,
            (EndpointStatus::Disabled, Some(DisabledReason::Failing) | None) => DeliveryFailure::EndpointDisabled,
            (EndpointStatus::Enabled, _) if job.tries() >= JobKind::Notify.backoff().max_attempts => {
                DeliveryFailure::AttemptsUsedUp
            }
            (EndpointStatus::Enabled, _) => return None,
        };
        Some(delivery.failed(failure, now))
    }

    /// An endpoint that was enabled just now is tried at once: nothing has failed.
    fn try_again(&self, books: &mut Books, job: &Job, delivery: &Delivery, now: Timestamp) -> (Delivery, Timestamp) {
        let pause = self.attempted.as_ref().map(|_| {
            let asked = self.retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
            JobKind::Notify.backoff().pause_after(job.tries(), self.jitter_permille).max(asked)
        });
        let run_at = now + pause.unwrap_or_default();
        let last_error = self.attempted.as_ref().map(Attempted::trouble);
        books.update_job(Job { status: JobStatus::Ready, run_at, last_error, updated_at: now, ..job.clone() });
        let delivery = delivery.due_at(run_at);
        books.outbox_mut().update_delivery(delivery.clone());
        (delivery, run_at)
    }
}

/// Stores a delivery that has ended; tells whether another one is to be tried now.
fn end_job(books: &mut Books, job: &Job, ended: &Delivery, now: Timestamp) -> bool {
    books.update_job(finished(job, now));
    books.outbox_mut().update_delivery(ended.clone());
    let next = books.outbox_mut().next_in_lane(ended, now);
    let is_next = next.is_some();
    books.deliver(next, now);
    is_next
}

fn reply_of(delivery: &Delivery, job: JobReply, disabled: Option<DisabledReason>, queued_next: bool) -> DeliveryReply {
    DeliveryReply { job, status: delivery.status, failure: delivery.failure, disabled, queued_next }
}
