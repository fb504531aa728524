//! What merchants are told: which changes make a notification, where it goes, and in which order.
//!
//! A notification is stored by the commit that made it true (an outbox), with one delivery for each endpoint that wants to
//! know. Deliveries about one order or checkout to one endpoint stand in a *lane*: only the first of them has a job, and the
//! command that finishes it queues the next.

mod body;
mod delivery;
mod endpoint;
mod kind;
mod notification;
mod outbox;

pub use delivery::{Attempted, Delivery, DeliveryAttempt, DeliveryFailure, DeliveryStatus, LONGEST_RETRY_AFTER};
pub use endpoint::{
    DISABLED_AFTER, DisabledReason, EndpointStatus, MAX_ENDPOINTS, PREVIOUS_SECRET_VALID, SigningSeed, WebhookEndpoint,
};
pub use kind::NotificationType;
pub use notification::{Notification, NotificationSubject};
pub use outbox::Outbox;

pub(crate) use body::News;
