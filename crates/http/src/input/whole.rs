use std::ops::RangeInclusive;

use domain::{MAX_STOCK, Quantity};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use validator::ValidationError;

use super::{Field, Given, invalid};

/// A JSON number, if it is written as a whole one: `5`, but neither `5.0` nor `5e0`. It never is a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole(Option<i128>);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if !matches!(raw.as_bytes().first(), Some(b'-' | b'0'..=b'9')) {
            return Err(serde::de::Error::custom("not a number"));
        }
        let (beyond, digits) = match raw.strip_prefix('-') {
            Some(digits) => (i128::MIN, digits),
            None => (i128::MAX, raw),
        };
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Self(is_whole.then(|| raw.parse().unwrap_or(beyond))))
    }
}

impl Given<Whole> {
    /// The number, if it is a whole one of these.
    pub(crate) fn within(&self, range: &RangeInclusive<u32>) -> Result<u32, ValidationError> {
        let Whole(number) = self.value("a whole number")?;
        let number = number.ok_or_else(|| invalid("not-an-integer", "must be a whole number"))?;
        let in_range = u32::try_from(number).ok().filter(|number| range.contains(number));
        in_range.ok_or_else(|| invalid("out-of-range", format!("must be from {} to {}", range.start(), range.end())))
    }

    /// The number as a quantity of at most `max`.
    pub(crate) fn quantity(&self, max: u32) -> Result<Quantity, ValidationError> {
        let number = self.within(&(1..=max))?;
        Quantity::try_from(u64::from(number)).map_err(|error| invalid("out-of-range", error.to_string()))
    }
}

impl Field<Quantity> for Given<Whole> {
    fn read(&self) -> Result<Quantity, ValidationError> {
        self.quantity(MAX_STOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<u32, String> {
        let given: Given<Whole> = serde_json::from_str(json).unwrap();
        given.within(&(0..=1000)).map_err(|error| format!("{} {}", error.code, error.message.unwrap()))
    }

    #[test]
    fn whole_numbers_are_read_up_to_the_ends_of_the_range() {
        for (json, number) in [("0", 0), ("1", 1), ("1000", 1000), ("-0", 0)] {
            assert_eq!(read(json), Ok(number), "{json}");
        }
    }

    #[test]
    fn what_is_no_such_number_is_told_why() {
        let huge = "9".repeat(400);
        for json in
            ["-1", "1001", "4294967296", "9223372036854775808", "18446744073709551616", &huge, &format!("-{huge}")]
        {
            assert_eq!(read(json), Err("out-of-range must be from 0 to 1000".to_owned()), "{json}");
        }
        for json in ["1.5", "1.0", "1e2", "5E0", "1e400", "-0.5"] {
            assert_eq!(read(json), Err("not-an-integer must be a whole number".to_owned()), "{json}");
        }
        for json in ["\"5\"", "true", "null", "[5]", "{}"] {
            assert_eq!(read(json), Err("invalid-type must be a whole number".to_owned()), "{json}");
        }
    }

    #[test]
    fn a_quantity_is_at_least_one() {
        let read = |json: &str| serde_json::from_str::<Given<Whole>>(json).unwrap().quantity(5).ok().map(Quantity::get);
        assert_eq!([read("0"), read("1"), read("5"), read("6")], [None, Some(1), Some(5), None]);
    }
}
