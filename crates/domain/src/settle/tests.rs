mod confluence;
mod held;
mod notices;
mod orders;
mod paths;
mod scene;
mod sums;

use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::{
    ChargeCode, ChargeNews, ChargeReport, CheckoutId, CheckoutStatus, Currency, EventId, EventKey, Fingerprint,
    MerchantId, Money, Provider, ProviderEventId, Reported, ReportedPayment, Subject, Tolerance, TransactionId,
};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_us(second * 1_000_000)
}

fn checkout(status: CheckoutStatus) -> Checkout {
    let is_completed = status == CheckoutStatus::Completed;
    let failure_reason = (status == CheckoutStatus::Unresolved).then_some(Reason::Underpaid);
    let received_minor = if is_completed || failure_reason.is_some() { 1000 } else { 0 };
    Checkout {
        id: CheckoutId::from_uuid(Uuid::nil()),
        merchant_id: MerchantId::default_merchant(),
        idempotency_key: None,
        fingerprint: Fingerprint::of(&[]),
        order_id: None,
        status,
        money: usd("10"),
        received_minor,
        counted_minor: received_minor,
        email: None,
        metadata: None,
        charge_code: Some(ChargeCode::parse("CODE").unwrap()),
        hosted_url: Some("https://pay.example/CODE".to_owned()),
        detected_at: None,
        completed_at: is_completed.then_some(at(1)),
        failure_reason,
        expires_at: at(0) + Duration::from_secs(3600),
        created_at: at(0),
        updated_at: at(0),
    }
}

fn event(news: ChargeNews, asked: Reported, payments: &[Reported]) -> Event {
    let payment = |(number, amount): (usize, &Reported)| ReportedPayment {
        record: TransactionId::from_uuid(Uuid::from_u128(number as u128)),
        provider_transaction_id: format!("tx-{number}"),
        amount: *amount,
        occurred_at: at(2),
    };
    Event {
        id: EventId::from_uuid(Uuid::nil()),
        key: EventKey { provider: Provider::Coinbase, provider_event_id: ProviderEventId::parse("e").unwrap() },
        event_type: "charge:test".to_owned(),
        subject: Some(Subject::Charge(ChargeCode::parse("CODE").unwrap())),
        raw: Vec::new(),
        report: EventReport::Charge(ChargeReport {
            news,
            asked,
            tolerance: Tolerance::default(),
            payments: payments.iter().enumerate().map(payment).collect(),
            occurred_at: at(2),
        }),
        fingerprint: None,
        verdict: Verdict::Waiting,
        reason: None,
        checkout_id: None,
        order_id: None,
        order_status: None,
        received_at: at(3),
        processed_at: None,
    }
}

fn paid(news: ChargeNews) -> Event {
    event(news, Reported::Amount(usd("10")), &[Reported::Amount(usd("10"))])
}

/// Settles a checkout that pays no order.
fn settle_checkout(checkout: &Checkout, event: &Event, recorded: impl Fn(&str) -> Option<Money>) -> Settlement {
    let case = Case { checkout: Some(checkout), order: None, products: Vec::new(), event, has_waited: false };
    let settlement = settle(&case, recorded, at(9));
    assert_eq!((&settlement.order, &settlement.products), (&None, &Vec::new()), "there is no order");
    settlement
}

/// One column per status, in the order Pending, Completed, Failed, Expired, Canceled, Unresolved: the verdict's first
/// letter and the status afterwards, written out by hand.
#[test]
fn every_kind_of_news_on_every_status_ends_as_written_here() {
    let none = |news| event(news, Reported::Missing, &[]);
    let table: [(Event, &str); 8] = [
        (none(ChargeNews::Created), "a-PENDING s-COMPLETED s-FAILED s-EXPIRED s-CANCELED s-UNRESOLVED"),
        (none(ChargeNews::Pending), "a-PENDING s-COMPLETED a-FAILED a-EXPIRED a-CANCELED s-UNRESOLVED"),
        (none(ChargeNews::Expired), "a-FAILED s-COMPLETED s-FAILED s-EXPIRED s-CANCELED s-UNRESOLVED"),
        (none(ChargeNews::Canceled), "a-CANCELED s-COMPLETED s-FAILED s-EXPIRED s-CANCELED s-UNRESOLVED"),
        (paid(ChargeNews::Confirmed), "a-COMPLETED a-COMPLETED a-COMPLETED a-COMPLETED a-COMPLETED a-COMPLETED"),
        (
            paid(ChargeNews::Held(Reason::Delayed)),
            "a-UNRESOLVED a-COMPLETED a-UNRESOLVED a-UNRESOLVED a-UNRESOLVED a-UNRESOLVED",
        ),
        (paid(ChargeNews::Resolved), "a-COMPLETED a-COMPLETED a-COMPLETED a-COMPLETED a-COMPLETED a-COMPLETED"),
        (none(ChargeNews::Unknown), "r-PENDING r-COMPLETED r-FAILED r-EXPIRED r-CANCELED r-UNRESOLVED"),
    ];
    for (event, expected) in table {
        let outcome = |from: &CheckoutStatus| {
            let settlement = settle_checkout(&checkout(*from), &event, |_| None);
            let after = settlement.checkout.map_or(*from, |checkout| checkout.status);
            format!("{}-{after}", &settlement.verdict.as_str()[..1])
        };
        let outcomes: Vec<String> = CheckoutStatus::ALL.iter().map(outcome).collect();
        assert_eq!(outcomes.join(" "), expected, "{:?}", event.report);
    }
}

