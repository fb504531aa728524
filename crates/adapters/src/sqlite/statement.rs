use std::marker::PhantomData;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};
use uuid::Uuid;

use super::key::Key;

/// The fixed text of a statement; Diesel keeps a prepared statement for each type that has one.
pub(super) trait StatementText: 'static {
    /// SQL with `?` for each bound value, and nowhere else.
    const TEXT: &'static str;
    /// The types of the columns that it gives back; `()` if none.
    type Columns: 'static;
}

/// Defines a statement that gives nothing back.
macro_rules! statement {
    ($(#[$doc:meta])* $name:ident, $text:expr) => {
        $(#[$doc])*
        struct $name;

        impl $crate::sqlite::statement::StatementText for $name {
            const TEXT: &'static str = $text;
            type Columns = ();
        }
    };
}

pub(super) use statement;

/// A bound value, borrowed from the row that it is of.
pub(super) enum Value<'a> {
    Key(Key),
    OptionalKey(Option<Key>),
    Text(&'a str),
    OptionalText(Option<&'a str>),
    Bytes(&'a [u8]),
    OptionalBytes(Option<&'a [u8]>),
    /// A text that was made for the statement.
    Made(String),
    BigInt(i64),
    OptionalBigInt(Option<i64>),
    Integer(i32),
    Bool(bool),
}

impl Value<'_> {
    pub(super) fn key(id: Uuid) -> Self {
        Self::Key(Key(id))
    }

    pub(super) fn optional_key(id: Option<Uuid>) -> Self {
        Self::OptionalKey(id.map(Key))
    }

    /// Ids as a JSON array of hexadecimal texts, each once: one bound value for any number of them. `None` for none.
    pub(super) fn keys(ids: impl IntoIterator<Item = Uuid>) -> Option<Self> {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        // A crowd wants the same few rows.
        ids.sort_unstable();
        ids.dedup();
        let (first, others) = ids.split_first()?;
        let mut digits = Uuid::encode_buffer();
        let mut json = String::with_capacity(ids.len() * "'0123456789abcdef0123456789abcdef',".len() + 1);
        json.push_str("[\"");
        json.push_str(first.simple().encode_lower(&mut digits));
        for id in others {
            json.push_str("\",\"");
            json.push_str(id.simple().encode_lower(&mut digits));
        }
        json.push_str("\"]");
        Some(Self::Made(json))
    }

    /// Texts, or tuples of texts, as a JSON array for `json_each`; such lists always have a JSON form. `None` for none.
    pub(super) fn list(items: &[impl serde::Serialize]) -> Option<Self> {
        (!items.is_empty()).then(|| Self::json(items))
    }

    /// The same for a list that is never empty.
    pub(super) fn json(items: &[impl serde::Serialize]) -> Self {
        Self::Made(serde_json::to_string(items).unwrap_or_default())
    }
}

/// A statement with its values.
pub(super) struct Statement<'a, S, const VALUES: usize> {
    values: [Value<'a>; VALUES],
    text: PhantomData<S>,
}

impl<'a, S: StatementText, const VALUES: usize> Statement<'a, S, VALUES> {
    pub(super) const fn new(values: [Value<'a>; VALUES]) -> Self {
        const { assert!(places(S::TEXT) == VALUES, "a statement has another number of values than of places for them") };
        Self { values, text: PhantomData }
    }
}

const fn places(text: &str) -> usize {
    let (bytes, mut at, mut places) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'?' {
            places += 1;
        }
        at += 1;
    }
    places
}

impl<S: StatementText, const VALUES: usize> QueryId for Statement<'_, S, VALUES> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: StatementText, const VALUES: usize> Query for Statement<'_, S, VALUES> {
    type SqlType = S::Columns;
}

impl<S, const VALUES: usize> RunQueryDsl<SqliteConnection> for Statement<'_, S, VALUES> {}

impl<S: StatementText, const VALUES: usize> QueryFragment<Sqlite> for Statement<'_, S, VALUES> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (part_number, part) in S::TEXT.split('?').enumerate() {
            if part_number > 0
                && let Some(value) = values.next()
            {
                value.bind(&mut out)?;
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl Value<'_> {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Key(value) => out.push_bind_param::<Binary, _>(value),
            Self::OptionalKey(value) => out.push_bind_param::<Nullable<Binary>, _>(value),
            Self::Text(value) => out.push_bind_param::<Text, _>(*value),
            Self::OptionalText(value) => out.push_bind_param::<Nullable<Text>, _>(value),
            Self::Bytes(value) => out.push_bind_param::<Binary, _>(*value),
            Self::OptionalBytes(value) => out.push_bind_param::<Nullable<Binary>, _>(value),
            Self::Made(value) => out.push_bind_param::<Text, _>(value),
            Self::BigInt(value) => out.push_bind_param::<BigInt, _>(value),
            Self::OptionalBigInt(value) => out.push_bind_param::<Nullable<BigInt>, _>(value),
            Self::Integer(value) => out.push_bind_param::<Integer, _>(value),
            Self::Bool(value) => out.push_bind_param::<Bool, _>(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_listed_once_each_for_json_each() {
        let list = |ids: &[u128]| match Value::keys(ids.iter().copied().map(Uuid::from_u128)) {
            Some(Value::Made(json)) => serde_json::from_str::<Vec<String>>(&json).unwrap(),
            _ => Vec::new(),
        };
        assert_eq!(list(&[]), [""; 0]);
        assert_eq!(list(&[10]), ["0000000000000000000000000000000a"]);
        assert_eq!(
            list(&[u128::MAX, 10, 10]),
            ["0000000000000000000000000000000a", "ffffffffffffffffffffffffffffffff"]
        );
    }
}
