use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use validator::ValidationError;

use super::{FieldValue, invalid};

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

/// A field that stands for a `T`: of a body, where it may turn out to be something else, or of a query.
pub(crate) trait Field<T> {
    /// What it stands for; the error has the code and message for the client.
    fn read(&self) -> Result<T, ValidationError>;
}

impl<T: FieldValue> Field<T> for Given<String> {
    fn read(&self) -> Result<T, ValidationError> {
        T::read(self.value("a string")?)
    }
}

impl<T: FieldValue> Field<T> for String {
    fn read(&self) -> Result<T, ValidationError> {
        T::read(self)
    }
}

impl<T, F: Field<T>> Field<T> for &F {
    fn read(&self) -> Result<T, ValidationError> {
        (*self).read()
    }
}
