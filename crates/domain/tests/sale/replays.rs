//! Events that are decided anew, or given up after a long wait.

use std::time::Duration;

use domain::{
    ChargeNews, EventId, EventReply, ExpireEvent, LONGEST_WAIT, MAX_WAITING_PER_SUBJECT, OrderStatus, PlaceOrder,
    ProductId, Reason, RecordEvent, Rejection, ReplayEvent, Verdict,
};

use crate::shop::{Notice, Shop, eur, usd, verdict};

const SECOND: Duration = Duration::from_secs(1);

fn replay(shop: &Shop, id: EventId) -> ReplayEvent {
    ReplayEvent::of(shop.event_row(id))
}

fn replayed(shop: &mut Shop, id: EventId) -> EventReply {
    let command = replay(shop, id);
    shop.ask(command).unwrap()
}

fn told(shop: &mut Shop, command: RecordEvent) -> (EventId, EventReply) {
    (command.id, shop.ask(command).unwrap())
}

/// A shop with ten of a product at 5 USD, and the order of two that somebody is about to place.
fn about_to_order() -> (Shop, ProductId, PlaceOrder) {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let place = shop.place_items(&[(product_id, 2)]);
    (shop, product_id, place)
}

/// An event that was given up before its order came.
fn given_up(shop: &mut Shop, place: &PlaceOrder, notice: Notice<'_>) -> EventId {
    let notice = shop.notice(place.id, notice);
    let (id, _) = told(shop, notice);
    shop.wait(LONGEST_WAIT);
    let dead = shop.ask(ExpireEvent { id }).unwrap();
    assert_eq!(verdict(dead), (Verdict::Dead, Some(Reason::WaitedTooLong)));
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.state(place.id), "pending/unpaid", "what is dead waits no more");
    id
}

#[test]
fn an_event_waits_for_seven_days_and_no_longer() {
    let (mut shop, _, place) = about_to_order();
    let notice = shop.notice(place.id, Notice::paid("10"));
    let (id, _) = told(&mut shop, notice);
    shop.wait(LONGEST_WAIT.saturating_sub(SECOND));
    assert_eq!(shop.ask_in_vain(ExpireEvent { id }).unwrap().verdict, Verdict::Waiting);
    shop.wait(SECOND);
    assert_eq!(verdict(shop.ask(ExpireEvent { id }).unwrap()), (Verdict::Dead, Some(Reason::WaitedTooLong)));
    assert_eq!(shop.event_row(id).processed_at, Some(shop.now()));
    assert_eq!(shop.ask_in_vain(ExpireEvent { id }).unwrap().verdict, Verdict::Dead);
    let unknown = EventId::from_uuid(shop.uuid());
    assert_eq!(shop.ask_in_vain(ExpireEvent { id: unknown }), Err(Rejection::EventNotFound));
}

#[test]
fn what_has_its_verdict_does_not_die_of_age() {
    let (mut shop, _, place) = about_to_order();
    shop.ask(place.clone()).unwrap();
    let (paid, failed) = (shop.notice(place.id, Notice::paid("10")), shop.notice(place.id, Notice::FAILED));
    let ids = [told(&mut shop, paid).0, told(&mut shop, failed).0];
    shop.wait(LONGEST_WAIT);
    let verdicts = ids.map(|id| shop.ask_in_vain(ExpireEvent { id }).unwrap().verdict);
    assert_eq!(verdicts, [Verdict::Applied, Verdict::Stale]);
}

#[test]
fn a_payment_that_was_given_up_pays_its_order_when_it_is_replayed_and_only_once() {
    let (mut shop, product_id, place) = about_to_order();
    let id = given_up(&mut shop, &place, Notice::paid("10.00").payment("pay-1"));
    let reply = replayed(&mut shop, id);
    assert_eq!((verdict(reply), reply.order_status), ((Verdict::Applied, None), Some(OrderStatus::Paid)));
    assert_eq!((shop.state(place.id).as_str(), shop.stock(product_id)), ("paid/paid", (8, 0, 2)));
    let again = replay(&shop, id);
    assert_eq!(shop.ask_in_vain(again), Ok(reply), "what was applied stays as it is");
    assert_eq!(shop.received_minor(place.id), 1000);
}

#[test]
fn money_that_another_event_has_brought_is_not_moved_by_a_replay() {
    let (mut shop, product_id, place) = about_to_order();
    let id = given_up(&mut shop, &place, Notice::paid("10.00").payment("pay-1"));
    assert_eq!(shop.tell(place.id, Notice::paid("10.00").payment("pay-1")).verdict, Verdict::Applied);
    for _ in 0..2 {
        shop.wait(SECOND);
        assert_eq!(verdict(replayed(&mut shop, id)), (Verdict::Stale, None));
    }
    assert_eq!((shop.state(place.id).as_str(), shop.stock(product_id)), ("paid/paid", (8, 0, 2)));
    assert_eq!(shop.received_minor(place.id), 1000);
}

#[test]
fn a_stale_event_stays_stale() {
    let (mut shop, _, place) = about_to_order();
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.tell(place.id, Notice::paid("10")).verdict, Verdict::Applied);
    let failed = shop.notice(place.id, Notice::FAILED);
    let (id, reply) = told(&mut shop, failed);
    assert_eq!(reply.verdict, Verdict::Stale);
    assert_eq!(replayed(&mut shop, id).verdict, Verdict::Stale);
    shop.change(place.id, OrderStatus::Refunded).unwrap();
    let reply = replayed(&mut shop, id);
    assert_eq!((reply.verdict, reply.order_status), (Verdict::Stale, Some(OrderStatus::Refunded)));
}

