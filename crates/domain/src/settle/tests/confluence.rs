//! It doesn't matter what is heard, in which order and how often, if the same facts are told in the end: every set of news
//! that tells all of them, in every order, comes to the same end, and the ledger to the same sum.

use super::paths::{end, telling};
use super::scene::{Left, Scene};
use super::usd;
use crate::{ChargeNews, Event, EventReport, OrderStatus, Reason, Reported, Tolerance, TransactionStatus};

/// News without a payment of their own: one is made up in its place, called after the charge.
fn unnamed(news: ChargeNews) -> Event {
    let mut event = telling(news, &["10"]);
    let EventReport::Charge(report) = &mut event.report else { panic!("it is news of a charge") };
    "CODE".clone_into(&mut report.payments[0].provider_transaction_id);
    report.payments[0].amount = Reported::Missing;
    event
}

fn play(state: &str, events: &[&Event]) -> Scene {
    let mut scene = Scene::new(state, Left::Enough);
    for event in events {
        scene.settle(event, false);
    }
    scene
}

/// Where everything stands, and what the ledger says of each movement.
fn end_with_statuses(scene: &Scene) -> String {
    let mut rows: Vec<String> =
        scene.ledger.iter().map(|row| format!("{} {}", row.provider_transaction_id, row.status)).collect();
    rows.sort();
    format!("{}; {}", end(scene), rows.join(", "))
}

/// Every order of every set of them that has the last one, each also with everything told twice.
fn every_way(events: &[Event], mut visit: impl FnMut(&[&Event])) {
    fn go<'a>(events: &'a [Event], heard: &mut Vec<&'a Event>, left: &[usize], visit: &mut impl FnMut(&[&Event])) {
        if !left.contains(&(events.len() - 1)) {
            visit(heard);
            visit(&[&heard[..], &heard[..]].concat());
        }
        for (place, index) in left.iter().enumerate() {
            heard.push(&events[*index]);
            go(events, heard, &[&left[..place], &left[place + 1..]].concat(), visit);
            heard.pop();
        }
    }
    go(events, &mut Vec::new(), &(0..events.len()).collect::<Vec<_>>(), &mut visit);
}

/// All that is told of a charge over 10 which was late, short, or both, and resolved.
fn lives() -> Vec<Vec<Event>> {
    use ChargeNews::{Confirmed, Expired, Held, Pending, Resolved};
    vec![
        vec![telling(Pending, &[]), telling(Confirmed, &["4", "6"])],
        vec![telling(Held(Reason::Underpaid), &["4"]), telling(Confirmed, &["4", "6"])],
        vec![telling(Held(Reason::Delayed), &[]), telling(Held(Reason::Delayed), &["10"]), telling(Resolved, &["10"])],
        vec![telling(Held(Reason::Underpaid), &["4"]), telling(Resolved, &["4"])],
        vec![telling(Held(Reason::Overpaid), &["15"]), telling(Resolved, &["15"])],
        vec![telling(Held(Reason::Multiple), &["5", "5"]), telling(Resolved, &["5", "5"])],
        vec![telling(Held(Reason::HeldByProvider), &["10"]), telling(Resolved, &["10"])],
        vec![telling(Held(Reason::HeldByProvider), &["10"]), telling(Held(Reason::Delayed), &["10"])],
        vec![telling(Held(Reason::HeldByProvider), &["4"]), telling(Held(Reason::Underpaid), &["4"])],
        vec![telling(Expired, &[]), telling(Held(Reason::Delayed), &["4"]), telling(Resolved, &["4"])],
        vec![
            telling(Held(Reason::Underpaid), &["4"]),
            telling(Held(Reason::HeldByProvider), &["4", "6"]),
            telling(Held(Reason::Multiple), &["4", "6"]),
            telling(Resolved, &["4", "6"]),
        ],
    ]
}

#[test]
fn orders_of_every_kind_end_the_same_whatever_was_heard_of_their_charge_and_when() {
    for life in lives() {
        for state in ["pending/unpaid", "pending/underpaid", "paid/paid", "completed/unpaid", "expired/unpaid"] {
            let last = life.last().unwrap();
            let usual = end_with_statuses(&play(state, &[last]));
            every_way(&life, |heard| {
                // What comes last is told again when the provider is asked.
                let scene = play(state, &[heard, &[last]].concat());
                assert_eq!(end_with_statuses(&scene), usual, "{state}: {heard:#?}");
            });
        }
    }
}

