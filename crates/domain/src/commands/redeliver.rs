use super::manage_endpoint::existing;
use crate::{
    Books, Delivery, DeliveryId, DeliveryStatus, EndpointId, EndpointStatus, Job, JobKind, JobStatus, Keys,
    NotificationId, NotificationSubject, Rejection, Task, Timestamp,
};

/// How many deliveries are recovered by one command at most.
pub const MAX_RECOVERED: usize = 100;

/// Names a delivery together with what never changes of it, so that what it leads to can be locked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryRef {
    /// The delivery.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint_id: EndpointId,
    /// What it is about.
    pub subject: NotificationSubject,
}

impl DeliveryRef {
    /// Of a delivery that was read.
    #[must_use]
    pub const fn of(delivery: &Delivery) -> Self {
        Self { id: delivery.id, endpoint_id: delivery.endpoint_id, subject: delivery.subject }
    }

    fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.endpoint_id);
        keys.lanes.push(self.subject);
        keys.deliveries.push(self.id);
        keys.tasks.push((JobKind::Notify, self.id.as_uuid()));
    }
}

/// Somebody wants something sent now: again, if that is over, or at once, if it waits for its next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeliver {
    /// What.
    pub delivery: DeliveryRef,
}

/// A merchant whose endpoint is well again wants what it missed, in the order in which it happened. What was sent again
/// before is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverDeliveries {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// What it missed, the oldest first, at most [`MAX_RECOVERED`].
    pub deliveries: Vec<DeliveryRef>,
}

/// A merchant wants to see whether anything arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PingEndpoint {
    /// The endpoint.
    pub id: EndpointId,
    /// The id that the notification gets.
    pub notification_id: NotificationId,
}

impl Redeliver {
    pub(super) fn keys(&self, keys: &mut Keys) {
        self.delivery.keys(keys);
    }

    /// Answers with the delivery that is tried now: the same one, or a new one of the same notification.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Delivery>, Rejection> {
        let delivery = books.outbox().deliveries().get(self.delivery.id).ok_or(Rejection::DeliveryNotFound)?.clone();
        enabled(books, delivery.endpoint_id)?;
        match delivery.status {
            DeliveryStatus::Delivered | DeliveryStatus::Failed => {
                let repeated = books.outbox_mut().repeat(&delivery, false, now);
                books.deliver(Some(repeated.clone()), now);
                Ok(Box::new(repeated))
            }
            DeliveryStatus::Waiting => Err(Rejection::DeliveryWaits),
            DeliveryStatus::Pending => Ok(Box::new(hasten(books, delivery, now))),
        }
    }
}

/// Has a pending delivery tried now, unless somebody is at it.
fn hasten(books: &mut Books, delivery: Delivery, now: Timestamp) -> Delivery {
    let task = Task::Notify { delivery_id: delivery.id, endpoint_id: delivery.endpoint_id };
    let waits = |job: &&Job| job.status == JobStatus::Ready && job.run_at > now;
    let Some(job) = books.job_of(task).filter(waits).cloned() else { return delivery };
    books.update_job(Job { run_at: now, updated_at: now, ..job });
    let hastened = delivery.due_at(now);
    books.outbox_mut().update_delivery(hastened.clone());
    hastened
}

impl RecoverDeliveries {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.endpoint_id);
        for delivery in &self.deliveries {
            keys.lanes.push(delivery.subject);
            keys.deliveries.push(delivery.id);
        }
    }

    /// Answers with how many are sent again.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<u32, Rejection> {
        enabled(books, self.endpoint_id)?;
        let mut recovered = 0;
        for named in self.deliveries.iter().take(MAX_RECOVERED) {
            let missed = books.outbox().deliveries().get(named.id).filter(|row| row.endpoint_id == self.endpoint_id);
            let missed = missed.filter(|row| row.status == DeliveryStatus::Failed && row.redelivered_as.is_none());
            let Some(missed) = missed.cloned() else { continue };
            let repeated = books.outbox_mut().repeat(&missed, true, now);
            books.deliver(Some(repeated).filter(|row| row.status == DeliveryStatus::Pending), now);
            recovered += 1;
        }
        Ok(recovered)
    }
}

impl PingEndpoint {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.id);
    }

    /// Answers with the delivery that is tried now.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Delivery>, Rejection> {
        let endpoint = enabled(books, self.id)?;
        let ping = books.outbox_mut().ping(self.notification_id, &endpoint, now);
        books.deliver(Some(ping.clone()), now);
        Ok(Box::new(ping))
    }
}

fn enabled(books: &Books, id: EndpointId) -> Result<crate::WebhookEndpoint, Rejection> {
    let endpoint = existing(books, id)?;
    match endpoint.status {
        EndpointStatus::Enabled => Ok(endpoint),
        EndpointStatus::Disabled | EndpointStatus::Deleted => Err(Rejection::EndpointDisabled),
    }
}
