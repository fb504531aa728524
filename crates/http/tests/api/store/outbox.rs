use async_trait::async_trait;
use domain::{
    Delivery, DeliveryAttempt, DeliveryId, DeliveryStatus, EndpointId, Notification, NotificationId, Timestamp,
    WebhookEndpoint,
};
use ports::{DeliveryFilter, Dispatch, EndpointFilter, NotificationRepo, Page, PageRequest, RepoError};

use super::Store;

#[async_trait]
impl NotificationRepo for Store {
    async fn endpoint(&self, id: EndpointId) -> Result<Option<WebhookEndpoint>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().outbox().endpoints().get(id).cloned())
    }

    async fn endpoints(&self, filter: EndpointFilter, page: PageRequest) -> Result<Page<WebhookEndpoint>, RepoError> {
        self.read().await?;
        let wanted =
            |row: &WebhookEndpoint| row.exists() && filter.merchant_id.as_ref().is_none_or(|id| row.merchant_id == *id);
        Ok(self.page(self.books.lock().unwrap().outbox().endpoints(), wanted, |row| row.id, page))
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().outbox().deliveries().get(id).cloned())
    }

    async fn deliveries(&self, filter: DeliveryFilter, page: PageRequest) -> Result<Page<Delivery>, RepoError> {
        self.read().await?;
        let wanted = |row: &Delivery| {
            filter.endpoint_id.is_none_or(|id| row.endpoint_id == id)
                && filter.status.is_none_or(|status| row.status == status)
        };
        Ok(self.page(self.books.lock().unwrap().outbox().deliveries(), wanted, |row| row.id, page))
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<DeliveryAttempt>, RepoError> {
        let books = self.books.lock().unwrap();
        Ok(books.outbox().attempts().iter().filter(|row| row.delivery_id == id).cloned().collect())
    }

    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, RepoError> {
        Ok(self.books.lock().unwrap().outbox().notifications().get(id).cloned())
    }

    /// Nothing is sent here.
    async fn dispatch(&self, _: DeliveryId) -> Result<Option<Dispatch>, RepoError> {
        Ok(None)
    }

    async fn missed(&self, endpoint_id: EndpointId, since: Timestamp, _: u32) -> Result<Vec<Delivery>, RepoError> {
        let books = self.books.lock().unwrap();
        let is_missed = |row: &&Delivery| {
            row.endpoint_id == endpoint_id
                && row.created_at >= since
                && row.status == DeliveryStatus::Failed
                && row.redelivered_as.is_none()
        };
        Ok(books.outbox().deliveries().iter().filter(is_missed).cloned().collect())
    }
}
