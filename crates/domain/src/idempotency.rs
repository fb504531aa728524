//! Requests that have a name are decided once: what came of them is kept in the commit of their effect.

use serde::{Deserialize, Serialize};

use crate::{
    CheckoutId, CreateCheckoutReply, EndpointId, Fingerprint, HoldId, OrderId, ProductId, Record, Rejection, Reply,
    Timestamp,
};

/// The name of a request with all that it is good for: who calls, which method, which path, and the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestScope([u8; 32]);

impl RequestScope {
    /// A digest of the parts.
    #[must_use]
    pub fn of(caller: &str, method: &str, path: &str, key: &str) -> Self {
        Self(*Fingerprint::of(&[Some(caller), Some(method), Some(path), Some(key)]).as_bytes())
    }

    /// From storage.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For storage.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a request made, or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// A product.
    Product(ProductId),
    /// A hold.
    Hold(HoldId),
    /// An order.
    Order(OrderId),
    /// A checkout.
    Checkout(CheckoutId),
    /// An endpoint of a merchant.
    Endpoint(EndpointId),
    /// A checkout that was there before.
    FoundCheckout(CheckoutId),
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It made or found something.
    Made(Made),
    /// The books said no.
    Rejected(Rejection),
}

impl Outcome {
    /// What is kept of a reply: what was made, or a no that speaks of how things stood. A no that speaks of the request
    /// itself isn't kept, and the same key may be used for the request as it should have been.
    pub(crate) fn of(reply: &Reply) -> Option<Self> {
        let made = match reply {
            Reply::CreateProduct(product) => Made::Product(product.id),
            Reply::PlaceHold(hold) => Made::Hold(hold.id),
            Reply::PlaceOrder(order) => Made::Order(order.id),
            Reply::CreateEndpoint(endpoint) => Made::Endpoint(endpoint.id),
            Reply::CreateCheckout(reply) | Reply::OpenOrderCheckout(reply) => match reply {
                CreateCheckoutReply::Created(checkout) => Made::Checkout(checkout.id),
                CreateCheckoutReply::Replayed(checkout) => Made::FoundCheckout(checkout.id),
            },
            Reply::Rejected(rejection) => return rejection.is_about_the_state().then_some(Self::Rejected(*rejection)),
            _ => return None,
        };
        Some(Self::Made(made))
    }
}

/// A request that was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedRequest {
    /// Its name.
    pub scope: RequestScope,
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// What came of it.
    pub outcome: Outcome,
    /// When.
    pub decided_at: Timestamp,
}

impl Record for DecidedRequest {
    type Id = RequestScope;

    fn id(&self) -> RequestScope {
        self.scope
    }
}
