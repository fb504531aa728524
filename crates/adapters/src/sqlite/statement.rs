use std::marker::PhantomData;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};
use uuid::Uuid;

use super::key::Key;

/// The fixed text of a statement; Diesel keeps a prepared statement for each type that has one.
pub(super) trait StatementText: 'static {
    /// SQL with `?` for each bound value.
    const TEXT: &'static str;
    /// The types of the columns that it gives back; `()` if none.
    type Columns: 'static;
}

/// A bound value.
pub(super) enum Value {
    Key(Key),
    OptionalKey(Option<Key>),
    Text(String),
    OptionalText(Option<String>),
    BigInt(i64),
    OptionalBigInt(Option<i64>),
    Integer(i32),
}

impl Value {
    pub(super) fn key(id: Uuid) -> Self {
        Self::Key(Key(id))
    }

    /// Ids as a JSON array of hexadecimal texts: one bound value for any number of them.
    pub(super) fn key_list(ids: impl IntoIterator<Item = Uuid>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(|id| id.simple().to_string()).collect();
        Self::json(&ids)
    }

    /// Anything as JSON, for `json_each`. Texts and lists of texts always have a JSON form.
    pub(super) fn json(value: &impl serde::Serialize) -> Self {
        Self::Text(serde_json::to_string(value).unwrap_or_default())
    }
}

/// A statement with its values.
pub(super) struct Statement<S> {
    values: Vec<Value>,
    text: PhantomData<S>,
}

impl<S: StatementText> Statement<S> {
    pub(super) fn new(values: Vec<Value>) -> Self {
        debug_assert_eq!(S::TEXT.matches('?').count(), values.len(), "{}", S::TEXT);
        Self { values, text: PhantomData }
    }
}

impl<S: StatementText> QueryId for Statement<S> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: StatementText> Query for Statement<S> {
    type SqlType = S::Columns;
}

impl<S> RunQueryDsl<SqliteConnection> for Statement<S> {}

impl<S: StatementText> QueryFragment<Sqlite> for Statement<S> {
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

impl Value {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Key(value) => out.push_bind_param::<Binary, _>(value),
            Self::OptionalKey(value) => out.push_bind_param::<Nullable<Binary>, _>(value),
            Self::Text(value) => out.push_bind_param::<Text, _>(value),
            Self::OptionalText(value) => out.push_bind_param::<Nullable<Text>, _>(value),
            Self::BigInt(value) => out.push_bind_param::<BigInt, _>(value),
            Self::OptionalBigInt(value) => out.push_bind_param::<Nullable<BigInt>, _>(value),
            Self::Integer(value) => out.push_bind_param::<Integer, _>(value),
        }
    }
}
