//! One INSERT or UPDATE per table that changed, whatever the number of rows.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::result::Error as DieselError;
use diesel::{QueryResult, RunQueryDsl};
use domain::{Books, Checkout, Event, Job, Timestamp, Transaction};

use super::load::idempotency_digest;
use super::statement::{Column, Statement, StatementText};
use crate::stored::report_text;

macro_rules! statement {
    ($name:ident, $text:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str = $text;
            type Columns = ();
        }
    };
}

statement! { InsertCheckouts, "INSERT INTO checkouts (id, merchant_id, idempotency_key, idempotency_digest, fingerprint, \
order_id, status, amount_minor, currency, email, metadata, charge_code, hosted_url, detected_at, completed_at, \
failure_reason, expires_at, created_at, updated_at) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

// The statuses a row may have had come from the transition table: an update that isn't a transition finds no row.
statement! { UpdateCheckouts, "UPDATE checkouts AS c SET status = n.status, charge_code = n.charge_code, \
hosted_url = n.hosted_url, detected_at = n.detected_at, completed_at = n.completed_at, \
failure_reason = n.failure_reason, updated_at = n.updated_at \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) AS n (id, status, valid_before, charge_code, hosted_url, detected_at, \
completed_at, failure_reason, updated_at) \
WHERE c.id = n.id AND c.status = ANY (string_to_array(n.valid_before, ','))" }

statement! { InsertEvents, "INSERT INTO events (id, provider, provider_event_id, event_type, subject, raw, report, \
verdict, reason, waiting_for, checkout_id, received_at, processed_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

// Only a waiting event changes, and it waits no more afterwards.
statement! { UpdateEvents, "UPDATE events AS e SET verdict = n.verdict, reason = n.reason, waiting_for = NULL, \
checkout_id = n.checkout_id, processed_at = n.processed_at \
FROM unnest(?, ?, ?, ?, ?, ?) AS n (id, verdict, valid_before, reason, checkout_id, processed_at) \
WHERE e.id = n.id AND e.waiting_for IS NOT NULL AND e.verdict = ANY (string_to_array(n.valid_before, ','))" }

statement! { InsertTransactions, "INSERT INTO transactions (id, checkout_id, order_id, provider, \
provider_transaction_id, event_type, status, email, amount_minor, currency, occurred_at, recorded_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { InsertJobs, "INSERT INTO jobs (id, kind, checkout_id, status, attempts, run_at, last_error, created_at, \
updated_at) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { UpdateJobs, "UPDATE jobs AS j SET status = n.status, attempts = n.attempts, run_at = n.run_at, \
last_error = n.last_error, updated_at = n.updated_at \
FROM unnest(?, ?, ?, ?, ?, ?, ?) AS n (id, status, valid_before, attempts, run_at, last_error, updated_at) \
WHERE j.id = n.id AND j.status = ANY (string_to_array(n.valid_before, ','))" }

/// Stores what is new or changed. Tables come in the order of their references, new rows in the order of their natural
/// keys, so that two nodes that insert the same keys wait for each other instead of deadlocking.
pub(super) fn flush(connection: &mut PgConnection, books: &Books) -> QueryResult<()> {
    insert_checkouts(connection, books.checkouts().inserted().collect())?;
    update_checkouts(connection, &books.checkouts().updated().collect::<Vec<_>>())?;
    insert_events(connection, books.events().inserted().collect())?;
    update_events(connection, &books.events().updated().collect::<Vec<_>>())?;
    insert_transactions(connection, books.transactions().inserted().collect())?;
    insert_jobs(connection, &books.jobs().inserted().collect::<Vec<_>>())?;
    update_jobs(connection, &books.jobs().updated().collect::<Vec<_>>())
}

/// Runs a statement that must reach as many rows as it was given.
fn run<S: StatementText>(connection: &mut PgConnection, rows: usize, columns: Vec<Column<'_>>) -> QueryResult<()> {
    let reached = Statement::<S>::new(columns).execute(connection)?;
    if reached == rows {
        Ok(())
    } else {
        Err(DieselError::QueryBuilderError(
            format!("a guarded statement reached {reached} of {rows} rows: {}", S::TEXT).into(),
        ))
    }
}

fn time(moment: Timestamp) -> DateTime<Utc> {
    moment.as_datetime()
}

fn collect<R, T>(rows: &[&R], column: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(|row| column(row)).collect()
}

fn insert_checkouts(connection: &mut PgConnection, mut rows: Vec<&Checkout>) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|a, b| (&a.merchant_id, &a.idempotency_key).cmp(&(&b.merchant_id, &b.idempotency_key)));
    let statuses = rows.iter().map(|row| row.status.as_str()).collect();
    run::<InsertCheckouts>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(&rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.merchant_id.as_str()).collect()),
            Column::OptionalTexts(
                rows.iter().map(|row| row.idempotency_key.as_ref().map(domain::IdempotencyKey::as_str)).collect(),
            ),
            Column::OptionalUuids(collect(&rows, |row| {
                row.idempotency_key.as_ref().map(|key| idempotency_digest(&row.merchant_id, key))
            })),
            Column::Bytes(rows.iter().map(|row| &row.fingerprint.as_bytes()[..]).collect()),
            Column::OptionalUuids(collect(&rows, |row| row.order_id.map(domain::OrderId::as_uuid))),
            Column::Texts(statuses),
            Column::BigInts(collect(&rows, |row| row.money.minor())),
            Column::Texts(collect(&rows, |row| row.money.currency().code())),
            Column::OptionalTexts(rows.iter().map(|row| row.email.as_ref().map(domain::Email::as_str)).collect()),
            Column::OptionalTexts(rows.iter().map(|row| row.metadata.as_deref()).collect()),
            Column::OptionalTexts(
                rows.iter().map(|row| row.charge_code.as_ref().map(domain::ChargeCode::as_str)).collect(),
            ),
            Column::OptionalTexts(rows.iter().map(|row| row.hosted_url.as_deref()).collect()),
            Column::OptionalTimes(collect(&rows, |row| row.detected_at.map(time))),
            Column::OptionalTimes(collect(&rows, |row| row.completed_at.map(time))),
            Column::OptionalTexts(collect(&rows, |row| row.failure_reason.map(domain::Reason::as_str))),
            Column::Times(collect(&rows, |row| time(row.expires_at))),
            Column::Times(collect(&rows, |row| time(row.created_at))),
            Column::Times(collect(&rows, |row| time(row.updated_at))),
        ],
    )
}

