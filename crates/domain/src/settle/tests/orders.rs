//! What news of a charge does to the order that its checkout pays: tables written out by hand.

use super::scene::{Left, Scene, play_table};
use super::usd;
use crate::{ChargeReport, Currency, Money, Reported, Tolerance};

/// The order keeps or has its stock, so that it doesn't matter what is left.
const WITH_STOCK: &str = "
pending/unpaid
  created               applied  -                 =
  pending               applied  -                 =
  expired               applied  -                 =
  canceled              applied  -                 =
  exact                 applied  -                 paid/paid
  untold                applied  -                 paid/paid
  under                 applied  underpaid         =/underpaid
  over                  applied  overpaid          paid/overpaid
  delayed               applied  delayed           paid/paid
  delayed-part          applied  delayed           =/underpaid
  delayed-more          applied  delayed           paid/overpaid
  held                  applied  held-by-provider  =
  expired+exact         applied  -                 paid/paid
  canceled+under        applied  underpaid         =/underpaid
  under+expired         stale    -                 =/underpaid
  under+under-still     applied  underpaid         =/underpaid
  under+rest            applied  -                 paid/paid
  under+resolved        applied  -                 paid/paid
  over+resolved         applied  -                 paid/overpaid
  delayed+resolved      applied  -                 paid/paid
  delayed-part+resolved applied  -                 paid/paid
  delayed-more+resolved applied  -                 paid/overpaid
  held+resolved         applied  -                 paid/paid
  exact+repeated        stale    -                 paid/paid
  exact+resolved        stale    -                 paid/paid
  exact+again           applied  paid-again        paid/overpaid
  over+again            applied  overpaid          paid/overpaid

pending/underpaid
  expired               applied  -                 =
  canceled              applied  -                 =
  exact                 applied  -                 paid/overpaid
  untold                applied  -                 paid/overpaid
  under                 applied  underpaid         =
  over                  applied  overpaid          paid/overpaid
  delayed               applied  delayed           paid/overpaid
  delayed-part          applied  delayed           =
  delayed-more          applied  delayed           paid/overpaid
  held                  applied  held-by-provider  =
  expired+exact         applied  -                 paid/overpaid
  under+resolved        applied  -                 paid/paid
  over+resolved         applied  -                 paid/overpaid
  delayed+resolved      applied  -                 paid/overpaid
  delayed-part+resolved applied  -                 paid/paid
  exact+repeated        stale    -                 paid/overpaid
  exact+again           applied  paid-again        paid/overpaid

paid/paid paid/overpaid
  expired               applied  -                 =
  canceled              applied  -                 =
  exact                 applied  paid-again        =/overpaid
  untold                applied  paid-again        =/overpaid
  under                 applied  underpaid         =/overpaid
  over                  applied  overpaid          =/overpaid
  delayed               applied  delayed           =/overpaid
  delayed-part          applied  delayed           =/overpaid
  delayed-more          applied  delayed           =/overpaid
  held                  applied  held-by-provider  =
  expired+exact         applied  paid-again        =/overpaid
  under+resolved        applied  -                 =/overpaid
  over+resolved         applied  -                 =/overpaid
  delayed+resolved      applied  -                 =/overpaid
  delayed-part+resolved applied  -                 =/overpaid
  held+resolved         applied  paid-again        =/overpaid
  exact+repeated        stale    -                 =/overpaid
  exact+again           applied  paid-again        =/overpaid

completed/unpaid
  expired               applied  -                 =
  exact                 applied  -                 =/paid
  under                 applied  underpaid         =/underpaid
  over                  applied  overpaid          =/overpaid
  delayed               applied  delayed           =/paid
  delayed-part          applied  delayed           =/underpaid
  delayed-more          applied  delayed           =/overpaid
  held                  applied  held-by-provider  =
  under+rest            applied  -                 =/paid
  under+resolved        applied  -                 =/paid
  over+resolved         applied  -                 =/overpaid
  delayed+resolved      applied  -                 =/paid
  delayed-part+resolved applied  -                 =/paid
  held+resolved         applied  -                 =/paid
  exact+repeated        stale    -                 =/paid
  exact+again           applied  paid-again        =/overpaid

completed/underpaid
  exact                 applied  -                 =/overpaid
  under                 applied  underpaid         =
  over                  applied  overpaid          =/overpaid
  delayed               applied  delayed           =/overpaid
  delayed-part          applied  delayed           =
  held                  applied  held-by-provider  =
  under+resolved        applied  -                 =/paid
  exact+again           applied  paid-again        =/overpaid

completed/paid completed/overpaid
  exact                 applied  paid-again        =/overpaid
  under                 applied  underpaid         =/overpaid
  over                  applied  overpaid          =/overpaid
  delayed               applied  delayed           =/overpaid
  held                  applied  held-by-provider  =
  under+resolved        applied  -                 =/overpaid
  held+resolved         applied  paid-again        =/overpaid
";

