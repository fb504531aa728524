//! What money does to an order over 10.

use domain::{
    Case, ChargeNews, CheckoutStatus, Currency, Event, Order, OrderId, OrderStatus, PaymentOutcome, PaymentStatus,
    Product, Reason, Reported, StockShare, Sum, settle,
};

use super::scene::{at, checkout, news, notice, order, product, usd};
use super::{head, reason, row};

const EXPLANATION: &str = "
## What money does to an order

The order costs 10.00, and asks for two of a product of which there are two. What it had before came through another checkout: 4.00 if it is
underpaid or only a part came, 10.00 if it is paid or refund_due, 15.00 if it is overpaid; of one that is refunded it was given back. Then the event comes, through
a checkout over 10.00 to which nothing had come, or from a payment backend. \"Stock\" is where the order's two are afterwards.

";

/// Every state that an order can be in.
const STATES: [(OrderStatus, PaymentStatus); 17] = [
    (OrderStatus::Pending, PaymentStatus::Unpaid),
    (OrderStatus::Pending, PaymentStatus::Underpaid),
    (OrderStatus::Paid, PaymentStatus::Paid),
    (OrderStatus::Paid, PaymentStatus::Overpaid),
    (OrderStatus::Completed, PaymentStatus::Unpaid),
    (OrderStatus::Completed, PaymentStatus::Underpaid),
    (OrderStatus::Completed, PaymentStatus::Paid),
    (OrderStatus::Completed, PaymentStatus::Overpaid),
    (OrderStatus::Cancelled, PaymentStatus::Unpaid),
    (OrderStatus::Cancelled, PaymentStatus::Failed),
    (OrderStatus::Cancelled, PaymentStatus::RefundDue),
    (OrderStatus::Cancelled, PaymentStatus::Refunded),
    (OrderStatus::Expired, PaymentStatus::Unpaid),
    (OrderStatus::Expired, PaymentStatus::RefundDue),
    (OrderStatus::Expired, PaymentStatus::Refunded),
    (OrderStatus::Refunded, PaymentStatus::Refunded),
    (OrderStatus::Refunded, PaymentStatus::RefundDue),
];

fn events() -> Vec<(&'static str, Event)> {
    use ChargeNews::{Confirmed, Expired, Held, Pending, Resolved};
    let asked = Reported::Amount(usd(1000));
    let paid = |minor| [("b", Reported::Amount(usd(minor)))];
    vec![
        ("payment seen", news(Pending, asked, &[])),
        ("charge expired", news(Expired, asked, &[])),
        ("4.00, underpaid", news(Held(Reason::Underpaid), asked, &paid(400))),
        ("6.00, underpaid", news(Held(Reason::Underpaid), asked, &paid(600))),
        ("10.00, confirmed", news(Confirmed, asked, &paid(1000))),
        ("15.00, overpaid", news(Held(Reason::Overpaid), asked, &paid(1500))),
        ("10.00, delayed", news(Held(Reason::Delayed), asked, &paid(1000))),
        ("delayed, nothing listed", news(Held(Reason::Delayed), asked, &[])),
        ("10.00, held-by-provider", news(Held(Reason::HeldByProvider), asked, &paid(1000))),
        ("4.00, resolved", news(Resolved, asked, &paid(400))),
        ("10.00, resolved", news(Resolved, asked, &paid(1000))),
        ("notice: paid", notice(PaymentOutcome::Paid, Some("10.00"))),
        ("notice: paid 9.99", notice(PaymentOutcome::Paid, Some("9.99"))),
        ("notice: failed", notice(PaymentOutcome::Failed, None)),
    ]
}

pub(super) fn section() -> String {
    let mut text = EXPLANATION.to_owned();
    let cells = [
        "order is",
        "what comes",
        "verdict",
        "reason",
        "order becomes",
        "stock",
        "received",
        "missing",
        "to give back",
    ];
    head(&mut text, &cells);
    let mut states: Vec<(String, Order)> = Vec::new();
    for (status, payment_status) in STATES {
        states.push((format!("{status} / {payment_status}"), order(status, payment_status)));
        if status.stock_share() == StockShare::None && payment_status == PaymentStatus::Unpaid {
            // Called off, or out of time, after a part had come.
            let before = order(status, PaymentStatus::RefundDue);
            let before = Order { received_minor: 400, counted_minor: 400, ..before };
            states.push((format!("{status} / refund_due, a part"), before));
        }
    }
    for (name, before) in states {
        // Only what gave its stock back, and may take it again, minds whether somebody else has it.
        let minds = match before.status {
            OrderStatus::Cancelled | OrderStatus::Expired => before.payment_status != PaymentStatus::Refunded,
            OrderStatus::Pending | OrderStatus::Paid | OrderStatus::Completed | OrderStatus::Refunded => false,
        };
        for is_left in if minds { &[true, false][..] } else { &[true] } {
            let product = product(before.status, *is_left);
            let left = if *is_left { "" } else { ", sold out" };
            for (what, event) in events() {
                decide(&mut text, &format!("{name}{left}"), &before, &product, what, &event);
            }
        }
    }
    text
}

fn decide(text: &mut String, state: &str, before: &Order, product: &Product, name: &str, event: &Event) {
    let order_id = Some(OrderId::from_uuid(before.id.as_uuid()));
    let through = domain::Checkout { order_id, ..checkout(CheckoutStatus::Pending, None, 0) };
    let is_notice = matches!(event.report, domain::EventReport::Payment(_));
    let case = Case {
        checkout: (!is_notice).then_some(&through),
        order: Some(before),
        products: vec![product],
        event,
        has_waited: false,
    };
    let settled = settle(&case, |_| None, at(9));
    let after = settled.order.as_ref().unwrap_or(before);
    let stands = |order: &Order| format!("{} / {}", order.status, order.payment_status);
    let becomes = if stands(after) == stands(before) { "=".to_owned() } else { stands(after) };
    let stock = match after.status.stock_share() {
        StockShare::Held => "held",
        StockShare::Sold => "sold",
        StockShare::None => "back",
    };
    let sum = |minor| Sum::new(minor, Currency::USD).to_string();
    let cells = [
        state,
        name,
        settled.verdict.as_str(),
        &reason(settled.reason),
        &becomes,
        stock,
        &sum(after.received_minor),
        &sum(after.missing_minor()),
        &sum(after.excess_minor()),
    ];
    row(text, &cells);
}
