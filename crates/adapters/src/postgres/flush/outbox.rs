//! Endpoints, notifications, deliveries and their attempts.

use domain::{Books, Delivery, DeliveryAttempt, DeliveryFailure, DisabledReason, Notification, WebhookEndpoint};

use super::super::statement::Column;
use super::{Flush, collect, time, words};
use crate::stored::event_types_text;

const INSERT_ENDPOINTS: &str = "INSERT INTO webhook_endpoints (id, merchant_id, url, event_types, description, \
is_asymmetric, seed, previous_seed, previous_seed_until, status, disabled_reason, disabled_at, failing_since, created_at, \
updated_at) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

// The statuses a row may have had come from the transition table: an update that isn't a transition finds no row.
const UPDATE_ENDPOINTS: &str = "UPDATE webhook_endpoints AS e SET url = n.url, event_types = n.event_types, \
description = n.description, is_asymmetric = n.is_asymmetric, seed = n.seed, previous_seed = n.previous_seed, \
previous_seed_until = n.previous_seed_until, status = n.status, disabled_reason = n.disabled_reason, \
disabled_at = n.disabled_at, failing_since = n.failing_since, updated_at = n.updated_at \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS n (id, url, event_types, description, is_asymmetric, seed, \
previous_seed, previous_seed_until, status, valid_before, disabled_reason, disabled_at, failing_since, updated_at) \
WHERE e.id = n.id AND e.status = ANY (string_to_array(n.valid_before, ','))";

const INSERT_NOTIFICATIONS: &str = "INSERT INTO notifications (id, merchant_id, event_type, subject_id, body, created_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?)";

const INSERT_DELIVERIES: &str = "INSERT INTO deliveries (id, notification_id, endpoint_id, event_type, subject_id, place, \
status, attempts, next_attempt_at, failure, redelivered_as, created_at, finished_at) \
SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE_DELIVERIES: &str = "UPDATE deliveries AS d SET status = n.status, attempts = n.attempts, \
next_attempt_at = n.next_attempt_at, failure = n.failure, redelivered_as = n.redelivered_as, finished_at = n.finished_at \
FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) AS n (id, status, valid_before, attempts, next_attempt_at, failure, redelivered_as, \
finished_at) WHERE d.id = n.id AND d.status = ANY (string_to_array(n.valid_before, ','))";

const INSERT_ATTEMPTS: &str = "INSERT INTO delivery_attempts (delivery_id, number, started_at, duration_ms, status_code, \
error, answer) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?)";

/// New rows come in the order of their ids.
pub(super) fn store<'a>(flush: &mut Flush<'a>, books: &'a Books) {
    let outbox = books.outbox();
    insert_endpoints(flush, &outbox.endpoints().inserted().collect::<Vec<_>>());
    update_endpoints(flush, &outbox.endpoints().updated().collect::<Vec<_>>());
    insert_notifications(flush, &outbox.notifications().inserted().collect::<Vec<_>>());
    insert_deliveries(flush, &outbox.deliveries().inserted().collect::<Vec<_>>());
    update_deliveries(flush, &outbox.deliveries().updated().collect::<Vec<_>>());
    insert_attempts(flush, &outbox.attempts().inserted().collect::<Vec<_>>());
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn event_types(rows: &[&WebhookEndpoint]) -> Vec<Option<String>> {
    collect(rows, |row| row.event_types.as_ref().map(event_types_text))
}

fn insert_endpoints<'a>(flush: &mut Flush<'a>, rows: &[&'a WebhookEndpoint]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_ENDPOINTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.merchant_id.as_str()).collect()),
            Column::Texts(rows.iter().map(|row| row.url.as_str()).collect()),
            Column::OptionalOwnedTexts(event_types(rows)),
            Column::OptionalTexts(
                rows.iter().map(|row| row.description.as_ref().map(domain::EndpointDescription::as_str)).collect(),
            ),
            Column::Booleans(collect(rows, |row| row.is_asymmetric)),
            Column::Bytes(rows.iter().map(|row| &row.seed.as_bytes()[..]).collect()),
            Column::OptionalBytes(
                rows.iter().map(|row| row.previous_seed.as_ref().map(|(seed, _)| &seed.as_bytes()[..])).collect(),
            ),
            Column::OptionalTimes(collect(rows, |row| row.previous_seed.map(|(_, until)| time(until)))),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OptionalTexts(collect(rows, |row| row.disabled_reason.map(DisabledReason::as_str))),
            Column::OptionalTimes(collect(rows, |row| row.disabled_at.map(time))),
            Column::OptionalTimes(collect(rows, |row| row.failing_since.map(time))),
            Column::Times(collect(rows, |row| time(row.created_at))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    );
}

