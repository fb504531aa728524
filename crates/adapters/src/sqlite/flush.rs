//! Stores what changed, row by row: SQLite runs in this process, so that a prepared statement saves all there is to
//! save, and there is no round trip that many rows could share.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sqlite::SqliteConnection;
use domain::{Books, Checkout, Event, Job, Timestamp};

use super::key::Key;
use super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::schema::{checkouts, events, jobs, transactions};
use super::statement::{Statement, StatementText, Value};

macro_rules! statement {
    ($name:ident, $text:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str = $text;
            type Columns = ();
        }
    };
}

// The statuses a row may have had come from the transition table: an update that isn't a transition finds no row.
statement! { UpdateCheckout, "UPDATE checkouts SET status = ?, charge_code = ?, hosted_url = ?, detected_at = ?, \
completed_at = ?, failure_reason = ?, updated_at = ? \
WHERE id = ? AND status IN (SELECT value FROM json_each(?))" }

// Only a waiting event changes, and it waits no more afterwards.
statement! { UpdateEvent, "UPDATE events SET waiting_for = NULL, verdict = ?, reason = ?, checkout_id = ?, processed_at = ? \
WHERE id = ? AND waiting_for IS NOT NULL AND verdict IN (SELECT value FROM json_each(?))" }

statement! { UpdateJob, "UPDATE jobs SET status = ?, attempts = ?, run_at = ?, last_error = ?, updated_at = ? \
WHERE id = ? AND status IN (SELECT value FROM json_each(?))" }

pub(super) fn flush(connection: &mut SqliteConnection, books: &Books) -> QueryResult<()> {
    for row in books.checkouts().inserted() {
        diesel::insert_into(checkouts::table).values(CheckoutRow::from(row)).execute(connection)?;
    }
    for row in books.checkouts().updated() {
        run::<UpdateCheckout>(connection, update_checkout(row))?;
    }
    for row in books.events().inserted() {
        diesel::insert_into(events::table).values(EventRow::from(row)).execute(connection)?;
    }
    for row in books.events().updated() {
        run::<UpdateEvent>(connection, update_event(row))?;
    }
    for row in books.transactions().inserted() {
        diesel::insert_into(transactions::table).values(TransactionRow::from(row)).execute(connection)?;
    }
    for row in books.jobs().inserted() {
        diesel::insert_into(jobs::table).values(JobRow::from(row)).execute(connection)?;
    }
    for row in books.jobs().updated() {
        run::<UpdateJob>(connection, update_job(row))?;
    }
    Ok(())
}

/// Runs a statement that must reach exactly one row.
fn run<S: StatementText>(connection: &mut SqliteConnection, values: Vec<Value>) -> QueryResult<()> {
    match Statement::<S>::new(values).execute(connection)? {
        1 => Ok(()),
        rows => Err(DieselError::QueryBuilderError(
            format!("a guarded statement reached {rows} rows instead of one: {}", S::TEXT).into(),
        )),
    }
}

fn update_checkout(row: &Checkout) -> Vec<Value> {
    let valid_before: Vec<_> = row.status.valid_before().map(domain::CheckoutStatus::as_str).collect();
    vec![
        Value::Text(row.status.as_str().to_owned()),
        Value::OptionalText(row.charge_code.as_ref().map(ToString::to_string)),
        Value::OptionalText(row.hosted_url.clone()),
        Value::OptionalBigInt(row.detected_at.map(Timestamp::unix_us)),
        Value::OptionalBigInt(row.completed_at.map(Timestamp::unix_us)),
        Value::OptionalText(row.failure_reason.map(|reason| reason.as_str().to_owned())),
        Value::BigInt(row.updated_at.unix_us()),
        Value::key(row.id.as_uuid()),
        Value::json(&valid_before),
    ]
}

fn update_event(row: &Event) -> Vec<Value> {
    let valid_before: Vec<_> = row.verdict.valid_before().map(domain::Verdict::as_str).collect();
    vec![
        Value::Text(row.verdict.as_str().to_owned()),
        Value::OptionalText(row.reason.map(|reason| reason.as_str().to_owned())),
        Value::OptionalKey(row.checkout_id.map(|id| Key(id.as_uuid()))),
        Value::OptionalBigInt(row.processed_at.map(Timestamp::unix_us)),
        Value::key(row.id.as_uuid()),
        Value::json(&valid_before),
    ]
}

fn update_job(row: &Job) -> Vec<Value> {
    let valid_before: Vec<_> = row.status.valid_before().map(domain::JobStatus::as_str).collect();
    vec![
        Value::Text(row.status.as_str().to_owned()),
        Value::Integer(i32::try_from(row.attempts).unwrap_or(i32::MAX)),
        Value::BigInt(row.run_at.unix_us()),
        Value::OptionalText(row.last_error.clone()),
        Value::BigInt(row.updated_at.unix_us()),
        Value::key(row.id.as_uuid()),
        Value::json(&valid_before),
    ]
}
