//! Rows as PostgreSQL has them, and the way from them to the domain.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ChargeCode, Checkout, CheckoutId, Event, EventId, EventKey, IdempotencyKey, Job, JobId, MerchantId, OrderId,
    ProviderEventId, Transaction, TransactionId,
};
use uuid::Uuid;

use super::schema::{checkouts, events, jobs, transactions};
use crate::stored::{ImpossibleRow, Place};

#[derive(Queryable, Selectable)]
#[diesel(table_name = checkouts)]
pub(super) struct CheckoutRow {
    id: Uuid,
    merchant_id: String,
    idempotency_key: Option<String>,
    fingerprint: Vec<u8>,
    order_id: Option<Uuid>,
    status: String,
    amount_minor: i64,
    currency: String,
    email: Option<String>,
    metadata: Option<String>,
    charge_code: Option<String>,
    hosted_url: Option<String>,
    detected_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    failure_reason: Option<String>,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<CheckoutRow> for Checkout {
    type Error = ImpossibleRow;

    fn try_from(row: CheckoutRow) -> Result<Self, Self::Error> {
        let place = Place { table: "checkouts", id: &row.id };
        Ok(Self {
            id: CheckoutId::from_uuid(row.id),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            idempotency_key: place.read_optional("idempotency_key", row.idempotency_key, IdempotencyKey::parse)?,
            fingerprint: place.fingerprint(row.fingerprint)?,
            order_id: row.order_id.map(OrderId::from_uuid),
            status: place.read("status", row.status.parse())?,
            money: place.money(row.amount_minor, &row.currency)?,
            email: place.email(row.email)?,
            metadata: row.metadata,
            charge_code: place.read_optional("charge_code", row.charge_code, ChargeCode::parse)?,
            hosted_url: row.hosted_url,
            detected_at: row.detected_at.map(Into::into),
            completed_at: row.completed_at.map(Into::into),
            failure_reason: place.reason("failure_reason", row.failure_reason)?,
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(super) struct EventRow {
    id: Uuid,
    provider: String,
    provider_event_id: String,
    event_type: String,
    subject: Option<String>,
    raw: Vec<u8>,
    report: String,
    verdict: String,
    reason: Option<String>,
    #[expect(dead_code, reason = "a copy of the subject, for an index")]
    waiting_for: Option<String>,
    checkout_id: Option<Uuid>,
    received_at: DateTime<Utc>,
    processed_at: Option<DateTime<Utc>>,
}

impl TryFrom<EventRow> for Event {
    type Error = ImpossibleRow;

    fn try_from(row: EventRow) -> Result<Self, Self::Error> {
        let place = Place { table: "events", id: &row.id };
        Ok(Self {
            id: EventId::from_uuid(row.id),
            key: EventKey {
                provider: place.read("provider", row.provider.parse())?,
                provider_event_id: place.read("provider_event_id", ProviderEventId::parse(row.provider_event_id))?,
            },
            event_type: row.event_type,
            subject: place.read_optional("subject", row.subject, ChargeCode::parse)?,
            raw: row.raw,
            report: place.report(&row.report)?,
            verdict: place.read("verdict", row.verdict.parse())?,
            reason: place.reason("reason", row.reason)?,
            checkout_id: row.checkout_id.map(CheckoutId::from_uuid),
            received_at: row.received_at.into(),
            processed_at: row.processed_at.map(Into::into),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub(super) struct TransactionRow {
    id: Uuid,
    checkout_id: Uuid,
    order_id: Option<Uuid>,
    provider: String,
    provider_transaction_id: String,
    event_type: String,
    status: String,
    email: Option<String>,
    amount_minor: i64,
    currency: String,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
}

impl TryFrom<TransactionRow> for Transaction {
    type Error = ImpossibleRow;

    fn try_from(row: TransactionRow) -> Result<Self, Self::Error> {
        let place = Place { table: "transactions", id: &row.id };
        Ok(Self {
            id: TransactionId::from_uuid(row.id),
            checkout_id: CheckoutId::from_uuid(row.checkout_id),
            order_id: row.order_id.map(OrderId::from_uuid),
            provider: place.read("provider", row.provider.parse())?,
            provider_transaction_id: row.provider_transaction_id,
            event_type: row.event_type,
            status: place.read("status", row.status.parse())?,
            email: place.email(row.email)?,
            money: place.money(row.amount_minor, &row.currency)?,
            occurred_at: row.occurred_at.into(),
            recorded_at: row.recorded_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(super) struct JobRow {
    id: Uuid,
    kind: String,
    checkout_id: Uuid,
    status: String,
    attempts: i32,
    run_at: DateTime<Utc>,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<JobRow> for Job {
    type Error = ImpossibleRow;

    fn try_from(row: JobRow) -> Result<Self, Self::Error> {
        let place = Place { table: "jobs", id: &row.id };
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: place.read("kind", row.kind.parse())?,
            checkout_id: CheckoutId::from_uuid(row.checkout_id),
            status: place.read("status", row.status.parse())?,
            attempts: place.read("attempts", row.attempts.try_into())?,
            run_at: row.run_at.into(),
            last_error: row.last_error,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}
