use std::time::Duration;

use async_trait::async_trait;
use domain::{
    Attempted, Delivery, DeliveryAttempt, DeliveryId, DeliveryStatus, EndpointId, EndpointUrl, MerchantId,
    Notification, NotificationId, SigningSeed, Timestamp, WebhookEndpoint,
};
use thiserror::Error;

use crate::{Page, PageRequest, RepoError};

/// Which endpoints are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointFilter {
    /// Of this merchant.
    pub merchant_id: Option<MerchantId>,
}

/// Which deliveries are wanted. Empty fields don't narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// To this endpoint.
    pub endpoint_id: Option<EndpointId>,
    /// In this status.
    pub status: Option<DeliveryStatus>,
}

/// A delivery with all that it takes to attempt it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The delivery.
    pub delivery: Delivery,
    /// What is told.
    pub notification: Notification,
    /// To whom.
    pub endpoint: WebhookEndpoint,
}

/// Reads what merchants are told, and where.
#[async_trait]
pub trait NotificationRepo: Send + Sync {
    /// The endpoint, deleted or not, if there is one.
    async fn endpoint(&self, id: EndpointId) -> Result<Option<WebhookEndpoint>, RepoError>;

    /// A page of those that weren't deleted, newest first.
    async fn endpoints(&self, filter: EndpointFilter, page: PageRequest) -> Result<Page<WebhookEndpoint>, RepoError>;

    /// The delivery, if there is one.
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, RepoError>;

    /// A page of them, newest first.
    async fn deliveries(&self, filter: DeliveryFilter, page: PageRequest) -> Result<Page<Delivery>, RepoError>;

    /// The attempts at a delivery, in their order.
    async fn attempts(&self, id: DeliveryId) -> Result<Vec<DeliveryAttempt>, RepoError>;

    /// The notification, if there is one.
    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, RepoError>;

    /// A delivery with what it takes to attempt it, if there is one.
    async fn dispatch(&self, id: DeliveryId) -> Result<Option<Dispatch>, RepoError>;

    /// What was made for an endpoint at `since` or later, was given up and not sent again, the oldest first, at most `limit`.
    async fn missed(&self, endpoint_id: EndpointId, since: Timestamp, limit: u32) -> Result<Vec<Delivery>, RepoError>;
}

/// Why nothing can be sent to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UrlRefusal {
    /// It is no URL of a web server.
    #[error("must be a URL that starts with https:// or http://, without user name, password and fragment")]
    NotWeb,
    /// It leads into a private network, or to this very machine.
    #[error("must not lead to a private address")]
    PrivateAddress,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How it went.
    pub attempted: Attempted,
    /// How long the endpoint wants to be left alone, if it says so with a 429 or 503.
    pub retry_after: Option<Duration>,
}

/// Brings notifications to endpoints, signed as the Standard Webhooks specification has it.
#[async_trait]
pub trait NotificationSender: Send + Sync {
    /// Whether anything could be sent there, as far as the URL alone shows; answers with it in its usual spelling.
    fn check(&self, url: &EndpointUrl) -> Result<EndpointUrl, UrlRefusal>;

    /// Makes one attempt. It ends within [`domain::JobKind::Notify`]'s lease, whatever the other side does, and never leads to a
    /// private address, unless that was allowed.
    async fn send(&self, dispatch: &Dispatch) -> Sent;
}

/// Makes the keys of endpoints, as merchants are told them.
pub trait EndpointKeys: Send + Sync {
    /// What new keys are derived from. Nobody can guess it.
    fn new_seed(&self) -> SigningSeed;

    /// The secret that both sides know: `whsec_` and base64.
    fn secret(&self, seed: &SigningSeed) -> String;

    /// The public half of the key pair: `whpk_` and base64.
    fn public_key(&self, seed: &SigningSeed) -> String;
}
