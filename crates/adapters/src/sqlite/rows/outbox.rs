//! Endpoints, notifications and deliveries.

use diesel::prelude::*;
use domain::{
    Attempted, Delivery, DeliveryAttempt, DeliveryId, EndpointDescription, EndpointId, EndpointUrl, MerchantId,
    Notification, NotificationId, NotificationSubject, Timestamp, WebhookEndpoint,
};

use super::super::key::Key;
use super::super::schema::{deliveries, delivery_attempts, notifications, webhook_endpoints};
use crate::stored::{ImpossibleRow, Place, event_types};

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_endpoints)]
pub(in crate::sqlite) struct EndpointRow {
    id: Key,
    merchant_id: String,
    url: String,
    event_types: Option<String>,
    description: Option<String>,
    is_asymmetric: bool,
    seed: Vec<u8>,
    previous_seed: Option<Vec<u8>>,
    previous_seed_until: Option<i64>,
    status: String,
    disabled_reason: Option<String>,
    disabled_at: Option<i64>,
    failing_since: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<EndpointRow> for WebhookEndpoint {
    type Error = ImpossibleRow;

    fn try_from(row: EndpointRow) -> Result<Self, Self::Error> {
        let place = Place { table: "webhook_endpoints", id: &row.id.0 };
        let previous_seed = row.previous_seed.map(|seed| place.seed(seed)).transpose()?;
        Ok(Self {
            id: EndpointId::from_uuid(row.id.0),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            url: place.read("url", EndpointUrl::parse(row.url))?,
            event_types: place.read_optional("event_types", row.event_types, |words| event_types(&words))?,
            description: place.read_optional("description", row.description, EndpointDescription::parse)?,
            is_asymmetric: row.is_asymmetric,
            seed: place.seed(row.seed)?,
            previous_seed: previous_seed.zip(row.previous_seed_until.map(Timestamp::from_unix_us)),
            status: place.read("status", row.status.parse())?,
            disabled_reason: place.read_optional("disabled_reason", row.disabled_reason, |text| text.parse())?,
            disabled_at: row.disabled_at.map(Timestamp::from_unix_us),
            failing_since: row.failing_since.map(Timestamp::from_unix_us),
            created_at: Timestamp::from_unix_us(row.created_at),
            updated_at: Timestamp::from_unix_us(row.updated_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub(in crate::sqlite) struct NotificationRow {
    id: Key,
    merchant_id: String,
    event_type: String,
    subject_id: Key,
    body: String,
    created_at: i64,
}

impl TryFrom<NotificationRow> for Notification {
    type Error = ImpossibleRow;

    fn try_from(row: NotificationRow) -> Result<Self, Self::Error> {
        let place = Place { table: "notifications", id: &row.id.0 };
        let event_type = place.read("event_type", row.event_type.parse())?;
        Ok(Self {
            id: NotificationId::from_uuid(row.id.0),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            event_type,
            subject: NotificationSubject::of(event_type, row.subject_id.0),
            body: row.body,
            created_at: Timestamp::from_unix_us(row.created_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(in crate::sqlite) struct DeliveryRow {
    id: Key,
    notification_id: Key,
    endpoint_id: Key,
    event_type: String,
    subject_id: Key,
    place: Option<i32>,
    status: String,
    attempts: i32,
    next_attempt_at: Option<i64>,
    failure: Option<String>,
    redelivered_as: Option<Key>,
    created_at: i64,
    finished_at: Option<i64>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = ImpossibleRow;

    fn try_from(row: DeliveryRow) -> Result<Self, Self::Error> {
        let place = Place { table: "deliveries", id: &row.id.0 };
        let event_type = place.read("event_type", row.event_type.parse())?;
        Ok(Self {
            id: DeliveryId::from_uuid(row.id.0),
            notification_id: NotificationId::from_uuid(row.notification_id.0),
            endpoint_id: EndpointId::from_uuid(row.endpoint_id.0),
            event_type,
            subject: NotificationSubject::of(event_type, row.subject_id.0),
            place: place.read_optional("place", row.place, u32::try_from)?,
            status: place.read("status", row.status.parse())?,
            attempts: place.read("attempts", row.attempts.try_into())?,
            next_attempt_at: row.next_attempt_at.map(Timestamp::from_unix_us),
            failure: place.read_optional("failure", row.failure, |text| text.parse())?,
            redelivered_as: row.redelivered_as.map(|key| DeliveryId::from_uuid(key.0)),
            created_at: Timestamp::from_unix_us(row.created_at),
            finished_at: row.finished_at.map(Timestamp::from_unix_us),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = delivery_attempts)]
pub(in crate::sqlite) struct AttemptRow {
    delivery_id: Key,
    number: i32,
    started_at: i64,
    duration_ms: i64,
    status_code: Option<i32>,
    error: Option<String>,
    answer: Option<String>,
}

impl TryFrom<AttemptRow> for DeliveryAttempt {
    type Error = ImpossibleRow;

    fn try_from(row: AttemptRow) -> Result<Self, Self::Error> {
        let place = Place { table: "delivery_attempts", id: &row.delivery_id.0 };
        Ok(Self {
            delivery_id: DeliveryId::from_uuid(row.delivery_id.0),
            number: place.read("number", row.number.try_into())?,
            attempted: Attempted {
                started_at: Timestamp::from_unix_us(row.started_at),
                duration_ms: place.read("duration_ms", row.duration_ms.try_into())?,
                status_code: place.read_optional("status_code", row.status_code, u16::try_from)?,
                error: row.error,
                answer: row.answer,
            },
        })
    }
}
