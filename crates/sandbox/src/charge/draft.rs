//! What a merchant asks for: the body of `POST /charges`, checked.

use std::time::Duration;

use serde_json::{Map, Value};

use super::life::Step;
use super::{Addresses, Charge, Entry, Price, Scheduled, Status};
use crate::clock::Timestamp;
use crate::currency::Currency;
use crate::error::{Kind, Refusal};
use crate::limits::{DESCRIPTION_CHARS_MAX, METADATA_BYTES_MAX, NAME_CHARS_MAX, URL_BYTES_MAX};
use crate::money::Money;
use crate::random;

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
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::invalid("The body is not valid JSON"))?;
        let body = body.as_object().ok_or_else(|| Refusal::invalid("The body is not a JSON object"))?;
        Ok(Self {
            price: price(body)?,
            name: text(body, "name", NAME_CHARS_MAX)?.ok_or_else(|| missing("name"))?,
            description: text(body, "description", DESCRIPTION_CHARS_MAX)?.unwrap_or_default(),
            metadata: metadata(body)?,
            redirect_url: url(body, "redirect_url")?,
            cancel_url: url(body, "cancel_url")?,
        })
    }

    /// Makes the charge, as of now.
    pub(crate) fn open(self, now: Timestamp, ttl: Duration) -> Result<Charge, getrandom::Error> {
        let expires_at = now.plus(ttl);
        Ok(Charge {
            id: random::uuid()?,
            code: random::code()?,
            name: self.name,
            description: self.description,
            price: self.price,
            addresses: Addresses::generate()?,
            metadata: self.metadata,
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

fn missing(field: &str) -> Refusal {
    Refusal::new(Kind::ParamRequired, format!("Required parameter missing: {field}"))
}

fn wrong(field: &str, what: &str) -> Refusal {
    Refusal::new(Kind::Validation, format!("Invalid {field}: {what}"))
}

/// A field's value; clients send null for what they leave out.
fn given<'body>(body: &'body Map<String, Value>, field: &str) -> Option<&'body Value> {
    body.get(field).filter(|value| !value.is_null())
}

fn text(body: &Map<String, Value>, field: &str, chars_max: usize) -> Result<Option<String>, Refusal> {
    let Some(value) = given(body, field) else {
        return Ok(None);
    };
    let text = value.as_str().ok_or_else(|| wrong(field, "must be a string"))?;
    if text.chars().count() > chars_max {
        return Err(wrong(field, &format!("must have at most {chars_max} characters")));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.trim().is_empty()))
}

fn price(body: &Map<String, Value>) -> Result<Option<Price>, Refusal> {
    match given(body, "pricing_type").ok_or_else(|| missing("pricing_type"))?.as_str() {
        Some("no_price") => Ok(None),
        Some("fixed_price") => fixed_price(body).map(Some),
        _ => Err(wrong("pricing_type", "must be fixed_price or no_price")),
    }
}

fn fixed_price(body: &Map<String, Value>) -> Result<Price, Refusal> {
    let local = given(body, "local_price").ok_or_else(|| missing("local_price"))?;
    let local = local.as_object().ok_or_else(|| wrong("local_price", "must be an object"))?;
    let currency = given(local, "currency").ok_or_else(|| missing("local_price[currency]"))?;
    let currency = currency.as_str().and_then(Currency::find);
    let currency = currency.ok_or_else(|| wrong("local_price[currency]", "not a currency that is supported"))?;
    let amount = match given(local, "amount").ok_or_else(|| missing("local_price[amount]"))? {
        Value::String(text) => Money::parse(text, currency),
        // Some clients send a number. Its shortest decimal form is what they wrote.
        Value::Number(number) => Money::parse(&number.to_string(), currency),
        _ => None,
    };
    let amount = amount.filter(|amount| amount.is_price()).and_then(Price::of);
    amount.ok_or_else(|| {
        wrong("local_price[amount]", "must be a positive decimal with no more decimals than its currency")
    })
}

fn metadata(body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let Some(value) = given(body, "metadata") else {
        return Ok(Map::new());
    };
    // PHP writes an empty map as a list.
    if value.as_array().is_some_and(Vec::is_empty) {
        return Ok(Map::new());
    }
    let metadata = value.as_object().ok_or_else(|| wrong("metadata", "must be an object"))?;
    if value.to_string().len() > METADATA_BYTES_MAX {
        return Err(wrong("metadata", &format!("must have at most {METADATA_BYTES_MAX} bytes")));
    }
    Ok(metadata.clone())
}

/// Kept as it is: whether a browser is sent there is decided where that would happen.
fn url(body: &Map<String, Value>, field: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = given(body, field) else {
        return Ok(None);
    };
    let url = value.as_str().ok_or_else(|| wrong(field, "must be a string"))?;
    if url.len() > URL_BYTES_MAX {
        return Err(wrong(field, &format!("must have at most {URL_BYTES_MAX} bytes")));
    }
    Ok(Some(url.to_owned()).filter(|url| !url.is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(change: impl FnOnce(&mut Value)) -> Kind {
        let mut body = json!({"name": "Seat", "description": "Row 1", "pricing_type": "fixed_price",
            "local_price": {"amount": "29.99", "currency": "USD"}, "metadata": {"order": 7}});
        Draft::parse(body.to_string().as_bytes()).unwrap();
        change(&mut body);
        Draft::parse(body.to_string().as_bytes()).unwrap_err().kind
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
            assert_eq!(Draft::parse(body.as_bytes()).unwrap_err().kind, Kind::InvalidRequest, "{body}");
        }
    }

    #[test]
    fn names_are_measured_in_characters() {
        let body = json!({"name": "é".repeat(100), "description": "é".repeat(200), "pricing_type": "no_price"});
        assert!(Draft::parse(body.to_string().as_bytes()).unwrap().price.is_none());
    }
}
