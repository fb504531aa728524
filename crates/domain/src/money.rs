use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Currency, Quantity};

/// The largest amount that can be asked for, in major units (dollars, not cents). More may come.
pub const MAX_AMOUNT_MAJOR: i64 = 1_000_000_000;

/// The longest text that is looked at as an amount. Zeros at its end don't count, so that there may be many.
const MAX_TEXT_LEN: usize = 4096;

/// An amount of money: whole minor units (cents, satoshis) of a currency, more than zero. It never goes through floating
/// point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    minor: i64,
    currency: Currency,
}

/// Why a text or a count of minor units is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountError {
    /// Not a decimal number as JSON writes it.
    #[error("must be a decimal number, such as 29.99")]
    NotANumber,
    /// Zero or less.
    #[error("must be more than zero")]
    NotPositive,
    /// Decimals that the currency doesn't have. Trailing zeros don't count.
    #[error("has more decimals than the currency")]
    TooPrecise,
    /// More than [`MAX_AMOUNT_MAJOR`].
    #[error("must be at most 1000000000")]
    TooLarge,
}

impl Money {
    /// From a count of minor units.
    pub fn from_minor(minor: i64, currency: Currency) -> Result<Self, AmountError> {
        if minor > 0 { Ok(Self { minor, currency }) } else { Err(AmountError::NotPositive) }
    }

    /// An amount to ask for: as [`parse`](Self::parse) reads it, and at most [`MAX_AMOUNT_MAJOR`].
    pub fn parse_asked(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let money = Self::parse(text, currency)?;
        if money.can_be_asked() { Ok(money) } else { Err(AmountError::TooLarge) }
    }

    /// From a decimal in major units, in the grammar of a JSON number (RFC 8259, section 6): `29.99`, `3e2`.
    ///
    /// Exact: 29.99 USD is 2999 cents, never a float's neighbour.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let decimal = Decimal::parse(text).ok_or(AmountError::NotANumber)?;
        if decimal.negative || decimal.digits.is_empty() {
            return Err(AmountError::NotPositive);
        }
        let exponent = decimal.exponent.saturating_add(i64::from(currency.decimals()));
        if exponent < 0 {
            return Err(AmountError::TooPrecise);
        }
        let minor = u32::try_from(exponent)
            .ok()
            .and_then(|exponent| 10_i64.checked_pow(exponent))
            .zip(decimal.digits.parse::<i64>().ok())
            .and_then(|(scale, digits)| digits.checked_mul(scale))
            .ok_or(AmountError::TooLarge)?;
        Self::from_minor(minor, currency)
    }

    /// Minor units: cents, satoshis.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// What the amount is in.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum, if both are in the same currency and it is still an amount.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        Self::from_minor(self.minor.checked_add(other.minor)?, self.currency).ok()
    }

    /// So many times the amount, if it is still an amount.
    #[must_use]
    pub fn checked_mul(self, quantity: Quantity) -> Option<Self> {
        Self::from_minor(self.minor.checked_mul(i64::from(quantity.get()))?, self.currency).ok()
    }

    /// Whether so much can be asked for at once: at most [`MAX_AMOUNT_MAJOR`].
    #[must_use]
    pub fn can_be_asked(self) -> bool {
        self.minor <= MAX_AMOUNT_MAJOR * 10_i64.pow(self.currency.decimals())
    }
}

/// An amount whose currency isn't told: a decimal in major units, more than zero, always written the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BareAmount(String);

impl BareAmount {
    /// From a decimal in the grammar of a JSON number, at most [`MAX_AMOUNT_MAJOR`].
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        // No currency is finer; coarser ones look again, and don't mind zeros at the end.
        Money::parse_asked(text, Currency::BTC).map(|finest| Self(finest.to_string()))
    }

    /// The amount, if the currency has as many decimals.
    pub fn in_currency(&self, currency: Currency) -> Result<Money, AmountError> {
        Money::parse_asked(&self.0, currency)
    }

    /// The decimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What some amounts of a currency come to: it may be nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    minor: i64,
    currency: Currency,
}