fn update_checkouts(connection: &mut PgConnection, rows: &[&Checkout]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let valid_before = collect(rows, |row| joined(row.status.valid_before().map(domain::CheckoutStatus::as_str)));
    run::<UpdateCheckouts>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::Texts(valid_before.iter().map(String::as_str).collect()),
            Column::OptionalTexts(
                rows.iter().map(|row| row.charge_code.as_ref().map(domain::ChargeCode::as_str)).collect(),
            ),
            Column::OptionalTexts(rows.iter().map(|row| row.hosted_url.as_deref()).collect()),
            Column::OptionalTimes(collect(rows, |row| row.detected_at.map(time))),
            Column::OptionalTimes(collect(rows, |row| row.completed_at.map(time))),
            Column::OptionalTexts(collect(rows, |row| row.failure_reason.map(domain::Reason::as_str))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    )
}

fn insert_events(connection: &mut PgConnection, mut rows: Vec<&Event>) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let reports = collect(&rows, |row| report_text(&row.report));
    run::<InsertEvents>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(&rows, |row| row.id.as_uuid())),
            Column::Texts(collect(&rows, |row| row.key.provider.as_str())),
            Column::Texts(rows.iter().map(|row| row.key.provider_event_id.as_str()).collect()),
            Column::Texts(rows.iter().map(|row| row.event_type.as_str()).collect()),
            Column::OptionalTexts(
                rows.iter().map(|row| row.subject.as_ref().map(domain::ChargeCode::as_str)).collect(),
            ),
            Column::Bytes(rows.iter().map(|row| row.raw.as_slice()).collect()),
            Column::Texts(reports.iter().map(String::as_str).collect()),
            Column::Texts(collect(&rows, |row| row.verdict.as_str())),
            Column::OptionalTexts(collect(&rows, |row| row.reason.map(domain::Reason::as_str))),
            Column::OptionalTexts(rows.iter().map(|row| row.waiting_for().map(domain::ChargeCode::as_str)).collect()),
            Column::OptionalUuids(collect(&rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
            Column::Times(collect(&rows, |row| time(row.received_at))),
            Column::OptionalTimes(collect(&rows, |row| row.processed_at.map(time))),
        ],
    )
}

