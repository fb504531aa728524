//! Rows as PostgreSQL has them, and the way from them to the domain.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ChargeCode, Checkout, CheckoutId, Description, Event, EventId, EventKey, Hold, HoldId, IdempotencyKey, Job, JobId,
    MerchantId, Order, OrderId, PaymentId, Product, ProductId, ProductName, ProviderEventId, Transaction,
    TransactionId,
};
use uuid::Uuid;

use super::schema::{checkouts, events, holds, jobs, order_items, orders, products, transactions};
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
    received_minor: i64,
    counted_minor: i64,
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
            received_minor: row.received_minor,
            counted_minor: row.counted_minor,
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
    fingerprint: Option<Vec<u8>>,
    verdict: String,
    reason: Option<String>,
    #[expect(dead_code, reason = "a copy of the subject, for an index")]
    waiting_for: Option<String>,
    checkout_id: Option<Uuid>,
    order_id: Option<Uuid>,
    order_status: Option<String>,
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
            subject: place.read_optional("subject", row.subject, |text| text.parse())?,
            raw: row.raw,
            report: place.report(&row.report)?,
            fingerprint: row.fingerprint.map(|bytes| place.fingerprint(bytes)).transpose()?,
            verdict: place.read("verdict", row.verdict.parse())?,
            reason: place.reason("reason", row.reason)?,
            checkout_id: row.checkout_id.map(CheckoutId::from_uuid),
            order_id: row.order_id.map(OrderId::from_uuid),
            order_status: place.read_optional("order_status", row.order_status, |text| text.parse())?,
            received_at: row.received_at.into(),
            processed_at: row.processed_at.map(Into::into),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub(super) struct TransactionRow {
    id: Uuid,
    checkout_id: Option<Uuid>,
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
            checkout_id: row.checkout_id.map(CheckoutId::from_uuid),
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
    subject_id: Uuid,
    status: String,
    attempts: i32,
    run_at: DateTime<Utc>,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    forgiven_attempts: i32,
    retried_at: Option<DateTime<Utc>>,
    queue_id: Option<Uuid>,
    checkpoint: Option<String>,
}

impl TryFrom<JobRow> for Job {
    type Error = ImpossibleRow;

    fn try_from(row: JobRow) -> Result<Self, Self::Error> {
        let place = Place { table: "jobs", id: &row.id };
        Ok(Self {
            id: JobId::from_uuid(row.id),
            task: place.task(&row.kind, row.subject_id, row.queue_id)?,
            status: place.read("status", row.status.parse())?,
            attempts: place.read("attempts", row.attempts.try_into())?,
            forgiven_attempts: place.read("forgiven_attempts", row.forgiven_attempts.try_into())?,
            retried_at: row.retried_at.map(Into::into),
            run_at: row.run_at.into(),
            last_error: row.last_error,
            checkpoint: row.checkpoint,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = products)]
pub(super) struct ProductRow {
    id: Uuid,
    merchant_id: String,
    name: String,
    description: Option<String>,
    price_minor: i64,
    currency: String,
    total_stock: i32,
    held_stock: i32,
    sold_stock: i32,
    deleted_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<ProductRow> for Product {
    type Error = ImpossibleRow;

    fn try_from(row: ProductRow) -> Result<Self, Self::Error> {
        let place = Place { table: "products", id: &row.id };
        Ok(Self {
            id: ProductId::from_uuid(row.id),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            name: place.read("name", ProductName::parse(row.name))?,
            description: place.read_optional("description", row.description, Description::parse)?,
            price: place.money(row.price_minor, &row.currency)?,
            stock: place.stock(row.total_stock, row.held_stock, row.sold_stock)?,
            deleted_at: row.deleted_at.map(Into::into),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = holds)]
pub(super) struct HoldRow {
    id: Uuid,
    product_id: Uuid,
    quantity: i32,
    status: String,
    order_id: Option<Uuid>,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<HoldRow> for Hold {
    type Error = ImpossibleRow;

    fn try_from(row: HoldRow) -> Result<Self, Self::Error> {
        let place = Place { table: "holds", id: &row.id };
        Ok(Self {
            id: HoldId::from_uuid(row.id),
            product_id: ProductId::from_uuid(row.product_id),
            quantity: place.quantity(row.quantity)?,
            status: place.read("status", row.status.parse())?,
            order_id: row.order_id.map(OrderId::from_uuid),
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
            ended_at: row.ended_at.map(Into::into),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders)]
pub(super) struct OrderRow {
    id: Uuid,
    merchant_id: String,
    hold_id: Option<Uuid>,
    customer_id: Option<String>,
    customer_is_number: bool,
    email: Option<String>,
    total_minor: i64,
    currency: String,
    status: String,
    payment_status: String,
    payment_id: Option<String>,
    checkout_id: Option<Uuid>,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    received_minor: i64,
    counted_minor: i64,
    refunded_minor: i64,
}

impl TryFrom<OrderRow> for Order {
    type Error = ImpossibleRow;

    /// The order without its items, which are rows of their own.
    fn try_from(row: OrderRow) -> Result<Self, Self::Error> {
        let place = Place { table: "orders", id: &row.id };
        Ok(Self {
            id: OrderId::from_uuid(row.id),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            hold_id: row.hold_id.map(HoldId::from_uuid),
            customer_id: place.customer(row.customer_id, row.customer_is_number)?,
            email: place.email(row.email)?,
            items: Vec::new(),
            total: place.money(row.total_minor, &row.currency)?,
            status: place.read("status", row.status.parse())?,
            payment_status: place.read("payment_status", row.payment_status.parse())?,
            payment_id: place.read_optional("payment_id", row.payment_id, PaymentId::parse)?,
            checkout_id: row.checkout_id.map(CheckoutId::from_uuid),
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            received_minor: row.received_minor,
            counted_minor: row.counted_minor,
            refunded_minor: row.refunded_minor,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = order_items)]
pub(super) struct OrderItemRow {
    pub(super) order_id: Uuid,
    #[expect(dead_code, reason = "what they are ordered by")]
    position: i32,
    product_id: Uuid,
    quantity: i32,
    price_minor: i64,
}

/// Puts items, in the order of their positions, into their orders.
pub(super) fn fill(orders: &mut [Order], items: Vec<OrderItemRow>) -> Result<(), ImpossibleRow> {
    let at: HashMap<Uuid, usize> = orders.iter().enumerate().map(|(at, order)| (order.id.as_uuid(), at)).collect();
    for row in items {
        let Some(order) = at.get(&row.order_id).and_then(|at| orders.get_mut(*at)) else { continue };
        let place = Place { table: "order_items", id: &row.order_id };
        let item = place.item(order, ProductId::from_uuid(row.product_id), row.quantity, row.price_minor)?;
        order.items.push(item);
    }
    Ok(())
}
