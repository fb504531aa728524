//! What merchants are told.

use async_trait::async_trait;
use domain::{
    Delivery, DeliveryAttempt, DeliveryId, DeliveryStatus, EndpointId, Notification, NotificationId, Timestamp,
    WebhookEndpoint,
};
use ports::{DeliveryFilter, Dispatch, EndpointFilter, NotificationRepo, Page, PageRequest, RepoError};

use super::{MemoryStore, meets, page_of};

#[async_trait]
impl NotificationRepo for MemoryStore {
    async fn endpoint(&self, id: EndpointId) -> Result<Option<WebhookEndpoint>, RepoError> {
        Ok(self.books().outbox().endpoints().get(id).cloned())
    }

    async fn endpoints(&self, filter: EndpointFilter, page: PageRequest) -> Result<Page<WebhookEndpoint>, RepoError> {
        let books = self.books();
        let wanted = books.outbox().endpoints().iter();
        let wanted = wanted.filter(|row| row.exists() && meets(filter.merchant_id.as_ref(), Some(&row.merchant_id)));
        Ok(page_of(wanted.cloned(), page))
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, RepoError> {
        Ok(self.books().outbox().deliveries().get(id).cloned())
    }

    async fn deliveries(&self, filter: DeliveryFilter, page: PageRequest) -> Result<Page<Delivery>, RepoError> {
        let books = self.books();
        let wanted = books.outbox().deliveries().iter().filter(|row| {
            meets(filter.endpoint_id.as_ref(), Some(&row.endpoint_id))
                && meets(filter.status.as_ref(), Some(&row.status))
        });
        Ok(page_of(wanted.cloned(), page))
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<DeliveryAttempt>, RepoError> {
        let books = self.books();
        let mut attempts: Vec<DeliveryAttempt> =
            books.outbox().attempts().iter().filter(|row| row.delivery_id == id).cloned().collect();
        attempts.sort_by_key(|attempt| attempt.number);
        Ok(attempts)
    }

    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, RepoError> {
        Ok(self.books().outbox().notifications().get(id).cloned())
    }

    async fn dispatch(&self, id: DeliveryId) -> Result<Option<Dispatch>, RepoError> {
        let books = self.books();
        let outbox = books.outbox();
        let Some(delivery) = outbox.deliveries().get(id).cloned() else { return Ok(None) };
        let notification = outbox.notifications().get(delivery.notification_id).cloned();
        let found = notification.zip(outbox.endpoints().get(delivery.endpoint_id).cloned());
        Ok(found.map(|(notification, endpoint)| Dispatch { delivery, notification, endpoint }))
    }

    async fn missed(&self, endpoint_id: EndpointId, since: Timestamp, limit: u32) -> Result<Vec<Delivery>, RepoError> {
        let books = self.books();
        let is_missed = |row: &&Delivery| {
            row.endpoint_id == endpoint_id
                && row.status == DeliveryStatus::Failed
                && row.redelivered_as.is_none()
                && row.created_at >= since
        };
        let mut missed: Vec<Delivery> = books.outbox().deliveries().iter().filter(is_missed).cloned().collect();
        missed.sort_by_key(|row| (row.created_at, row.id));
        missed.truncate(limit as usize);
        Ok(missed)
    }
}
