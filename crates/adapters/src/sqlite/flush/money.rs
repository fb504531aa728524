//! Checkouts, their jobs, and what was told of them.

use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use domain::{
    ChargeCode, Checkout, CheckoutId, CheckoutStatus, Email, Event, Fingerprint, IdempotencyKey, Job, JobStatus,
    OrderId, OrderStatus, Reason, Subject, Timestamp, Transaction, Verdict,
};

use super::super::statement::{Value, statement};
use super::{guarded, run};
use crate::stored::report_text;

statement! { InsertCheckout, "INSERT INTO checkouts (id, merchant_id, idempotency_key, fingerprint, order_id, status, \
amount_minor, currency, email, metadata, charge_code, hosted_url, detected_at, completed_at, failure_reason, expires_at, \
created_at, updated_at, received_minor, counted_minor) \
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

// The states a row may have had come from the transition tables: an update that isn't a transition finds no row.
statement! { UpdateCheckout, "UPDATE checkouts SET status = ?, charge_code = ?, hosted_url = ?, detected_at = ?, \
completed_at = ?, failure_reason = ?, updated_at = ?, received_minor = ?, counted_minor = ? \
WHERE id = ? AND status IN (?, ?, ?, ?, ?, ?)" }

statement! { InsertEvent, "INSERT INTO events (id, provider, provider_event_id, event_type, subject, raw, report, \
fingerprint, verdict, reason, waiting_for, checkout_id, order_id, order_status, received_at, processed_at) \
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

// Whatever changes an event, it waits no more afterwards.
statement! { UpdateEvent, "UPDATE events SET waiting_for = NULL, verdict = ?, reason = ?, checkout_id = ?, order_id = ?, \
order_status = ?, processed_at = ? WHERE id = ? AND verdict IN (?, ?, ?, ?, ?, ?)" }

statement! { InsertTransaction, "INSERT INTO transactions (id, checkout_id, order_id, provider, provider_transaction_id, \
event_type, status, email, amount_minor, currency, occurred_at, recorded_at) \
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { InsertJob, "INSERT INTO jobs (id, kind, subject_id, status, attempts, run_at, last_error, created_at, \
updated_at, forgiven_attempts, retried_at, queue_id, checkpoint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { UpdateJob, "UPDATE jobs SET status = ?, attempts = ?, run_at = ?, last_error = ?, updated_at = ?, \
forgiven_attempts = ?, retried_at = ?, checkpoint = ? WHERE id = ? AND status IN (?, ?, ?, ?)" }

fn optional_time(moment: Option<Timestamp>) -> Value<'static> {
    Value::OptionalBigInt(moment.map(Timestamp::unix_us))
}

fn count(number: u32) -> Value<'static> {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}

pub(super) fn insert_checkout(connection: &mut SqliteConnection, row: &Checkout) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.merchant_id.as_str()),
        Value::OptionalText(row.idempotency_key.as_ref().map(IdempotencyKey::as_str)),
        Value::Bytes(row.fingerprint.as_bytes()),
        Value::optional_key(row.order_id.map(OrderId::as_uuid)),
        Value::Text(row.status.as_str()),
        Value::BigInt(row.money.minor()),
        Value::Text(row.money.currency().code()),
        Value::OptionalText(row.email.as_ref().map(Email::as_str)),
        Value::OptionalText(row.metadata.as_deref()),
        Value::OptionalText(row.charge_code.as_ref().map(ChargeCode::as_str)),
        Value::OptionalText(row.hosted_url.as_deref()),
        optional_time(row.detected_at),
        optional_time(row.completed_at),
        Value::OptionalText(row.failure_reason.map(Reason::as_str)),
        Value::BigInt(row.expires_at.unix_us()),
        Value::BigInt(row.created_at.unix_us()),
        Value::BigInt(row.updated_at.unix_us()),
        Value::BigInt(row.received_minor),
        Value::BigInt(row.counted_minor),
    ];
    run::<InsertCheckout, _>(connection, values)
}

