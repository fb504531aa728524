use domain::{MAX_HOLD_QUANTITY, ProductId, Quantity};
use serde::Deserialize;
use validator::{Validate, ValidationError, ValidationErrors};

use crate::input::{Field, Given, Id, Whole, readable, required};

/// What a buyer's page sends to `POST /api/holds`.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct HoldBody {
    #[serde(alias = "productId")]
    #[validate(required, custom(function = readable::<ProductId>))]
    product_id: Option<Given<Id<ProductId>>>,
    #[validate(required, custom(function = readable::<HoldQuantity>))]
    quantity: Option<Given<Whole>>,
}

struct HoldQuantity(Quantity);

impl Field<HoldQuantity> for Given<Whole> {
    fn read(&self) -> Result<HoldQuantity, ValidationError> {
        self.quantity(MAX_HOLD_QUANTITY).map(HoldQuantity)
    }
}

impl TryFrom<HoldBody> for (ProductId, Quantity) {
    type Error = ValidationErrors;

    fn try_from(body: HoldBody) -> Result<Self, Self::Error> {
        body.validate()?;
        let HoldQuantity(quantity) = required("quantity", body.quantity.as_ref())?;
        Ok((required("product_id", body.product_id.as_ref())?, quantity))
    }
}
