use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes a UUID for what it is said to be. New ones are version 7 and come from a passed-in source.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

typed_id! {
    /// Identifies an [`AuditEntry`](crate::AuditEntry).
    AuditId,
    /// Identifies a [`Checkout`](crate::Checkout).
    CheckoutId,
    /// Identifies a delivery: one notification on its way to one endpoint.
    DeliveryId,
    /// Identifies an endpoint: where a merchant wants to be told what has happened.
    EndpointId,
    /// Identifies a stored [`Event`](crate::Event); the provider's own id is a [`ProviderEventId`](crate::ProviderEventId).
    EventId,
    /// Identifies a [`Hold`](crate::Hold).
    HoldId,
    /// Identifies a [`Job`](crate::Job).
    JobId,
    /// Identifies a notification: something that has happened, as it is told.
    NotificationId,
    /// Identifies an [`Order`](crate::Order). Clients may choose it themselves, as any UUID.
    OrderId,
    /// Identifies a [`Product`](crate::Product).
    ProductId,
    /// Identifies a [`Transaction`](crate::Transaction).
    TransactionId,
}
