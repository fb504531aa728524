use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use validator::ValidationError;

use super::invalid;

/// The value of a field, if it has the type that was asked for. A wrong type doesn't end the reading, so that it is
/// reported together with whatever else is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given<T> {
    Readable(T),
    WrongType,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(serde_json::from_str(raw.get()).map_or(Self::WrongType, Self::Readable))
    }
}

/// `validator` copies a faulty value into its error. Nobody reads it there, and answers must not hold what was sent.
impl<T> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<T> Given<T> {
    /// The value, or the fault of not being `expected` ("a string").
    pub(crate) fn value(&self, expected: &str) -> Result<&T, ValidationError> {
        match self {
            Self::Readable(value) => Ok(value),
            Self::WrongType => Err(invalid("invalid-type", Cow::Owned(format!("must be {expected}")))),
        }
    }
}

/// A field that holds text: of a body, where it may turn out to be something else, or of a query.
pub(crate) trait TextField {
    fn text(&self) -> Result<&str, ValidationError>;
}

impl TextField for Given<String> {
    fn text(&self) -> Result<&str, ValidationError> {
        self.value("a string").map(String::as_str)
    }
}

impl TextField for String {
    fn text(&self) -> Result<&str, ValidationError> {
        Ok(self)
    }
}

impl<T: TextField> TextField for &T {
    fn text(&self) -> Result<&str, ValidationError> {
        (*self).text()
    }
}
