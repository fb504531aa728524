use std::sync::Arc;

use domain::{
    Delivery, DeliveryAttempt, DeliveryId, DeliveryRef, EndpointId, MAX_RECOVERED, Notification, RecoverDeliveries,
    Redeliver, Timestamp, WebhookEndpoint,
};
use ports::{DeliveryFilter, Ledger, NotificationRepo, Page, PageRequest, execute};

use crate::Error;

/// How many deliveries one request recovers at most.
const MAX_RECOVERED_AT_ONCE: u32 = 10_000;

/// What is on its way to merchants, what has arrived, and what was given up.
#[derive(Clone)]
pub struct Deliveries {
    /// Where they are asked for again.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn NotificationRepo>,
}

/// A delivery with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The delivery.
    pub delivery: Delivery,
    /// What is told; gone if it has been kept long enough.
    pub notification: Option<Notification>,
    /// How each attempt went, in their order.
    pub attempts: Vec<DeliveryAttempt>,
}

/// What came of recovering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// How many deliveries are sent again.
    pub deliveries: u32,
    /// Whether there is more to recover: asking again goes on with it.
    pub has_more: bool,
}

impl Deliveries {
    /// A page of deliveries.
    pub async fn list(&self, filter: DeliveryFilter, page: PageRequest) -> Result<Page<Delivery>, Error> {
        Ok(self.repo.deliveries(filter, page).await?)
    }

    /// A page of the deliveries to an endpoint that there must be.
    pub async fn list_of(&self, filter: DeliveryFilter, page: PageRequest) -> Result<Page<Delivery>, Error> {
        if let Some(id) = filter.endpoint_id {
            self.repo.endpoint(id).await?.filter(WebhookEndpoint::exists).ok_or(Error::NotFound)?;
        }
        self.list(filter, page).await
    }

    /// A delivery with its attempts and what it tells.
    pub async fn get(&self, id: DeliveryId) -> Result<DeliveryRecord, Error> {
        let delivery = self.repo.delivery(id).await?.ok_or(Error::NotFound)?;
        let notification = self.repo.notification(delivery.notification_id).await?;
        let attempts = self.repo.attempts(id).await?;
        Ok(DeliveryRecord { delivery, notification, attempts })
    }

    /// Sends something again, now; answers with the delivery that does it.
    pub async fn redeliver(&self, id: DeliveryId) -> Result<Delivery, Error> {
        let delivery = self.repo.delivery(id).await?.ok_or(Error::NotFound)?;
        let redeliver = Redeliver { delivery: DeliveryRef::of(&delivery) };
        Ok(*execute(&*self.ledger, redeliver).await??)
    }

    /// Sends again what an endpoint has missed since a moment, in the order in which it happened.
    pub async fn recover(&self, endpoint_id: EndpointId, since: Timestamp) -> Result<Recovered, Error> {
        let mut recovered = 0;
        loop {
            let limit = u32::try_from(MAX_RECOVERED).unwrap_or(1);
            let missed = self.repo.missed(endpoint_id, since, limit).await?;
            let has_more = missed.len() == MAX_RECOVERED;
            let deliveries = missed.iter().map(DeliveryRef::of).collect();
            // Also with nothing to recover: the endpoint must be there, and enabled.
            let more = execute(&*self.ledger, RecoverDeliveries { endpoint_id, deliveries }).await??;
            recovered += more;
            if !has_more || more == 0 || recovered >= MAX_RECOVERED_AT_ONCE {
                return Ok(Recovered { deliveries: recovered, has_more: has_more && more > 0 });
            }
        }
    }
}