fn update_endpoints<'a>(flush: &mut Flush<'a>, rows: &[&'a WebhookEndpoint]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.status.valid_before().map(domain::EndpointStatus::as_str)));
    flush.add(
        UPDATE_ENDPOINTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.url.as_str()).collect()),
            Column::OptionalOwnedTexts(event_types(rows)),
            Column::OptionalTexts(
                rows.iter().map(|row| row.description.as_ref().map(domain::EndpointDescription::as_str)).collect(),
            ),
            Column::Booleans(collect(rows, |row| row.is_asymmetric)),
            Column::Bytes(rows.iter().map(|row| &row.seed.as_bytes()[..]).collect()),
            Column::OptionalBytes(
                rows.iter().map(|row| row.previous_seed.as_ref().map(|(seed, _)| &seed.as_bytes()[..])).collect(),
            ),
            Column::OptionalTimes(collect(rows, |row| row.previous_seed.map(|(_, until)| time(until)))),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OwnedTexts(valid_before),
            Column::OptionalTexts(collect(rows, |row| row.disabled_reason.map(DisabledReason::as_str))),
            Column::OptionalTimes(collect(rows, |row| row.disabled_at.map(time))),
            Column::OptionalTimes(collect(rows, |row| row.failing_since.map(time))),
            Column::Times(collect(rows, |row| time(row.updated_at))),
        ],
    );
}

fn insert_notifications<'a>(flush: &mut Flush<'a>, rows: &[&'a Notification]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_NOTIFICATIONS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.merchant_id.as_str()).collect()),
            Column::Texts(collect(rows, |row| row.event_type.as_str())),
            Column::Uuids(collect(rows, |row| row.subject.as_uuid())),
            Column::Texts(rows.iter().map(|row| row.body.as_str()).collect()),
            Column::Times(collect(rows, |row| time(row.created_at))),
        ],
    );
}

fn insert_deliveries<'a>(flush: &mut Flush<'a>, rows: &[&'a Delivery]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_DELIVERIES,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Uuids(collect(rows, |row| row.notification_id.as_uuid())),
            Column::Uuids(collect(rows, |row| row.endpoint_id.as_uuid())),
            Column::Texts(collect(rows, |row| row.event_type.as_str())),
            Column::Uuids(collect(rows, |row| row.subject.as_uuid())),
            Column::OptionalIntegers(collect(rows, |row| row.place.map(count))),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::Integers(collect(rows, |row| count(row.attempts))),
            Column::OptionalTimes(collect(rows, |row| row.next_attempt_at.map(time))),
            Column::OptionalTexts(collect(rows, |row| row.failure.map(DeliveryFailure::as_str))),
            Column::OptionalUuids(collect(rows, |row| row.redelivered_as.map(domain::DeliveryId::as_uuid))),
            Column::Times(collect(rows, |row| time(row.created_at))),
            Column::OptionalTimes(collect(rows, |row| row.finished_at.map(time))),
        ],
    );
}

fn update_deliveries<'a>(flush: &mut Flush<'a>, rows: &[&'a Delivery]) {
    if rows.is_empty() {
        return;
    }
    let valid_before = collect(rows, |row| words(row.status.valid_before().map(domain::DeliveryStatus::as_str)));
    flush.add(
        UPDATE_DELIVERIES,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.status.as_str())),
            Column::OwnedTexts(valid_before),
            Column::Integers(collect(rows, |row| count(row.attempts))),
            Column::OptionalTimes(collect(rows, |row| row.next_attempt_at.map(time))),
            Column::OptionalTexts(collect(rows, |row| row.failure.map(DeliveryFailure::as_str))),
            Column::OptionalUuids(collect(rows, |row| row.redelivered_as.map(domain::DeliveryId::as_uuid))),
            Column::OptionalTimes(collect(rows, |row| row.finished_at.map(time))),
        ],
    );
}

fn insert_attempts<'a>(flush: &mut Flush<'a>, rows: &[&'a DeliveryAttempt]) {
    if rows.is_empty() {
        return;
    }
    let duration_ms = |row: &DeliveryAttempt| i64::try_from(row.attempted.duration_ms).unwrap_or(i64::MAX);
    flush.add(
        INSERT_ATTEMPTS,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.delivery_id.as_uuid())),
            Column::Integers(collect(rows, |row| count(row.number))),
            Column::Times(collect(rows, |row| time(row.attempted.started_at))),
            Column::BigInts(collect(rows, duration_ms)),
            Column::OptionalIntegers(collect(rows, |row| row.attempted.status_code.map(i32::from))),
            Column::OptionalTexts(rows.iter().map(|row| row.attempted.error.as_deref()).collect()),
            Column::OptionalTexts(rows.iter().map(|row| row.attempted.answer.as_deref()).collect()),
        ],
    );
}
