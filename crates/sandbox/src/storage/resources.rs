//! Charges, checkouts, invoices and events: each a document with what is needed to find it and to know when it is due.

use diesel::prelude::*;

pub(crate) use super::document::Document;
use super::schema::{resources, totals};
use crate::charge::Charge;
use crate::clock::Timestamp;
use crate::error::{Kind, Problem, Refusal};
use crate::event::Event;

/// A document and its row.
#[derive(Clone, Debug)]
pub(crate) struct Stored<T> {
    pub(crate) seq: i64,
    pub(crate) merchant_id: i64,
    /// The invoice that a charge pays; what an event is about.
    pub(crate) parent_seq: Option<i64>,
    /// The how manieth of its kind it was for its merchant since the faults were last set.
    pub(crate) number: i64,
    pub(crate) document: T,
}

/// Whose resources are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    Merchant(i64),
    /// The pages and the control API see all of them.
    Everybody,
}

/// Rows between two others, both exclusive, in one direction.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) above: i64,
    pub(crate) below: i64,
    pub(crate) ascending: bool,
    pub(crate) limit: i64,
}

type Row = (i64, i64, Option<i64>, i64, String);
const ROW: (resources::seq, resources::merchant_id, resources::parent_seq, resources::number, resources::document) =
    (resources::seq, resources::merchant_id, resources::parent_seq, resources::number, resources::document);

fn decode<T: Document>((seq, merchant_id, parent_seq, number, document): Row) -> Result<Stored<T>, Problem> {
    let document = serde_json::from_str(&document);
    let document = document.map_err(|source| Problem::Document { table: "resources", row: seq, source })?;
    Ok(Stored { seq, merchant_id, parent_seq, number, document })
}

/// Adds a document. Beyond `keep` of its kind it takes the place of the oldest one.
pub(crate) fn insert<T: Document>(
    connection: &mut SqliteConnection,
    merchant_id: i64,
    parent_seq: Option<i64>,
    document: T,
    keep: i64,
) -> Result<Stored<T>, Problem> {
    if total::<T>(connection, Scope::Everybody)? >= keep {
        remove_oldest::<T>(connection)?;
    }
    let made = totals::table.find((merchant_id, T::KIND)).select(totals::made).first(connection).optional()?;
    let number = made.unwrap_or(0_i64) + 1;
    let row = (
        resources::merchant_id.eq(merchant_id),
        resources::kind.eq(T::KIND),
        resources::id.eq(document.id()),
        resources::code.eq(document.code()),
        resources::parent_seq.eq(parent_seq),
        resources::number.eq(number),
        resources::document.eq(serde_json::to_string(&document)?),
        resources::due_at_ms.eq(document.due_at().map(|at| at.0)),
    );
    let seq = diesel::insert_into(resources::table).values(row).returning(resources::seq).get_result(connection)?;
    Ok(Stored { seq, merchant_id, parent_seq, number, document })
}

fn remove_oldest<T: Document>(connection: &mut SqliteConnection) -> Result<(), Problem> {
    let oldest: Option<(i64, Option<i64>)> = resources::table
        .filter(resources::kind.eq(T::KIND))
        .order(resources::seq)
        .select((resources::seq, resources::due_at_ms))
        .first(connection)
        .optional()?;
    match oldest {
        Some((_, Some(_))) => Err(Refusal::new(Kind::RateLimited, format!("Too many {}s are open", T::KIND)).into()),
        Some((seq, None)) => {
            diesel::delete(resources::table.find(seq)).execute(connection)?;
            Ok(())
        }
        None => Ok(()),
    }
}

/// The resource of this id or code.
pub(crate) fn find<T: Document>(
    connection: &mut SqliteConnection,
    scope: Scope,
    key: &str,
) -> Result<Option<Stored<T>>, Problem> {
    let row: Option<Row> = resources::table
        .filter(resources::id.eq(key.to_ascii_lowercase()).or(resources::code.eq(key.to_ascii_uppercase())))
        .filter(resources::kind.eq(T::KIND))
        .select(ROW)
        .first(connection)
        .optional()?;
    let stored: Option<Stored<T>> = row.map(decode).transpose()?;
    Ok(stored.filter(|stored| match scope {
        Scope::Merchant(merchant_id) => stored.merchant_id == merchant_id,
        Scope::Everybody => true,
    }))
}

/// The same, and a refusal if there is none.
pub(crate) fn existing<T: Document>(
    connection: &mut SqliteConnection,
    scope: Scope,
    key: &str,
) -> Result<Stored<T>, Problem> {
    Ok(find(connection, scope, key)?.ok_or_else(Refusal::not_found)?)
}

