use uuid::Uuid;

use crate::{CheckoutId, EndpointId, MerchantId, NotificationId, NotificationType, OrderId, Record, Timestamp};

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotificationSubject {
    /// A checkout.
    Checkout(CheckoutId),
    /// An order.
    Order(OrderId),
    /// The endpoint itself.
    Endpoint(EndpointId),
}

impl NotificationSubject {
    /// Puts together what is stored: what news of this type is about.
    #[must_use]
    pub const fn of(kind: NotificationType, id: Uuid) -> Self {
        match kind {
            NotificationType::CheckoutCompleted
            | NotificationType::CheckoutFailed
            | NotificationType::CheckoutExpired
            | NotificationType::CheckoutCanceled
            | NotificationType::CheckoutUnresolved => Self::Checkout(CheckoutId::from_uuid(id)),
            NotificationType::OrderPaid
            | NotificationType::OrderCompleted
            | NotificationType::OrderCancelled
            | NotificationType::OrderExpired
            | NotificationType::OrderUnderpaid
            | NotificationType::OrderOverpaid
            | NotificationType::OrderRefundDue
            | NotificationType::OrderRefunded => Self::Order(OrderId::from_uuid(id)),
            NotificationType::TestPing => Self::Endpoint(EndpointId::from_uuid(id)),
        }
    }

    /// The bare UUID, for storage.
    #[must_use]
    pub const fn as_uuid(self) -> Uuid {
        match self {
            Self::Checkout(id) => id.as_uuid(),
            Self::Order(id) => id.as_uuid(),
            Self::Endpoint(id) => id.as_uuid(),
        }
    }
}

/// Something that has happened, as it is told: the same bytes to every endpoint, in every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Identifies it; what is sent as `webhook-id`.
    pub id: NotificationId,
    /// Who is told.
    pub merchant_id: MerchantId,
    /// What kind of news it is.
    pub event_type: NotificationType,
    /// What it is about.
    pub subject: NotificationSubject,
    /// The body: a JSON object in the form of the Standard Webhooks specification.
    pub body: String,
    /// When it happened.
    pub created_at: Timestamp,
}

impl Record for Notification {
    type Id = NotificationId;

    fn id(&self) -> NotificationId {
        self.id
    }
}
