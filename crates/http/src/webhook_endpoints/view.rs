use std::collections::BTreeSet;

use application::{Recovered, ShownEndpoint};
use domain::{
    DisabledReason, EndpointDescription, EndpointId, EndpointStatus, EndpointUrl, MerchantId, NotificationType,
    Timestamp,
};
use serde::Serialize;

/// An endpoint as it goes out: every field is there, null when empty; only the secret is left out where it isn't shown.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointView<'a> {
    id: EndpointId,
    merchant_id: &'a MerchantId,
    url: &'a EndpointUrl,
    event_types: Option<&'a BTreeSet<NotificationType>>,
    description: Option<&'a EndpointDescription>,
    asymmetric: bool,
    public_keys: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    previous_secret_valid_until: Option<Timestamp>,
    status: EndpointStatus,
    disabled_reason: Option<DisabledReason>,
    disabled_at: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a ShownEndpoint> for EndpointView<'a> {
    fn from(shown: &'a ShownEndpoint) -> Self {
        let endpoint = &shown.endpoint;
        Self {
            id: endpoint.id,
            merchant_id: &endpoint.merchant_id,
            url: &endpoint.url,
            event_types: endpoint.event_types.as_ref(),
            description: endpoint.description.as_ref(),
            asymmetric: endpoint.is_asymmetric,
            public_keys: &shown.public_keys,
            secret: shown.secret.as_deref(),
            previous_secret_valid_until: endpoint.previous_seed.map(|(_, until)| until),
            status: endpoint.status,
            disabled_reason: endpoint.disabled_reason,
            disabled_at: endpoint.disabled_at,
            failing_since: endpoint.failing_since,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

/// What came of recovering.
#[derive(Debug, Serialize)]
pub struct RecoveredView {
    recovered: u32,
    has_more: bool,
}

impl From<Recovered> for RecoveredView {
    fn from(recovered: Recovered) -> Self {
        Self { recovered: recovered.deliveries, has_more: recovered.has_more }
    }
}
