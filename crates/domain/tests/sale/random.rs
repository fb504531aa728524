//! Whatever is asked, in whatever order: the rules hold after each step.

use std::collections::BTreeSet;

use domain::{
    CheckoutStatus, Command, ExpireHold, ExpireOrder, HoldStatus, OrderStatus, PaymentStatus, Timestamp, Verdict,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::plan::plans;
use crate::recount;
use crate::rows::Rows;
use crate::shop::Shop;

/// How long a plan is.
const STEPS: usize = 60;

/// Plays a plan, checking after each step the rules, and that whoever counts everything anew finds nothing broken.
fn play(plan: &[(Timestamp, Command)]) -> Shop {
    let mut shop = Shop::new();
    for (now, command) in plan {
        shop.seconds = now.unix_us() / 1_000_000;
        shop.decide(command);
        recount::check(&shop.books, *now);
    }
    shop
}

/// Lets all time run out: nothing may stay held.
fn close(mut shop: Shop) {
    shop.seconds += 10_000;
    let holds: Vec<_> = shop.books.holds().iter().map(|hold| hold.id).collect();
    let orders: Vec<_> = shop.books.orders().iter().map(|order| order.id).collect();
    for hold_id in holds {
        shop.decide(&ExpireHold { hold_id }.into());
    }
    for order_id in orders {
        shop.decide(&ExpireOrder { order_id }.into());
    }
    for product in shop.books.products().iter() {
        assert_eq!(product.stock.held(), 0, "{product:?}");
    }
}

/// As many plans as there is time for in a test run; `PROPTEST_CASES` asks for more.
fn config() -> Config {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 96 };
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_rules_hold_after_each_of_many_random_commands(plan in plans(STEPS)) {
        close(play(&plan));
    }
}

/// A generator that never gets anywhere would prove nothing.
#[test]
fn random_commands_reach_every_status() {
    let mut runner = TestRunner::deterministic();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    for _ in 0..150 {
        let plan = plans(STEPS).new_tree(&mut runner).unwrap().current();
        let rows = Rows::of(&play(&plan).books);
        reached.extend(rows.holds.values().map(|row| format!("hold {}", row.status)));
        reached.extend(rows.orders.values().map(|row| format!("order {}", row.status)));
        reached.extend(rows.orders.values().map(|row| format!("money {}", row.payment_status)));
        reached.extend(rows.checkouts.values().map(|row| format!("checkout {}", row.status)));
        reached.extend(rows.events.values().map(|row| format!("event {}", row.verdict)));
    }
    let statuses = HoldStatus::ALL.iter().map(|status| format!("hold {status}"));
    let statuses = statuses.chain(OrderStatus::ALL.iter().map(|status| format!("order {status}")));
    let statuses = statuses.chain(PaymentStatus::ALL.iter().map(|status| format!("money {status}")));
    let statuses = statuses.chain(CheckoutStatus::ALL.iter().map(|status| format!("checkout {status}")));
    let statuses = statuses.chain(Verdict::ALL.iter().map(|verdict| format!("event {verdict}")));
    let missed: Vec<String> = statuses.filter(|status| !reached.contains(status)).collect();
    // A duplicate is only ever an answer.
    assert_eq!(missed, ["event duplicate"]);
}
