//! Money for orders that comes through a checkout and its charge.

use std::time::Duration;

use domain::{
    ChangeOrderStatus, ChargeCode, ChargeNews, CheckoutStatus, CreateCheckout, OrderId, OrderStatus, PaymentStatus,
    ProductId, Reason, Verdict,
};

use ports::Clock;

use super::shop::{offer, order, standing, stock};
use crate::builders::{
    attach_charge, attach_charge_to_order, charge_code, create_checkout, event, open_checkout, order_of_items,
    order_paid, paid_event, paid_event_by, under_chosen_id, usd,
};
use crate::stores::TestStore;

/// An order of two at 29.99 USD each, with a charge to be paid.
async fn charged(test: &TestStore, product_id: ProductId) -> (OrderId, ChargeCode) {
    let order_id = test.decide(order_of_items(&[(product_id, 2)])).await.unwrap().id;
    let (open, code) = (open_checkout(order_id), charge_code());
    test.decide(open.clone()).await.unwrap();
    test.decide(attach_charge_to_order(&open, &code)).await.unwrap();
    (order_id, code)
}

pub async fn a_paid_charge_pays_the_order_of_its_checkout(test: &TestStore) {
    let id = offer(test, 5).await;
    let (order_id, code) = charged(test, id).await;
    let paid = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
    let reply = test.decide(paid.clone()).await.unwrap();
    assert_eq!((reply.verdict, reply.reason), (Verdict::Applied, None));
    assert_eq!((reply.order_id, reply.order_status), (Some(order_id), Some(OrderStatus::Paid)));
    let paid_order = order(test, order_id).await;
    assert_eq!((paid_order.status, paid_order.payment_status), (OrderStatus::Paid, PaymentStatus::Paid));
    assert_eq!(paid_order.payment_id.unwrap().as_str(), format!("tx-{code}"));
    let checkout = test.store.checkouts.checkout(paid_order.checkout_id.unwrap()).await.unwrap().unwrap();
    assert_eq!(checkout.status, CheckoutStatus::Completed);
    let stored = test.store.events.event(paid.id).await.unwrap().unwrap();
    assert_eq!((stored.checkout_id, stored.order_id), (Some(checkout.id), Some(order_id)));
    assert_eq!(stock(test, id).await, (3, 0, 2));
}

pub async fn a_charge_that_was_paid_before_it_was_known_pays_the_order(test: &TestStore) {
    let id = offer(test, 5).await;
    let order_id = test.decide(order_of_items(&[(id, 2)])).await.unwrap().id;
    let (open, code) = (open_checkout(order_id), charge_code());
    test.decide(open.clone()).await.unwrap();
    let early = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
    assert_eq!(test.decide(early).await.unwrap().verdict, Verdict::Waiting);
    assert_eq!(standing(test, order_id).await, (OrderStatus::Pending, PaymentStatus::Unpaid));
    test.decide(attach_charge_to_order(&open, &code)).await.unwrap();
    assert_eq!(standing(test, order_id).await, (OrderStatus::Paid, PaymentStatus::Paid));
    assert_eq!(stock(test, id).await, (3, 0, 2));
}

pub async fn too_little_and_too_much_are_told_apart(test: &TestStore) {
    let id = offer(test, 10).await;
    for (paid, expected, reason) in [
        ("59.97", (OrderStatus::Pending, PaymentStatus::Underpaid), Reason::Underpaid),
        ("59.99", (OrderStatus::Paid, PaymentStatus::Overpaid), Reason::Overpaid),
    ] {
        let (order_id, code) = charged(test, id).await;
        let told = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd(paid));
        assert_eq!(test.decide(told).await.unwrap().reason, Some(reason));
        assert_eq!(standing(test, order_id).await, expected);
    }
    assert_eq!(stock(test, id).await, (6, 2, 2));
}

pub async fn a_failed_charge_leaves_its_order_pending(test: &TestStore) {
    let id = offer(test, 5).await;
    let (order_id, code) = charged(test, id).await;
    test.decide(event(&code, ChargeNews::Expired)).await.unwrap();
    assert_eq!(standing(test, order_id).await, (OrderStatus::Pending, PaymentStatus::Unpaid));
    assert_eq!(stock(test, id).await, (3, 2, 0));
    let late = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
    test.decide(late).await.unwrap();
    assert_eq!(standing(test, order_id).await, (OrderStatus::Paid, PaymentStatus::Paid));
}