/// The order gave its stock back, and there is enough to take it again.
const STOCK_LEFT: &str = "
expired/unpaid cancelled/unpaid cancelled/failed
  created               applied  -                 =
  pending               applied  -                 =
  expired               applied  -                 =
  canceled              applied  -                 =
  exact                 applied  -                 paid/paid
  untold                applied  -                 paid/paid
  under                 applied  underpaid         =/refund_due
  over                  applied  overpaid          paid/overpaid
  delayed               applied  delayed           paid/paid
  delayed-part          applied  delayed           =/refund_due
  delayed-more          applied  delayed           paid/overpaid
  held                  applied  held-by-provider  =
  expired+exact         applied  -                 paid/paid
  under+rest            applied  no-stock-left     =/refund_due
  under+resolved        applied  -                 =/refund_due
  over+resolved         applied  -                 paid/overpaid
  delayed+resolved      applied  -                 paid/paid
  delayed-part+resolved applied  -                 =/refund_due
  held+resolved         applied  -                 paid/paid
  exact+repeated        stale    -                 paid/paid
  exact+again           applied  paid-again        paid/overpaid
";

/// The order gave its stock back, and there isn't enough to take it again, or other money of it waits to be given back.
const STOCK_GONE: &str = "
expired/unpaid cancelled/unpaid cancelled/failed
  expired               applied  -                 =
  canceled              applied  -                 =
  exact                 applied  no-stock-left     =/refund_due
  untold                applied  no-stock-left     =/refund_due
  under                 applied  underpaid         =/refund_due
  over                  applied  overpaid          =/refund_due
  delayed               applied  delayed           =/refund_due
  delayed-part          applied  delayed           =/refund_due
  delayed-more          applied  delayed           =/refund_due
  held                  applied  held-by-provider  =
  under+resolved        applied  -                 =/refund_due
  over+resolved         applied  -                 =/refund_due
  delayed+resolved      applied  -                 =/refund_due
  held+resolved         applied  no-stock-left     =/refund_due
  exact+repeated        stale    -                 =/refund_due
  exact+again           applied  paid-again        =/refund_due
";

/// Money of the order was or is to be given back: more of it is to be given back too, whatever is left.
const GIVEN_BACK: &str = "
expired/refund_due cancelled/refund_due expired/refunded cancelled/refunded
  expired               applied  -                 =
  exact                 applied  no-stock-left     =/refund_due
  under                 applied  underpaid         =/refund_due
  over                  applied  overpaid          =/refund_due
  delayed               applied  delayed           =/refund_due
  delayed-part          applied  delayed           =/refund_due
  held                  applied  held-by-provider  =
  under+resolved        applied  -                 =/refund_due
  held+resolved         applied  no-stock-left     =/refund_due
  exact+repeated        stale    -                 =/refund_due
  exact+again           applied  paid-again        =/refund_due

refunded/refunded refunded/refund_due
  expired               applied  -                 =
  canceled              applied  -                 =
  exact                 applied  paid-again        =/refund_due
  under                 applied  underpaid         =/refund_due
  over                  applied  overpaid          =/refund_due
  delayed               applied  delayed           =/refund_due
  delayed-part          applied  delayed           =/refund_due
  held                  applied  held-by-provider  =
  under+resolved        applied  -                 =/refund_due
  held+resolved         applied  paid-again        =/refund_due
  exact+repeated        stale    -                 =/refund_due
  exact+again           applied  paid-again        =/refund_due
";

#[test]
fn news_of_a_charge_do_to_an_order_what_is_written_here_while_there_is_stock() {
    for table in [WITH_STOCK, STOCK_LEFT, GIVEN_BACK] {
        play_table(table, Left::Enough, Scene::tell);
    }
}

#[test]
fn an_order_that_has_its_stock_minds_neither_an_empty_shelf_nor_a_deleted_product() {
    for left in [Left::OneTooFew, Left::Deleted] {
        play_table(WITH_STOCK, left, Scene::tell);
        play_table(GIVEN_BACK, left, Scene::tell);
    }
}

#[test]
fn late_money_that_finds_nothing_left_to_sell_is_to_be_given_back() {
    for left in [Left::OneTooFew, Left::Deleted] {
        play_table(STOCK_GONE, left, Scene::tell);
    }
}

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
    for news in ["under", "under-still"] {
        let untold = |report: &mut ChargeReport| {
            report.payments.iter_mut().for_each(|payment| payment.amount = Reported::Missing);
        };
        assert_eq!(scene.tell_altered(news, untold), "applied underpaid");
        assert_eq!(scene.state(), "pending/underpaid");
    }
}

/// Whatever the provider says of a payment, it says of its charge. If that isn't for what the checkout asks, or what came
/// can't be read, a person looks at it.
#[test]
fn a_charge_that_is_not_for_the_checkout_never_pays_an_order_until_it_is_resolved() {
    let euros = Money::parse("10", "EUR".parse::<Currency>().unwrap()).unwrap();
    for news in ["exact", "under", "over", "delayed", "delayed-more"] {
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
            assert_eq!(scene.state(), "paid/paid", "{news}, {reason}");
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
}
