//! Charges, each a document with what is needed to find it and to know when it is due.

use diesel::prelude::*;

use super::schema::charges;
use crate::charge::Charge;
use crate::clock::Timestamp;
use crate::error::{Kind, Problem, Refusal};
use crate::limits::CHARGES_MAX;

/// A charge and its row.
pub(crate) struct Stored {
    pub(crate) seq: i64,
    pub(crate) charge: Charge,
}

/// The first and the last row; there are no gaps between them.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Bounds {
    pub(crate) fn total(bounds: Option<Self>) -> i64 {
        bounds.map_or(0, |bounds| bounds.last - bounds.first + 1)
    }
}

/// Rows between two others, both exclusive, in one direction.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) above: i64,
    pub(crate) below: i64,
    pub(crate) ascending: bool,
    pub(crate) limit: i64,
}

type Row = (i64, String);

fn decode((seq, document): Row) -> Result<Stored, Problem> {
    let charge = serde_json::from_str(&document);
    let charge = charge.map_err(|source| Problem::Document { table: "charges", row: seq, source })?;
    Ok(Stored { seq, charge })
}

fn due_ms(charge: &Charge) -> Option<i64> {
    charge.scheduled.as_ref().map(|scheduled| scheduled.at.0)
}

/// Adds a charge, and takes the oldest away if there would be too many.
pub(crate) fn insert(connection: &mut SqliteConnection, charge: &Charge) -> Result<i64, Problem> {
    if Bounds::total(bounds(connection)?) >= CHARGES_MAX {
        remove_oldest(connection)?;
    }
    let row = (
        charges::id.eq(charge.id.to_string()),
        charges::code.eq(&charge.code),
        charges::document.eq(serde_json::to_string(charge)?),
        charges::due_at_ms.eq(due_ms(charge)),
    );
    Ok(diesel::insert_into(charges::table).values(row).returning(charges::seq).get_result(connection)?)
}

fn remove_oldest(connection: &mut SqliteConnection) -> Result<(), Problem> {
    let row: Option<Row> =
        charges::table.order(charges::seq).select((charges::seq, charges::document)).first(connection).optional()?;
    let Some(oldest) = row.map(decode).transpose()? else {
        return Ok(());
    };
    if !oldest.charge.is_at_rest() {
        return Err(Refusal::new(Kind::RateLimited, "Too many charges are open").into());
    }
    diesel::delete(charges::table.find(oldest.seq)).execute(connection)?;
    Ok(())
}

/// The charge of this id or code.
pub(crate) fn find(connection: &mut SqliteConnection, key: &str) -> Result<Option<Stored>, Problem> {
    let row: Option<Row> = charges::table
        .filter(charges::id.eq(key.to_ascii_lowercase()).or(charges::code.eq(key.to_ascii_uppercase())))
        .select((charges::seq, charges::document))
        .first(connection)
        .optional()?;
    row.map(decode).transpose()
}

/// Writes a charge back that was read in the same transaction, which nobody else can have changed since.
pub(crate) fn update(connection: &mut SqliteConnection, stored: &Stored) -> Result<(), Problem> {
    let row =
        (charges::document.eq(serde_json::to_string(&stored.charge)?), charges::due_at_ms.eq(due_ms(&stored.charge)));
    match diesel::update(charges::table.find(stored.seq)).set(row).execute(connection)? {
        1 => Ok(()),
        _ => Err(Problem::RowGone),
    }
}

/// Charges whose time has come, the longest waiting first.
pub(crate) fn due(connection: &mut SqliteConnection, now: Timestamp, limit: i64) -> Result<Vec<Stored>, Problem> {
    let rows: Vec<Row> = charges::table
        .filter(charges::due_at_ms.le(now.0))
        .order(charges::due_at_ms)
        .limit(limit)
        .select((charges::seq, charges::document))
        .load(connection)?;
    rows.into_iter().map(decode).collect()
}

/// When the next charge is due.
pub(crate) fn next_due(connection: &mut SqliteConnection) -> Result<Option<Timestamp>, Problem> {
    let next: Option<i64> = charges::table
        .filter(charges::due_at_ms.is_not_null())
        .select(diesel::dsl::min(charges::due_at_ms))
        .first(connection)?;
    Ok(next.map(Timestamp))
}

pub(crate) fn bounds(connection: &mut SqliteConnection) -> Result<Option<Bounds>, Problem> {
    // One query for both would read every row; SQLite finds a lone minimum or maximum at once.
    let first: Option<i64> = charges::table.select(diesel::dsl::min(charges::seq)).first(connection)?;
    let last: Option<i64> = charges::table.select(diesel::dsl::max(charges::seq)).first(connection)?;
    Ok(first.zip(last).map(|(first, last)| Bounds { first, last }))
}

pub(crate) fn range(connection: &mut SqliteConnection, range: Range) -> Result<Vec<Stored>, Problem> {
    let rows = charges::table
        .filter(charges::seq.gt(range.above))
        .filter(charges::seq.lt(range.below))
        .limit(range.limit)
        .select((charges::seq, charges::document));
    let rows: Vec<Row> = if range.ascending {
        rows.order(charges::seq.asc()).load(connection)?
    } else {
        rows.order(charges::seq.desc()).load(connection)?
    };
    rows.into_iter().map(decode).collect()
}