impl Sum {
    /// So many minor units, of which there are none or more.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

impl fmt::Display for Sum {
    /// As an amount is written: `0.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let scale = 10_i64.pow(decimals);
        let (whole, part) = (self.minor / scale, self.minor % scale);
        match decimals {
            0 => write!(f, "{whole}"),
            _ => write!(f, "{whole}.{part:0width$}", width = decimals as usize),
        }
    }
}

impl fmt::Display for Money {
    /// The decimal in major units, with all decimals of the currency: `29.90`. The currency is a field of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Sum::new(self.minor, self.currency).fmt(f)
    }
}

impl TryFrom<Stored> for Money {
    type Error = AmountError;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Self::from_minor(stored.minor, stored.currency)
    }
}

impl From<Money> for Stored {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency }
    }
}

/// A decimal taken apart: `digits` x 10^`exponent`, the digits without leading or trailing zeros (none for zero).
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT_LEN {
            return None;
        }
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        let dropped = digits.len() - significant.len();
        let exponent = exponent.saturating_add(i64::try_from(dropped).ok()? - i64::try_from(fraction.len()).ok()?);
        Some(Self { negative, digits: significant.trim_start_matches('0').to_owned(), exponent })
    }
}

/// An exponent of any length is valid JSON; one too long for 64 bits is as good as the largest.
fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX / 2);
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minor(text: &str, code: &str) -> Result<i64, AmountError> {
        Money::parse_asked(text, code.parse().unwrap()).map(Money::minor)
    }

    #[test]
    fn decimals_are_read_exactly() {
        for (text, code, expected) in [
            ("29.99", "USD", 2999),
            ("29.990", "USD", 2999),
            ("0.01", "USD", 1),
            ("100", "JPY", 100),
            ("100.00", "JPY", 100),
            ("1e2", "USD", 10_000),
            ("1.5E+1", "USD", 1500),
            ("150e-1", "USD", 1500),
            ("0.00000001", "BTC", 1),
            ("1000000000", "BTC", 100_000_000_000_000_000),
            ("1000000000.00", "USD", 100_000_000_000),
            (&format!("29.99{}", "0".repeat(1000)), "USD", 2999),
        ] {
            assert_eq!(minor(text, code), Ok(expected), "{text} {code}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_reason() {
        use AmountError::{NotANumber, NotPositive, TooLarge, TooPrecise};
        for (text, expected) in [
            ("0.001", TooPrecise),
            ("1e-400", TooPrecise),
            ("1e-99999999999999999999", TooPrecise),
            ("0", NotPositive),
            ("0.00", NotPositive),
            ("-1", NotPositive),
            ("-0", NotPositive),
            ("0e999", NotPositive),
            ("1000000000.01", TooLarge),
            ("1e400", TooLarge),
            ("1e99999999999999999999", TooLarge),
            ("99999999999999999999999999", TooLarge),
            ("NaN", NotANumber),
            ("Infinity", NotANumber),
            ("", NotANumber),
            (".5", NotANumber),
            ("5.", NotANumber),
            ("+5", NotANumber),
            ("05", NotANumber),
            ("1e", NotANumber),
            ("1e+", NotANumber),
            ("1,5", NotANumber),
            (" 1", NotANumber),
            ("0x10", NotANumber),
            ("\u{0661}", NotANumber),
            ("1.2.3", NotANumber),
            ("--1", NotANumber),
        ] {
            assert_eq!(minor(text, "USD"), Err(expected), "{text}");
        }
    }

    #[test]
    fn sums_stay_within_64_bits_and_one_currency() {
        let top = Money::from_minor(i64::MAX, Currency::USD).unwrap();
        let cent = Money::parse("0.01", Currency::USD).unwrap();
        assert_eq!(top.checked_add(cent), None);
        assert_eq!(cent.checked_add(Money::parse("1", Currency::BTC).unwrap()), None);
        assert_eq!(cent.checked_add(cent).unwrap().minor(), 2);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(amount in 1_i64..=100_000_000_000, code in prop::sample::select(vec!["USD", "JPY", "KWD", "BTC", "USDC"])) {
            if let Ok(money) = Money::from_minor(amount, code.parse().unwrap()) {
                prop_assert_eq!(Money::parse(&money.to_string(), money.currency()), Ok(money));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = Money::parse(&text, Currency::USD);
        }
    }
}
