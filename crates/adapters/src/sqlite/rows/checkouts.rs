use diesel::prelude::*;
use domain::{ChargeCode, Checkout, CheckoutId, IdempotencyKey, Job, JobId, MerchantId, OrderId, Timestamp};

use uuid::Uuid;

use super::super::key::Key;
use super::super::schema::{checkouts, jobs};
use crate::stored::{ImpossibleRow, Place};

#[derive(Queryable, Selectable)]
#[diesel(table_name = checkouts)]
pub(in crate::sqlite) struct CheckoutRow {
    id: Key,
    merchant_id: String,
    idempotency_key: Option<String>,
    fingerprint: Vec<u8>,
    order_id: Option<Key>,
    status: String,
    amount_minor: i64,
    currency: String,
    email: Option<String>,
    metadata: Option<String>,
    charge_code: Option<String>,
    hosted_url: Option<String>,
    detected_at: Option<i64>,
    completed_at: Option<i64>,
    failure_reason: Option<String>,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
    received_minor: i64,
    counted_minor: i64,
}

impl TryFrom<CheckoutRow> for Checkout {
    type Error = ImpossibleRow;

    fn try_from(row: CheckoutRow) -> Result<Self, Self::Error> {
        let place = Place { table: "checkouts", id: &row.id.0 };
        Ok(Self {
            id: CheckoutId::from_uuid(row.id.0),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            idempotency_key: place.read_optional("idempotency_key", row.idempotency_key, IdempotencyKey::parse)?,
            fingerprint: place.fingerprint(row.fingerprint)?,
            order_id: row.order_id.map(|key| OrderId::from_uuid(key.0)),
            status: place.read("status", row.status.parse())?,
            money: place.money(row.amount_minor, &row.currency)?,
            email: place.email(row.email)?,
            metadata: row.metadata,
            charge_code: place.read_optional("charge_code", row.charge_code, ChargeCode::parse)?,
            hosted_url: row.hosted_url,
            detected_at: row.detected_at.map(Timestamp::from_unix_us),
            completed_at: row.completed_at.map(Timestamp::from_unix_us),
            failure_reason: place.reason("failure_reason", row.failure_reason)?,
            expires_at: Timestamp::from_unix_us(row.expires_at),
            created_at: Timestamp::from_unix_us(row.created_at),
            updated_at: Timestamp::from_unix_us(row.updated_at),
            received_minor: row.received_minor,
            counted_minor: row.counted_minor,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(in crate::sqlite) struct JobRow {
    id: Key,
    kind: String,
    subject_id: Key,
    status: String,
    attempts: i32,
    run_at: i64,
    last_error: Option<String>,
    created_at: i64,
    updated_at: i64,
    forgiven_attempts: i32,
    retried_at: Option<i64>,
    queue_id: Option<Key>,
    checkpoint: Option<String>,
}

impl TryFrom<JobRow> for Job {
    type Error = ImpossibleRow;

    fn try_from(row: JobRow) -> Result<Self, Self::Error> {
        let place = Place { table: "jobs", id: &row.id.0 };
        Ok(Self {
            id: JobId::from_uuid(row.id.0),
            task: place.task(&row.kind, row.subject_id.0, row.queue_id.map(Uuid::from))?,
            status: place.read("status", row.status.parse())?,
            attempts: place.read("attempts", row.attempts.try_into())?,
            forgiven_attempts: place.read("forgiven_attempts", row.forgiven_attempts.try_into())?,
            retried_at: row.retried_at.map(Timestamp::from_unix_us),
            run_at: Timestamp::from_unix_us(row.run_at),
            last_error: row.last_error,
            checkpoint: row.checkpoint,
            created_at: Timestamp::from_unix_us(row.created_at),
            updated_at: Timestamp::from_unix_us(row.updated_at),
        })
    }
}
