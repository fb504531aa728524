//! Rows as SQLite has them, and the way from the domain and back.

use diesel::prelude::*;
use domain::{
    ChargeCode, Checkout, CheckoutId, Event, EventId, EventKey, IdempotencyKey, Job, JobId, MerchantId, OrderId,
    ProviderEventId, Timestamp, Transaction, TransactionId,
};

use super::key::Key;
use super::schema::{checkouts, events, jobs, transactions};
use crate::stored::{ImpossibleRow, Place, report_text};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = checkouts, treat_none_as_default_value = false)]
pub(super) struct CheckoutRow {
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
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(super) struct EventRow {
    id: Key,
    provider: String,
    provider_event_id: String,
    event_type: String,
    subject: Option<String>,
    raw: Vec<u8>,
    report: String,
    verdict: String,
    reason: Option<String>,
    waiting_for: Option<String>,
    checkout_id: Option<Key>,
    received_at: i64,
    processed_at: Option<i64>,
}

impl TryFrom<EventRow> for Event {
    type Error = ImpossibleRow;

    fn try_from(row: EventRow) -> Result<Self, Self::Error> {
        let place = Place { table: "events", id: &row.id.0 };
        Ok(Self {
            id: EventId::from_uuid(row.id.0),
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
            checkout_id: row.checkout_id.map(|key| CheckoutId::from_uuid(key.0)),
            received_at: Timestamp::from_unix_us(row.received_at),
            processed_at: row.processed_at.map(Timestamp::from_unix_us),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = transactions, treat_none_as_default_value = false)]
pub(super) struct TransactionRow {
    id: Key,
    checkout_id: Key,
    order_id: Option<Key>,
    provider: String,
    provider_transaction_id: String,
    event_type: String,
    status: String,
    email: Option<String>,
    amount_minor: i64,
    currency: String,
    occurred_at: i64,
    recorded_at: i64,
}

impl TryFrom<TransactionRow> for Transaction {
    type Error = ImpossibleRow;

    fn try_from(row: TransactionRow) -> Result<Self, Self::Error> {
        let place = Place { table: "transactions", id: &row.id.0 };
        Ok(Self {
            id: TransactionId::from_uuid(row.id.0),
            checkout_id: CheckoutId::from_uuid(row.checkout_id.0),
            order_id: row.order_id.map(|key| OrderId::from_uuid(key.0)),
            provider: place.read("provider", row.provider.parse())?,
            provider_transaction_id: row.provider_transaction_id,
            event_type: row.event_type,
            status: place.read("status", row.status.parse())?,
            email: place.email(row.email)?,
            money: place.money(row.amount_minor, &row.currency)?,
            occurred_at: Timestamp::from_unix_us(row.occurred_at),
            recorded_at: Timestamp::from_unix_us(row.recorded_at),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub(super) struct JobRow {
    id: Key,
    kind: String,
    checkout_id: Key,
    status: String,
    attempts: i32,
    run_at: i64,
    last_error: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<JobRow> for Job {
    type Error = ImpossibleRow;

    fn try_from(row: JobRow) -> Result<Self, Self::Error> {
        let place = Place { table: "jobs", id: &row.id.0 };
        Ok(Self {
            id: JobId::from_uuid(row.id.0),
            kind: place.read("kind", row.kind.parse())?,
            checkout_id: CheckoutId::from_uuid(row.checkout_id.0),
            status: place.read("status", row.status.parse())?,
            attempts: place.read("attempts", row.attempts.try_into())?,
            run_at: Timestamp::from_unix_us(row.run_at),
            last_error: row.last_error,
            created_at: Timestamp::from_unix_us(row.created_at),
            updated_at: Timestamp::from_unix_us(row.updated_at),
        })
    }
}

impl From<&Checkout> for CheckoutRow {
    fn from(checkout: &Checkout) -> Self {
        Self {
            id: Key(checkout.id.as_uuid()),
            merchant_id: checkout.merchant_id.to_string(),
            idempotency_key: checkout.idempotency_key.as_ref().map(ToString::to_string),
            fingerprint: checkout.fingerprint.as_bytes().to_vec(),
            order_id: checkout.order_id.map(|id| Key(id.as_uuid())),
            status: checkout.status.as_str().to_owned(),
            amount_minor: checkout.money.minor(),
            currency: checkout.money.currency().code().to_owned(),
            email: checkout.email.as_ref().map(ToString::to_string),
            metadata: checkout.metadata.clone(),
            charge_code: checkout.charge_code.as_ref().map(ToString::to_string),
            hosted_url: checkout.hosted_url.clone(),
            detected_at: checkout.detected_at.map(Timestamp::unix_us),
            completed_at: checkout.completed_at.map(Timestamp::unix_us),
            failure_reason: checkout.failure_reason.map(|reason| reason.as_str().to_owned()),
            expires_at: checkout.expires_at.unix_us(),
            created_at: checkout.created_at.unix_us(),
            updated_at: checkout.updated_at.unix_us(),
        }
    }
}

impl From<&Event> for EventRow {
    fn from(event: &Event) -> Self {
        Self {
            id: Key(event.id.as_uuid()),
            provider: event.key.provider.as_str().to_owned(),
            provider_event_id: event.key.provider_event_id.to_string(),
            event_type: event.event_type.clone(),
            subject: event.subject.as_ref().map(ToString::to_string),
            raw: event.raw.clone(),
            report: report_text(&event.report),
            verdict: event.verdict.as_str().to_owned(),
            reason: event.reason.map(|reason| reason.as_str().to_owned()),
            waiting_for: event.waiting_for().map(ToString::to_string),
            checkout_id: event.checkout_id.map(|id| Key(id.as_uuid())),
            received_at: event.received_at.unix_us(),
            processed_at: event.processed_at.map(Timestamp::unix_us),
        }
    }
}

impl From<&Transaction> for TransactionRow {
    fn from(transaction: &Transaction) -> Self {
        Self {
            id: Key(transaction.id.as_uuid()),
            checkout_id: Key(transaction.checkout_id.as_uuid()),
            order_id: transaction.order_id.map(|id| Key(id.as_uuid())),
            provider: transaction.provider.as_str().to_owned(),
            provider_transaction_id: transaction.provider_transaction_id.clone(),
            event_type: transaction.event_type.clone(),
            status: transaction.status.as_str().to_owned(),
            email: transaction.email.as_ref().map(ToString::to_string),
            amount_minor: transaction.money.minor(),
            currency: transaction.money.currency().code().to_owned(),
            occurred_at: transaction.occurred_at.unix_us(),
            recorded_at: transaction.recorded_at.unix_us(),
        }
    }
}

impl From<&Job> for JobRow {
    fn from(job: &Job) -> Self {
        Self {
            id: Key(job.id.as_uuid()),
            kind: job.kind.as_str().to_owned(),
            checkout_id: Key(job.checkout_id.as_uuid()),
            status: job.status.as_str().to_owned(),
            attempts: i32::try_from(job.attempts).unwrap_or(i32::MAX),
            run_at: job.run_at.unix_us(),
            last_error: job.last_error.clone(),
            created_at: job.created_at.unix_us(),
            updated_at: job.updated_at.unix_us(),
        }
    }
}
