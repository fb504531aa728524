//! Reads what merchants are told.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::SqliteConnection;
use domain::{
    Delivery, DeliveryAttempt, DeliveryId, EndpointId, Notification, NotificationId, Timestamp, WebhookEndpoint,
};
use ports::{COUNT_CAP, DeliveryFilter, Dispatch, EndpointFilter, NotificationRepo, Page, PageRequest, RepoError};
use uuid::Uuid;

use super::key::Key;
use super::reads::SqliteReads;
use super::rows::{AttemptRow, DeliveryRow, EndpointRow, NotificationRow};
use super::schema::{deliveries, delivery_attempts, notifications, webhook_endpoints};
use crate::counted::Counted;
use crate::outbox_reads::impl_outbox_reads;
use crate::stored::{ImpossibleRow, ReadError};

type Connection = SqliteConnection;

const COUNT_LIMIT: i64 = COUNT_CAP as i64 + 1;

fn key(id: Uuid) -> Key {
    Key(id)
}

fn instant(moment: Timestamp) -> i64 {
    moment.unix_us()
}

fn into_domain<R, T: TryFrom<R, Error = ImpossibleRow>>(rows: Vec<R>) -> Result<Vec<T>, ReadError> {
    rows.into_iter().map(|row| T::try_from(row).map_err(ReadError::from)).collect()
}

impl_outbox_reads!(SqliteReads);
