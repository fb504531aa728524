//! An order over 10, its checkout and its product in any state, and the events that they are asked about.

use std::time::Duration;

use domain::{
    BareAmount, ChargeCode, ChargeNews, ChargeReport, Checkout, CheckoutId, CheckoutStatus, Currency, Event, EventId,
    EventKey, EventReport, Fingerprint, MerchantId, Money, Order, OrderId, OrderItem, OrderStatus, PaymentId,
    PaymentNotice, PaymentOutcome, PaymentStatus, Product, ProductId, ProductName, Provider, ProviderEventId, Quantity,
    Reason, Reported, ReportedPayment, Stock, StockShare, Subject, Timestamp, Tolerance, TransactionId, Verdict,
};
use uuid::Uuid;

/// What the checkout and the order are over, in minor units.
pub(super) const TOTAL_MINOR: i64 = 1000;

const CODE: &str = "CHARGE";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_us(second * 1_000_000)
}

pub(super) fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD).unwrap()
}

/// A checkout that came to stand where it does by exactly what its reason says.
pub(super) fn checkout(status: CheckoutStatus, reason: Option<Reason>, received_minor: i64) -> Checkout {
    let is_counted = !matches!(reason, Some(Reason::HeldByProvider | Reason::AmountMismatch));
    Checkout {
        id: CheckoutId::from_uuid(Uuid::from_u128(3)),
        merchant_id: MerchantId::default_merchant(),
        idempotency_key: None,
        fingerprint: Fingerprint::of(&[]),
        order_id: None,
        status,
        money: usd(TOTAL_MINOR),
        received_minor,
        counted_minor: if is_counted { received_minor } else { 0 },
        email: None,
        metadata: None,
        charge_code: ChargeCode::parse(CODE).ok(),
        hosted_url: None,
        detected_at: (received_minor > 0).then(|| at(1)),
        completed_at: (status == CheckoutStatus::Completed).then(|| at(1)),
        failure_reason: reason,
        expires_at: at(0) + Duration::from_secs(3600),
        created_at: at(0),
        updated_at: at(0),
    }
}

/// What an order in such a state has received, what of it counts, and what was given back.
const fn sums(status: OrderStatus, payment_status: PaymentStatus) -> (i64, i64, i64) {
    match (status, payment_status) {
        (_, PaymentStatus::Unpaid | PaymentStatus::Failed) => (0, 0, 0),
        (_, PaymentStatus::Underpaid) => (400, 400, 0),
        (OrderStatus::Refunded, PaymentStatus::RefundDue) => (2000, 1000, 1000),
        (_, PaymentStatus::Paid | PaymentStatus::RefundDue) => (1000, 1000, 0),
        (_, PaymentStatus::Overpaid) => (1500, 1500, 0),
        (_, PaymentStatus::Refunded) => (1000, 0, 1000),
    }
}

/// An order of two at 5 USD. Its money came by another checkout.
pub(super) fn order(status: OrderStatus, payment_status: PaymentStatus) -> Order {
    let (received_minor, counted_minor, refunded_minor) = sums(status, payment_status);
    Order {
        id: OrderId::from_uuid(Uuid::from_u128(1)),
        merchant_id: MerchantId::default_merchant(),
        hold_id: None,
        customer_id: None,
        email: None,
        items: vec![OrderItem {
            product_id: ProductId::from_uuid(Uuid::from_u128(2)),
            quantity: Quantity::try_from(2).unwrap(),
            price_at_purchase: usd(TOTAL_MINOR / 2),
            line_total: usd(TOTAL_MINOR),
        }],
        total: usd(TOTAL_MINOR),
        status,
        payment_status,
        received_minor,
        counted_minor,
        refunded_minor,
        payment_id: None,
        checkout_id: None,
        expires_at: at(0) + Duration::from_secs(24 * 3600),
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Its product: the order's share is held, sold or back, and what is back is there or with somebody else.
pub(super) fn product(status: OrderStatus, is_left: bool) -> Product {
    let (held, sold) = match status.stock_share() {
        StockShare::Held => (2, 0),
        StockShare::Sold => (0, 2),
        StockShare::None => (if is_left { 0 } else { 2 }, 0),
    };
    Product {
        id: ProductId::from_uuid(Uuid::from_u128(2)),
        merchant_id: MerchantId::default_merchant(),
        name: ProductName::parse("Ticket").unwrap(),
        description: None,
        price: usd(TOTAL_MINOR / 2),
        stock: Stock::from_parts(2, held, sold).unwrap(),
        deleted_at: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// News of the charge, with the payments that it lists: each by its name and amount.
pub(super) fn news(news: ChargeNews, asked: Reported, payments: &[(&str, Reported)]) -> Event {
    let payment = |(name, amount): &(&str, Reported)| ReportedPayment {
        record: TransactionId::from_uuid(Uuid::from_u128(name.bytes().fold(0, |id, byte| id << 8 | u128::from(byte)))),
        provider_transaction_id: (*name).to_owned(),
        amount: *amount,
        occurred_at: at(2),
    };
    let report = ChargeReport {
        news,
        asked,
        tolerance: Tolerance::default(),
        payments: payments.iter().map(payment).collect(),
        occurred_at: at(2),
    };
    event(Provider::Coinbase, Subject::Charge(ChargeCode::parse(CODE).unwrap()), EventReport::Charge(report))
}

/// The word of a payment backend on the order.
pub(super) fn notice(outcome: PaymentOutcome, amount: Option<&str>) -> Event {
    let notice = PaymentNotice {
        outcome,
        payment_id: PaymentId::parse("pay-1").ok(),
        amount: amount.map(|amount| BareAmount::parse(amount).unwrap()),
        currency: None,
        record: TransactionId::from_uuid(Uuid::from_u128(9)),
    };
    event(Provider::Generic, Subject::Order(OrderId::from_uuid(Uuid::from_u128(1))), EventReport::Payment(notice))
}

fn event(provider: Provider, subject: Subject, report: EventReport) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::from_u128(4)),
        key: EventKey { provider, provider_event_id: ProviderEventId::parse("event").unwrap() },
        event_type: "event".to_owned(),
        subject: Some(subject),
        raw: Vec::new(),
        report,
        fingerprint: None,
        verdict: Verdict::Waiting,
        reason: None,
        checkout_id: None,
        order_id: None,
        order_status: None,
        received_at: at(3),
        processed_at: None,
    }
}
