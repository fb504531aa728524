//! Money that came for an order, through a checkout that was made for it, before the order was placed.

use std::time::Duration;

use domain::{ChargeNews, CheckoutStatus, Money, OrderId, PlaceOrder, ProductId, Reason, Reported};

use crate::shop::{Notice, Shop, eur, usd};

/// A shop with ten of a product at 5 USD, and the order of two that somebody is about to place.
fn about_to_order() -> (Shop, ProductId, PlaceOrder) {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let place = shop.place_items(&[(product_id, 2)]);
    (shop, product_id, place)
}

/// News of a checkout over `asked` comes, then the order is placed: where that leaves it.
fn placed_after(asked: Money, news: ChargeNews, payments: &[Money]) -> (Shop, ProductId, OrderId) {
    let (mut shop, product_id, place) = about_to_order();
    let checkout_id = shop.checkout(place.id, asked);
    let ids: Vec<String> = (1..=payments.len()).map(|number| format!("tx-{number}")).collect();
    let payments: Vec<(&str, Money)> = ids.iter().map(String::as_str).zip(payments.iter().copied()).collect();
    let news = shop.news(checkout_id, news, &payments);
    shop.ask(news).unwrap();
    shop.wait(Duration::from_secs(1));
    let order = shop.ask(place.clone()).unwrap();
    assert_eq!(*order, *shop.order_row(place.id));
    (shop, product_id, place.id)
}

#[test]
fn an_order_whose_checkout_was_paid_before_is_paid_as_it_is_placed() {
    let (shop, product_id, order_id) = placed_after(usd("10"), ChargeNews::Confirmed, &[usd("10")]);
    assert_eq!((shop.state(order_id).as_str(), shop.stock(product_id)), ("paid/paid", (8, 0, 2)));
    assert_eq!(shop.order_row(order_id).payment_id.as_ref().unwrap().as_str(), "tx-1");
    assert_eq!(shop.received_minor(order_id), 1000);
}

#[test]
fn what_came_before_counts_for_as_much_as_it_would_have_after() {
    let held = ChargeNews::Held;
    for (asked, news, payments, state) in [
        (usd("10"), ChargeNews::Confirmed, &[usd("4"), usd("6")][..], "paid/paid"),
        (usd("10"), held(Reason::Underpaid), &[usd("4")], "pending/underpaid"),
        (usd("10"), held(Reason::Overpaid), &[usd("15")], "paid/overpaid"),
        (usd("10"), held(Reason::Delayed), &[usd("10")], "paid/paid"),
        (usd("10"), held(Reason::Delayed), &[usd("4")], "pending/underpaid"),
        (usd("10"), held(Reason::Delayed), &[usd("15")], "paid/overpaid"),
        (usd("10"), held(Reason::HeldByProvider), &[usd("10")], "pending/unpaid"),
        (usd("10"), ChargeNews::Resolved, &[usd("4")], "paid/paid"),
        (usd("10"), ChargeNews::Expired, &[], "pending/unpaid"),
        (usd("12"), ChargeNews::Confirmed, &[usd("12")], "paid/overpaid"),
        (usd("8"), ChargeNews::Confirmed, &[usd("8")], "pending/underpaid"),
        (usd("8"), held(Reason::Overpaid), &[usd("10")], "paid/paid"),
        (eur("10"), ChargeNews::Confirmed, &[eur("10")], "pending/unpaid"),
    ] {
        let (shop, _, order_id) = placed_after(asked, news, payments);
        assert_eq!(shop.state(order_id), state, "before: {asked:?} {news:?} {payments:?}");
        let (shop, order_id) = told_after(asked, news, payments);
        assert_eq!(shop.state(order_id), state, "after: {asked:?} {news:?} {payments:?}");
    }
}

/// The same with the order placed first. Then only the checkout is earlier, so that it may ask for another sum.
fn told_after(asked: Money, news: ChargeNews, payments: &[Money]) -> (Shop, OrderId) {
    let (mut shop, _, place) = about_to_order();
    let checkout_id = shop.checkout(place.id, asked);
    shop.ask(place.clone()).unwrap();
    let ids: Vec<String> = (1..=payments.len()).map(|number| format!("tx-{number}")).collect();
    let payments: Vec<(&str, Money)> = ids.iter().map(String::as_str).zip(payments.iter().copied()).collect();
    let news = shop.news(checkout_id, news, &payments);
    shop.ask(news).unwrap();
    (shop, place.id)
}

#[test]
fn two_checkouts_that_were_paid_before_leave_the_order_overpaid() {
    let (mut shop, _, place) = about_to_order();
    for movement in ["tx-1", "tx-2"] {
        let checkout_id = shop.checkout(place.id, usd("10"));
        shop.confirm(checkout_id, movement, usd("10"));
    }
    shop.ask(place.clone()).unwrap();
    assert_eq!((shop.state(place.id).as_str(), shop.received_minor(place.id)), ("paid/overpaid", 2000));
    assert_eq!(shop.order_row(place.id).payment_id.as_ref().unwrap().as_str(), "tx-1");
}

#[test]
fn money_that_came_before_outweighs_a_failure_that_waited() {
    let (mut shop, _, place) = about_to_order();
    let failure = shop.notice(place.id, Notice::FAILED);
    shop.ask(failure.clone()).unwrap();
    let checkout_id = shop.checkout(place.id, usd("10"));
    shop.confirm(checkout_id, "tx-1", usd("10"));
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.state(place.id), "paid/paid");
    assert_eq!(shop.event_row(failure.id).verdict, domain::Verdict::Stale);
}

#[test]
fn what_was_resolved_after_the_order_was_placed_still_reaches_it() {
    for reason in [Reason::Underpaid, Reason::HeldByProvider, Reason::Delayed] {
        let (mut shop, _, place) = about_to_order();
        let checkout_id = shop.checkout(place.id, usd("10"));
        let held = shop.news(checkout_id, ChargeNews::Held(reason), &[("tx-1", usd("4"))]);
        shop.ask(held).unwrap();
        shop.ask(place.clone()).unwrap();
        let resolved = shop.news(checkout_id, ChargeNews::Resolved, &[("tx-1", usd("4"))]);
        shop.ask(resolved).unwrap();
        assert_eq!(shop.state(place.id), "paid/paid", "{reason}");
    }
}

#[test]
fn an_amount_that_could_not_be_read_pays_nothing_before_or_after() {
    let (mut shop, _, place) = about_to_order();
    let checkout_id = shop.checkout(place.id, usd("10"));
    let mut news = shop.news(checkout_id, ChargeNews::Confirmed, &[("tx-1", usd("10"))]);
    let domain::EventReport::Charge(report) = &mut news.report else { panic!("it is news of a charge") };
    report.payments[0].amount = Reported::Unreadable;
    shop.ask(news).unwrap();
    assert_eq!(shop.checkout_row(checkout_id).status, CheckoutStatus::Unresolved);
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.state(place.id), "pending/unpaid");
}
