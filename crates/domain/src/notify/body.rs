use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{
    ChargeCode, Checkout, CheckoutId, CheckoutStatus, Currency, CustomerId, EndpointId, HoldId, IdempotencyKey,
    MerchantId, Money, NotificationSubject, NotificationType, Order, OrderId, OrderStatus, PaymentId, PaymentStatus,
    Reason, Sum, Timestamp, WebhookEndpoint,
};

/// What has happened, to what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News<'a> {
    Checkout(&'a Checkout),
    Order(&'a Order),
    Ping(&'a WebhookEndpoint),
}

impl News<'_> {
    pub(crate) const fn subject(&self) -> NotificationSubject {
        match self {
            Self::Checkout(checkout) => NotificationSubject::Checkout(checkout.id),
            Self::Order(order) => NotificationSubject::Order(order.id),
            Self::Ping(endpoint) => NotificationSubject::Endpoint(endpoint.id),
        }
    }

    pub(crate) const fn merchant_id(&self) -> &MerchantId {
        match self {
            Self::Checkout(checkout) => &checkout.merchant_id,
            Self::Order(order) => &order.merchant_id,
            Self::Ping(endpoint) => &endpoint.merchant_id,
        }
    }

    /// The body: `type`, `timestamp` and `data`, without white space.
    pub(crate) fn body(&self, kind: NotificationType, now: Timestamp) -> String {
        match self {
            Self::Checkout(checkout) => render(kind, now, &CheckoutData::of(checkout)),
            Self::Order(order) => render(kind, now, &OrderData::of(order)),
            Self::Ping(endpoint) => render(kind, now, &PingData::of(endpoint)),
        }
    }
}

#[derive(Serialize)]
struct Body<'a, T> {
    r#type: NotificationType,
    timestamp: Timestamp,
    data: &'a T,
}

fn render<T: Serialize>(kind: NotificationType, now: Timestamp, data: &T) -> String {
    // Texts, numbers and structs of them always have a JSON form.
    serde_json::to_string(&Body { r#type: kind, timestamp: now, data }).unwrap_or_default()
}

/// An amount: a decimal string, beside its currency.
struct Decimal<T>(T);

impl<T: fmt::Display> Serialize for Decimal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A string or a whole number, as the client named the customer.
struct Customer<'a>(&'a CustomerId);

impl Serialize for Customer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_number() {
            Some(number) => serializer.serialize_i64(number),
            None => serializer.serialize_str(self.0.as_str()),
        }
    }
}

/// Without the buyer's address: whoever needs it asks for the checkout.
#[derive(Serialize)]
struct CheckoutData<'a> {
    id: CheckoutId,
    checkout_id: CheckoutId,
    merchant_id: &'a MerchantId,
    idempotency_key: Option<&'a IdempotencyKey>,
    order_id: Option<OrderId>,
    status: CheckoutStatus,
    amount: Decimal<Money>,
    amount_received: Decimal<Sum>,
    currency: Currency,
    metadata: Option<Box<RawValue>>,
    charge_code: Option<&'a ChargeCode>,
    failure_reason: Option<Reason>,
    detected_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    expires_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> CheckoutData<'a> {
    fn of(checkout: &'a Checkout) -> Self {
        Self {
            id: checkout.id,
            checkout_id: checkout.id,
            merchant_id: &checkout.merchant_id,
            idempotency_key: checkout.idempotency_key.as_ref(),
            order_id: checkout.order_id,
            status: checkout.status,
            amount: Decimal(checkout.money),
            amount_received: Decimal(Sum::new(checkout.received_minor, checkout.money.currency())),
            currency: checkout.money.currency(),
            metadata: checkout.metadata.clone().and_then(|text| RawValue::from_string(text).ok()),
            charge_code: checkout.charge_code.as_ref(),
            failure_reason: checkout.failure_reason,
            detected_at: checkout.detected_at,
            completed_at: checkout.completed_at,
            expires_at: checkout.expires_at,
            created_at: checkout.created_at,
            updated_at: checkout.updated_at,
        }
    }
}

#[derive(Serialize)]
struct OrderData<'a> {
    id: OrderId,
    order_id: OrderId,
    merchant_id: &'a MerchantId,
    customer_id: Option<Customer<'a>>,
    hold_id: Option<HoldId>,
    status: OrderStatus,
    payment_status: PaymentStatus,
    total_amount: Decimal<Money>,
    amount_received: Decimal<Sum>,
    amount_missing: Decimal<Sum>,
    amount_excess: Decimal<Sum>,
    amount_refunded: Decimal<Sum>,
    currency: Currency,
    payment_id: Option<&'a PaymentId>,
    checkout_id: Option<CheckoutId>,
    expires_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> OrderData<'a> {
    fn of(order: &'a Order) -> Self {
        let sum = |minor| Decimal(Sum::new(minor, order.total.currency()));
        Self {
            id: order.id,
            order_id: order.id,
            merchant_id: &order.merchant_id,
            customer_id: order.customer_id.as_ref().map(Customer),
            hold_id: order.hold_id,
            status: order.status,
            payment_status: order.payment_status,
            total_amount: Decimal(order.total),
            amount_received: sum(order.received_minor),
            amount_missing: sum(order.missing_minor()),
            amount_excess: sum(order.excess_minor()),
            amount_refunded: sum(order.refunded_minor),
            currency: order.total.currency(),
            payment_id: order.payment_id.as_ref(),
            checkout_id: order.checkout_id,
            expires_at: order.expires_at,
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}

#[derive(Serialize)]
struct PingData<'a> {
    endpoint_id: EndpointId,
    merchant_id: &'a MerchantId,
}

impl<'a> PingData<'a> {
    const fn of(endpoint: &'a WebhookEndpoint) -> Self {
        Self { endpoint_id: endpoint.id, merchant_id: &endpoint.merchant_id }
    }
}
