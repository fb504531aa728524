//! What changed goes in one statement for the stock and one for the money: an INSERT or UPDATE per table each, whatever the
//! number of rows.

mod money;
mod outbox;
mod stock;

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt};
use diesel::{QueryResult, RunQueryDsl};
use domain::{Books, Timestamp};
use uuid::Uuid;

use super::statement::{Column, push};
use super::trail;

/// Tells later whether the transaction was committed.
pub(super) struct Mark {
    pub(super) writer_id: Uuid,
    pub(super) batch_id: Uuid,
    pub(super) now: Timestamp,
}

const LEAVE_MARK: &str = "INSERT INTO writers AS w (id, batch_id, updated_at) VALUES (?, ?, ?) \
ON CONFLICT (id) DO UPDATE SET batch_id = excluded.batch_id, updated_at = excluded.updated_at";

/// Stores what is new or changed, and the mark. New rows of a table come in the order of their natural keys, so that two
/// nodes that insert the same keys wait for each other instead of deadlocking. In which order PostgreSQL runs the parts is
/// its own affair: each has rows of its own, and foreign keys are checked at the end.
pub(super) fn flush(connection: &mut PgConnection, books: &Books, mark: Option<&Mark>) -> QueryResult<()> {
    let mut stock = Flush::default();
    stock::store_products(&mut stock, books);
    stock::insert_repairs(&mut stock, &books.stock_repairs().inserted().collect::<Vec<_>>());
    stock::insert_holds(&mut stock, &books.holds().inserted().collect::<Vec<_>>());
    stock::update_holds(&mut stock, &books.holds().updated().collect::<Vec<_>>());
    stock::insert_orders(&mut stock, books.orders().inserted().collect());
    stock::update_orders(&mut stock, &books.orders().updated().collect::<Vec<_>>());
    let mut money = Flush::default();
    money::insert_checkouts(&mut money, books.checkouts().inserted().collect());
    money::update_checkouts(&mut money, &books.checkouts().updated().collect::<Vec<_>>());
    money::insert_events(&mut money, books.events().inserted().collect());
    money::update_events(&mut money, &books.events().updated().collect::<Vec<_>>());
    money::insert_transactions(&mut money, books.transactions().inserted().collect());
    money::insert_jobs(&mut money, books.jobs().inserted().collect());
    money::update_jobs(&mut money, &books.jobs().updated().collect::<Vec<_>>());
    trail::insert_requests(&mut money, books.requests().inserted().collect());
    let entries: Vec<_> = books.audit().inserted().collect();
    let last = if money.parts.is_empty() { &mut stock } else { &mut money };
    trail::insert_entries(last, &entries);
    // The outbox is a third one: it changes with either, or by itself.
    let mut outbox = Flush::default();
    outbox::store(&mut outbox, books);
    if let Some(Mark { writer_id, batch_id, now }) = mark {
        let mark = vec![Column::OneUuid(*writer_id), Column::OneUuid(*batch_id), Column::OneTime(time(*now))];
        let last = if !outbox.parts.is_empty() {
            &mut outbox
        } else if money.parts.is_empty() {
            &mut stock
        } else {
            &mut money
        };
        last.add(LEAVE_MARK, 1, mark);
    }
    stock.run(connection)?;
    money.run(connection)?;
    outbox.run(connection)
}

/// A statement of statements. Diesel keeps it prepared by its text: one for each set of tables that change together. Stock and
/// money each have few such sets; together they would have as many as there are pairs of them.
#[derive(Default)]
pub(super) struct Flush<'a> {
    parts: Vec<Part<'a>>,
}

/// An INSERT or UPDATE of several rows.
struct Part<'a> {
    text: &'static str,
    rows: usize,
    columns: Vec<Column<'a>>,
}

impl Part<'_> {
    /// Whether it may reach fewer rows than it was given: an UPDATE that isn't a transition finds no row.
    fn is_guarded(&self) -> bool {
        self.text.starts_with("UPDATE")
    }
}

impl<'a> Flush<'a> {
    pub(super) fn add(&mut self, text: &'static str, rows: usize, columns: Vec<Column<'a>>) {
        debug_assert_eq!(text.matches('?').count(), columns.len(), "{text}");
        self.parts.push(Part { text, rows, columns });
    }

    /// Runs all parts. Each guarded one must reach as many rows as it was given.
    fn run(&self, connection: &mut PgConnection) -> QueryResult<()> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let reached: Vec<i64> = self.get_result(connection)?;
        for (part, reached) in self.parts.iter().filter(|part| part.is_guarded()).zip(reached) {
            if usize::try_from(reached) != Ok(part.rows) {
                let told = format!("a guarded statement reached {reached} of {} rows: {}", part.rows, part.text);
                return Err(DieselError::QueryBuilderError(told.into()));
            }
        }
        Ok(())
    }
}

impl QueryId for Flush<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Flush<'_> {
    type SqlType = Array<BigInt>;
}

impl RunQueryDsl<PgConnection> for &Flush<'_> {}

impl QueryFragment<Pg> for Flush<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (number, part) in self.parts.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH p" } else { ", p" });
            out.push_sql(&number.to_string());
            out.push_sql(" AS (");
            push(part.text, &part.columns, &mut out)?;
            out.push_sql(if part.is_guarded() { " RETURNING 1)" } else { ")" });
        }
        out.push_sql(" SELECT ARRAY[");
        let guarded = self.parts.iter().enumerate().filter(|(_, part)| part.is_guarded());
        for (position, (number, _)) in guarded.enumerate() {
            out.push_sql(if position == 0 { "(SELECT count(*) FROM p" } else { ", (SELECT count(*) FROM p" });
            out.push_sql(&number.to_string());
            out.push_sql(")");
        }
        out.push_sql("]::bigint[]");
        Ok(())
    }
}

pub(super) fn time(moment: Timestamp) -> DateTime<Utc> {
    moment.as_datetime()
}

pub(super) fn collect<R, T>(rows: &[&R], column: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(|row| column(row)).collect()
}

/// A list of words for `string_to_array`.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(",")
}
