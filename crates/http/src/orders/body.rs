use application::{Basket, NewOrder};
use domain::{CustomerId, Email, HoldId, OrderId, OrderStatus};
use serde::Deserialize;
use validator::{Validate, ValidationError, ValidationErrors};

use super::items::{self, Items};
use crate::input::{FieldValue, Given, Id, Label, blame, both, invalid, optional, readable, required};

/// What a buyer's page sends to `POST /api/orders`: a hold that becomes an order, or items and who buys them.
#[derive(Debug, Deserialize, Validate)]
#[validate(schema(function = "Self::check_basket", skip_on_field_errors = false))]
pub(crate) struct OrderBody {
    #[serde(alias = "holdId")]
    #[validate(custom(function = readable::<HoldId>))]
    hold_id: Option<Given<Id<HoldId>>>,
    #[serde(alias = "holdToken")]
    #[validate(custom(function = readable::<HoldToken>))]
    hold_token: Option<Given<String>>,
    #[serde(alias = "products")]
    items: Option<Items>,
    #[serde(alias = "customerId")]
    #[validate(custom(function = readable::<CustomerId>))]
    customer_id: Option<Given<Label>>,
    #[validate(custom(function = readable::<Email>))]
    email: Option<Given<String>>,
    #[serde(alias = "orderId")]
    #[validate(custom(function = readable::<OrderId>))]
    order_id: Option<Given<Id<OrderId>>>,
}

/// Any text: what is no hold's token just opens none.
struct HoldToken(String);

impl FieldValue for HoldToken {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Ok(Self(text.to_owned()))
    }
}

impl OrderBody {
    fn check_basket(&self) -> Result<(), ValidationError> {
        match (&self.hold_id, &self.items) {
            (Some(_), Some(_)) => Err(blame("items", invalid("conflicting", "must not come together with hold_id"))),
            (None, None) => Err(blame("items", invalid("required", "is required, unless there is a hold_id"))),
            (None, Some(_)) if self.customer_id.is_none() => {
                Err(blame("customer_id", invalid("required", "is required for an order of items")))
            }
            (None, Some(_)) | (Some(_), None) => Ok(()),
        }
    }
}

impl TryFrom<OrderBody> for NewOrder {
    type Error = ValidationErrors;

    fn try_from(body: OrderBody) -> Result<Self, Self::Error> {
        let items = body.items.as_ref().map(items::read).transpose();
        let ((), items) = both(body.validate(), items)?;
        let basket = match items {
            Some(items) => Basket::Items(items),
            None => Basket::Hold {
                hold_id: required("hold_id", body.hold_id.as_ref())?,
                token: optional("hold_token", body.hold_token.as_ref())?.map(|HoldToken(token)| token),
            },
        };
        Ok(Self {
            id: optional("order_id", body.order_id.as_ref())?,
            basket,
            customer_id: optional("customer_id", body.customer_id.as_ref())?,
            email: optional("email", body.email.as_ref())?,
        })
    }
}

/// What a seller sends to `PUT /api/orders/{id}/status`. Which words are of any use is the state machine's affair.
#[derive(Debug, Deserialize)]
pub(crate) struct StatusBody {
    status: Option<Given<String>>,
}

impl TryFrom<StatusBody> for OrderStatus {
    type Error = ValidationErrors;

    fn try_from(body: StatusBody) -> Result<Self, Self::Error> {
        required("status", body.status.as_ref())
    }
}

/// What may be sent to `POST /api/orders/{id}/checkout`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct OrderCheckoutBody {
    email: Option<Given<String>>,
}

impl OrderCheckoutBody {
    /// The buyer's address, if it is given.
    pub(crate) fn email(&self) -> Result<Option<Email>, ValidationErrors> {
        optional("email", self.email.as_ref())
    }
}