/// An order whose money comes in parts through several charges, each of which knows nothing of the other.
#[test]
fn parts_that_make_the_total_pay_it_whichever_comes_first() {
    for (first, second, state) in
        [("4", "6", "paid/paid"), ("4", "5", "pending/underpaid"), ("6", "6", "paid/overpaid")]
    {
        for (one, other) in [(first, second), (second, first)] {
            let first = play("pending/unpaid", &[&telling(ChargeNews::Held(Reason::Underpaid), &[one])]);
            let mut scene = first.with_another_checkout();
            scene.settle(&telling(ChargeNews::Held(Reason::Underpaid), &[other]), false);
            assert_eq!(scene.state(), state, "{one} + {other}");
            let came = scene.order.received_minor;
            assert_eq!(
                scene.order.missing_minor(),
                if scene.order.status == OrderStatus::Pending { 1000 - came } else { 0 }
            );
            assert_eq!(scene.order.excess_minor(), (came - 1000).max(0));
        }
    }
}

#[test]
fn a_payment_that_is_not_listed_is_in_the_ledger_once_its_charge_is_resolved_and_counts_once() {
    let (unlisted, resolved) = (telling(ChargeNews::Held(Reason::Delayed), &[]), unnamed(ChargeNews::Resolved));
    let mut scene = play("pending/unpaid", &[&unlisted, &resolved]);
    assert_eq!(end(&scene), "COMPLETED - paid/paid CODE:10.00");
    assert_eq!(scene.settle(&telling(ChargeNews::Resolved, &["10"]), false), "stale -");
    assert_eq!(end(&scene), "COMPLETED - paid/paid CODE:10.00", "it is that payment");
}

#[test]
fn payments_that_are_named_later_are_those_that_were_told_without_a_name_as_far_as_they_go() {
    for (named, answer, state, received_minor) in [
        (&["10"][..], "stale -", "paid/paid", 1000),
        (&["4", "6"], "stale -", "paid/paid", 1000),
        (&["10", "10"], "applied paid-again", "paid/overpaid", 2000),
        (&["4", "10"], "applied paid-again", "paid/overpaid", 1400),
        (&["15"], "applied paid-again", "paid/overpaid", 1500),
        // The first event claimed more than came: the ledger can't be undone, but the event says so.
        (&["4"], "stale amount-mismatch", "paid/paid", 1000),
    ] {
        let mut scene = play("pending/unpaid", &[&unnamed(ChargeNews::Confirmed)]);
        let event = telling(ChargeNews::Confirmed, named);
        assert_eq!(scene.settle(&event, false), answer, "{named:?}");
        assert_eq!((scene.state().as_str(), scene.order.received_minor), (state, received_minor), "{named:?}");
        let again = if answer.contains("mismatch") { answer } else { "stale -" };
        assert_eq!(scene.settle(&event, false), again, "{named:?}");
        assert_eq!(scene.settle(&unnamed(ChargeNews::Resolved), false), "stale -", "{named:?}");
        assert_eq!(scene.order.received_minor, received_minor, "{named:?}");
    }
}

/// What is close enough to what was told without a name is that.
#[test]
fn a_named_payment_that_is_as_good_as_the_unnamed_one_is_no_mismatch() {
    let mut scene = play("pending/unpaid", &[&unnamed(ChargeNews::Confirmed)]);
    let mut close = telling(ChargeNews::Confirmed, &["9.97"]);
    let EventReport::Charge(report) = &mut close.report else { panic!("it is news of a charge") };
    report.tolerance = Tolerance { under_minor: 5, over_minor: 5 };
    assert_eq!(scene.settle(&close, false), "stale -");
}

#[test]
fn a_movement_is_completed_if_with_it_exactly_what_was_asked_is_there() {
    use TransactionStatus::{Completed, Unresolved};
    for (news, amounts, statuses) in [
        (ChargeNews::Confirmed, &["10"][..], &[Completed][..]),
        (ChargeNews::Confirmed, &["4", "6"], &[Unresolved, Completed]),
        (ChargeNews::Held(Reason::Underpaid), &["4"], &[Unresolved]),
        (ChargeNews::Held(Reason::Overpaid), &["15"], &[Unresolved]),
        (ChargeNews::Held(Reason::Delayed), &["10"], &[Completed]),
        (ChargeNews::Held(Reason::Multiple), &["10", "10"], &[Completed, Unresolved]),
        (ChargeNews::Resolved, &["4"], &[Unresolved]),
        (ChargeNews::Resolved, &["10"], &[Completed]),
    ] {
        let scene = play("pending/unpaid", &[&telling(news, amounts)]);
        assert_eq!(scene.ledger.iter().map(|row| row.status).collect::<Vec<_>>(), statuses, "{news:?} {amounts:?}");
    }
}

