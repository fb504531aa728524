use std::collections::BTreeMap;

use chrono::DateTime;
use domain::{Currency, Money, Reported, Timestamp};
use serde_json::value::RawValue;

/// A JSON object of which each field is read on its own, so that one field of an unexpected type costs nothing but
/// itself. Null counts as absent. Numbers stay text, as nothing about money may go through floating point.
#[derive(Debug, Default)]
pub(super) struct Loose<'a> {
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Loose<'a> {
    /// `None` if it isn't JSON or no object. Arrays never pass for objects, as they may with a derived reader.
    pub(super) fn parse(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok().map(|fields| Self { fields })
    }

    /// The JSON of a field.
    pub(super) fn json(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name).map(|value| value.get()).filter(|json| *json != "null")
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.json(name)?).ok()
    }

    pub(super) fn object(&self, name: &str) -> Option<Self> {
        Self::parse(self.json(name)?)
    }

    /// The JSON of each item that isn't null.
    pub(super) fn items(&self, name: &str) -> Option<Vec<&'a str>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.json(name)?).ok()?;
        Some(items.into_iter().map(RawValue::get).filter(|json| *json != "null").collect())
    }

    /// A moment as RFC 3339 writes it.
    pub(super) fn moment(&self, name: &str) -> Option<Timestamp> {
        DateTime::parse_from_rfc3339(&self.text(name)?).ok().map(|moment| moment.to_utc().into())
    }

    /// The amount of money in `outer.local`: what Coinbase calls it in the currency that the merchant asked for.
    pub(super) fn local_money(&self, outer: &str) -> Reported {
        let Some(json) = self.json(outer) else { return Reported::Missing };
        let Some(object) = Self::parse(json) else { return Reported::Unreadable };
        match object.json("local") {
            None => Reported::Missing,
            Some(json) => money(json).map_or(Reported::Unreadable, Reported::Amount),
        }
    }
}

pub(super) fn money(json: &str) -> Option<Money> {
    let object = Loose::parse(json)?;
    let currency: Currency = object.text("currency")?.parse().ok()?;
    let amount = match object.text("amount") {
        Some(text) => text,
        None => object.json("amount")?.to_owned(),
    };
    Money::parse(&amount, currency).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(amount: &str, currency: &str) -> Reported {
        let json = format!(r#"{{"pricing":{{"local":{{"amount":{amount},"currency":{currency}}}}}}}"#);
        Loose::parse(&json).unwrap().local_money("pricing")
    }

    fn usd(cents: i64) -> Reported {
        Reported::Amount(Money::from_minor(cents, Currency::USD).unwrap())
    }

    #[test]
    fn amounts_are_exact_whether_text_or_number() {
        for amount in ["\"29.99\"", "29.99", "29.9900", "2999e-2", "\"2.999e1\""] {
            assert_eq!(read(amount, "\"USD\""), usd(2_999), "{amount}");
        }
        // A double would read 999999999.99 from this.
        assert_eq!(read("999999999.990000001", "\"USD\""), Reported::Unreadable);
        let satoshis = Money::from_minor(90_071_992_547_409_933, Currency::BTC).unwrap();
        assert_eq!(read("900719925.47409933", "\"BTC\""), Reported::Amount(satoshis));
    }

    #[test]
    fn an_amount_that_is_there_but_makes_no_sense_is_not_taken_for_absent() {
        for (amount, currency) in [
            ("\"\"", "\"USD\""),
            ("true", "\"USD\""),
            ("{}", "\"USD\""),
            ("null", "\"USD\""),
            ("\"1.001\"", "\"USD\""),
            ("0", "\"USD\""),
            ("1", "\"DOGE\""),
            ("1", "null"),
            ("1", "7"),
        ] {
            assert_eq!(read(amount, currency), Reported::Unreadable, "{amount} {currency}");
        }
        for json in [r#"{"pricing":[]}"#, r#"{"pricing":"1 USD"}"#, r#"{"pricing":{"local":1}}"#] {
            assert_eq!(Loose::parse(json).unwrap().local_money("pricing"), Reported::Unreadable, "{json}");
        }
        for json in ["{}", r#"{"pricing":null}"#, r#"{"pricing":{}}"#, r#"{"pricing":{"local":null}}"#] {
            assert_eq!(Loose::parse(json).unwrap().local_money("pricing"), Reported::Missing, "{json}");
        }
    }

    #[test]
    fn an_array_is_no_object() {
        assert!(Loose::parse("[]").is_none());
        assert!(Loose::parse(r#"[["id","x"]]"#).is_none());
        assert!(Loose::parse("{} {}").is_none());
    }

    #[test]
    fn a_field_of_the_wrong_type_spoils_only_itself() {
        let object = Loose::parse(r#"{"a":1,"b":"x","c":null,"d":"\ud800","e":1e999}"#).unwrap();
        assert_eq!(object.text("a"), None);
        assert_eq!(object.text("b").as_deref(), Some("x"));
        assert_eq!(object.json("c"), None);
        assert_eq!(object.text("d"), None);
        assert_eq!(object.json("e"), Some("1e999"));
    }
}
