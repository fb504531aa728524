//! Endpoints, notifications and deliveries as PostgreSQL has them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    Attempted, Delivery, DeliveryAttempt, DeliveryId, EndpointDescription, EndpointId, EndpointUrl, MerchantId,
    Notification, NotificationId, NotificationSubject, WebhookEndpoint,
};
use uuid::Uuid;

use super::schema::{deliveries, delivery_attempts, notifications, webhook_endpoints};
use crate::stored::{ImpossibleRow, Place, event_types};

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_endpoints)]
pub(super) struct EndpointRow {
    id: Uuid,
    merchant_id: String,
    url: String,
    event_types: Option<String>,
    description: Option<String>,
    is_asymmetric: bool,
    seed: Vec<u8>,
    previous_seed: Option<Vec<u8>>,
    previous_seed_until: Option<DateTime<Utc>>,
    status: String,
    disabled_reason: Option<String>,
    disabled_at: Option<DateTime<Utc>>,
    failing_since: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<EndpointRow> for WebhookEndpoint {
    type Error = ImpossibleRow;

    fn try_from(row: EndpointRow) -> Result<Self, Self::Error> {
        let place = Place { table: "webhook_endpoints", id: &row.id };
        let previous_seed = row.previous_seed.map(|seed| place.seed(seed)).transpose()?;
        Ok(Self {
            id: EndpointId::from_uuid(row.id),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            url: place.read("url", EndpointUrl::parse(row.url))?,
            event_types: place.read_optional("event_types", row.event_types, |words| event_types(&words))?,
            description: place.read_optional("description", row.description, EndpointDescription::parse)?,
            is_asymmetric: row.is_asymmetric,
            seed: place.seed(row.seed)?,
            previous_seed: previous_seed.zip(row.previous_seed_until.map(Into::into)),
            status: place.read("status", row.status.parse())?,
            disabled_reason: place.read_optional("disabled_reason", row.disabled_reason, |text| text.parse())?,
            disabled_at: row.disabled_at.map(Into::into),
            failing_since: row.failing_since.map(Into::into),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub(super) struct NotificationRow {
    id: Uuid,
    merchant_id: String,
    event_type: String,
    subject_id: Uuid,
    body: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<NotificationRow> for Notification {
    type Error = ImpossibleRow;

    fn try_from(row: NotificationRow) -> Result<Self, Self::Error> {
        let place = Place { table: "notifications", id: &row.id };
        let event_type = place.read("event_type", row.event_type.parse())?;
        Ok(Self {
            id: NotificationId::from_uuid(row.id),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            event_type,
            subject: NotificationSubject::of(event_type, row.subject_id),
            body: row.body,
            created_at: row.created_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(super) struct DeliveryRow {
    id: Uuid,
    notification_id: Uuid,
    endpoint_id: Uuid,
    event_type: String,
    subject_id: Uuid,
    place: Option<i32>,
    status: String,
    attempts: i32,
    next_attempt_at: Option<DateTime<Utc>>,
    failure: Option<String>,
    redelivered_as: Option<Uuid>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = ImpossibleRow;

    fn try_from(row: DeliveryRow) -> Result<Self, Self::Error> {
        let place = Place { table: "deliveries", id: &row.id };
        let event_type = place.read("event_type", row.event_type.parse())?;
        Ok(Self {
            id: DeliveryId::from_uuid(row.id),
            notification_id: NotificationId::from_uuid(row.notification_id),
            endpoint_id: EndpointId::from_uuid(row.endpoint_id),
            event_type,
            subject: NotificationSubject::of(event_type, row.subject_id),
            place: place.read_optional("place", row.place, u32::try_from)?,
            status: place.read("status", row.status.parse())?,
            attempts: place.read("attempts", row.attempts.try_into())?,
            next_attempt_at: row.next_attempt_at.map(Into::into),
            failure: place.read_optional("failure", row.failure, |text| text.parse())?,
            redelivered_as: row.redelivered_as.map(DeliveryId::from_uuid),
            created_at: row.created_at.into(),
            finished_at: row.finished_at.map(Into::into),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = delivery_attempts)]
pub(super) struct AttemptRow {
    delivery_id: Uuid,
    number: i32,
    started_at: DateTime<Utc>,
    duration_ms: i64,
    status_code: Option<i32>,
    error: Option<String>,
    answer: Option<String>,
}

impl TryFrom<AttemptRow> for DeliveryAttempt {
    type Error = ImpossibleRow;

    fn try_from(row: AttemptRow) -> Result<Self, Self::Error> {
        let place = Place { table: "delivery_attempts", id: &row.delivery_id };
        Ok(Self {
            delivery_id: DeliveryId::from_uuid(row.delivery_id),
            number: place.read("number", row.number.try_into())?,
            attempted: Attempted {
                started_at: row.started_at.into(),
                duration_ms: place.read("duration_ms", row.duration_ms.try_into())?,
                status_code: place.read_optional("status_code", row.status_code, u16::try_from)?,
                error: row.error,
                answer: row.answer,
            },
        })
    }
}
