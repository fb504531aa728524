//! Reads what merchants are told.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::{
    Delivery, DeliveryAttempt, DeliveryId, EndpointId, Notification, NotificationId, Timestamp, WebhookEndpoint,
};
use ports::{COUNT_CAP, DeliveryFilter, Dispatch, EndpointFilter, NotificationRepo, Page, PageRequest, RepoError};
use uuid::Uuid;

use super::outbox_rows::{AttemptRow, DeliveryRow, EndpointRow, NotificationRow};
use super::reads::PostgresReads;
use super::schema::{deliveries, delivery_attempts, notifications, webhook_endpoints};
use crate::counted::Counted;
use crate::outbox_reads::impl_outbox_reads;
use crate::stored::{ImpossibleRow, ReadError};

type Connection = PgConnection;

const COUNT_LIMIT: i64 = COUNT_CAP as i64 + 1;

fn key(id: Uuid) -> Uuid {
    id
}

fn instant(moment: Timestamp) -> chrono::DateTime<chrono::Utc> {
    moment.as_datetime()
}

fn into_domain<R, T: TryFrom<R, Error = ImpossibleRow>>(rows: Vec<R>) -> Result<Vec<T>, ReadError> {
    rows.into_iter().map(|row| T::try_from(row).map_err(ReadError::from)).collect()
}

impl_outbox_reads!(PostgresReads);
