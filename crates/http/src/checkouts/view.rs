use application::Error;
use domain::{
    ChargeCode, Checkout, CheckoutId, CheckoutStatus, Currency, Email, IdempotencyKey, MerchantId, OrderId, Reason,
    Sum, Timestamp,
};
use ports::RepoError;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Problem;
use crate::answer::{Decimal, SumView};

/// A checkout as it goes out: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub(crate) struct CheckoutView<'a> {
    id: CheckoutId,
    merchant_id: &'a MerchantId,
    idempotency_key: Option<&'a IdempotencyKey>,
    order_id: Option<OrderId>,
    status: CheckoutStatus,
    amount: Decimal,
    amount_received: SumView,
    currency: Currency,
    email: Option<&'a Email>,
    charge_code: Option<&'a ChargeCode>,
    hosted_url: Option<&'a str>,
    detected_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    failure_reason: Option<Reason>,
    expires_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    metadata: Option<&'a RawValue>,
}

impl<'a> TryFrom<&'a Checkout> for CheckoutView<'a> {
    type Error = Problem;

    fn try_from(checkout: &'a Checkout) -> Result<Self, Problem> {
        Ok(Self {
            id: checkout.id,
            merchant_id: &checkout.merchant_id,
            idempotency_key: checkout.idempotency_key.as_ref(),
            order_id: checkout.order_id,
            status: checkout.status,
            amount: Decimal(checkout.money),
            amount_received: SumView(Sum::new(checkout.received_minor, checkout.money.currency())),
            currency: checkout.money.currency(),
            email: checkout.email.as_ref(),
            charge_code: checkout.charge_code.as_ref(),
            hosted_url: checkout.hosted_url.as_deref(),
            detected_at: checkout.detected_at,
            completed_at: checkout.completed_at,
            failure_reason: checkout.failure_reason,
            expires_at: checkout.expires_at,
            created_at: checkout.created_at,
            updated_at: checkout.updated_at,
            metadata: metadata(checkout)?,
        })
    }
}

/// Only JSON is ever stored there; anything else is a broken row.
fn metadata(checkout: &Checkout) -> Result<Option<&RawValue>, Problem> {
    let corrupt = || Error::from(RepoError::Corrupt(format!("checkouts.metadata of {} is not JSON", checkout.id)));
    let read = |text| serde_json::from_str::<&RawValue>(text).map_err(|_| corrupt().into());
    checkout.metadata.as_deref().map(read).transpose()
}
