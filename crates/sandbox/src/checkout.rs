//! A checkout as Coinbase has it: a page for many payers, each of whom gets a charge.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::config::Config;
use crate::error::Refusal;
use crate::fields::{Fields, missing, wrong};
use crate::limits::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX};
use crate::money::Money;

/// What a checkout's page can ask its visitors for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Requested {
    Name,
    Email,
}

/// What a merchant says about a checkout: the body of `POST /checkouts`, checked.
#[derive(Clone, Debug)]
pub(crate) struct CheckoutDraft {
    name: String,
    description: String,
    price: Option<Money>,
    requested_info: Vec<Requested>,
    logo_url: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    /// `None`: the payer chooses how much to give.
    pub(crate) price: Option<Money>,
    pub(crate) requested_info: Vec<Requested>,
    pub(crate) logo_url: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl CheckoutDraft {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = Fields::parse(body)?;
        Ok(Self {
            price: body.pricing()?,
            name: body.required_text("name", NAME_CHARS_MAX)?,
            description: body.text("description", DESCRIPTION_CHARS_MAX)?.unwrap_or_default(),
            requested_info: requested_info(&body)?,
            logo_url: body.link("logo_url")?,
        })
    }
}

/// What a merchant changes of a checkout: the body of `PUT /checkouts/{id}`. The official clients send what has changed
/// only, one of them the whole object; what isn't there stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct CheckoutChange {
    body: Fields,
}

impl CheckoutChange {
    /// Anything but a JSON object changes nothing: clients that have nothing to save send no body or an empty list.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { body: Fields::parse_optional(body)? })
    }

    fn apply(&self, to: &Checkout) -> Result<CheckoutDraft, Refusal> {
        let body = &self.body;
        let price = match (body.get("pricing_type"), body.price("local_price")?) {
            (None, None) => to.price,
            (None, Some(price)) => Some(price),
            (Some(kind), given) if kind == "fixed_price" => {
                Some(given.or(to.price).ok_or_else(|| missing("local_price"))?)
            }
            (Some(_), _) => body.pricing()?,
        };
        Ok(CheckoutDraft {
            price,
            name: body.text("name", NAME_CHARS_MAX)?.unwrap_or_else(|| to.name.clone()),
            description: match body.get("description") {
                Some(_) => body.text("description", DESCRIPTION_CHARS_MAX)?.unwrap_or_default(),
                None => to.description.clone(),
            },
            requested_info: match body.get("requested_info") {
                Some(_) => requested_info(body)?,
                None => to.requested_info.clone(),
            },
            logo_url: if body.get("logo_url").is_some() { body.link("logo_url")? } else { to.logo_url.clone() },
        })
    }
}

fn requested_info(body: &Fields) -> Result<Vec<Requested>, Refusal> {
    let refusal = || wrong("requested_info", "must be a list of name and email");
    let Some(value) = body.get("requested_info") else {
        return Ok(Vec::new());
    };
    let mut asked = Vec::new();
    for name in value.as_array().ok_or_else(refusal)? {
        let requested = match name.as_str() {
            Some("name") => Requested::Name,
            Some("email") => Requested::Email,
            _ => return Err(refusal()),
        };
        if !asked.contains(&requested) {
            asked.push(requested);
        }
    }
    Ok(asked)
}

impl Checkout {
    pub(crate) fn new(id: Uuid, draft: CheckoutDraft, now: Timestamp) -> Self {
        let CheckoutDraft { name, description, price, requested_info, logo_url } = draft;
        Self { id, name, description, price, requested_info, logo_url, created_at: now, updated_at: now }
    }

    /// The same checkout with what the merchant changes.
    pub(crate) fn changed(&self, change: &CheckoutChange, now: Timestamp) -> Result<Self, Refusal> {
        Ok(Self { created_at: self.created_at, ..Self::new(self.id, change.apply(self)?, now) })
    }

    pub(crate) fn asks_for(&self, what: Requested) -> bool {
        self.requested_info.contains(&what)
    }

    pub(crate) fn to_wire(&self, config: &Config) -> Value {
        let mut wire = json!({
            "id": self.id,
            "resource": "checkout",
            "name": self.name,
            "description": self.description,
            "pricing_type": if self.price.is_some() { "fixed_price" } else { "no_price" },
            "requested_info": self.requested_info,
            "logo_url": self.logo_url.as_deref().unwrap_or_default(),
            "hosted_url": config.public(&format!("/checkout/{}", self.id)),
            "created_at": self.created_at.to_wire(),
            "updated_at": self.updated_at.to_wire(),
        });
        if let Some(price) = self.price {
            wire["local_price"] = json!(price);
        }
        wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> Checkout {
        let body = br#"{"name":"Mug","description":"Blue","pricing_type":"fixed_price",
            "local_price":{"amount":"12.00","currency":"USD"},"requested_info":["email"]}"#;
        Checkout::new(Uuid::nil(), CheckoutDraft::parse(body).unwrap(), Timestamp(1))
    }

    fn changed(body: &str) -> Result<Checkout, Refusal> {
        checkout().changed(&CheckoutChange::parse(body.as_bytes())?, Timestamp(2))
    }

    #[test]
    fn what_is_not_sent_stays_as_it_is() {
        for nothing in ["", "{}", "[]", r#"{"id":"x","hosted_url":"y","unknown":[1]}"#] {
            let same = changed(nothing).unwrap();
            assert_eq!(same.name, "Mug", "{nothing}");
            assert_eq!(same.price, checkout().price, "{nothing}");
            assert!(same.asks_for(Requested::Email) && !same.asks_for(Requested::Name));
        }
        let cup = changed(r#"{"name":"Cup","requested_info":[]}"#).unwrap();
        assert_eq!((cup.name.as_str(), cup.description.as_str()), ("Cup", "Blue"));
        assert_eq!((cup.created_at, cup.updated_at), (Timestamp(1), Timestamp(2)));
        assert!(!cup.asks_for(Requested::Email));
        let dearer = changed(r#"{"local_price":{"amount":"13","currency":"USD"}}"#).unwrap();
        assert_eq!(dearer.price.unwrap().amount(), "13.00");
        assert_eq!(changed(r#"{"pricing_type":"no_price"}"#).unwrap().price, None);
    }

    #[test]
    fn a_wrong_change_is_refused() {
        for body in [
            r#"{"name":7}"#,
            r#"{"requested_info":["age"]}"#,
            r#"{"local_price":{"amount":"0","currency":"USD"}}"#,
            "[1]",
            "{",
        ] {
            assert!(changed(body).is_err(), "{body}");
        }
    }
}
