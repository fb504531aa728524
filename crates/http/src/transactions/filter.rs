use domain::{CheckoutId, OrderId, TransactionStatus};
use ports::TransactionFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/transactions` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct TransactionQuery {
    #[serde(default, deserialize_with = "filled_in", alias = "checkoutId")]
    #[validate(custom(function = readable::<CheckoutId>))]
    checkout_id: Option<String>,
    #[serde(default, deserialize_with = "filled_in", alias = "orderId")]
    #[validate(custom(function = readable::<OrderId>))]
    order_id: Option<String>,
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<TransactionStatus>))]
    status: Option<String>,
}

impl ListQuery for TransactionQuery {
    type Filter = TransactionFilter;

    const NARROWED_BY: &'static str = "checkout_id, order_id or status";
}

impl TryFrom<TransactionQuery> for TransactionFilter {
    type Error = ValidationErrors;

    fn try_from(query: TransactionQuery) -> Result<Self, Self::Error> {
        Ok(Self {
            checkout_id: optional("checkout_id", query.checkout_id.as_ref())?,
            order_id: optional("order_id", query.order_id.as_ref())?,
            status: optional("status", query.status.as_ref())?,
        })
    }
}
