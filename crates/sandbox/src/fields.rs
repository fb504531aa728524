//! Reading the fields of a JSON body, with Coinbase's words for what is wrong with them.

use serde_json::{Map, Value};
use url::Url;

use crate::currency::Currency;
use crate::error::{Kind, Refusal};
use crate::limits::{METADATA_BYTES_MAX, URL_BYTES_MAX};
use crate::money::Money;

/// A body that is a JSON object, or a part of one.
#[derive(Clone, Debug)]
pub(crate) struct Fields(Map<String, Value>);

pub(crate) fn missing(field: &str) -> Refusal {
    Refusal::new(Kind::ParamRequired, format!("Required parameter missing: {field}"))
}

pub(crate) fn wrong(field: &str, what: &str) -> Refusal {
    Refusal::new(Kind::Validation, format!("Invalid {field}: {what}"))
}

impl Fields {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::invalid("The body is not valid JSON"))?;
        match body {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Refusal::invalid("The body is not a JSON object")),
        }
    }

    /// The same for a call whose body may be left out, or be the empty list that PHP writes for an empty map.
    pub(crate) fn parse_optional(body: &[u8]) -> Result<Self, Refusal> {
        match body.trim_ascii() {
            b"" | b"[]" => Ok(Self(Map::new())),
            body => Self::parse(body),
        }
    }

    /// What a browser's form sends.
    pub(crate) fn from_form(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body);
        Self(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect())
    }

    /// A field's value; clients send null for what they leave out.
    pub(crate) fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A text that isn't blank.
    pub(crate) fn text(&self, field: &str, chars_max: usize) -> Result<Option<String>, Refusal> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| wrong(field, "must be a string"))?;
        if text.chars().count() > chars_max {
            return Err(wrong(field, &format!("must have at most {chars_max} characters")));
        }
        Ok(Some(text.to_owned()).filter(|text| !text.trim().is_empty()))
    }

    pub(crate) fn required_text(&self, field: &str, chars_max: usize) -> Result<String, Refusal> {
        self.text(field, chars_max)?.ok_or_else(|| missing(field))
    }

    /// Kept as it is: whether a browser is sent there is decided where that would happen.
    pub(crate) fn link(&self, field: &str) -> Result<Option<String>, Refusal> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let url = value.as_str().ok_or_else(|| wrong(field, "must be a string"))?;
        if url.len() > URL_BYTES_MAX {
            return Err(wrong(field, &format!("must have at most {URL_BYTES_MAX} bytes")));
        }
        Ok(Some(url.to_owned()).filter(|url| !url.is_empty()))
    }

    /// An address that webhooks can be sent to.
    pub(crate) fn web_address(&self, field: &str) -> Result<Url, Refusal> {
        let text = self.link(field)?.ok_or_else(|| missing(field))?;
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        url.ok_or_else(|| wrong(field, "must be an absolute http or https URL"))
    }

    /// An amount and its currency: `{"amount": "29.99", "currency": "USD"}`.
    pub(crate) fn price(&self, field: &str) -> Result<Option<Money>, Refusal> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let Value::Object(fields) = value else {
            return Err(wrong(field, "must be an object"));
        };
        let (fields, inner) = (Self(fields.clone()), |name: &str| format!("{field}[{name}]"));
        let currency = fields.get("currency").ok_or_else(|| missing(&inner("currency")))?;
        let currency = currency.as_str().and_then(Currency::find);
        let currency = currency.ok_or_else(|| wrong(&inner("currency"), "not a currency that is supported"))?;
        let amount = fields.get("amount").ok_or_else(|| missing(&inner("amount")))?;
        let price = amount_of(amount, currency).filter(|price| price.is_price());
        let price = price.ok_or_else(|| {
            wrong(&inner("amount"), "must be a positive decimal with no more decimals than its currency")
        })?;
        Ok(Some(price))
    }

    /// `None` is a price that the payer chooses.
    pub(crate) fn pricing(&self) -> Result<Option<Money>, Refusal> {
        match self.get("pricing_type").ok_or_else(|| missing("pricing_type"))?.as_str() {
            Some("no_price") => Ok(None),
            Some("fixed_price") => self.price("local_price")?.map(Some).ok_or_else(|| missing("local_price")),
            _ => Err(wrong("pricing_type", "must be fixed_price or no_price")),
        }
    }

    pub(crate) fn metadata(&self) -> Result<Map<String, Value>, Refusal> {
        let Some(value) = self.get("metadata") else {
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

    /// A whole number in a range, both ends included.
    pub(crate) fn number(&self, field: &str, least: u64, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| wrong(field, &format!("must be a whole number from {least} to {most}")))
    }
}

/// Some clients send a number. Its shortest decimal form is what they wrote.
pub(crate) fn amount_of(value: &Value, currency: &'static Currency) -> Option<Money> {
    match value {
        Value::String(text) => Money::parse(text, currency),
        Value::Number(number) => Money::parse(&number.to_string(), currency),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
