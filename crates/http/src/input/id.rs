use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use validator::ValidationError;

use super::value::invalid_uuid;
use super::{Field, Given};

/// What a string names by its id, if it is an id. It is read where it stands: no text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id<T>(Option<T>);

impl<'de, T: FromStr> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IdVisitor(PhantomData))
    }
}

struct IdVisitor<T>(PhantomData<T>);

impl<T: FromStr> Visitor<'_> for IdVisitor<T> {
    type Value = Id<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id<T>, E> {
        Ok(Id(text.parse().ok()))
    }
}

impl<T: Copy> Field<T> for Given<Id<T>> {
    fn read(&self) -> Result<T, ValidationError> {
        let Id(id) = self.value("a string")?;
        id.ok_or_else(invalid_uuid)
    }
}

#[cfg(test)]
mod tests {
    use domain::ProductId;

    use super::*;

    fn read(json: &str) -> Result<String, String> {
        let given: Given<Id<ProductId>> = serde_json::from_str(json).unwrap();
        given.read().map(|id| id.to_string()).map_err(|error| error.code.into_owned())
    }

    #[test]
    fn an_id_is_read_however_it_is_written() {
        let id = "01900000-0000-7000-8000-00000000000a";
        for json in [format!("\"{id}\""), format!("\"{}\"", id.to_uppercase()), format!("\"\\u0030{}\"", &id[1..])] {
            assert_eq!(read(&json), Ok(id.to_owned()), "{json}");
        }
    }

    #[test]
    fn what_is_no_id_is_told_from_what_is_no_string() {
        for json in ["\"\"", "\"42\"", "\"01900000-0000-7000-8000-00000000000\"", "\"\\\"\""] {
            assert_eq!(read(json), Err("invalid-uuid".to_owned()), "{json}");
        }
        for json in ["42", "null", "{}", "[\"01900000-0000-7000-8000-00000000000a\"]", "true"] {
            assert_eq!(read(json), Err("invalid-type".to_owned()), "{json}");
        }
    }
}
