//! Loads what a batch needs. The one writer holds the whole file, so that nothing has to be locked or looked at twice.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Books, ChargeCode, Keys};

use super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::schema::{checkouts, events, jobs, transactions};
use super::statement::{Statement, StatementText, Value};
use crate::stored::{ImpossibleRow, ReadError};

macro_rules! select {
    ($name:ident, $table:ident, $columns:literal, $condition:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str =
                concat!("SELECT ", $columns, " FROM ", stringify!($table), " WHERE ", $condition);
            type Columns = diesel::dsl::SqlTypeOf<<$table::table as diesel::Table>::AllColumns>;
        }
    };
}

macro_rules! select_checkouts {
    ($name:ident, $condition:literal) => {
        select!(
            $name,
            checkouts,
            "id, merchant_id, idempotency_key, fingerprint, order_id, status, amount_minor, currency, email, metadata, \
            charge_code, hosted_url, detected_at, completed_at, failure_reason, expires_at, created_at, updated_at",
            $condition
        );
    };
}

/// Events without their bodies: nothing is decided by those, and they may be large.
macro_rules! select_event_heads {
    ($name:ident, $condition:literal) => {
        select!(
            $name,
            events,
            "id, provider, provider_event_id, event_type, subject, x'', report, verdict, reason, waiting_for, \
            checkout_id, received_at, processed_at",
            $condition
        );
    };
}

select_checkouts!(CheckoutsById, "id IN (SELECT unhex(value) FROM json_each(?))");
select_checkouts!(
    CheckoutsByIdempotencyKey,
    "(merchant_id, idempotency_key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
);
select_checkouts!(CheckoutsByCharge, "charge_code IN (SELECT value FROM json_each(?)) AND charge_code IS NOT NULL");
select_event_heads!(
    EventsByKey,
    "(provider, provider_event_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
);
select_event_heads!(EventsWaiting, "waiting_for IN (SELECT value FROM json_each(?)) AND waiting_for IS NOT NULL");
select!(
    TransactionsByMovement,
    transactions,
    "id, checkout_id, order_id, provider, provider_transaction_id, event_type, status, email, amount_minor, currency, \
    occurred_at, recorded_at",
    "provider_transaction_id IN (SELECT value FROM json_each(?))"
);
select!(
    JobsById,
    jobs,
    "id, kind, checkout_id, status, attempts, run_at, last_error, created_at, updated_at",
    "id IN (SELECT unhex(value) FROM json_each(?))"
);

pub(super) fn load(connection: &mut SqliteConnection, keys: &Keys) -> Result<Books, ReadError> {
    let mut books = Books::default();
    load_checkouts(connection, keys, &mut books)?;
    load_events(connection, keys, &mut books)?;
    if !keys.movements.is_empty() {
        let rows: Vec<TransactionRow> = rows_of::<TransactionsByMovement, _>(connection, Value::json(&keys.movements))?;
        each(rows, |row| books.load_transaction(row))?;
    }
    if !keys.jobs.is_empty() {
        let ids = Value::key_list(keys.jobs.iter().map(|id| id.as_uuid()));
        let rows: Vec<JobRow> = rows_of::<JobsById, _>(connection, ids)?;
        each(rows, |row| books.load_job(row))?;
    }
    Ok(books)
}

fn load_checkouts(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if !keys.checkouts.is_empty() {
        let ids = Value::key_list(keys.checkouts.iter().map(|id| id.as_uuid()));
        let rows: Vec<CheckoutRow> = rows_of::<CheckoutsById, _>(connection, ids)?;
        each(rows, |row| books.load_checkout(row))?;
    }
    if !keys.idempotency_keys.is_empty() {
        let wanted = Value::json(&keys.idempotency_keys);
        let rows: Vec<CheckoutRow> = rows_of::<CheckoutsByIdempotencyKey, _>(connection, wanted)?;
        each(rows, |row| books.load_checkout(row))?;
    }
    let codes: Vec<&ChargeCode> = keys.charges.iter().chain(&keys.new_charges).collect();
    if !codes.is_empty() {
        let rows: Vec<CheckoutRow> = rows_of::<CheckoutsByCharge, _>(connection, Value::json(&codes))?;
        each(rows, |row| books.load_checkout(row))?;
    }
    Ok(())
}

fn load_events(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if !keys.events.is_empty() {
        let wanted: Vec<(&str, &str)> =
            keys.events.iter().map(|key| (key.provider.as_str(), key.provider_event_id.as_str())).collect();
        let rows: Vec<EventRow> = rows_of::<EventsByKey, _>(connection, Value::json(&wanted))?;
        each(rows, |row| books.load_event(row))?;
    }
    let known: HashSet<&ChargeCode> = books.checkouts().iter().filter_map(|row| row.charge_code.as_ref()).collect();
    let unknown = keys.charges.iter().filter(|code| !known.contains(code));
    let subjects: Vec<&ChargeCode> = unknown.chain(&keys.new_charges).collect();
    if !subjects.is_empty() {
        let rows: Vec<EventRow> = rows_of::<EventsWaiting, _>(connection, Value::json(&subjects))?;
        each(rows, |row| books.load_event(row))?;
    }
    Ok(())
}

fn rows_of<S, R>(connection: &mut SqliteConnection, wanted: Value) -> Result<Vec<R>, ReadError>
where
    S: StatementText,
    Statement<S>: for<'a> diesel::query_dsl::LoadQuery<'a, SqliteConnection, R>,
{
    Ok(Statement::<S>::new(vec![wanted]).load(connection)?)
}

fn each<R, T: TryFrom<R, Error = ImpossibleRow>>(rows: Vec<R>, mut put: impl FnMut(T)) -> Result<(), ReadError> {
    for row in rows {
        put(row.try_into()?);
    }
    Ok(())
}
