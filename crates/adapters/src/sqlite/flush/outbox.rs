//! Endpoints, notifications, deliveries and their attempts.

use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use domain::{
    Delivery, DeliveryAttempt, DeliveryFailure, DeliveryId, DeliveryStatus, DisabledReason, EndpointDescription,
    EndpointStatus, Notification, Timestamp, WebhookEndpoint,
};

use super::super::statement::{Value, statement};
use super::{guarded, run};
use crate::stored::event_types_text;

statement! { InsertEndpoint, "INSERT INTO webhook_endpoints (id, merchant_id, url, event_types, description, \
is_asymmetric, seed, previous_seed, previous_seed_until, status, disabled_reason, disabled_at, failing_since, created_at, \
updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

// The states a row may have had come from the transition tables: an update that isn't a transition finds no row.
statement! { UpdateEndpoint, "UPDATE webhook_endpoints SET url = ?, event_types = ?, description = ?, is_asymmetric = ?, \
seed = ?, previous_seed = ?, previous_seed_until = ?, status = ?, disabled_reason = ?, disabled_at = ?, failing_since = ?, \
updated_at = ? WHERE id = ? AND status IN (?, ?, ?)" }

statement! { InsertNotification, "INSERT INTO notifications (id, merchant_id, event_type, subject_id, body, created_at) \
VALUES (?, ?, ?, ?, ?, ?)" }

statement! { InsertDelivery, "INSERT INTO deliveries (id, notification_id, endpoint_id, event_type, subject_id, place, \
status, attempts, next_attempt_at, failure, redelivered_as, created_at, finished_at) \
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { UpdateDelivery, "UPDATE deliveries SET status = ?, attempts = ?, next_attempt_at = ?, failure = ?, \
redelivered_as = ?, finished_at = ? WHERE id = ? AND status IN (?, ?, ?, ?)" }

statement! { InsertAttempt, "INSERT INTO delivery_attempts (delivery_id, number, started_at, duration_ms, status_code, \
error, answer) VALUES (?, ?, ?, ?, ?, ?, ?)" }

fn optional_time(moment: Option<Timestamp>) -> Value<'static> {
    Value::OptionalBigInt(moment.map(Timestamp::unix_us))
}

fn count(number: u32) -> Value<'static> {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}

pub(super) fn insert_endpoint(connection: &mut SqliteConnection, row: &WebhookEndpoint) -> QueryResult<()> {
    let event_types = row.event_types.as_ref().map(event_types_text);
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.merchant_id.as_str()),
        Value::Text(row.url.as_str()),
        Value::OptionalText(event_types.as_deref()),
        Value::OptionalText(row.description.as_ref().map(EndpointDescription::as_str)),
        Value::Bool(row.is_asymmetric),
        Value::Bytes(row.seed.as_bytes()),
        Value::OptionalBytes(row.previous_seed.as_ref().map(|(seed, _)| &seed.as_bytes()[..])),
        optional_time(row.previous_seed.map(|(_, until)| until)),
        Value::Text(row.status.as_str()),
        Value::OptionalText(row.disabled_reason.map(DisabledReason::as_str)),
        optional_time(row.disabled_at),
        optional_time(row.failing_since),
        Value::BigInt(row.created_at.unix_us()),
        Value::BigInt(row.updated_at.unix_us()),
    ];
    run::<InsertEndpoint, _>(connection, values)
}

pub(super) fn update_endpoint(connection: &mut SqliteConnection, row: &WebhookEndpoint) -> QueryResult<()> {
    let event_types = row.event_types.as_ref().map(event_types_text);
    let values = [
        Value::Text(row.url.as_str()),
        Value::OptionalText(event_types.as_deref()),
        Value::OptionalText(row.description.as_ref().map(EndpointDescription::as_str)),
        Value::Bool(row.is_asymmetric),
        Value::Bytes(row.seed.as_bytes()),
        Value::OptionalBytes(row.previous_seed.as_ref().map(|(seed, _)| &seed.as_bytes()[..])),
        optional_time(row.previous_seed.map(|(_, until)| until)),
        Value::Text(row.status.as_str()),
        Value::OptionalText(row.disabled_reason.map(DisabledReason::as_str)),
        optional_time(row.disabled_at),
        optional_time(row.failing_since),
        Value::BigInt(row.updated_at.unix_us()),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateEndpoint, 16>(connection, guarded(values, row.status.valid_before().map(EndpointStatus::as_str)))
}

pub(super) fn insert_notification(connection: &mut SqliteConnection, row: &Notification) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.merchant_id.as_str()),
        Value::Text(row.event_type.as_str()),
        Value::key(row.subject.as_uuid()),
        Value::Text(&row.body),
        Value::BigInt(row.created_at.unix_us()),
    ];
    run::<InsertNotification, _>(connection, values)
}

pub(super) fn insert_delivery(connection: &mut SqliteConnection, row: &Delivery) -> QueryResult<()> {
    let values = [
        Value::key(row.id.as_uuid()),
        Value::key(row.notification_id.as_uuid()),
        Value::key(row.endpoint_id.as_uuid()),
        Value::Text(row.event_type.as_str()),
        Value::key(row.subject.as_uuid()),
        Value::OptionalBigInt(row.place.map(i64::from)),
        Value::Text(row.status.as_str()),
        count(row.attempts),
        optional_time(row.next_attempt_at),
        Value::OptionalText(row.failure.map(DeliveryFailure::as_str)),
        Value::optional_key(row.redelivered_as.map(DeliveryId::as_uuid)),
        Value::BigInt(row.created_at.unix_us()),
        optional_time(row.finished_at),
    ];
    run::<InsertDelivery, _>(connection, values)
}

pub(super) fn update_delivery(connection: &mut SqliteConnection, row: &Delivery) -> QueryResult<()> {
    let values = [
        Value::Text(row.status.as_str()),
        count(row.attempts),
        optional_time(row.next_attempt_at),
        Value::OptionalText(row.failure.map(DeliveryFailure::as_str)),
        Value::optional_key(row.redelivered_as.map(DeliveryId::as_uuid)),
        optional_time(row.finished_at),
        Value::key(row.id.as_uuid()),
    ];
    run::<UpdateDelivery, 11>(connection, guarded(values, row.status.valid_before().map(DeliveryStatus::as_str)))
}

pub(super) fn insert_attempt(connection: &mut SqliteConnection, row: &DeliveryAttempt) -> QueryResult<()> {
    let attempted = &row.attempted;
    let values = [
        Value::key(row.delivery_id.as_uuid()),
        count(row.number),
        Value::BigInt(attempted.started_at.unix_us()),
        Value::BigInt(i64::try_from(attempted.duration_ms).unwrap_or(i64::MAX)),
        Value::OptionalBigInt(attempted.status_code.map(i64::from)),
        Value::OptionalText(attempted.error.as_deref()),
        Value::OptionalText(attempted.answer.as_deref()),
    ];
    run::<InsertAttempt, _>(connection, values)
}
