use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use validator::ValidationError;

use super::{Given, invalid};
use crate::body::Scan;

/// The longest metadata as they are stored.
const MAX_BYTES: usize = 8 * 1024;
/// How deep metadata may be nested, their own object included.
const MAX_DEPTH: usize = 32;

/// A merchant's own data, as they were written.
#[derive(Clone, Debug)]
pub(crate) struct Metadata(Box<RawValue>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('{') { Ok(Self(raw)) } else { Err(serde::de::Error::custom("not an object")) }
    }
}

/// The text that is stored: the same for the same data, in whatever order and spacing they were written.
pub(crate) fn canonical_metadata(given: &Given<Metadata>) -> Result<String, ValidationError> {
    let Metadata(raw) = given.value("an object")?;
    if Scan::of(raw.get()).depth > MAX_DEPTH {
        return Err(invalid("too-deep", format!("must be nested at most {MAX_DEPTH} levels deep")));
    }
    // It is known to be grammatical: what is left is a number beyond all floats, such as 1e400.
    let value: Value = serde_json::from_str(raw.get())
        .map_err(|_| invalid("number-out-of-range", "has a number that is too large"))?;
    if has_nul(&value) {
        return Err(invalid("control-character", "must not contain NUL characters"));
    }
    let text = value.to_string();
    if text.len() > MAX_BYTES {
        return Err(invalid("too-long", format!("must be at most {MAX_BYTES} bytes long as JSON")));
    }
    Ok(text)
}

/// NUL is a character of JSON, but PostgreSQL's text and jsonb can't store it.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(json: &str) -> Result<String, String> {
        let given: Given<Metadata> = serde_json::from_str(json).unwrap();
        canonical_metadata(&given).map_err(|error| error.code.into_owned())
    }

    fn nested(depth: usize) -> String {
        format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))
    }

    #[test]
    fn the_same_data_are_always_written_the_same_way() {
        let text = canonical("{ \"b\" : [1, 2.50], \"a\":{\"d\":null,\"c\":\"\\u00e9\"} }").unwrap();
        assert_eq!(text, "{\"a\":{\"c\":\"é\",\"d\":null},\"b\":[1,2.5]}");
        assert_eq!(canonical(&text).unwrap(), text);
    }

    #[test]
    fn what_cannot_be_stored_is_told_why() {
        let long = |len: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(len - 8));
        for json in ["1", "[]", "\"{}\"", "true"] {
            assert_eq!(canonical(json), Err("invalid-type".to_owned()), "{json}");
        }
        assert_eq!(canonical("{\"a\":1e400}"), Err("number-out-of-range".to_owned()));
        assert_eq!(canonical("{\"a\":[\"\\u0000\"]}"), Err("control-character".to_owned()));
        assert_eq!(canonical(&nested(33)), Err("too-deep".to_owned()));
        assert_eq!(canonical(&nested(32)), Ok(nested(32)));
        assert_eq!(canonical(&long(8193)), Err("too-long".to_owned()));
        assert_eq!(canonical(&long(8192)).unwrap().len(), 8192);
    }
}
