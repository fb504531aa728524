use uuid::Uuid;

use super::*;
use crate::{Currency, MerchantId, Money, OrderId, Timestamp};

fn order(status: OrderStatus, payment_status: PaymentStatus) -> Order {
    let at = Timestamp::from_unix_us(0);
    Order {
        id: OrderId::from_uuid(Uuid::nil()),
        merchant_id: MerchantId::default_merchant(),
        hold_id: None,
        customer_id: None,
        email: None,
        items: Vec::new(),
        total: Money::from_minor(100, Currency::USD).unwrap(),
        status,
        payment_status,
        received_minor: 0,
        counted_minor: 0,
        refunded_minor: 0,
        payment_id: None,
        checkout_id: None,
        expires_at: at,
        created_at: at,
        updated_at: at,
    }
}

fn told(from: (OrderStatus, PaymentStatus), to: (OrderStatus, PaymentStatus)) -> Vec<&'static str> {
    let told = NotificationType::of_order(&order(from.0, from.1), &order(to.0, to.1));
    told.into_iter().map(NotificationType::as_str).collect()
}

#[test]
fn a_checkout_is_told_of_in_every_status_but_the_first() {
    let told: Vec<Option<&str>> = CheckoutStatus::ALL
        .iter()
        .map(|status| NotificationType::of_checkout(*status).map(NotificationType::as_str))
        .collect();
    let expected = [
        None,
        Some("checkout.completed"),
        Some("checkout.failed"),
        Some("checkout.expired"),
        Some("checkout.canceled"),
        Some("checkout.unresolved"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn an_order_is_told_of_by_its_status_first_and_its_money_second() {
    use OrderStatus::{Cancelled, Completed, Expired, Paid, Pending, Refunded};
    use PaymentStatus as Money;
    for (from, to, expected) in [
        ((Pending, Money::Unpaid), (Paid, Money::Paid), &["order.paid"][..]),
        ((Pending, Money::Unpaid), (Paid, Money::Overpaid), &["order.paid", "order.overpaid"]),
        ((Pending, Money::Unpaid), (Pending, Money::Underpaid), &["order.underpaid"]),
        ((Pending, Money::Underpaid), (Paid, Money::Paid), &["order.paid"]),
        ((Pending, Money::Unpaid), (Completed, Money::Unpaid), &["order.completed"]),
        ((Completed, Money::Unpaid), (Completed, Money::Paid), &["order.paid"]),
        ((Completed, Money::Unpaid), (Completed, Money::Overpaid), &["order.paid", "order.overpaid"]),
        ((Completed, Money::Paid), (Completed, Money::Overpaid), &["order.overpaid"]),
        ((Paid, Money::Paid), (Completed, Money::Paid), &["order.completed"]),
        ((Pending, Money::Unpaid), (Cancelled, Money::Failed), &["order.cancelled"]),
        ((Pending, Money::Underpaid), (Cancelled, Money::RefundDue), &["order.cancelled", "order.refund_due"]),
        ((Pending, Money::Unpaid), (Expired, Money::Unpaid), &["order.expired"]),
        ((Expired, Money::Unpaid), (Expired, Money::RefundDue), &["order.refund_due"]),
        ((Expired, Money::Unpaid), (Paid, Money::Paid), &["order.paid"]),
        ((Paid, Money::Paid), (Refunded, Money::Refunded), &["order.refunded"]),
        ((Expired, Money::RefundDue), (Expired, Money::Refunded), &["order.refunded"]),
        ((Expired, Money::Refunded), (Expired, Money::RefundDue), &["order.refund_due"]),
        ((Pending, Money::Unpaid), (Pending, Money::Unpaid), &[]),
        ((Pending, Money::Unpaid), (Pending, Money::Failed), &[]),
    ] {
        assert_eq!(told(from, to), expected, "{from:?} -> {to:?}");
    }
}

#[test]
fn what_is_given_back_is_told_once() {
    let overpaid = order(OrderStatus::Paid, PaymentStatus::Overpaid);
    let settled = Order { refunded_minor: 50, ..order(OrderStatus::Paid, PaymentStatus::Paid) };
    assert_eq!(NotificationType::of_order(&overpaid, &settled), [NotificationType::OrderRefunded]);
    let refunded = Order { refunded_minor: 150, ..order(OrderStatus::Refunded, PaymentStatus::Refunded) };
    assert_eq!(NotificationType::of_order(&settled, &refunded), [NotificationType::OrderRefunded]);
}