#[test]
fn a_movement_that_is_recorded_is_not_recorded_again() {
    for status in [CheckoutStatus::Completed, CheckoutStatus::Unresolved] {
        let settlement = settle_checkout(&checkout(status), &paid(ChargeNews::Held(Reason::Underpaid)), |movement| {
            (movement == "tx-0").then(|| usd("10"))
        });
        assert_eq!(settlement, Settlement::only(Verdict::Stale, None), "{status}");
    }
    let settlement = settle_checkout(&checkout(CheckoutStatus::Completed), &paid(ChargeNews::Confirmed), |_| None);
    assert_eq!((settlement.reason, settlement.transactions.len()), (Some(Reason::PaidAgain), 1));
    assert_eq!(settlement.transactions[0].status, TransactionStatus::Unresolved, "it paid nothing");
    let checkout = settlement.checkout.unwrap();
    assert_eq!((checkout.status, checkout.received_minor), (CheckoutStatus::Completed, 2000));
}

#[test]
fn several_payments_count_together_and_each_is_recorded() {
    let parts = [Reported::Amount(usd("4")), Reported::Amount(usd("6"))];
    let whole = event(ChargeNews::Confirmed, Reported::Amount(usd("10")), &parts);
    let settlement = settle_checkout(&checkout(CheckoutStatus::Pending), &whole, |_| None);
    assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Completed);
    assert_eq!(settlement.transactions.iter().map(|row| row.money).collect::<Vec<_>>(), [usd("4"), usd("6")]);
    let short = event(ChargeNews::Confirmed, Reported::Amount(usd("10")), &parts[..1]);
    let settlement = settle_checkout(&checkout(CheckoutStatus::Pending), &short, |_| None);
    assert_eq!(settlement.reason, Some(Reason::Underpaid));
    assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Unresolved);
}

#[test]
fn what_the_provider_takes_for_exact_is_exact_and_no_cent_more() {
    for (amount, outcome) in [
        ("9.96", None),
        ("9.95", None),
        ("9.94", Some(Reason::Underpaid)),
        ("10.05", None),
        ("10.06", Some(Reason::Overpaid)),
    ] {
        let mut close = event(ChargeNews::Confirmed, Reported::Amount(usd("10")), &[Reported::Amount(usd(amount))]);
        let EventReport::Charge(report) = &mut close.report else { panic!("it is news of a charge") };
        report.tolerance = Tolerance { under_minor: 5, over_minor: 5 };
        let settlement = settle_checkout(&checkout(CheckoutStatus::Pending), &close, |_| None);
        assert_eq!(settlement.reason, outcome, "{amount}");
        assert_eq!(settlement.transactions[0].money, usd(amount), "the ledger has what came");
    }
}

#[test]
fn what_is_not_told_is_what_was_asked_and_what_cannot_be_read_completes_nothing() {
    let untold = event(ChargeNews::Confirmed, Reported::Missing, &[Reported::Missing]);
    let settlement = settle_checkout(&checkout(CheckoutStatus::Pending), &untold, |_| None);
    assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Completed);
    assert_eq!(settlement.transactions[0].money, usd("10"));

    for (asked, payment) in [(Reported::Unreadable, Reported::Missing), (Reported::Missing, Reported::Unreadable)] {
        let unreadable = event(ChargeNews::Confirmed, asked, &[payment]);
        let settlement = settle_checkout(&checkout(CheckoutStatus::Pending), &unreadable, |_| None);
        assert_eq!(settlement.reason, Some(Reason::AmountUnreadable));
        assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Unresolved);
        assert!(settlement.transactions.is_empty(), "no amount can be written down");
    }
}
