use domain::MerchantId;
use ports::EndpointFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/webhook-endpoints` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct EndpointQuery {
    #[serde(default, deserialize_with = "filled_in", alias = "merchantId")]
    #[validate(custom(function = readable::<MerchantId>))]
    merchant_id: Option<String>,
}

impl ListQuery for EndpointQuery {
    type Filter = EndpointFilter;

    const NARROWED_BY: &'static str = "merchant_id";
}

impl TryFrom<EndpointQuery> for EndpointFilter {
    type Error = ValidationErrors;

    fn try_from(query: EndpointQuery) -> Result<Self, Self::Error> {
        Ok(Self { merchant_id: optional("merchant_id", query.merchant_id.as_ref())? })
    }
}
