use domain::{DeliveryStatus, EndpointId};
use ports::DeliveryFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/deliveries` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct DeliveryQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<DeliveryStatus>))]
    status: Option<String>,
    #[serde(default, deserialize_with = "filled_in", alias = "endpointId")]
    #[validate(custom(function = readable::<EndpointId>))]
    endpoint_id: Option<String>,
}

/// What `GET /api/webhook-endpoints/{id}/deliveries` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct EndpointDeliveryQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<DeliveryStatus>))]
    status: Option<String>,
}

impl ListQuery for DeliveryQuery {
    type Filter = DeliveryFilter;

    const NARROWED_BY: &'static str = "endpoint_id";
}

impl ListQuery for EndpointDeliveryQuery {
    type Filter = DeliveryFilter;

    const NARROWED_BY: &'static str = "status";
}

impl TryFrom<DeliveryQuery> for DeliveryFilter {
    type Error = ValidationErrors;

    fn try_from(query: DeliveryQuery) -> Result<Self, Self::Error> {
        Ok(Self {
            status: optional("status", query.status.as_ref())?,
            endpoint_id: optional("endpoint_id", query.endpoint_id.as_ref())?,
        })
    }
}

impl TryFrom<EndpointDeliveryQuery> for DeliveryFilter {
    type Error = ValidationErrors;

    fn try_from(query: EndpointDeliveryQuery) -> Result<Self, Self::Error> {
        Ok(Self { status: optional("status", query.status.as_ref())?, endpoint_id: None })
    }
}
