//! Events that come before what they are about: they wait, and are applied in the commit that brings it.

use std::time::Duration;

use domain::{
    ChargeNews, EventId, MAX_WAITING_PER_SUBJECT, OrderId, OrderStatus, PlaceOrder, ProductId, Reason, RecordEvent,
    Rejection, Verdict,
};

use crate::shop::{Notice, Shop, eur, usd, verdict};

/// A shop with ten of a product at 5 USD, and the order of two that somebody is about to place.
fn about_to_order() -> (Shop, ProductId, PlaceOrder) {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let place = shop.place_items(&[(product_id, 2)]);
    (shop, product_id, place)
}

/// Tells notices, places the order, and answers with the notices' events.
fn told_before(shop: &mut Shop, place: &PlaceOrder, notices: &[Notice<'_>]) -> Vec<EventId> {
    let mut events = Vec::new();
    for notice in notices {
        let command = shop.notice(place.id, *notice);
        events.push(command.id);
        let reply = shop.ask(command).unwrap();
        assert_eq!(verdict(reply), (Verdict::Waiting, None));
        assert_eq!((reply.order_id, reply.order_status), (None, None));
        shop.wait(Duration::from_secs(1));
    }
    let order = shop.ask(place.clone()).unwrap();
    assert_eq!(*order, *shop.order_row(place.id), "the answer is the order as its events left it");
    events
}

fn verdicts(shop: &Shop, events: &[EventId]) -> Vec<(Verdict, Option<Reason>)> {
    events.iter().map(|id| (shop.event_row(*id).verdict, shop.event_row(*id).reason)).collect()
}

#[test]
fn a_payment_that_tells_its_amount_pays_the_order_as_it_is_placed() {
    let (mut shop, product_id, place) = about_to_order();
    let events = told_before(&mut shop, &place, &[Notice::paid("10.00").payment("pay-1")]);
    assert_eq!(shop.state(place.id), "paid/paid");
    assert_eq!(shop.stock(product_id), (8, 0, 2));
    assert_eq!(shop.order_row(place.id).payment_id.as_ref().unwrap().as_str(), "pay-1");
    assert_eq!(shop.received_minor(place.id), 1000);
    let event = shop.event_row(events[0]);
    assert_eq!(verdicts(&shop, &events), [(Verdict::Applied, None)]);
    assert_eq!((event.order_id, event.order_status), (Some(place.id), Some(OrderStatus::Paid)));
    assert_eq!(event.processed_at, Some(shop.now()));
}

#[test]
fn a_payment_of_an_untold_amount_never_pays_an_order_placed_after_it() {
    let (mut shop, product_id, place) = about_to_order();
    let events = told_before(&mut shop, &place, &[Notice::PAID, Notice::PAID.currency("USD")]);
    assert_eq!(shop.state(place.id), "pending/unpaid");
    assert_eq!(shop.stock(product_id), (8, 2, 0));
    assert_eq!(verdicts(&shop, &events), [(Verdict::Rejected, Some(Reason::AmountMissing)); 2]);
    assert_eq!(shop.received_minor(place.id), 0);
    let reply = shop.tell(place.id, Notice::PAID);
    assert_eq!(verdict(reply), (Verdict::Applied, None), "told now, it means the total");
    assert_eq!(shop.state(place.id), "paid/paid");
}

/// Whoever places the order after its payment would otherwise choose what the payment's ten are ten of.
#[test]
fn a_payment_of_an_untold_currency_pays_an_order_placed_after_it_in_dollars_only() {
    let mut shop = Shop::new();
    let create = shop.create_product(eur("5"), 10);
    let product_id = shop.ask(create).unwrap().id;
    let place = shop.place_items(&[(product_id, 2)]);
    let events = told_before(&mut shop, &place, &[Notice::paid("10")]);
    assert_eq!(verdicts(&shop, &events), [(Verdict::Rejected, Some(Reason::CurrencyMismatch))]);
    assert_eq!(shop.state(place.id), "pending/unpaid");
    let reply = shop.tell(place.id, Notice::paid("10"));
    assert_eq!(verdict(reply), (Verdict::Applied, None), "told now, it is in the order's");
    assert_eq!(shop.state(place.id), "paid/paid");
}

#[test]
fn a_payment_of_another_sum_or_currency_is_rejected_as_the_order_is_placed() {
    let (mut shop, _, place) = about_to_order();
    let notices =
        [Notice::paid("9.99"), Notice::paid("10.01"), Notice::paid("10").currency("EUR"), Notice::paid("10.001")];
    let events = told_before(&mut shop, &place, &notices);
    let amount = (Verdict::Rejected, Some(Reason::AmountMismatch));
    let currency = (Verdict::Rejected, Some(Reason::CurrencyMismatch));
    assert_eq!(verdicts(&shop, &events), [amount, amount, currency, amount]);
    assert_eq!(shop.state(place.id), "pending/unpaid");
    assert_eq!(shop.event_row(events[0]).order_status, Some(OrderStatus::Pending));
}

#[test]
fn a_failure_cancels_the_order_as_it_is_placed() {
    let (mut shop, product_id, place) = about_to_order();
    let events = told_before(&mut shop, &place, &[Notice::FAILED]);
    assert_eq!(shop.state(place.id), "cancelled/failed");
    assert_eq!(shop.stock(product_id), (10, 0, 0));
    assert_eq!(verdicts(&shop, &events), [(Verdict::Applied, None)]);
}

#[test]
fn several_that_waited_are_applied_in_the_order_in_which_they_came() {
    let (mut shop, product_id, place) = about_to_order();
    let events = told_before(&mut shop, &place, &[Notice::FAILED, Notice::paid("10"), Notice::FAILED]);
    assert_eq!(shop.state(place.id), "paid/paid");
    assert_eq!(shop.stock(product_id), (8, 0, 2));
    assert_eq!(verdicts(&shop, &events), [(Verdict::Applied, None), (Verdict::Applied, None), (Verdict::Stale, None)]);
    let statuses: Vec<_> = events.iter().map(|id| shop.event_row(*id).order_status.unwrap()).collect();
    assert_eq!(statuses, [OrderStatus::Cancelled, OrderStatus::Paid, OrderStatus::Paid]);

    let (mut shop, _, place) = about_to_order();
    let same = Notice::paid("10").payment("pay-1");
    let events = told_before(&mut shop, &place, &[same, same, Notice::paid("10").payment("pay-2")]);
    let again = (Verdict::Applied, Some(Reason::PaidAgain));
    assert_eq!(verdicts(&shop, &events), [(Verdict::Applied, None), (Verdict::Stale, None), again]);
    assert_eq!((shop.state(place.id).as_str(), shop.received_minor(place.id)), ("paid/overpaid", 2000));
}

#[test]
fn what_waits_for_another_order_goes_on_waiting() {
    let (mut shop, _, place) = about_to_order();
    let other = OrderId::from_uuid(shop.uuid());
    let notice = shop.notice(other, Notice::paid("10"));
    shop.ask(notice.clone()).unwrap();
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.event_row(notice.id).verdict, Verdict::Waiting);
    assert_eq!(shop.state(place.id), "pending/unpaid");
}

