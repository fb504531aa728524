//! Whatever comes first: every order of what can happen to a paid checkout ends the same, and no step breaks a rule.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::collections::HashSet;
use std::time::Duration;

use domain::{
    AttachCharge, Books, Charge, ChargeCode, ChargeNews, ChargeReport, CheckoutId, CheckoutStatus, Command,
    CreateCheckout, Currency, EventId, EventKey, EventReport, ExpireCheckout, JobId, JobLease, MerchantId, Money,
    Provider, ProviderEventId, RecordEvent, Rejection, Reply, Reported, ReportedPayment, Subject, Timestamp,
    TransactionId,
};
use uuid::Uuid;

const CHECKOUT: u128 = 1;

fn money() -> Money {
    Money::parse("10", Currency::USD).unwrap()
}

fn create() -> Command {
    CreateCheckout {
        id: CheckoutId::from_uuid(Uuid::from_u128(CHECKOUT)),
        job_id: JobId::from_uuid(Uuid::from_u128(2)),
        merchant_id: MerchantId::default_merchant(),
        idempotency_key: None,
        money: money(),
        email: None,
        order_id: None,
        metadata: None,
        time_to_live: Duration::from_secs(1),
        caller_creates_charge_for: None,
    }
    .into()
}

fn attach() -> Command {
    AttachCharge {
        checkout_id: CheckoutId::from_uuid(Uuid::from_u128(CHECKOUT)),
        charge: Charge { code: ChargeCode::parse("CODE").unwrap(), hosted_url: "https://pay.example/CODE".to_owned() },
        lease: JobLease { job_id: JobId::from_uuid(Uuid::from_u128(2)), attempt: 1 },
        poll_job_id: JobId::from_uuid(Uuid::from_u128(3)),
        poll_after: Duration::from_secs(60),
    }
    .into()
}

fn told(number: u128, event_id: &str, news: ChargeNews, second: i64) -> Command {
    let is_paid = news == ChargeNews::Confirmed;
    let occurred_at = Timestamp::from_unix_us(second * 1_000_000);
    let payment = ReportedPayment {
        record: TransactionId::from_uuid(Uuid::from_u128(number)),
        provider_transaction_id: "tx".to_owned(),
        amount: Reported::Amount(money()),
        occurred_at,
    };
    RecordEvent {
        id: EventId::from_uuid(Uuid::from_u128(number)),
        key: EventKey { provider: Provider::Coinbase, provider_event_id: ProviderEventId::parse(event_id).unwrap() },
        event_type: "charge:test".to_owned(),
        subject: Some(Subject::Charge(ChargeCode::parse("CODE").unwrap())),
        raw: Vec::new(),
        report: EventReport::Charge(ChargeReport {
            news,
            asked: Reported::Amount(money()),
            tolerance: domain::Tolerance::default(),
            payments: if is_paid { vec![payment] } else { Vec::new() },
            occurred_at,
        }),
        fingerprint: None,
    }
    .into()
}

/// The gateway tells of the money by two webhooks, one of them twice, and is asked for it besides.
fn commands() -> Vec<Command> {
    vec![
        create(),
        attach(),
        told(11, "poll:CODE:COMPLETED", ChargeNews::Confirmed, 4),
        told(12, "pending", ChargeNews::Pending, 2),
        told(13, "failed", ChargeNews::Expired, 3),
        told(14, "confirmed", ChargeNews::Confirmed, 4),
        told(15, "confirmed", ChargeNews::Confirmed, 4),
        ExpireCheckout { checkout_id: CheckoutId::from_uuid(Uuid::from_u128(CHECKOUT)) }.into(),
    ]
}

fn assert_rules_hold(books: &Books, was: Option<CheckoutStatus>) -> Option<CheckoutStatus> {
    let movements: HashSet<_> =
        books.transactions().iter().map(|row| (row.checkout_id, row.provider_transaction_id.clone())).collect();
    assert_eq!(movements.len(), books.transactions().iter().count(), "a movement was recorded twice");
    let checkout = books.checkouts().get(CheckoutId::from_uuid(Uuid::from_u128(CHECKOUT)))?;
    let is_completed = checkout.status == CheckoutStatus::Completed;
    assert_eq!(is_completed, checkout.completed_at.is_some());
    assert_eq!(is_completed, books.transactions().iter().count() == 1, "money and status agree");
    if let Some(was) = was {
        assert!(was == checkout.status || was.may_become(checkout.status), "{was} -> {}", checkout.status);
    }
    Some(checkout.status)
}

fn play(order: &[Command]) {
    let mut books = Books::default();
    let mut status = None;
    let mut too_early = Vec::new();
    for (second, command) in (10..).zip(order) {
        // Only what needs the checkout itself can come too early; whoever asks asks again.
        if let Reply::Rejected(rejection) = command.decide(&mut books, Timestamp::from_unix_us(second * 1_000_000)) {
            assert_eq!(rejection, Rejection::CheckoutNotFound);
            too_early.push(command.clone());
        }
        status = assert_rules_hold(&books, status);
    }
    for command in too_early {
        let reply = command.decide(&mut books, Timestamp::from_unix_us(100_000_000));
        assert!(!matches!(reply, Reply::Rejected(_)), "{reply:?}");
        status = assert_rules_hold(&books, status);
    }
    assert_eq!(status, Some(CheckoutStatus::Completed), "{order:#?}");
    assert!(books.events().iter().all(|event| event.waiting_for().is_none()));
    assert_eq!(books.events().iter().count(), 4, "the duplicate isn't stored");
}

fn permute(order: &mut Vec<Command>, from: usize, count: &mut u32) {
    if from == order.len() {
        *count += 1;
        return play(order);
    }
    for at in from..order.len() {
        order.swap(from, at);
        permute(order, from + 1, count);
        order.swap(from, at);
    }
}

#[test]
fn every_order_of_events_ends_paid_with_one_transaction() {
    let mut count = 0;
    permute(&mut commands(), 0, &mut count);
    assert_eq!(count, 40_320);
}

#[test]
fn the_same_commands_on_the_same_books_give_the_same_books() {
    let run = || {
        let mut books = Books::default();
        let at = Timestamp::from_unix_us(0);
        let replies: Vec<Reply> = commands().iter().map(|command| command.decide(&mut books, at)).collect();
        let checkouts: Vec<_> = books.checkouts().iter().cloned().collect();
        (replies, checkouts)
    };
    assert_eq!(run(), run());
}

#[test]
fn a_rejection_leaves_the_books_untouched() {
    let mut books = Books::default();
    assert_eq!(attach().decide(&mut books, Timestamp::from_unix_us(0)), Reply::Rejected(Rejection::CheckoutNotFound));
    assert!(books.is_unchanged());
}