pub(super) fn update_checkout(connection: &mut SqliteConnection, row: &Checkout) -> QueryResult<()> {
    let values = [
        Value::Text(row.status.as_str()),
        Value::OptionalText(row.charge_code.as_ref().map(ChargeCode::as_str)),
        Value::OptionalText(row.hosted_url.as_deref()),
        optional_time(row.detected_at),
        optional_time(row.completed_at),
        Value::OptionalText(row.failure_reason.map(Reason::as_str)),
        Value::BigInt(row.updated_at.unix_us()),
        Value::BigInt(row.received_minor),
        Value::BigInt(row.counted_minor),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateCheckout, 16>(connection, guarded(values, row.status.valid_before().map(CheckoutStatus::as_str)))
}

pub(super) fn insert_event(connection: &mut SqliteConnection, row: &Event) -> QueryResult<()> {
    let (subject, report) = (row.subject.as_ref().map(Subject::to_string), report_text(&row.report));
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.key.provider.as_str()),
        Value::Text(row.key.provider_event_id.as_str()),
        Value::Text(&row.event_type),
        Value::OptionalText(subject.as_deref()),
        Value::Bytes(&row.raw),
        Value::Text(&report),
        Value::OptionalBytes(row.fingerprint.as_ref().map(|fingerprint| &Fingerprint::as_bytes(fingerprint)[..])),
        Value::Text(row.verdict.as_str()),
        Value::OptionalText(row.reason.map(Reason::as_str)),
        Value::OptionalText(subject.as_deref().filter(|_| row.waiting_for().is_some())),
        Value::optional_key(row.checkout_id.map(CheckoutId::as_uuid)),
        Value::optional_key(row.order_id.map(OrderId::as_uuid)),
        Value::OptionalText(row.order_status.map(OrderStatus::as_str)),
        Value::BigInt(row.received_at.unix_us()),
        optional_time(row.processed_at),
    ];
    run::<InsertEvent, _>(connection, values)
}

pub(super) fn update_event(connection: &mut SqliteConnection, row: &Event) -> QueryResult<()> {
    let values = [
        Value::Text(row.verdict.as_str()),
        Value::OptionalText(row.reason.map(Reason::as_str)),
        Value::optional_key(row.checkout_id.map(CheckoutId::as_uuid)),
        Value::optional_key(row.order_id.map(OrderId::as_uuid)),
        Value::OptionalText(row.order_status.map(OrderStatus::as_str)),
        optional_time(row.processed_at),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateEvent, 13>(connection, guarded(values, row.verdict.valid_before().map(Verdict::as_str)))
}

pub(super) fn insert_transaction(connection: &mut SqliteConnection, row: &Transaction) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::optional_key(row.checkout_id.map(CheckoutId::as_uuid)),
        Value::optional_key(row.order_id.map(OrderId::as_uuid)),
        Value::Text(row.provider.as_str()),
        Value::Text(&row.provider_transaction_id),
        Value::Text(&row.event_type),
        Value::Text(row.status.as_str()),
        Value::OptionalText(row.email.as_ref().map(Email::as_str)),
        Value::BigInt(row.money.minor()),
        Value::Text(row.money.currency().code()),
        Value::BigInt(row.occurred_at.unix_us()),
        Value::BigInt(row.recorded_at.unix_us()),
    ];
    run::<InsertTransaction, _>(connection, values)
}

pub(super) fn insert_job(connection: &mut SqliteConnection, row: &Job) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.kind().as_str()),
        Value::key(row.task.subject_id()),
        Value::Text(row.status.as_str()),
        count(row.attempts),
        Value::BigInt(row.run_at.unix_us()),
        Value::OptionalText(row.last_error.as_deref()),
        Value::BigInt(row.created_at.unix_us()),
        Value::BigInt(row.updated_at.unix_us()),
        count(row.forgiven_attempts),
        optional_time(row.retried_at),
        Value::optional_key(row.task.queue_id()),
        Value::OptionalText(row.checkpoint.as_deref()),
    ];
    run::<InsertJob, _>(connection, values)
}

pub(super) fn update_job(connection: &mut SqliteConnection, row: &Job) -> QueryResult<()> {
    let values = [
        Value::Text(row.status.as_str()),
        count(row.attempts),
        Value::BigInt(row.run_at.unix_us()),
        Value::OptionalText(row.last_error.as_deref()),
        Value::BigInt(row.updated_at.unix_us()),
        count(row.forgiven_attempts),
        optional_time(row.retried_at),
        Value::OptionalText(row.checkpoint.as_deref()),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateJob, 13>(connection, guarded(values, row.status.valid_before().map(JobStatus::as_str)))
}