/// A provider takes a payment for exact that is a little off: then it is neither too little nor too much, and whatever
/// comes beside it is measured against all that came.
#[test]
fn what_is_close_enough_counts_as_what_was_asked() {
    for (amount, missing, excess) in [("9.95", 0, 0), ("10.05", 0, 0)] {
        let mut event = telling(ChargeNews::Confirmed, &[amount]);
        let EventReport::Charge(report) = &mut event.report else { panic!("it is news of a charge") };
        report.tolerance = Tolerance { under_minor: 5, over_minor: 5 };
        let scene = play("pending/unpaid", &[&event]);
        assert_eq!((scene.state().as_str(), scene.order.received_minor), ("paid/paid", usd(amount).minor()));
        assert_eq!((scene.order.missing_minor(), scene.order.excess_minor()), (missing, excess), "{amount}");
    }
}

/// Until then its money is to be given back; the rest makes it a sale after all, if there is stock left.
#[test]
fn late_parts_pay_an_order_once_all_of_it_is_there() {
    let part = telling(ChargeNews::Held(Reason::Underpaid), &["4"]);
    for (left, state) in [(Left::Enough, "paid/paid"), (Left::OneTooFew, "expired/refund_due")] {
        let mut scene = Scene::new("expired/unpaid", left);
        scene.settle(&part, false);
        assert_eq!((scene.state().as_str(), scene.order.excess_minor()), ("expired/refund_due", 400));
        scene.settle(&telling(ChargeNews::Confirmed, &["4", "6"]), false);
        assert_eq!(scene.state(), state);
        assert_eq!(scene.order.excess_minor(), if state == "paid/paid" { 0 } else { 1000 });
    }
}

#[test]
fn what_the_merchant_forgave_may_still_come_and_is_not_too_much() {
    let mut scene = play("pending/unpaid", &[&telling(ChargeNews::Resolved, &["4"])]);
    assert_eq!((scene.state().as_str(), scene.order.missing_minor()), ("paid/paid", 0));
    assert_eq!(scene.settle(&telling(ChargeNews::Resolved, &["4", "6"]), false), "applied -");
    assert_eq!(
        (scene.state().as_str(), scene.order.received_minor, scene.order.excess_minor()),
        ("paid/paid", 1000, 0)
    );
}

#[test]
fn money_that_the_provider_holds_is_received_and_does_not_count_until_it_is_resolved() {
    let mut scene = play("pending/unpaid", &[&telling(ChargeNews::Held(Reason::HeldByProvider), &["10"])]);
    assert_eq!((scene.state().as_str(), scene.order.received_minor), ("pending/unpaid", 1000));
    assert_eq!((scene.order.counted_minor, scene.order.missing_minor()), (0, 1000));
    scene.settle(&telling(ChargeNews::Resolved, &["10"]), false);
    assert_eq!(
        (scene.state().as_str(), scene.order.received_minor, scene.order.counted_minor),
        ("paid/paid", 1000, 1000)
    );
}

#[test]
fn a_pending_order_waits_longer_once_a_payment_for_it_was_seen() {
    let mut scene = play("pending/unpaid", &[]);
    scene.order.expires_at = super::at(12);
    scene.settle(&telling(ChargeNews::Pending, &[]), false);
    assert_eq!(scene.order.expires_at, super::at(11) + crate::ORDER_GRACE);
    assert_eq!(scene.settle(&telling(ChargeNews::Pending, &[]), false), "stale -");
    assert_eq!(scene.order.expires_at, super::at(11) + crate::ORDER_GRACE, "once for each charge");
    let mut scene = play("expired/unpaid", &[]);
    let expires_at = scene.order.expires_at;
    scene.settle(&telling(ChargeNews::Pending, &[]), false);
    assert_eq!(scene.order.expires_at, expires_at, "its stock is gone");
}
