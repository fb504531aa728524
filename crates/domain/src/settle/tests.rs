use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::{
    ChargeCode, CheckoutId, Currency, EventId, EventKey, Fingerprint, MerchantId, Provider, ProviderEventId,
    TransactionId,
};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_us(second * 1_000_000)
}

fn checkout(status: CheckoutStatus) -> Checkout {
    let is_completed = status == CheckoutStatus::Completed;
    Checkout {
        id: CheckoutId::from_uuid(Uuid::nil()),
        merchant_id: MerchantId::default_merchant(),
        idempotency_key: None,
        fingerprint: Fingerprint::of(&[]),
        order_id: None,
        status,
        money: usd("10"),
        email: None,
        metadata: None,
        charge_code: Some(ChargeCode::parse("CODE").unwrap()),
        hosted_url: Some("https://pay.example/CODE".to_owned()),
        detected_at: None,
        completed_at: is_completed.then_some(at(1)),
        failure_reason: None,
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
        subject: Some(ChargeCode::parse("CODE").unwrap()),
        raw: Vec::new(),
        report: ChargeReport {
            news,
            asked,
            payments: payments.iter().enumerate().map(payment).collect(),
            occurred_at: at(2),
        },
        verdict: Verdict::Waiting,
        reason: None,
        checkout_id: None,
        received_at: at(3),
        processed_at: None,
    }
}

fn paid(news: ChargeNews) -> Event {
    event(news, Reported::Amount(usd("10")), &[Reported::Amount(usd("10"))])
}

/// What is told, on which status, has which verdict and leads to which status: written out by hand.
#[test]
fn every_kind_of_news_on_every_status_ends_as_written_here() {
    use CheckoutStatus::{Canceled, Completed, Expired, Failed, Pending, Unresolved};
    use Verdict::{Applied, Rejected, Stale};
    let none = |news| event(news, Reported::Missing, &[]);
    let table: [(Event, [(Verdict, CheckoutStatus); 6]); 8] = [
        // On:                          Pending               Completed            Failed                 Expired                Canceled               Unresolved
        (
            none(ChargeNews::Created),
            [
                (Applied, Pending),
                (Stale, Completed),
                (Stale, Failed),
                (Stale, Expired),
                (Stale, Canceled),
                (Stale, Unresolved),
            ],
        ),
        (
            none(ChargeNews::Pending),
            [
                (Applied, Pending),
                (Stale, Completed),
                (Applied, Failed),
                (Applied, Expired),
                (Applied, Canceled),
                (Stale, Unresolved),
            ],
        ),
        (
            none(ChargeNews::Expired),
            [
                (Applied, Failed),
                (Stale, Completed),
                (Stale, Failed),
                (Stale, Expired),
                (Stale, Canceled),
                (Stale, Unresolved),
            ],
        ),
        (
            none(ChargeNews::Canceled),
            [
                (Applied, Canceled),
                (Stale, Completed),
                (Stale, Failed),
                (Stale, Expired),
                (Stale, Canceled),
                (Stale, Unresolved),
            ],
        ),
        (
            paid(ChargeNews::Confirmed),
            [
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
            ],
        ),
        (
            paid(ChargeNews::Held(Reason::Delayed)),
            [
                (Applied, Unresolved),
                (Applied, Completed),
                (Applied, Unresolved),
                (Applied, Unresolved),
                (Applied, Unresolved),
                (Applied, Unresolved),
            ],
        ),
        (
            paid(ChargeNews::Resolved),
            [
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
                (Applied, Completed),
            ],
        ),
        (
            none(ChargeNews::Unknown),
            [
                (Rejected, Pending),
                (Rejected, Completed),
                (Rejected, Failed),
                (Rejected, Expired),
                (Rejected, Canceled),
                (Rejected, Unresolved),
            ],
        ),
    ];
    for (event, outcomes) in table {
        for (from, (verdict, to)) in
            [Pending, Completed, Failed, Expired, Canceled, Unresolved].into_iter().zip(outcomes)
        {
            let before = checkout(from);
            let settlement = settle(&before, &event, |_| false, at(9));
            let after = settlement.checkout.map_or(from, |checkout| checkout.status);
            assert_eq!((settlement.verdict, after), (verdict, to), "{:?} on {from}", event.report.news);
        }
    }
}

#[test]
fn a_movement_that_is_recorded_is_not_recorded_again() {
    for status in [CheckoutStatus::Completed, CheckoutStatus::Unresolved] {
        let settlement = settle(&checkout(status), &paid(ChargeNews::Held(Reason::Underpaid)), |_| true, at(9));
        assert_eq!(settlement, Settlement::stale(), "{status}");
    }
    let settlement = settle(&checkout(CheckoutStatus::Completed), &paid(ChargeNews::Confirmed), |_| false, at(9));
    assert_eq!((settlement.reason, settlement.transactions.len()), (Some(Reason::PaidAgain), 1));
    assert_eq!(settlement.checkout, None);
}

#[test]
fn several_payments_count_together_and_each_is_recorded() {
    let parts = [Reported::Amount(usd("4")), Reported::Amount(usd("6"))];
    let whole = event(ChargeNews::Confirmed, Reported::Amount(usd("10")), &parts);
    let settlement = settle(&checkout(CheckoutStatus::Pending), &whole, |_| false, at(9));
    assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Completed);
    assert_eq!(settlement.transactions.iter().map(|row| row.money).collect::<Vec<_>>(), [usd("4"), usd("6")]);
    let short = event(ChargeNews::Confirmed, Reported::Amount(usd("10")), &parts[..1]);
    let settlement = settle(&checkout(CheckoutStatus::Pending), &short, |_| false, at(9));
    assert_eq!(settlement.reason, Some(Reason::Underpaid));
    assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Unresolved);
}

#[test]
fn what_is_not_told_is_what_was_asked_and_what_cannot_be_read_completes_nothing() {
    let untold = event(ChargeNews::Confirmed, Reported::Missing, &[Reported::Missing]);
    let settlement = settle(&checkout(CheckoutStatus::Pending), &untold, |_| false, at(9));
    assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Completed);
    assert_eq!(settlement.transactions[0].money, usd("10"));

    for (asked, payment) in [(Reported::Unreadable, Reported::Missing), (Reported::Missing, Reported::Unreadable)] {
        let unreadable = event(ChargeNews::Confirmed, asked, &[payment]);
        let settlement = settle(&checkout(CheckoutStatus::Pending), &unreadable, |_| false, at(9));
        assert_eq!(settlement.reason, Some(Reason::AmountUnreadable));
        assert_eq!(settlement.checkout.unwrap().status, CheckoutStatus::Unresolved);
        assert!(settlement.transactions.is_empty(), "no amount can be written down");
    }
}
