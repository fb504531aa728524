use std::collections::BTreeSet;

use crate::{
    Books, EndpointDescription, EndpointId, EndpointStatus, EndpointUrl, Fingerprint, Keys, MAX_ENDPOINTS, MerchantId,
    NotificationType, PREVIOUS_SECRET_VALID, Rejection, SigningSeed, Timestamp, WebhookEndpoint,
};

/// What a merchant says of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointTerms {
    /// Where it is.
    pub url: EndpointUrl,
    /// What it wants to know; `None` for everything.
    pub event_types: Option<BTreeSet<NotificationType>>,
    /// What the merchant calls it.
    pub description: Option<EndpointDescription>,
    /// Whether it is signed for with a key pair, too.
    pub is_asymmetric: bool,
}

impl EndpointTerms {
    /// A digest of them and of whose they are, to tell another request by.
    #[must_use]
    pub fn fingerprint(&self, merchant_id: &MerchantId) -> Fingerprint {
        let wanted = self.event_types.as_ref().map(|kinds| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
        Fingerprint::of(&[
            Some(merchant_id.as_str()),
            Some(self.url.as_str()),
            wanted.map(|kinds| kinds.join(",")).as_deref(),
            self.description.as_ref().map(EndpointDescription::as_str),
            self.is_asymmetric.then_some("asymmetric"),
        ])
    }
}

/// A merchant wants to be told what has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateEndpoint {
    /// The id that the endpoint gets.
    pub id: EndpointId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// What the merchant says of it.
    pub terms: EndpointTerms,
    /// What its keys are derived from.
    pub seed: SigningSeed,
}

/// A merchant says anew what an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateEndpoint {
    /// The endpoint.
    pub id: EndpointId,
    /// What the merchant says of it.
    pub terms: EndpointTerms,
}

/// A merchant wants nothing sent there any more. What is on its way ends with its next attempt, instead of being tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteEndpoint {
    /// The endpoint.
    pub id: EndpointId,
}

/// A merchant wants another secret. The present one is signed with for a while longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotateEndpointSecret {
    /// The endpoint.
    pub id: EndpointId,
    /// What its keys are derived from, from now on.
    pub seed: SigningSeed,
}

/// A merchant says that a disabled endpoint is well again. What it missed can be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnableEndpoint {
    /// The endpoint.
    pub id: EndpointId,
}

impl CreateEndpoint {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.id);
        keys.endpoint_owners.push(self.merchant_id.clone());
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<WebhookEndpoint>, Rejection> {
        if let Some(endpoint) = books.outbox().endpoints().get(self.id) {
            return Ok(Box::new(endpoint.clone()));
        }
        if books.outbox().endpoints_of(&self.merchant_id).len() >= MAX_ENDPOINTS {
            return Err(Rejection::TooManyEndpoints);
        }
        let EndpointTerms { url, event_types, description, is_asymmetric } = self.terms.clone();
        let endpoint = WebhookEndpoint {
            id: self.id,
            merchant_id: self.merchant_id.clone(),
            url,
            event_types,
            description,
            is_asymmetric,
            seed: self.seed,
            previous_seed: None,
            status: EndpointStatus::Enabled,
            disabled_reason: None,
            disabled_at: None,
            failing_since: None,
            created_at: now,
            updated_at: now,
        };
        books.outbox_mut().insert_endpoint(endpoint.clone());
        Ok(Box::new(endpoint))
    }
}

impl UpdateEndpoint {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<WebhookEndpoint>, Rejection> {
        let endpoint = existing(books, self.id)?;
        let EndpointTerms { url, event_types, description, is_asymmetric } = self.terms.clone();
        Ok(store(books, WebhookEndpoint { url, event_types, description, is_asymmetric, updated_at: now, ..endpoint }))
    }
}

impl DeleteEndpoint {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<WebhookEndpoint>, Rejection> {
        let endpoint = existing(books, self.id)?;
        Ok(store(books, WebhookEndpoint { status: EndpointStatus::Deleted, updated_at: now, ..endpoint }))
    }
}

impl RotateEndpointSecret {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.id);
    }

    /// Asked twice with the same seed, it rotates once.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<WebhookEndpoint>, Rejection> {
        let endpoint = existing(books, self.id)?;
        if endpoint.seed == self.seed {
            return Ok(Box::new(endpoint));
        }
        let previous_seed = Some((endpoint.seed, now + PREVIOUS_SECRET_VALID));
        Ok(store(books, WebhookEndpoint { seed: self.seed, previous_seed, updated_at: now, ..endpoint }))
    }
}

impl EnableEndpoint {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.endpoints.push(self.id);
    }

    /// Does nothing to an endpoint that is enabled.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<WebhookEndpoint>, Rejection> {
        let endpoint = existing(books, self.id)?;
        match endpoint.status {
            EndpointStatus::Enabled => Ok(Box::new(endpoint)),
            EndpointStatus::Disabled | EndpointStatus::Deleted => Ok(store(
                books,
                WebhookEndpoint {
                    status: EndpointStatus::Enabled,
                    disabled_reason: None,
                    disabled_at: None,
                    failing_since: None,
                    updated_at: now,
                    ..endpoint
                },
            )),
        }
    }
}

/// The endpoint, unless it was deleted.
pub(super) fn existing(books: &Books, id: EndpointId) -> Result<WebhookEndpoint, Rejection> {
    let endpoint = books.outbox().endpoints().get(id).filter(|endpoint| endpoint.exists());
    endpoint.cloned().ok_or(Rejection::EndpointNotFound)
}

fn store(books: &mut Books, endpoint: WebhookEndpoint) -> Box<WebhookEndpoint> {
    books.outbox_mut().update_endpoint(endpoint.clone());
    Box::new(endpoint)
}