fn update_events(connection: &mut PgConnection, rows: &[&Event]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let valid_before = collect(rows, |row| joined(row.verdict.valid_before().map(domain::Verdict::as_str)));
    run::<UpdateEvents>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.verdict.as_str())),
            Column::Texts(valid_before.iter().map(String::as_str).collect()),
            Column::OptionalTexts(collect(rows, |row| row.reason.map(domain::Reason::as_str))),
            Column::OptionalUuids(collect(rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
            Column::OptionalTimes(collect(rows, |row| row.processed_at.map(time))),
        ],
    )
}

fn insert_transactions(connection: &mut PgConnection, mut rows: Vec<&Transaction>) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|a, b| a.provider_transaction_id.cmp(&b.provider_transaction_id));
    run::<InsertTransactions>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(&rows, |row| row.id.as_uuid())),
            Column::Uuids(collect(&rows, |row| row.checkout_id.as_uuid())),
            Column::OptionalUuids(collect(&rows, |row| row.order_id.map(domain::OrderId::as_uuid))),
            Column::Texts(collect(&rows, |row| row.provider.as_str())),
            Column::Texts(rows.iter().map(|row| row.provider_transaction_id.as_str()).collect()),
            Column::Texts(rows.iter().map(|row| row.event_type.as_str()).collect()),
            Column::Texts(collect(&rows, |row| row.status.as_str())),
            Column::OptionalTexts(rows.iter().map(|row| row.email.as_ref().map(domain::Email::as_str)).collect()),
            Column::BigInts(collect(&rows, |row| row.money.minor())),
            Column::Texts(collect(&rows, |row| row.money.currency().code())),
            Column::Times(collect(&rows, |row| time(row.occurred_at))),
            Column::Times(collect(&rows, |row| time(row.recorded_at))),
        ],
    )
}

fn insert_jobs(connection: &mut PgConnection, rows: &[&Job]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    run::<InsertJobs>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.kind.as_str())),
            Column::Uuids(collect(rows, |row| row.checkout_id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::Integers(collect(rows, |row| i32::try_from(row.attempts).unwrap_or(i32::MAX))),
            Column::Times(collect(rows, |row| time(row.run_at))),
            Column::OptionalTexts(rows.iter().map(|row| row.last_error.as_deref()).collect()),
            Column::Times(collect(rows, |row| time(row.created_at))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    )
}

fn update_jobs(connection: &mut PgConnection, rows: &[&Job]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let valid_before = collect(rows, |row| joined(row.status.valid_before().map(domain::JobStatus::as_str)));
    run::<UpdateJobs>(
        connection,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::Texts(valid_before.iter().map(String::as_str).collect()),
            Column::Integers(collect(rows, |row| i32::try_from(row.attempts).unwrap_or(i32::MAX))),
            Column::Times(collect(rows, |row| time(row.run_at))),
            Column::OptionalTexts(rows.iter().map(|row| row.last_error.as_deref()).collect()),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    )
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(",")
}