/// The resource in this row, if it is still there.
pub(crate) fn at<T: Document>(connection: &mut SqliteConnection, seq: i64) -> Result<Option<Stored<T>>, Problem> {
    let row: Option<Row> =
        resources::table.find(seq).filter(resources::kind.eq(T::KIND)).select(ROW).first(connection).optional()?;
    row.map(decode).transpose()
}

/// Writes a document back that was read in the same transaction, which nobody else can have changed since.
pub(crate) fn update<T: Document>(connection: &mut SqliteConnection, stored: &Stored<T>) -> Result<(), Problem> {
    let row = (
        resources::document.eq(serde_json::to_string(&stored.document)?),
        resources::due_at_ms.eq(stored.document.due_at().map(|at| at.0)),
    );
    match diesel::update(resources::table.find(stored.seq)).set(row).execute(connection)? {
        1 => Ok(()),
        _ => Err(Problem::RowGone),
    }
}

pub(crate) fn delete(connection: &mut SqliteConnection, seq: i64) -> Result<(), Problem> {
    match diesel::delete(resources::table.find(seq)).execute(connection)? {
        1 => Ok(()),
        _ => Err(Problem::RowGone),
    }
}

/// Charges whose time has come, the longest waiting first.
pub(crate) fn due(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Stored<Charge>>, Problem> {
    let rows: Vec<Row> = resources::table
        .filter(resources::due_at_ms.le(now.0))
        .order(resources::due_at_ms)
        .limit(limit)
        .select(ROW)
        .load(connection)?;
    rows.into_iter().map(decode).collect()
}

/// When the next charge is due.
pub(crate) fn next_due(connection: &mut SqliteConnection) -> Result<Option<Timestamp>, Problem> {
    let next: Option<i64> = resources::table
        .filter(resources::due_at_ms.is_not_null())
        .select(diesel::dsl::min(resources::due_at_ms))
        .first(connection)?;
    Ok(next.map(Timestamp))
}

pub(crate) fn total<T: Document>(connection: &mut SqliteConnection, scope: Scope) -> Result<i64, Problem> {
    // One row for each merchant: few enough to add up here, and SQLite's sum() has a type of its own.
    let totals = totals::table.filter(totals::kind.eq(T::KIND));
    let totals: Vec<i64> = match scope {
        Scope::Merchant(id) => totals.filter(totals::merchant_id.eq(id)).select(totals::total).load(connection)?,
        Scope::Everybody => totals.select(totals::total).load(connection)?,
    };
    Ok(totals.into_iter().sum())
}

/// From now on resources are numbered from one again.
pub(crate) fn number_anew(connection: &mut SqliteConnection) -> Result<(), Problem> {
    diesel::update(totals::table).set(totals::made.eq(0)).execute(connection)?;
    Ok(())
}

pub(crate) fn range<T: Document>(
    connection: &mut SqliteConnection,
    scope: Scope,
    range: Range,
) -> Result<Vec<Stored<T>>, Problem> {
    let rows = resources::table
        .filter(resources::kind.eq(T::KIND))
        .filter(resources::seq.gt(range.above))
        .filter(resources::seq.lt(range.below))
        .limit(range.limit)
        .select(ROW)
        .into_boxed();
    let rows = match scope {
        Scope::Merchant(merchant_id) => rows.filter(resources::merchant_id.eq(merchant_id)),
        Scope::Everybody => rows,
    };
    let rows: Vec<Row> = if range.ascending {
        rows.order(resources::seq.asc()).load(connection)?
    } else {
        rows.order(resources::seq.desc()).load(connection)?
    };
    rows.into_iter().map(decode).collect()
}

/// How many events are about this.
pub(crate) fn events_about(connection: &mut SqliteConnection, parent_seq: i64) -> Result<i64, Problem> {
    let events = resources::table.filter(resources::parent_seq.eq(parent_seq)).filter(resources::kind.eq(Event::KIND));
    Ok(events.count().get_result(connection)?)
}

/// The event before this one of the same charge or invoice.
pub(crate) fn event_before(
    connection: &mut SqliteConnection,
    parent_seq: i64,
    event_seq: i64,
) -> Result<Option<Stored<Event>>, Problem> {
    let row: Option<Row> = resources::table
        .filter(resources::parent_seq.eq(parent_seq))
        .filter(resources::seq.lt(event_seq))
        .filter(resources::kind.eq(Event::KIND))
        .order(resources::seq.desc())
        .select(ROW)
        .first(connection)
        .optional()?;
    row.map(decode).transpose()
}
