//! Every way in which the news of a charge can come: some get lost, some come late, and the last is told again when its
//! provider is asked. Its end is one and the same.

use std::collections::BTreeSet;

use super::scene::{Left, Scene};
use super::{event, usd};
use crate::ChargeNews::{Canceled, Confirmed, Created, Expired, Held, Pending, Resolved};
use crate::{ChargeNews, Event, Reason, Reported};

/// A piece of news, and the payments that had come by then.
type Told = (ChargeNews, &'static [&'static str]);

const UNDERPAID: ChargeNews = Held(Reason::Underpaid);
const OVERPAID: ChargeNews = Held(Reason::Overpaid);
const DELAYED: ChargeNews = Held(Reason::Delayed);
const MULTIPLE: ChargeNews = Held(Reason::Multiple);
const OTHER: ChargeNews = Held(Reason::HeldByProvider);

/// What happens to a charge over 10, in its true order, and what its checkout, its order and the ledger say in the end,
/// written out by hand.
struct Life {
    news: &'static [Told],
    end: &'static str,
    /// News that, once heard, make for another end, and why that is as it should be.
    unless: Option<(ChargeNews, &'static str)>,
}

const fn life(news: &'static [Told], end: &'static str) -> Life {
    Life { news, end, unless: None }
}

const LIVES: &[Life] = &[
    life(&[(Created, &[]), (Pending, &[]), (Expired, &[])], "FAILED expired pending/unpaid"),
    life(&[(Created, &[]), (Canceled, &[])], "CANCELED canceled pending/unpaid"),
    // COMPLETED
    life(&[(Created, &[]), (Pending, &[]), (Confirmed, &["10"])], "COMPLETED - paid/paid tx-0:10.00"),
    life(&[(Created, &[]), (Pending, &[]), (Confirmed, &["4", "6"])], "COMPLETED - paid/paid tx-0:4.00 tx-1:6.00"),
    // UNRESOLVED
    life(&[(Created, &[]), (Pending, &[]), (UNDERPAID, &["4"])], "UNRESOLVED underpaid pending/underpaid tx-0:4.00"),
    life(&[(Created, &[]), (Pending, &[]), (OVERPAID, &["15"])], "UNRESOLVED overpaid paid/overpaid tx-0:15.00"),
    life(
        &[(Created, &[]), (Expired, &[]), (Pending, &[]), (DELAYED, &[]), (DELAYED, &["10"])],
        "UNRESOLVED delayed paid/paid tx-0:10.00",
    ),
    life(
        &[(Created, &[]), (Expired, &[]), (Pending, &[]), (DELAYED, &[]), (DELAYED, &["4"])],
        "UNRESOLVED delayed pending/underpaid tx-0:4.00",
    ),
    life(
        &[(Created, &[]), (Expired, &[]), (DELAYED, &[]), (DELAYED, &["15"])],
        "UNRESOLVED delayed paid/overpaid tx-0:15.00",
    ),
    life(
        &[(Created, &[]), (Pending, &[]), (UNDERPAID, &["4"]), (MULTIPLE, &["4", "6"])],
        "UNRESOLVED multiple paid/paid tx-0:4.00 tx-1:6.00",
    ),
    life(
        &[(Created, &[]), (Pending, &[]), (UNDERPAID, &["4"]), (MULTIPLE, &["4", "5"])],
        "UNRESOLVED multiple pending/underpaid tx-0:4.00 tx-1:5.00",
    ),
    life(
        &[(Created, &[]), (UNDERPAID, &["4"]), (MULTIPLE, &["4", "10"])],
        "UNRESOLVED multiple paid/overpaid tx-0:4.00 tx-1:10.00",
    ),
    life(
        &[(Expired, &[]), (DELAYED, &["4"]), (MULTIPLE, &[]), (MULTIPLE, &["4", "6"])],
        "UNRESOLVED multiple paid/paid tx-0:4.00 tx-1:6.00",
    ),
    life(
        &[(Created, &[]), (Expired, &[]), (OTHER, &["10"]), (DELAYED, &["10"])],
        "UNRESOLVED delayed paid/paid tx-0:10.00",
    ),
    life(&[(Created, &[]), (Pending, &[]), (OTHER, &["10"])], "UNRESOLVED held-by-provider pending/unpaid tx-0:10.00"),
    Life {
        news: &[(Created, &[]), (Pending, &[]), (Confirmed, &["10"]), (MULTIPLE, &["10", "10"])],
        end: "UNRESOLVED multiple paid/overpaid tx-0:10.00 tx-1:10.00",
        // Nothing takes COMPLETED back: that the second payment is too much, only the order says.
        unless: Some((Confirmed, "COMPLETED - paid/overpaid tx-0:10.00 tx-1:10.00")),
    },
    // RESOLVED
    life(&[(Created, &[]), (Pending, &[]), (UNDERPAID, &["4"]), (Resolved, &["4"])], "COMPLETED - paid/paid tx-0:4.00"),
    life(
        &[(Created, &[]), (Pending, &[]), (OVERPAID, &["15"]), (Resolved, &["15"])],
        "COMPLETED - paid/overpaid tx-0:15.00",
    ),
    life(
        &[(Created, &[]), (Expired, &[]), (DELAYED, &[]), (DELAYED, &["10"]), (Resolved, &["10"])],
        "COMPLETED - paid/paid tx-0:10.00",
    ),
    life(
        &[(Created, &[]), (Expired, &[]), (DELAYED, &[]), (DELAYED, &["4"]), (Resolved, &["4"])],
        "COMPLETED - paid/paid tx-0:4.00",
    ),
    life(
        &[(Created, &[]), (Expired, &[]), (DELAYED, &[]), (DELAYED, &["15"]), (Resolved, &["15"])],
        "COMPLETED - paid/overpaid tx-0:15.00",
    ),
    life(
        &[(Pending, &[]), (UNDERPAID, &["4"]), (MULTIPLE, &[]), (MULTIPLE, &["4", "6"]), (Resolved, &["4", "6"])],
        "COMPLETED - paid/paid tx-0:4.00 tx-1:6.00",
    ),
    life(
        &[(Created, &[]), (Pending, &[]), (UNDERPAID, &["4"]), (MULTIPLE, &["4", "5"]), (Resolved, &["4", "5"])],
        "COMPLETED - paid/paid tx-0:4.00 tx-1:5.00",
    ),
    life(
        &[(Created, &[]), (Pending, &[]), (UNDERPAID, &["4"]), (MULTIPLE, &["4", "10"]), (Resolved, &["4", "10"])],
        "COMPLETED - paid/overpaid tx-0:4.00 tx-1:10.00",
    ),
    life(
        &[(Created, &[]), (Pending, &[]), (Confirmed, &["10"]), (MULTIPLE, &["10", "10"]), (Resolved, &["10", "10"])],
        "COMPLETED - paid/overpaid tx-0:10.00 tx-1:10.00",
    ),
    life(&[(Created, &[]), (Pending, &[]), (OTHER, &["10"]), (Resolved, &["10"])], "COMPLETED - paid/paid tx-0:10.00"),
];

/// An event for a charge over 10 that lists these payments.
pub(super) fn telling(news: ChargeNews, amounts: &[&str]) -> Event {
    let payments: Vec<Reported> = amounts.iter().map(|amount| Reported::Amount(usd(amount))).collect();
    event(news, Reported::Amount(usd("10")), &payments)
}

/// Where everything stands: the checkout and what is against it, the order, and what is in the ledger.
pub(super) fn end(scene: &Scene) -> String {
    let reason = scene.checkout.failure_reason.map_or("-", Reason::as_str);
    let mut rows: Vec<String> =
        scene.ledger.iter().map(|row| format!(" {}:{}", row.provider_transaction_id, row.money)).collect();
    rows.sort();
    format!("{} {reason} {}{}", scene.checkout.status, scene.state(), rows.concat())
}

/// Every subset of so many that contains the last one, in every order.
fn ways(count: usize) -> BTreeSet<Vec<usize>> {
    let mut ways = BTreeSet::from([Vec::new()]);
    for _ in 0..count {
        let longer = ways.iter().flat_map(|way: &Vec<usize>| {
            let others = (0..count).filter(|index| !way.contains(index));
            others.map(|index| [&way[..], &[index]].concat()).collect::<Vec<_>>()
        });
        let longer: Vec<Vec<usize>> = longer.collect();
        ways.extend(longer);
    }
    ways.retain(|way| way.contains(&(count - 1)));
    ways
}

#[test]
fn every_order_and_every_subset_of_the_news_that_has_the_last_one_comes_to_the_same_end() {
    for Life { news, end: usual, unless } in LIVES {
        let last = news.len() - 1;
        for way in ways(news.len()) {
            let mut scene = Scene::new("pending/unpaid", Left::Enough);
            for index in way.iter().chain([&last]) {
                let (news, amounts) = news[*index];
                scene.settle(&telling(news, amounts), false);
            }
            let heard: Vec<Told> = way.iter().map(|index| news[*index]).collect();
            let other = unless.filter(|(cause, _)| heard.iter().any(|(news, _)| news == cause));
            let expected = other.map_or(*usual, |(_, end)| end);
            assert_eq!(end(&scene), expected, "{heard:?}");
        }
    }
}

#[test]
fn so_many_ways_are_tried() {
    let counts: Vec<usize> = (1..=5).map(|count| ways(count).len()).collect();
    assert_eq!(counts, [1, 3, 11, 49, 261]);
    assert!(LIVES.iter().all(|life| life.news.len() <= 5), "more would take long");
}
