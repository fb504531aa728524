use domain::{CheckoutStatus, Email, MerchantId};
use ports::CheckoutFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /checkouts` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct CheckoutQuery {
    #[serde(default, deserialize_with = "filled_in", alias = "merchantId")]
    #[validate(custom(function = readable::<MerchantId>))]
    merchant_id: Option<String>,
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<CheckoutStatus>))]
    status: Option<String>,
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<Email>))]
    email: Option<String>,
}

impl ListQuery for CheckoutQuery {
    type Filter = CheckoutFilter;

    const NARROWED_BY: &'static str = "merchant_id, status or email";
}

impl TryFrom<CheckoutQuery> for CheckoutFilter {
    type Error = ValidationErrors;

    fn try_from(query: CheckoutQuery) -> Result<Self, Self::Error> {
        Ok(Self {
            merchant_id: optional("merchant_id", query.merchant_id.as_ref())?,
            status: optional("status", query.status.as_ref())?,
            email: optional("email", query.email.as_ref())?,
        })
    }
}
