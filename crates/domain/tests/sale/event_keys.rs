//! Events by their keys: the same again changes nothing.

use domain::{ChargeNews, OrderId, OrderStatus, Reason, RecordEvent, Rejection, Verdict};

use crate::shop::{Notice, Shop, usd, verdict};

/// The same event, delivered once more: it comes with another id of ours.
fn again(shop: &mut Shop, event: &RecordEvent) -> RecordEvent {
    RecordEvent { id: domain::EventId::from_uuid(shop.uuid()), ..event.clone() }
}

#[test]
fn the_same_notice_under_the_same_key_gets_the_first_answer_again() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let order_id = shop.order(&[(product_id, 2)]);
    let notice = shop.notice(order_id, Notice::paid("10"));
    let first = shop.ask(notice.clone()).unwrap();
    assert_eq!((first.verdict, first.order_status), (Verdict::Applied, Some(OrderStatus::Paid)));
    shop.change(order_id, OrderStatus::Completed).unwrap();
    let second = again(&mut shop, &notice);
    assert_eq!(shop.ask_in_vain(second), Ok(first), "where the order stood then, not where it stands now");
}

#[test]
fn another_notice_under_the_same_key_is_refused() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let (order_id, other) = (shop.order(&[(product_id, 2)]), shop.order(&[(product_id, 2)]));
    let notice = shop.notice(order_id, Notice::FAILED);
    shop.ask(notice.clone()).unwrap();
    let reused = RecordEvent { key: notice.key, ..shop.notice(other, Notice::paid("10")) };
    assert_eq!(shop.ask(reused), Err(Rejection::IdempotencyKeyReused));
    assert_eq!(shop.state(other), "pending/unpaid");
}

#[test]
fn a_rejected_notice_stays_rejected_under_its_key() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let order_id = shop.order(&[(product_id, 2)]);
    let short = shop.notice(order_id, Notice::paid("9"));
    let first = shop.ask(short.clone()).unwrap();
    assert_eq!(verdict(first), (Verdict::Rejected, Some(Reason::AmountMismatch)));
    let second = again(&mut shop, &short);
    assert_eq!(shop.ask_in_vain(second), Ok(first));
}

#[test]
fn a_notice_that_waited_answers_with_what_became_of_it() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let place = shop.place_items(&[(product_id, 2)]);
    let notice = shop.notice(place.id, Notice::paid("10"));
    assert_eq!(shop.ask(notice.clone()).unwrap().verdict, Verdict::Waiting);
    let second = again(&mut shop, &notice);
    assert_eq!(shop.ask_in_vain(second).unwrap().verdict, Verdict::Waiting);
    shop.ask(place).unwrap();
    let third = again(&mut shop, &notice);
    let reply = shop.ask_in_vain(third).unwrap();
    assert_eq!((reply.verdict, reply.order_status), (Verdict::Applied, Some(OrderStatus::Paid)));
}

#[test]
fn a_command_that_is_decided_twice_answers_the_same() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let order_id = shop.order(&[(product_id, 2)]);
    let checkout_id = shop.checkout(order_id, usd("10"));
    let notice = shop.notice(order_id, Notice::paid("10"));
    let first = shop.ask(notice.clone());
    assert_eq!(shop.ask_in_vain(notice), first);
    let news = shop.news(checkout_id, ChargeNews::Pending, &[]);
    let first = shop.ask(news.clone());
    assert_eq!(shop.ask_in_vain(news), first);
}

#[test]
fn a_providers_event_that_comes_again_is_a_duplicate_whatever_it_says() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let order_id = shop.order(&[(product_id, 2)]);
    let checkout_id = shop.checkout(order_id, usd("10"));
    let failed = shop.news(checkout_id, ChargeNews::Expired, &[]);
    shop.ask(failed.clone()).unwrap();
    let disguised =
        RecordEvent { key: failed.key, ..shop.news(checkout_id, ChargeNews::Confirmed, &[("tx", usd("10"))]) };
    let reply = shop.ask_in_vain(disguised).unwrap();
    assert_eq!(
        (reply.verdict, reply.checkout_id, reply.order_id),
        (Verdict::Duplicate, Some(checkout_id), Some(order_id))
    );
    assert_eq!(shop.state(order_id), "pending/unpaid");
}

#[test]
fn keys_of_one_sender_are_no_keys_of_another() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let order_id = shop.order(&[(product_id, 2)]);
    let checkout_id = shop.checkout(order_id, usd("10"));
    let news = shop.news(checkout_id, ChargeNews::Pending, &[]);
    shop.ask(news.clone()).unwrap();
    let mut notice = shop.notice(order_id, Notice::paid("10"));
    notice.key.provider_event_id = news.key.provider_event_id;
    assert_eq!(shop.ask(notice).unwrap().verdict, Verdict::Applied);
}

#[test]
fn what_names_nothing_or_nothing_known_is_stored_and_changes_nothing_else() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let nameless = RecordEvent { subject: None, ..shop.notice(order_id, Notice::paid("10")) };
    let reply = shop.ask(nameless.clone()).unwrap();
    assert_eq!(verdict(reply), (Verdict::Rejected, Some(Reason::MissingSubject)));
    assert_eq!(shop.event_row(nameless.id).processed_at, Some(shop.now()));
    let checkout_id = shop.checkout(order_id, usd("10"));
    let unknown = shop.news(checkout_id, ChargeNews::Unknown, &[]);
    assert_eq!(verdict(shop.ask(unknown).unwrap()), (Verdict::Rejected, Some(Reason::UnknownEventType)));
}
