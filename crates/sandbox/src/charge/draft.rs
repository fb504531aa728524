//! What a merchant asks for: the body of `POST /charges`, checked.

use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::life::Step;
use super::{Addresses, Charge, Entry, Price, Scheduled, Status};
use crate::checkout::Checkout;
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::fields::{Fields, wrong};
use crate::invoice::Invoice;
use crate::limits::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX};
use crate::money::Money;
use crate::random;
use crate::rates::Rates;

/// A charge that may be made.
#[derive(Debug)]
pub(crate) struct Draft {
    name: String,
    description: String,
    price: Option<Price>,
    metadata: Map<String, Value>,
    redirect_url: Option<String>,
    cancel_url: Option<String>,
}

impl Draft {
    pub(crate) fn parse(body: &[u8], rates: &Rates) -> Result<Self, Refusal> {
        let body = Fields::parse(body)?;
        Ok(Self {
            price: body.pricing()?.map(|price| priced(price, rates)).transpose()?,
            name: body.required_text("name", NAME_CHARS_MAX)?,
            description: body.text("description", DESCRIPTION_CHARS_MAX)?.unwrap_or_default(),
            metadata: body.metadata()?,
            redirect_url: body.link("redirect_url")?,
            cancel_url: body.link("cancel_url")?,
        })
    }

    /// The charge that a checkout page makes, with what its visitor filled in.
    pub(crate) fn of_checkout(
        checkout: &Checkout,
        filled_in: Map<String, Value>,
        rates: &Rates,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            price: checkout.price.map(|price| priced(price, rates)).transpose()?,
            name: checkout.name.clone(),
            description: checkout.description.clone(),
            metadata: filled_in,
            redirect_url: None,
            cancel_url: None,
        })
    }

    /// The charge that an invoice page makes.
    pub(crate) fn of_invoice(invoice: &Invoice, rates: &Rates) -> Result<Self, Refusal> {
        let mut metadata = Map::new();
        metadata.insert("invoice_id".to_owned(), Value::String(invoice.id.to_string()));
        metadata.insert("invoice_code".to_owned(), Value::String(invoice.code.clone()));
        Ok(Self {
            price: Some(priced(invoice.price, rates)?),
            name: invoice.business_name.clone(),
            description: invoice.memo.chars().take(DESCRIPTION_CHARS_MAX).collect(),
            metadata,
            redirect_url: None,
            cancel_url: None,
        })
    }

    /// Makes the charge, as of now.
    pub(crate) fn open(
        self,
        checkout_id: Option<Uuid>,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Charge, getrandom::Error> {
        let expires_at = now.plus(ttl);
        Ok(Charge {
            id: random::uuid()?,
            code: random::code()?,
            name: self.name,
            description: self.description,
            price: self.price,
            addresses: Addresses::generate()?,
            metadata: self.metadata,
            checkout_id,
            redirect_url: self.redirect_url,
            cancel_url: self.cancel_url,
            created_at: now,
            expires_at,
            confirmed_at: None,
            timeline: vec![Entry { at: now, status: Status::New, context: None, paid: false }],
            payments: Vec::new(),
            scheduled: Some(Scheduled { at: expires_at, step: Step::Expire }),
        })
    }
}

fn priced(price: Money, rates: &Rates) -> Result<Price, Refusal> {
    Price::of(price, rates).ok_or_else(|| wrong("local_price[amount]", "is more than a coin can hold"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Kind;
    use crate::limits::{METADATA_BYTES_MAX, URL_BYTES_MAX};

    fn parse(body: &str) -> Result<Draft, Refusal> {
        Draft::parse(body.as_bytes(), &Rates::default())
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> Kind {
        let mut body = json!({"name": "Seat", "description": "Row 1", "pricing_type": "fixed_price",
            "local_price": {"amount": "29.99", "currency": "USD"}, "metadata": {"order": 7}});
        parse(&body.to_string()).unwrap();
        change(&mut body);
        parse(&body.to_string()).unwrap_err().kind
    }

    #[test]
    fn what_is_missing_is_a_required_parameter() {
        for field in ["name", "pricing_type", "local_price"] {
            assert_eq!(refusal(|body| body[field] = Value::Null), Kind::ParamRequired, "{field}");
        }
        assert_eq!(refusal(|body| body["local_price"]["amount"] = Value::Null), Kind::ParamRequired);
        assert_eq!(refusal(|body| body["local_price"]["currency"] = Value::Null), Kind::ParamRequired);
    }

    #[test]
    fn what_is_wrong_is_a_validation_error() {
        for amount in
            [json!("0"), json!("-1"), json!("1.001"), json!("1e2"), json!("1000000000.01"), json!(1.001), json!([])]
        {
            assert_eq!(refusal(|body| body["local_price"]["amount"] = amount.clone()), Kind::Validation, "{amount}");
        }
        assert_eq!(refusal(|body| body["local_price"]["currency"] = json!("XXX")), Kind::Validation);
        assert_eq!(refusal(|body| body["name"] = json!("é".repeat(101))), Kind::Validation);
        assert_eq!(refusal(|body| body["description"] = json!("é".repeat(201))), Kind::Validation);
        assert_eq!(refusal(|body| body["metadata"] = json!([1])), Kind::Validation);
        assert_eq!(refusal(|body| body["metadata"] = json!({"x": "y".repeat(METADATA_BYTES_MAX)})), Kind::Validation);
        assert_eq!(refusal(|body| body["pricing_type"] = json!("free")), Kind::Validation);
        assert_eq!(refusal(|body| body["redirect_url"] = json!("u".repeat(URL_BYTES_MAX + 1))), Kind::Validation);
    }

    #[test]
    fn a_body_that_is_no_json_object_is_an_invalid_request() {
        for body in ["", "{", "[]", "7", "{\"a\":1}x"] {
            assert_eq!(parse(body).unwrap_err().kind, Kind::InvalidRequest, "{body}");
        }
    }

    #[test]
    fn names_are_measured_in_characters() {
        let body = json!({"name": "é".repeat(100), "description": "é".repeat(200), "pricing_type": "no_price"});
        assert!(parse(&body.to_string()).unwrap().price.is_none());
    }
}
