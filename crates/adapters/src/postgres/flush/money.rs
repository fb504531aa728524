//! Checkouts, their jobs, what was told of them, and what moved.

use domain::{Checkout, Event, Job, Subject, Transaction};

use super::super::load::idempotency_digest;
use super::super::statement::Column;
use super::{Flush, collect, time, words};
use crate::stored::report_text;

const INSERT_CHECKOUTS: &str = "INSERT INTO checkouts (id, merchant_id, idempotency_key, idempotency_digest, fingerprint, \
order_id, status, amount_minor, currency, email, metadata, charge_code, hosted_url, detected_at, completed_at, \
failure_reason, expires_at, created_at, updated_at, received_minor, counted_minor) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

// The statuses a row may have had come from the transition table: an update that isn't a transition finds no row.
const UPDATE_CHECKOUTS: &str = "UPDATE checkouts AS c SET status = n.status, charge_code = n.charge_code, \
hosted_url = n.hosted_url, detected_at = n.detected_at, completed_at = n.completed_at, \
failure_reason = n.failure_reason, updated_at = n.updated_at, received_minor = n.received_minor, \
counted_minor = n.counted_minor \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS n (id, status, valid_before, charge_code, hosted_url, detected_at, \
completed_at, failure_reason, updated_at, received_minor, counted_minor) \
WHERE c.id = n.id AND c.status = ANY (string_to_array(n.valid_before, ','))";

const INSERT_EVENTS: &str = "INSERT INTO events (id, provider, provider_event_id, event_type, subject, raw, report, \
fingerprint, verdict, reason, waiting_for, checkout_id, order_id, order_status, received_at, processed_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

// Whatever changes an event, it waits no more afterwards.
const UPDATE_EVENTS: &str = "UPDATE events AS e SET verdict = n.verdict, reason = n.reason, waiting_for = NULL, \
checkout_id = n.checkout_id, order_id = n.order_id, order_status = n.order_status, processed_at = n.processed_at \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) AS n (id, verdict, valid_before, reason, checkout_id, order_id, order_status, \
processed_at) \
WHERE e.id = n.id AND e.verdict = ANY (string_to_array(n.valid_before, ','))";

const INSERT_TRANSACTIONS: &str = "INSERT INTO transactions (id, checkout_id, order_id, provider, \
provider_transaction_id, event_type, status, email, amount_minor, currency, occurred_at, recorded_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_JOBS: &str = "INSERT INTO jobs (id, kind, subject_id, status, attempts, run_at, last_error, created_at, \
updated_at, forgiven_attempts, retried_at, queue_id, checkpoint) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE_JOBS: &str = "UPDATE jobs AS j SET status = n.status, attempts = n.attempts, run_at = n.run_at, \
last_error = n.last_error, updated_at = n.updated_at, forgiven_attempts = n.forgiven_attempts, \
retried_at = n.retried_at, checkpoint = n.checkpoint \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS n (id, status, valid_before, attempts, run_at, last_error, updated_at, \
forgiven_attempts, retried_at, checkpoint) \
WHERE j.id = n.id AND j.status = ANY (string_to_array(n.valid_before, ','))";

pub(super) fn insert_checkouts<'a>(flush: &mut Flush<'a>, mut rows: Vec<&'a Checkout>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by(|a, b| (&a.merchant_id, &a.idempotency_key).cmp(&(&b.merchant_id, &b.idempotency_key)));
    let statuses = rows.iter().map(|row| row.status.as_str()).collect();
    flush.add(
        INSERT_CHECKOUTS,
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
            Column::BigInts(collect(&rows, |row| row.received_minor)),
            Column::BigInts(collect(&rows, |row| row.counted_minor)),
        ],
    );
}

pub(super) fn update_checkouts<'a>(flush: &mut Flush<'a>, rows: &[&'a Checkout]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.status.valid_before().map(domain::CheckoutStatus::as_str)));
    flush.add(
        UPDATE_CHECKOUTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OwnedTexts(valid_before),
            Column::OptionalTexts(
                rows.iter().map(|row| row.charge_code.as_ref().map(domain::ChargeCode::as_str)).collect(),
            ),
            Column::OptionalTexts(rows.iter().map(|row| row.hosted_url.as_deref()).collect()),
            Column::OptionalTimes(collect(rows, |row| row.detected_at.map(time))),
            Column::OptionalTimes(collect(rows, |row| row.completed_at.map(time))),
            Column::OptionalTexts(collect(rows, |row| row.failure_reason.map(domain::Reason::as_str))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
            Column::BigInts(collect(rows, |row| row.received_minor)),
            Column::BigInts(collect(rows, |row| row.counted_minor)),
        ],
    );
}