#[test]
fn an_event_whose_order_is_still_unknown_stays_what_it_is() {
    let (mut shop, _, place) = about_to_order();
    let notice = shop.notice(place.id, Notice::paid("10"));
    let (id, _) = told(&mut shop, notice);
    let command = replay(&shop, id);
    assert_eq!(shop.ask_in_vain(command.clone()).unwrap().verdict, Verdict::Waiting);
    shop.wait(LONGEST_WAIT);
    shop.ask(ExpireEvent { id }).unwrap();
    let reply = shop.ask_in_vain(command).unwrap();
    assert_eq!(verdict(reply), (Verdict::Dead, Some(Reason::WaitedTooLong)));
}

#[test]
fn an_event_that_can_not_be_applied_stays_rejected_with_its_reason() {
    let (mut shop, _, place) = about_to_order();
    shop.ask(place.clone()).unwrap();
    shop.wait(SECOND);
    let short = shop.notice(place.id, Notice::paid("9.99"));
    let nameless = RecordEvent { subject: None, ..shop.notice(place.id, Notice::paid("10")) };
    let rejected = [(short, Reason::AmountMismatch), (nameless, Reason::MissingSubject)];
    for (command, reason) in rejected {
        let (id, _) = told(&mut shop, command);
        assert_eq!(verdict(replayed(&mut shop, id)), (Verdict::Rejected, Some(reason)));
    }
    let checkout_id = shop.checkout(place.id, usd("10"));
    let unknown = shop.news(checkout_id, ChargeNews::Unknown, &[]);
    let (id, _) = told(&mut shop, unknown);
    assert_eq!(verdict(replayed(&mut shop, id)), (Verdict::Rejected, Some(Reason::UnknownEventType)));
    assert_eq!(shop.state(place.id), "pending/unpaid");
}

/// Whoever places an order after its payment would choose what it costs. A replay changes nothing about that.
#[test]
fn a_payment_that_came_before_its_order_must_have_told_its_amount_and_currency_also_when_it_is_replayed() {
    let (mut shop, _, place) = about_to_order();
    let notice = shop.notice(place.id, Notice::PAID);
    let (rejected, _) = told(&mut shop, notice);
    shop.wait(SECOND);
    shop.ask(place.clone()).unwrap();
    let missing = (Verdict::Rejected, Some(Reason::AmountMissing));
    assert_eq!(verdict(replayed(&mut shop, rejected)), missing);

    let (mut shop, _, place) = about_to_order();
    let dead = given_up(&mut shop, &place, Notice::PAID);
    assert_eq!(verdict(replayed(&mut shop, dead)), missing);
    assert_eq!(shop.state(place.id), "pending/unpaid");

    let mut shop = Shop::new();
    let create = shop.create_product(eur("5"), 10);
    let product_id = shop.ask(create).unwrap().id;
    let place = shop.place_items(&[(product_id, 2)]);
    let notice = shop.notice(place.id, Notice::paid("10"));
    let (rejected, _) = told(&mut shop, notice);
    shop.wait(SECOND);
    shop.ask(place.clone()).unwrap();
    assert_eq!(verdict(replayed(&mut shop, rejected)), (Verdict::Rejected, Some(Reason::CurrencyMismatch)));
    assert_eq!(shop.state(place.id), "pending/unpaid");
}

#[test]
fn one_of_too_many_is_applied_by_a_replay_once_its_order_is_there() {
    let (mut shop, _, place) = about_to_order();
    for _ in 0..MAX_WAITING_PER_SUBJECT {
        let (notice, now) = (shop.notice(place.id, Notice::paid("1")), shop.now());
        domain::Command::from(notice).decide(&mut shop.books, now);
    }
    let notice = shop.notice(place.id, Notice::paid("10"));
    let (id, reply) = told(&mut shop, notice);
    assert_eq!(reply.verdict, Verdict::Dead);
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.state(place.id), "pending/unpaid");
    assert_eq!(replayed(&mut shop, id).verdict, Verdict::Applied);
    assert_eq!(shop.state(place.id), "paid/paid");
}

#[test]
fn news_of_a_charge_that_was_given_up_completes_its_checkout_and_pays_the_order() {
    let (mut shop, product_id, place) = about_to_order();
    shop.ask(place.clone()).unwrap();
    let open = shop.open_checkout(place.id);
    shop.ask(open.clone()).unwrap();
    let confirmed = shop.news(open.id, ChargeNews::Confirmed, &[("tx-1", usd("10"))]);
    let (id, _) = told(&mut shop, confirmed);
    shop.wait(LONGEST_WAIT);
    shop.ask(ExpireEvent { id }).unwrap();
    shop.attach(open.id, open.job_id);
    let reply = replayed(&mut shop, id);
    assert_eq!((verdict(reply), reply.checkout_id), ((Verdict::Applied, None), Some(open.id)));
    assert_eq!((shop.state(place.id).as_str(), shop.stock(product_id)), ("paid/paid", (8, 0, 2)));
    let again = replay(&shop, id);
    assert_eq!(shop.ask_in_vain(again), Ok(reply));
    let unknown = ReplayEvent { id: EventId::from_uuid(shop.uuid()), subject: None, movements: Vec::new() };
    assert_eq!(shop.ask_in_vain(unknown), Err(Rejection::EventNotFound));
}