pub async fn money_by_two_ways_is_noticed(test: &TestStore) {
    let id = offer(test, 5).await;
    let (order_id, code) = charged(test, id).await;
    test.decide(order_paid(order_id)).await.unwrap();
    let again = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
    assert_eq!(test.decide(again).await.unwrap().reason, Some(Reason::PaidAgain));
    assert_eq!(standing(test, order_id).await, (OrderStatus::Paid, PaymentStatus::Overpaid));
    let third = paid_event_by("third", &code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
    assert_eq!(test.decide(third).await.unwrap().reason, Some(Reason::PaidAgain));
    assert_eq!(stock(test, id).await, (3, 0, 2));
}

pub async fn a_checkout_that_was_paid_before_its_order_was_placed_pays_it(test: &TestStore) {
    let id = offer(test, 5).await;
    let place = under_chosen_id(order_of_items(&[(id, 1)]));
    let mut codes = Vec::new();
    // One is never paid, one fails: only the last brings money.
    for _ in 0..3 {
        let create = CreateCheckout { order_id: Some(place.id), ..create_checkout() };
        let code = charge_code();
        test.decide(create.clone()).await.unwrap();
        test.decide(attach_charge(&create, &code)).await.unwrap();
        codes.push(code);
        test.clock.advance(Duration::from_secs(1));
    }
    test.decide(event(&codes[1], ChargeNews::Expired)).await.unwrap();
    let paid = paid_event(&codes[2], ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
    let reply = test.decide(paid).await.unwrap();
    assert_eq!((reply.verdict, reply.order_id), (Verdict::Applied, None));
    let placed = test.decide(place.clone()).await.unwrap();
    assert_eq!((placed.status, placed.payment_status), (OrderStatus::Paid, PaymentStatus::Paid));
    assert_eq!(placed.payment_id.as_ref().unwrap().as_str(), format!("tx-{}", codes[2]));
    assert_eq!(order(test, place.id).await, *placed);
    assert_eq!(stock(test, id).await, (4, 0, 1));
}

pub async fn parts_by_several_charges_pay_an_order_and_what_is_too_much_is_given_back(test: &TestStore) {
    let id = offer(test, 5).await;
    let (order_id, first) = charged(test, id).await;
    let create = CreateCheckout { order_id: Some(order_id), money: usd("59.98"), ..create_checkout() };
    let second = charge_code();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &second)).await.unwrap();
    let part = |code, paid| paid_event(code, ChargeNews::Held(Reason::Underpaid), usd("59.98"), usd(paid));

    test.clock.advance(Duration::from_secs(60));
    test.decide(part(&first, "20.00")).await.unwrap();
    let underpaid = order(test, order_id).await;
    assert_eq!((underpaid.status, underpaid.payment_status), (OrderStatus::Pending, PaymentStatus::Underpaid));
    assert_eq!((underpaid.received_minor, underpaid.missing_minor(), underpaid.excess_minor()), (2000, 3998, 0));
    assert_eq!(underpaid.expires_at, test.clock.now() + domain::ORDER_GRACE, "it waits for a payment that was seen");

    test.decide(part(&second, "40.00")).await.unwrap();
    let overpaid = order(test, order_id).await;
    assert_eq!((overpaid.status, overpaid.payment_status), (OrderStatus::Paid, PaymentStatus::Overpaid));
    assert_eq!((overpaid.received_minor, overpaid.missing_minor(), overpaid.excess_minor()), (6000, 0, 2));
    let checkout = test.store.checkouts.checkout(create.id).await.unwrap().unwrap();
    assert_eq!((checkout.status, checkout.received_minor), (CheckoutStatus::Unresolved, 4000));

    for to in [OrderStatus::Completed, OrderStatus::Refunded] {
        test.decide(ChangeOrderStatus { order_id, to }).await.unwrap();
    }
    let settled = order(test, order_id).await;
    assert_eq!((settled.status, settled.payment_status), (OrderStatus::Completed, PaymentStatus::Paid));
    assert_eq!((settled.received_minor, settled.refunded_minor, settled.excess_minor()), (6000, 2, 0));
    assert_eq!(stock(test, id).await, (3, 0, 2));
}