pub(super) fn insert_events<'a>(flush: &mut Flush<'a>, mut rows: Vec<&'a Event>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let reports = collect(&rows, |row| report_text(&row.report));
    let subjects = collect(&rows, |row| row.subject.as_ref().map(Subject::to_string));
    let waiting_for = collect(&rows, |row| row.waiting_for().map(Subject::to_string));
    flush.add(
        INSERT_EVENTS,
        rows.len(),
        vec![
            Column::Uuids(collect(&rows, |row| row.id.as_uuid())),
            Column::Texts(collect(&rows, |row| row.key.provider.as_str())),
            Column::Texts(rows.iter().map(|row| row.key.provider_event_id.as_str()).collect()),
            Column::Texts(rows.iter().map(|row| row.event_type.as_str()).collect()),
            Column::OptionalOwnedTexts(subjects),
            Column::Bytes(rows.iter().map(|row| row.raw.as_slice()).collect()),
            Column::OwnedTexts(reports),
            Column::OptionalBytes(
                rows.iter().map(|row| row.fingerprint.as_ref().map(|bytes| &bytes.as_bytes()[..])).collect(),
            ),
            Column::Texts(collect(&rows, |row| row.verdict.as_str())),
            Column::OptionalTexts(collect(&rows, |row| row.reason.map(domain::Reason::as_str))),
            Column::OptionalOwnedTexts(waiting_for),
            Column::OptionalUuids(collect(&rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
            Column::OptionalUuids(collect(&rows, |row| row.order_id.map(domain::OrderId::as_uuid))),
            Column::OptionalTexts(collect(&rows, |row| row.order_status.map(domain::OrderStatus::as_str))),
            Column::Times(collect(&rows, |row| time(row.received_at))),
            Column::OptionalTimes(collect(&rows, |row| row.processed_at.map(time))),
        ],
    );
}

pub(super) fn update_events<'a>(flush: &mut Flush<'a>, rows: &[&'a Event]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.verdict.valid_before().map(domain::Verdict::as_str)));
    flush.add(
        UPDATE_EVENTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.verdict.as_str())),
            Column::OwnedTexts(valid_before),
            Column::OptionalTexts(collect(rows, |row| row.reason.map(domain::Reason::as_str))),
            Column::OptionalUuids(collect(rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
            Column::OptionalUuids(collect(rows, |row| row.order_id.map(domain::OrderId::as_uuid))),
            Column::OptionalTexts(collect(rows, |row| row.order_status.map(domain::OrderStatus::as_str))),
            Column::OptionalTimes(collect(rows, |row| row.processed_at.map(time))),
        ],
    );
}

pub(super) fn insert_transactions<'a>(flush: &mut Flush<'a>, mut rows: Vec<&'a Transaction>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by(|a, b| a.provider_transaction_id.cmp(&b.provider_transaction_id));
    flush.add(
        INSERT_TRANSACTIONS,
        rows.len(),
        vec![
            Column::Uuids(collect(&rows, |row| row.id.as_uuid())),
            Column::OptionalUuids(collect(&rows, |row| row.checkout_id.map(domain::CheckoutId::as_uuid))),
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
    );
}

pub(super) fn insert_jobs<'a>(flush: &mut Flush<'a>, mut rows: Vec<&'a Job>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|row| (row.task.subject_id(), row.kind()));
    let rows = &rows;
    flush.add(
        INSERT_JOBS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.kind().as_str())),
            Column::Uuids(collect(rows, |row| row.task.subject_id())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::Integers(collect(rows, |row| count(row.attempts))),
            Column::Times(collect(rows, |row| time(row.run_at))),
            Column::OptionalTexts(rows.iter().map(|row| row.last_error.as_deref()).collect()),
            Column::Times(collect(rows, |row| time(row.created_at))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
            Column::Integers(collect(rows, |row| count(row.forgiven_attempts))),
            Column::OptionalTimes(collect(rows, |row| row.retried_at.map(time))),
            Column::OptionalUuids(collect(rows, |row| row.task.queue_id())),
            Column::OptionalTexts(rows.iter().map(|row| row.checkpoint.as_deref()).collect()),
        ],
    );
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn update_jobs<'a>(flush: &mut Flush<'a>, rows: &[&'a Job]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.status.valid_before().map(domain::JobStatus::as_str)));
    flush.add(
        UPDATE_JOBS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OwnedTexts(valid_before),
            Column::Integers(collect(rows, |row| count(row.attempts))),
            Column::Times(collect(rows, |row| time(row.run_at))),
            Column::OptionalTexts(rows.iter().map(|row| row.last_error.as_deref()).collect()),
            Column::Times(collect(rows, |row| time(row.updated_at))),
            Column::Integers(collect(rows, |row| count(row.forgiven_attempts))),
            Column::OptionalTimes(collect(rows, |row| row.retried_at.map(time))),
            Column::OptionalTexts(rows.iter().map(|row| row.checkpoint.as_deref()).collect()),
        ],
    );
}
