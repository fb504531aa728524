use diesel::prelude::*;
use domain::{CheckoutId, Event, EventId, EventKey, OrderId, ProviderEventId, Timestamp, Transaction, TransactionId};

use super::super::key::Key;
use super::super::schema::{events, transactions};
use crate::stored::{ImpossibleRow, Place};

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(in crate::sqlite) struct EventRow {
    id: Key,
    provider: String,
    provider_event_id: String,
    event_type: String,
    subject: Option<String>,
    raw: Vec<u8>,
    report: String,
    fingerprint: Option<Vec<u8>>,
    verdict: String,
    reason: Option<String>,
    #[expect(dead_code, reason = "a copy of the subject, for an index")]
    waiting_for: Option<String>,
    checkout_id: Option<Key>,
    order_id: Option<Key>,
    order_status: Option<String>,
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
            subject: place.read_optional("subject", row.subject, |text| text.parse())?,
            raw: row.raw,
            report: place.report(&row.report)?,
            fingerprint: row.fingerprint.map(|bytes| place.fingerprint(bytes)).transpose()?,
            verdict: place.read("verdict", row.verdict.parse())?,
            reason: place.reason("reason", row.reason)?,
            checkout_id: row.checkout_id.map(|key| CheckoutId::from_uuid(key.0)),
            order_id: row.order_id.map(|key| OrderId::from_uuid(key.0)),
            order_status: place.read_optional("order_status", row.order_status, |text| text.parse())?,
            received_at: Timestamp::from_unix_us(row.received_at),
            processed_at: row.processed_at.map(Timestamp::from_unix_us),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub(in crate::sqlite) struct TransactionRow {
    id: Key,
    checkout_id: Option<Key>,
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
            checkout_id: row.checkout_id.map(|key| CheckoutId::from_uuid(key.0)),
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
