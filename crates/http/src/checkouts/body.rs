use application::NewCheckout;
use domain::{Currency, Email, IdempotencyKey, MerchantId, OrderId};
use ports::SimulatedOutcome;
use serde::Deserialize;
use validator::{Validate, ValidationError, ValidationErrors};

use crate::input::{
    Amount, Given, Metadata, blame, canonical_metadata, fault_of, money, optional, readable, required, required_money,
};

/// What a buyer's page sends to `POST /checkout`.
#[derive(Debug, Deserialize, Validate)]
#[validate(schema(function = "Self::check_amount", skip_on_field_errors = false))]
pub(crate) struct BuyerCheckoutBody {
    #[validate(required)]
    amount: Option<Given<Amount>>,
    #[validate(required, custom(function = readable::<Email>))]
    email: Option<Given<String>>,
    #[validate(custom(function = readable::<Currency>))]
    currency: Option<Given<String>>,
    #[serde(alias = "orderId")]
    #[validate(custom(function = readable::<OrderId>))]
    order_id: Option<Given<String>>,
}

impl BuyerCheckoutBody {
    fn check_amount(&self) -> Result<(), ValidationError> {
        check_amount(self.amount.as_ref(), self.currency.as_ref())
    }
}

impl TryFrom<BuyerCheckoutBody> for NewCheckout {
    type Error = ValidationErrors;

    fn try_from(body: BuyerCheckoutBody) -> Result<Self, Self::Error> {
        body.validate()?;
        Ok(Self {
            merchant_id: MerchantId::default_merchant(),
            idempotency_key: None,
            money: required_money("amount", body.amount.as_ref(), body.currency.as_ref())?,
            email: Some(required("email", body.email.as_ref())?),
            order_id: optional("order_id", body.order_id.as_ref())?,
            metadata: None,
        })
    }
}

/// What a merchant sends to `POST /checkouts`.
#[derive(Debug, Deserialize, Validate)]
#[validate(schema(function = "Self::check_amount", skip_on_field_errors = false))]
pub(crate) struct MerchantCheckoutBody {
    #[serde(alias = "merchantId")]
    #[validate(required, custom(function = readable::<MerchantId>))]
    merchant_id: Option<Given<String>>,
    #[validate(required)]
    amount: Option<Given<Amount>>,
    #[validate(custom(function = readable::<Currency>))]
    currency: Option<Given<String>>,
    #[serde(alias = "idempotencyKey")]
    #[validate(required, custom(function = readable::<IdempotencyKey>))]
    idempotency_key: Option<Given<String>>,
    #[validate(custom(function = readable::<Email>))]
    email: Option<Given<String>>,
    #[serde(alias = "orderId")]
    #[validate(custom(function = readable::<OrderId>))]
    order_id: Option<Given<String>>,
    #[validate(custom(function = check_metadata))]
    metadata: Option<Given<Metadata>>,
}

impl MerchantCheckoutBody {
    fn check_amount(&self) -> Result<(), ValidationError> {
        check_amount(self.amount.as_ref(), self.currency.as_ref())
    }
}

impl TryFrom<MerchantCheckoutBody> for NewCheckout {
    type Error = ValidationErrors;

    fn try_from(body: MerchantCheckoutBody) -> Result<Self, Self::Error> {
        body.validate()?;
        let metadata = body.metadata.as_ref().map(canonical_metadata).transpose();
        Ok(Self {
            merchant_id: required("merchant_id", body.merchant_id.as_ref())?,
            idempotency_key: Some(required("idempotency_key", body.idempotency_key.as_ref())?),
            money: required_money("amount", body.amount.as_ref(), body.currency.as_ref())?,
            email: optional("email", body.email.as_ref())?,
            order_id: optional("order_id", body.order_id.as_ref())?,
            metadata: metadata.map_err(|error| fault_of("metadata", error))?,
        })
    }
}

/// What may be sent to `POST /checkouts/{id}/pay`.
#[derive(Debug, Default, Deserialize, Validate)]
pub(crate) struct PayBody {
    #[validate(custom(function = readable::<SimulatedOutcome>))]
    outcome: Option<Given<String>>,
}

impl TryFrom<PayBody> for SimulatedOutcome {
    type Error = ValidationErrors;

    fn try_from(body: PayBody) -> Result<Self, Self::Error> {
        Ok(optional("outcome", body.outcome.as_ref())?.unwrap_or(Self::Success))
    }
}

/// How many decimals an amount may have is the currency's affair, so this is no rule of one field alone.
fn check_amount(amount: Option<&Given<Amount>>, currency: Option<&Given<String>>) -> Result<(), ValidationError> {
    money(amount, currency).map(drop).map_err(|error| blame("amount", error))
}

fn check_metadata(given: &Given<Metadata>) -> Result<(), ValidationError> {
    canonical_metadata(given).map(drop)
}
