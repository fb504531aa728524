//! What sums of money do to an order, where the tables don't tell: other sums than it costs, untold ones, close ones.

use super::scene::{Left, Scene};
use super::{at, usd};
use crate::{ChargeReport, Currency, Money, OrderStatus, PaymentStatus, Reported, Tolerance};

/// Each line: what the checkout asks for, what comes, and what that makes of an order over 10.
#[test]
fn what_comes_for_another_sum_is_measured_against_the_order() {
    for (asked, news, answer, after) in [
        ("12", "exact:12", "applied -", "paid/overpaid"),
        ("12", "under:4", "applied underpaid", "pending/underpaid"),
        ("12", "under:10", "applied underpaid", "paid/paid"),
        ("12", "under:11", "applied underpaid", "paid/overpaid"),
        ("12", "untold", "applied -", "paid/overpaid"),
        ("8", "exact:8", "applied underpaid", "pending/underpaid"),
        ("8", "over:9", "applied overpaid", "pending/underpaid"),
        ("8", "over:10", "applied overpaid", "paid/paid"),
        ("8", "over:15", "applied overpaid", "paid/overpaid"),
        ("8", "untold", "applied underpaid", "pending/underpaid"),
    ] {
        let mut scene = Scene::new("pending/unpaid", Left::Enough).asking(usd(asked));
        assert_eq!((scene.tell(news).as_str(), scene.state().as_str()), (answer, after), "{asked}, {news}");
    }
}

#[test]
fn money_in_another_currency_pays_nothing_and_says_why() {
    let euros = Money::parse("10", "EUR".parse::<Currency>().unwrap()).unwrap();
    for state in ["pending/unpaid", "expired/unpaid", "paid/paid", "completed/unpaid"] {
        let mut scene = Scene::new(state, Left::Enough).asking(euros);
        assert_eq!(scene.tell("exact"), "applied currency-mismatch", "{state}");
        assert_eq!(scene.state(), state);
        assert_eq!(scene.ledger[0].money, euros, "the ledger has what came");
    }
    let mut scene = Scene::new("pending/unpaid", Left::Enough).asking(euros);
    assert_eq!((scene.tell("under").as_str(), scene.state().as_str()), ("applied underpaid", "pending/unpaid"));
}

#[test]
fn an_order_names_the_payment_that_paid_it() {
    let payment_id = |news: &[&str]| {
        let mut scene = Scene::new("pending/unpaid", Left::Enough);
        for name in news {
            scene.tell(name);
        }
        scene.order.payment_id.map(String::from)
    };
    assert_eq!(payment_id(&["exact"]).as_deref(), Some("tx-1"));
    assert_eq!(payment_id(&["under"]), None, "it isn't paid");
    assert_eq!(payment_id(&["under", "rest"]).as_deref(), Some("tx-2"));
    assert_eq!(payment_id(&["under", "resolved"]).as_deref(), Some("tx-1"));
    assert_eq!(payment_id(&["exact", "again"]).as_deref(), Some("tx-1"), "the second paid nothing");
}

/// What a provider holds back as too little is too little, even where it doesn't tell how much that is.
#[test]
fn an_underpayment_of_an_untold_amount_never_pays_an_order() {
    let mut scene = Scene::new("pending/unpaid", Left::Enough);
    for (news, answer) in [("under", "applied underpaid"), ("under-still", "stale -")] {
        let untold = |report: &mut ChargeReport| {
            report.payments.iter_mut().for_each(|payment| payment.amount = Reported::Missing);
        };
        assert_eq!(scene.tell_altered(news, untold), answer);
        assert_eq!(scene.state(), "pending/underpaid");
        assert_eq!((scene.ledger.len(), scene.order.received_minor), (0, 0), "nobody knows how much it was");
    }
}

/// Whatever the provider says of a payment, it says of its charge. If that isn't for what the checkout asks, or what came
/// can't be read, a person looks at it.
#[test]
fn a_charge_that_is_not_for_the_checkout_never_pays_an_order_until_it_is_resolved() {
    let euros = Money::parse("10", "EUR".parse::<Currency>().unwrap()).unwrap();
    for news in ["exact", "under", "over", "delayed", "delayed-more", "multiple", "multiple-parts"] {
        for (reason, asked, amount) in [
            ("amount-mismatch", Reported::Amount(usd("1")), None),
            ("currency-mismatch", Reported::Amount(euros), None),
            ("currency-mismatch", Reported::Missing, Some(Reported::Amount(euros))),
            ("amount-unreadable", Reported::Unreadable, None),
            ("amount-unreadable", Reported::Missing, Some(Reported::Unreadable)),
        ] {
            let mut scene = Scene::new("pending/unpaid", Left::Enough);
            let alter = |report: &mut ChargeReport| {
                report.asked = asked;
                report.payments[0].amount = amount.unwrap_or(report.payments[0].amount);
            };
            assert_eq!(scene.tell_altered(news, alter), format!("applied {reason}"), "{news}");
            assert_eq!((scene.state().as_str(), scene.checkout.status.as_str()), ("pending/unpaid", "UNRESOLVED"));
            scene.tell_altered("resolved", alter);
            let is_too_much = amount.is_none() && matches!(news, "over" | "delayed-more" | "multiple");
            let state = if is_too_much { "paid/overpaid" } else { "paid/paid" };
            assert_eq!(scene.state(), state, "{news}, {reason}");
        }
    }
}

/// What a provider takes for exact is all of it; beside an earlier part it is more than all.
#[test]
fn what_is_close_enough_pays_an_order_and_overpays_one_that_had_some_already() {
    for (state, amount, after) in [
        ("pending/unpaid", "exact:9.95", "paid/paid"),
        ("pending/unpaid", "exact:9.94", "pending/underpaid"),
        ("pending/underpaid", "exact:9.95", "paid/overpaid"),
    ] {
        let mut scene = Scene::new(state, Left::Enough);
        scene.tell_altered(amount, |report| report.tolerance = Tolerance { under_minor: 5, over_minor: 5 });
        assert_eq!(scene.state(), after, "{state}, {amount}");
    }
}

#[test]
fn stock_that_does_not_add_up_is_said_and_the_money_is_recorded_all_the_same() {
    let mut scene = Scene::new("pending/unpaid", Left::Enough).with_broken_stock();
    assert_eq!(scene.tell("exact"), "applied stock-broken");
    assert_eq!((scene.state().as_str(), scene.ledger.len()), ("pending/unpaid", 1));
    // Nothing but an operator's word or the order's end follows, and then the money isn't forgotten.
    for (status, told) in
        [(OrderStatus::Cancelled, PaymentStatus::Failed), (OrderStatus::Expired, PaymentStatus::Unpaid)]
    {
        let ended = scene.order.become_status(status, at(20)).unwrap().with_money_left_over(told, at(20));
        assert_eq!(ended.payment_status, PaymentStatus::RefundDue, "{status}");
    }
}
