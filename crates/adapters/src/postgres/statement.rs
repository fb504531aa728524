use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryResult, RunQueryDsl};
use uuid::Uuid;

/// The fixed text of a statement. Diesel keeps a prepared statement for each type that has one, which it doesn't for
/// `sql_query` or for an INSERT of several rows.
pub(super) trait StatementText: 'static {
    /// SQL with `?` for each bound array.
    const TEXT: &'static str;
    /// The types of the columns that it gives back; `()` if none.
    type Columns: 'static;
}

/// One column of all rows of a statement, bound as an array: the text stays the same for any number of rows.
pub(super) enum Column<'a> {
    Uuids(Vec<Uuid>),
    OptionalUuids(Vec<Option<Uuid>>),
    Texts(Vec<&'a str>),
    OwnedTexts(Vec<String>),
    OptionalOwnedTexts(Vec<Option<String>>),
    OptionalTexts(Vec<Option<&'a str>>),
    Bytes(Vec<&'a [u8]>),
    OptionalBytes(Vec<Option<&'a [u8]>>),
    Booleans(Vec<bool>),
    BigInts(Vec<i64>),
    Integers(Vec<i32>),
    OptionalIntegers(Vec<Option<i32>>),
    Times(Vec<DateTime<Utc>>),
    OptionalTimes(Vec<Option<DateTime<Utc>>>),
    OneUuid(Uuid),
    OneText(&'a str),
    OneBigInt(i64),
    OneTime(DateTime<Utc>),
}

/// A statement with its arrays.
pub(super) struct Statement<'a, S> {
    columns: Vec<Column<'a>>,
    text: PhantomData<S>,
}

impl<'a, S: StatementText> Statement<'a, S> {
    pub(super) fn new(columns: Vec<Column<'a>>) -> Self {
        debug_assert_eq!(S::TEXT.matches('?').count(), columns.len(), "{}", S::TEXT);
        Self { columns, text: PhantomData }
    }
}

impl<S: StatementText> QueryId for Statement<'_, S> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: StatementText> Query for Statement<'_, S> {
    type SqlType = S::Columns;
}

impl<S> RunQueryDsl<PgConnection> for Statement<'_, S> {}

impl<S: StatementText> QueryFragment<Pg> for Statement<'_, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push(S::TEXT, &self.columns, &mut out)
    }
}

/// Writes a text with a bound value for each `?`.
pub(super) fn push<'b>(
    text: &'static str,
    columns: &'b [Column<'_>],
    out: &mut AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    let mut columns = columns.iter();
    for (part_number, part) in text.split('?').enumerate() {
        if part_number > 0
            && let Some(column) = columns.next()
        {
            column.bind(out)?;
        }
        out.push_sql(part);
    }
    Ok(())
}

impl Column<'_> {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Uuids(values) => out.push_bind_param::<Array<diesel::sql_types::Uuid>, _>(values),
            Self::OptionalUuids(values) => out.push_bind_param::<Array<Nullable<diesel::sql_types::Uuid>>, _>(values),
            Self::Texts(values) => out.push_bind_param::<Array<Text>, _>(values),
            Self::OwnedTexts(values) => out.push_bind_param::<Array<Text>, _>(values),
            Self::OptionalOwnedTexts(values) => out.push_bind_param::<Array<Nullable<Text>>, _>(values),
            Self::OptionalTexts(values) => out.push_bind_param::<Array<Nullable<Text>>, _>(values),
            Self::Bytes(values) => out.push_bind_param::<Array<Bytea>, _>(values),
            Self::OptionalBytes(values) => out.push_bind_param::<Array<Nullable<Bytea>>, _>(values),
            Self::Booleans(values) => out.push_bind_param::<Array<Bool>, _>(values),
            Self::BigInts(values) => out.push_bind_param::<Array<BigInt>, _>(values),
            Self::Integers(values) => out.push_bind_param::<Array<Integer>, _>(values),
            Self::OptionalIntegers(values) => out.push_bind_param::<Array<Nullable<Integer>>, _>(values),
            Self::Times(values) => out.push_bind_param::<Array<Timestamptz>, _>(values),
            Self::OptionalTimes(values) => out.push_bind_param::<Array<Nullable<Timestamptz>>, _>(values),
            Self::OneUuid(value) => out.push_bind_param::<diesel::sql_types::Uuid, _>(value),
            Self::OneText(value) => out.push_bind_param::<Text, _>(value),
            Self::OneBigInt(value) => out.push_bind_param::<BigInt, _>(value),
            Self::OneTime(value) => out.push_bind_param::<Timestamptz, _>(value),
        }
    }
}
