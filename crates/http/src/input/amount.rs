use domain::{AmountError, BareAmount, Currency, Money};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use validator::{ValidationError, ValidationErrors};

use super::{Field, Given, fault_of, invalid};

/// An amount as it was written: the digits of a JSON number, or the contents of a string. It never is a float.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount(String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw).map(Self).map_err(serde::de::Error::custom),
            Some(b'-' | b'0'..=b'9') => Ok(Self(raw.to_owned())),
            _ => Err(serde::de::Error::custom("neither a number nor a string")),
        }
    }
}

const FORM: &str = "a number or a decimal string";

/// The money that two fields stand for together, if there is an amount. The currency is USD if it isn't told.
pub(crate) fn money(
    amount: Option<&Given<Amount>>,
    currency: Option<&Given<String>>,
) -> Result<Option<Money>, ValidationError> {
    let Some(amount) = amount else { return Ok(None) };
    let Amount(text) = amount.value(FORM)?;
    let currency = currency.map_or(Currency::USD, told);
    Money::parse_asked(text, currency).map(Some).map_err(invalid_amount)
}

/// The money that must be in the field `name`.
pub(crate) fn required_money(
    name: &'static str,
    amount: Option<&Given<Amount>>,
    currency: Option<&Given<String>>,
) -> Result<Money, ValidationErrors> {
    there(name, money(amount, currency))
}

/// The amount that must be in the field `name`. Its currency may be known elsewhere; one that is told must have its
/// decimals.
pub(crate) fn required_bare_amount(
    name: &'static str,
    amount: Option<&Given<Amount>>,
    currency: Option<&Given<String>>,
) -> Result<BareAmount, ValidationErrors> {
    there(name, bare_amount(amount, currency))
}

/// The amount that may be in a field, likewise.
pub(crate) fn bare_amount(
    amount: Option<&Given<Amount>>,
    currency: Option<&Given<String>>,
) -> Result<Option<BareAmount>, ValidationError> {
    let Some(amount) = amount else { return Ok(None) };
    let bare = BareAmount::parse(&amount.value(FORM)?.0).map_err(invalid_amount)?;
    if let Some(currency) = currency {
        bare.in_currency(told(currency)).map_err(invalid_amount)?;
    }
    Ok(Some(bare))
}

/// A currency that can't be read is reported for itself. The amount is then measured by the finest one, so that what is
/// wrong in any currency is reported too.
fn told(currency: &Given<String>) -> Currency {
    currency.read().unwrap_or(Currency::BTC)
}

fn there<T>(name: &'static str, amount: Result<Option<T>, ValidationError>) -> Result<T, ValidationErrors> {
    amount
        .and_then(|amount| amount.ok_or_else(|| ValidationError::new("required")))
        .map_err(|error| fault_of(name, error))
}

/// The fault of a number that is no amount.
pub(crate) fn invalid_amount(error: AmountError) -> ValidationError {
    let code = match error {
        AmountError::NotANumber => "not-a-number",
        AmountError::NotPositive => "not-positive",
        AmountError::TooPrecise => "too-precise",
        AmountError::TooLarge => "too-large",
    };
    invalid(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, currency: Option<&str>) -> Result<String, String> {
        let amount: Given<Amount> = serde_json::from_str(json).unwrap();
        let currency = currency.map(|code| Given::Readable(code.to_owned()));
        match money(Some(&amount), currency.as_ref()) {
            Ok(money) => Ok(money.unwrap().to_string()),
            Err(error) => Err(error.code.into_owned()),
        }
    }

    #[test]
    fn numbers_and_strings_are_read_to_the_last_digit() {
        assert_eq!(read("29.99", None), Ok("29.99".to_owned()));
        assert_eq!(read("\"29.990\"", None), Ok("29.99".to_owned()));
        assert_eq!(read("9007199.254740993", Some("BTC")), Err("too-precise".to_owned()));
        assert_eq!(read("90071992.54740993", Some("BTC")), Ok("90071992.54740993".to_owned()));
        assert_eq!(read("1e2", Some("JPY")), Ok("100".to_owned()));
        assert_eq!(read("\"1\\u0030\"", None), Ok("10.00".to_owned()));
    }

    #[test]
    fn what_is_no_amount_is_told_why() {
        for (json, code) in [
            ("1e400", "too-large"),
            ("0.001", "too-precise"),
            ("0", "not-positive"),
            ("-1", "not-positive"),
            ("\"NaN\"", "not-a-number"),
            ("\"\"", "not-a-number"),
            ("true", "invalid-type"),
            ("[1]", "invalid-type"),
            ("{}", "invalid-type"),
        ] {
            assert_eq!(read(json, None), Err(code.to_owned()), "{json}");
        }
    }

    #[test]
    fn an_amount_without_a_currency_is_measured_by_the_finest_and_by_one_that_is_told() {
        let bare = |json: &str, currency: Option<&str>| {
            let amount: Given<Amount> = serde_json::from_str(json).unwrap();
            let currency = currency.map(|code| Given::Readable(code.to_owned()));
            let read = bare_amount(Some(&amount), currency.as_ref());
            read.map(|amount| amount.unwrap().as_str().to_owned()).map_err(|error| error.code.into_owned())
        };
        assert_eq!(bare("0.001", None), Ok("0.00100000".to_owned()));
        assert_eq!(bare("0.001", Some("USD")), Err("too-precise".to_owned()));
        assert_eq!(bare("\"0.0010\"", Some("KWD")), Ok("0.00100000".to_owned()));
        assert_eq!(bare("0.000000001", None), Err("too-precise".to_owned()));
        assert_eq!(bare("0", Some("XXX")), Err("not-positive".to_owned()));
        assert_eq!(bare("1000000000.01", None), Err("too-large".to_owned()));
        assert_eq!(bare("[]", None), Err("invalid-type".to_owned()));
    }

    #[test]
    fn an_unknown_currency_hides_no_fault_of_the_amount() {
        assert_eq!(read("-1", Some("XXX")), Err("not-positive".to_owned()));
        assert!(read("0.001", Some("XXX")).is_ok());
    }
}
