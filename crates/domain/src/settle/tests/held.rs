//! Money that the provider holds back: news that don't list it yet, news that get lost, and whoever resolves it.

use std::slice;

use super::paths::{end, telling};
use super::scene::{Left, Scene};
use crate::{ChargeNews, CheckoutStatus, Event, EventReport, Reason, Reported, Tolerance};

const STATES: [&str; 6] =
    ["pending/unpaid", "pending/underpaid", "paid/paid", "completed/unpaid", "expired/unpaid", "refunded/refunded"];

/// A charge that is resolved without naming its payments: one is made up in their place, called after the charge.
fn resolved_without_payments() -> Event {
    let mut event = telling(ChargeNews::Resolved, &["10"]);
    let EventReport::Charge(report) = &mut event.report else { panic!("it is news of a charge") };
    "CODE".clone_into(&mut report.payments[0].provider_transaction_id);
    report.payments[0].amount = Reported::Missing;
    event
}

fn play(state: &str, left: Left, events: &[Event]) -> Scene {
    let mut scene = Scene::new(state, left);
    for event in events {
        scene.settle(event, false);
    }
    scene
}

#[test]
fn money_that_is_not_listed_yet_changes_no_order_and_counts_as_usual_once_it_is() {
    for (reason, state) in [Reason::Delayed, Reason::Multiple].iter().flat_map(|reason| STATES.map(|s| (*reason, s))) {
        for left in [Left::Enough, Left::OneTooFew, Left::Deleted] {
            let unlisted = telling(ChargeNews::Held(reason), &[]);
            let scene = play(state, left, slice::from_ref(&unlisted));
            assert_eq!(end(&scene), format!("UNRESOLVED {reason} {state}"), "{left:?}");
            for news in [ChargeNews::Held(reason), ChargeNews::Resolved, ChargeNews::Confirmed] {
                for amounts in [&["10"][..], &["4"], &["15"], &["5", "5"], &["10", "10"]] {
                    let listed = telling(news, amounts);
                    let at_once = play(state, left, slice::from_ref(&listed));
                    let later = play(state, left, &[unlisted.clone(), listed]);
                    assert_eq!(end(&later), end(&at_once), "{reason}, {news:?}, {amounts:?}, {state}, {left:?}");
                    assert_eq!(later.order.payment_id, at_once.order.payment_id);
                }
            }
        }
    }
}

#[test]
fn a_charge_that_is_resolved_pays_its_order_even_if_nothing_was_heard_of_it_before() {
    for (amounts, payment_status) in
        [(&["15"][..], "overpaid"), (&["10", "10"], "overpaid"), (&["5", "5"], "paid"), (&["4"], "paid")]
    {
        let resolved = telling(ChargeNews::Resolved, amounts);
        let mut scene = Scene::new("pending/unpaid", Left::Enough);
        assert_eq!(scene.settle(&resolved, false), "applied -", "{amounts:?}");
        assert_eq!(scene.state(), format!("paid/{payment_status}"), "{amounts:?}");
        assert_eq!((scene.checkout.status, scene.ledger.len()), (CheckoutStatus::Completed, amounts.len()));
        assert_eq!(scene.settle(&resolved, false), "stale -", "{amounts:?}");
    }
}

#[test]
fn a_charge_that_is_resolved_without_naming_payments_is_paid_by_those_in_the_ledger() {
    for (reason, amounts, after) in [
        (Reason::Underpaid, &["4"][..], "paid/paid tx-0:4.00"),
        (Reason::Overpaid, &["15"], "paid/overpaid tx-0:15.00"),
        (Reason::Delayed, &["10"], "paid/paid tx-0:10.00"),
        (Reason::Multiple, &["5", "5"], "paid/paid tx-0:5.00 tx-1:5.00"),
        (Reason::HeldByProvider, &["10"], "paid/paid tx-0:10.00"),
    ] {
        for under_minor in [0, 5] {
            let mut resolved = resolved_without_payments();
            let EventReport::Charge(report) = &mut resolved.report else { panic!("it is news of a charge") };
            report.tolerance = Tolerance { under_minor, over_minor: 0 };
            let mut scene = play("pending/unpaid", Left::Enough, &[telling(ChargeNews::Held(reason), amounts)]);
            assert_eq!(scene.settle(&resolved, false), "applied -", "{reason}");
            assert_eq!(end(&scene), format!("COMPLETED - {after}"), "{reason}");
        }
    }
}

/// Two senders may tell of the same end, one of them without its payments, under whatever keys.
#[test]
fn news_that_name_no_payment_never_add_one_to_those_that_were_named() {
    let unnamed = |news| {
        let mut event = resolved_without_payments();
        let EventReport::Charge(report) = &mut event.report else { panic!("it is news of a charge") };
        report.news = news;
        event
    };
    let (under, exact) =
        (telling(ChargeNews::Held(Reason::Underpaid), &["4"]), telling(ChargeNews::Confirmed, &["10"]));
    let resolved = telling(ChargeNews::Resolved, &["4"]);
    for (events, end_state) in [
        (vec![under.clone(), unnamed(ChargeNews::Resolved)], "paid/paid tx-0:4.00"),
        (vec![under, resolved], "paid/paid tx-0:4.00"),
        (vec![exact], "paid/paid tx-0:10.00"),
    ] {
        let mut scene = play("pending/unpaid", Left::Enough, &events);
        for again in [ChargeNews::Resolved, ChargeNews::Confirmed] {
            assert_eq!(scene.settle(&unnamed(again), false), "stale -", "{again:?} after {end_state}");
            assert_eq!(end(&scene), format!("COMPLETED - {end_state}"));
        }
    }
}

#[test]
fn a_charge_of_which_nothing_else_was_heard_is_resolved_by_a_payment_of_what_it_asks_for() {
    for earlier in [&[][..], &[telling(ChargeNews::Pending, &[])], &[telling(ChargeNews::Expired, &[])]] {
        let mut scene = play("pending/unpaid", Left::Enough, earlier);
        assert_eq!(scene.settle(&resolved_without_payments(), false), "applied -");
        assert_eq!(end(&scene), "COMPLETED - paid/paid CODE:10.00");
        assert_eq!(scene.settle(&resolved_without_payments(), false), "stale -");
    }
}

#[test]
fn what_is_against_a_checkout_is_what_was_against_all_that_came_by_then() {
    let under = telling(ChargeNews::Held(Reason::Underpaid), &["4"]);
    let multiple = telling(ChargeNews::Held(Reason::Multiple), &["4", "5"]);
    let over = telling(ChargeNews::Held(Reason::Overpaid), &["4", "5", "6"]);
    for (number, (events, reason)) in [
        (vec![&under], Reason::Underpaid),
        (vec![&under, &multiple], Reason::Multiple),
        (vec![&under, &multiple, &over], Reason::Overpaid),
        (vec![&under, &over], Reason::Overpaid),
        // What comes late tells of less than is known.
        (vec![&multiple, &under], Reason::Multiple),
        (vec![&under, &multiple, &under], Reason::Multiple),
        (vec![&over, &under, &multiple], Reason::Overpaid),
    ]
    .into_iter()
    .enumerate()
    {
        let events: Vec<Event> = events.into_iter().cloned().collect();
        let scene = play("pending/unpaid", Left::Enough, &events);
        assert_eq!(scene.checkout.status, CheckoutStatus::Unresolved);
        assert_eq!(scene.checkout.failure_reason, Some(reason), "line {number}");
    }
}
