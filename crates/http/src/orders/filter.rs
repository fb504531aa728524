use domain::{CustomerId, OrderStatus};
use ports::OrderFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/orders` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct OrderQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<OrderStatus>))]
    status: Option<String>,
    #[serde(default, deserialize_with = "filled_in", alias = "customerId")]
    #[validate(custom(function = readable::<CustomerId>))]
    customer_id: Option<String>,
}

impl ListQuery for OrderQuery {
    type Filter = OrderFilter;

    const NARROWED_BY: &'static str = "status or customer_id";
}

impl TryFrom<OrderQuery> for OrderFilter {
    type Error = ValidationErrors;

    fn try_from(query: OrderQuery) -> Result<Self, Self::Error> {
        Ok(Self {
            status: optional("status", query.status.as_ref())?,
            customer_id: optional("customer_id", query.customer_id.as_ref())?,
        })
    }
}