#[test]
fn an_order_that_is_refused_leaves_its_events_waiting_and_a_second_try_applies_them() {
    let (mut shop, product_id, place) = about_to_order();
    let notice = shop.notice(place.id, Notice::paid("10"));
    shop.ask(notice.clone()).unwrap();
    let too_many = PlaceOrder { id: place.id, ..shop.place_items(&[(product_id, 11)]) };
    assert_eq!(shop.ask(too_many), Err(Rejection::InsufficientStock));
    assert_eq!(shop.event_row(notice.id).verdict, Verdict::Waiting);
    assert_eq!(shop.ask(place).unwrap().status, OrderStatus::Paid);
}

#[test]
fn more_events_than_may_wait_for_one_order_are_kept_dead() {
    let (mut shop, _, place) = about_to_order();
    for _ in 0..MAX_WAITING_PER_SUBJECT {
        let (notice, now) = (shop.notice(place.id, Notice::FAILED), shop.now());
        domain::Command::from(notice).decide(&mut shop.books, now);
    }
    let one_more = shop.tell(place.id, Notice::paid("10"));
    assert_eq!(verdict(one_more), (Verdict::Dead, Some(Reason::TooManyWaiting)));
    let other = OrderId::from_uuid(shop.uuid());
    assert_eq!(shop.tell(other, Notice::paid("10")).verdict, Verdict::Waiting, "each order has room of its own");
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.state(place.id), "cancelled/failed");
    assert_eq!(shop.tell(place.id, Notice::paid("10")).verdict, Verdict::Applied, "nothing waits any more");
}

#[test]
fn news_of_a_charge_that_is_not_known_yet_pays_the_order_as_the_charge_is_attached() {
    let (mut shop, product_id, place) = about_to_order();
    shop.ask(place.clone()).unwrap();
    let open = shop.open_checkout(place.id);
    shop.ask(open.clone()).unwrap();
    let failed = shop.news(open.id, ChargeNews::Expired, &[]);
    shop.wait(Duration::from_secs(1));
    let confirmed = shop.news(open.id, ChargeNews::Confirmed, &[("tx-1", usd("10"))]);
    // They come the wrong way round; when they happened counts.
    let events: [RecordEvent; 2] = [confirmed, failed];
    for event in &events {
        shop.wait(Duration::from_secs(1));
        assert_eq!(shop.ask(event.clone()).unwrap().verdict, Verdict::Waiting);
    }
    shop.attach(open.id, open.job_id);
    assert_eq!(shop.state(place.id), "paid/paid");
    assert_eq!(shop.stock(product_id), (8, 0, 2));
    assert_eq!(verdicts(&shop, &events.map(|event| event.id)), [(Verdict::Applied, None); 2]);
}
