use domain::{CustomerId, PaymentId};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use validator::ValidationError;

use super::value::invalid_text;
use super::{Field, FieldValue, Given, invalid};

const FORM: &str = "a string or a whole number";

/// What another system calls something: a text, or the digits of a whole number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Text(String),
    Digits(String),
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw.starts_with('"') {
            return serde_json::from_str(raw).map(Self::Text).map_err(serde::de::Error::custom);
        }
        // The grammar of JSON sees to it that there are digits, and no sign but a minus.
        let is_whole = raw.strip_prefix('-').unwrap_or(raw).bytes().all(|byte| byte.is_ascii_digit());
        if is_whole { Ok(Self::Digits(raw.to_owned())) } else { Err(serde::de::Error::custom("neither")) }
    }
}

impl Field<CustomerId> for Given<Label> {
    fn read(&self) -> Result<CustomerId, ValidationError> {
        match self.value(FORM)? {
            Label::Text(text) => CustomerId::read(text),
            Label::Digits(digits) => digits
                .parse()
                .map(CustomerId::from_number)
                .map_err(|_| invalid("out-of-range", "must be a whole number of 64 bits")),
        }
    }
}

impl Field<PaymentId> for Given<Label> {
    fn read(&self) -> Result<PaymentId, ValidationError> {
        match self.value(FORM)? {
            Label::Text(text) | Label::Digits(text) => PaymentId::parse(text).map_err(invalid_text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(json: &str) -> Result<T, String>
    where
        Given<Label>: Field<T>,
    {
        let given: Given<Label> = serde_json::from_str(json).unwrap();
        given.read().map_err(|error| error.code.into_owned())
    }

    #[test]
    fn a_customer_is_a_text_or_a_number_of_64_bits() {
        assert_eq!(read::<CustomerId>("\"c-1\"").unwrap().as_number(), None);
        assert_eq!(read::<CustomerId>("\"42\"").unwrap().as_number(), None);
        assert_eq!(read::<CustomerId>("42").unwrap().as_number(), Some(42));
        assert_eq!(read::<CustomerId>("-9223372036854775808").unwrap().as_number(), Some(i64::MIN));
        assert_eq!(read::<CustomerId>("9223372036854775808"), Err("out-of-range".to_owned()));
        assert_eq!(read::<CustomerId>("\"\""), Err("empty".to_owned()));
        for json in ["1.5", "1e3", "true", "{}", "[1]", "null"] {
            assert_eq!(read::<CustomerId>(json), Err("invalid-type".to_owned()), "{json}");
        }
    }

    #[test]
    fn a_payment_goes_by_its_text_or_its_digits() {
        assert_eq!(read::<PaymentId>("\"pay_1\"").unwrap().as_str(), "pay_1");
        assert_eq!(read::<PaymentId>("98765432109876543210").unwrap().as_str(), "98765432109876543210");
        assert_eq!(read::<PaymentId>("\"a\\u0000\""), Err("control-character".to_owned()));
        assert_eq!(read::<PaymentId>("1.5"), Err("invalid-type".to_owned()));
    }
}
