//! Webhooks and what they settle.

use domain::{
    ChargeCode, ChargeNews, ChargeReport, Checkout, CheckoutStatus, CreateCheckout, Currency, MAX_WAITING_PER_SUBJECT,
    Money, Reason, RecordEvent, Transaction, TransactionStatus, Verdict,
};
use ports::{EventFilter, PageRequest, TransactionFilter};

use crate::builders::{
    attach_charge, charge_code, create_checkout, event, paid_event, paid_event_by, report, reported, usd,
};
use crate::stores::TestStore;

const ALL: PageRequest = PageRequest { page: 1, page_size: 100 };

async fn charged_checkout(test: &TestStore) -> (CreateCheckout, ChargeCode) {
    let create = create_checkout();
    let code = charge_code();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &code)).await.unwrap();
    (create, code)
}

async fn verdict(test: &TestStore, event: &RecordEvent) -> (Verdict, Option<Reason>) {
    let reply = test.decide(event.clone()).await.unwrap();
    (reply.verdict, reply.reason)
}

async fn checkout(test: &TestStore, create: &CreateCheckout) -> Checkout {
    test.store.checkouts.checkout(create.id).await.unwrap().unwrap()
}

async fn transactions(test: &TestStore, create: &CreateCheckout) -> Vec<Transaction> {
    let filter = TransactionFilter { checkout_id: Some(create.id), ..TransactionFilter::default() };
    test.store.transactions.transactions(filter, ALL).await.unwrap().items
}

fn confirmed(code: &ChargeCode) -> RecordEvent {
    paid_event(code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"))
}

pub async fn a_confirmed_payment_completes_the_checkout_with_one_transaction(test: &TestStore) {
    let (create, code) = charged_checkout(test).await;
    assert_eq!(verdict(test, &event(&code, ChargeNews::Pending)).await, (Verdict::Applied, None));
    assert!(checkout(test, &create).await.detected_at.is_some());
    let confirmed = confirmed(&code);
    assert_eq!(verdict(test, &confirmed).await, (Verdict::Applied, None));
    let paid = checkout(test, &create).await;
    assert_eq!((paid.status, paid.completed_at.is_some()), (CheckoutStatus::Completed, true));
    let [transaction] = &transactions(test, &create).await[..] else { panic!("not one transaction") };
    assert_eq!((transaction.money, transaction.status), (usd("29.99"), TransactionStatus::Completed));
    assert_eq!(transaction.email, create.email);
    let stored = test.store.events.event(confirmed.id).await.unwrap().unwrap();
    assert_eq!((stored.verdict, stored.checkout_id, stored.raw), (Verdict::Applied, Some(create.id), confirmed.raw));
}

pub async fn the_same_event_again_is_a_duplicate(test: &TestStore) {
    let (create, code) = charged_checkout(test).await;
    let first = confirmed(&code);
    verdict(test, &first).await;
    let before = checkout(test, &create).await;
    let delivered_again = RecordEvent { id: event(&code, ChargeNews::Created).id, ..first };
    assert_eq!(verdict(test, &delivered_again).await, (Verdict::Duplicate, None));
    let told_anew = confirmed(&code);
    assert_eq!(verdict(test, &told_anew).await, (Verdict::Stale, None), "another event, the same movement");
    assert_eq!(checkout(test, &create).await, before);
    assert_eq!(transactions(test, &create).await.len(), 1);
}

pub async fn an_event_before_its_charge_waits_and_is_applied_with_it(test: &TestStore) {
    let create = create_checkout();
    let code = charge_code();
    test.decide(create.clone()).await.unwrap();
    let early = confirmed(&code);
    assert_eq!(verdict(test, &early).await, (Verdict::Waiting, None));
    assert_eq!(checkout(test, &create).await.status, CheckoutStatus::Pending);
    test.decide(attach_charge(&create, &code)).await.unwrap();
    assert_eq!(checkout(test, &create).await.status, CheckoutStatus::Completed);
    assert_eq!(transactions(test, &create).await.len(), 1);
    assert_eq!(test.store.events.event(early.id).await.unwrap().unwrap().verdict, Verdict::Applied);
}

pub async fn events_that_waited_are_applied_in_the_order_in_which_they_happened(test: &TestStore) {
    let create = create_checkout();
    let code = charge_code();
    test.decide(create.clone()).await.unwrap();
    let first = report(ChargeNews::Created).occurred_at;
    let happened = |news, after_s| {
        let occurred_at = first + std::time::Duration::from_secs(after_s);
        reported(&code, ChargeReport { occurred_at, ..report(news) })
    };
    for late_first in [happened(ChargeNews::Expired, 60), happened(ChargeNews::Pending, 30)] {
        assert_eq!(verdict(test, &late_first).await.0, Verdict::Waiting);
    }
    test.decide(attach_charge(&create, &code)).await.unwrap();
    let settled = checkout(test, &create).await;
    let seen_at = first + std::time::Duration::from_secs(30);
    assert_eq!((settled.status, settled.detected_at), (CheckoutStatus::Failed, Some(seen_at)));
}

pub async fn late_money_completes_a_failed_checkout(test: &TestStore) {
    let (create, code) = charged_checkout(test).await;
    assert_eq!(verdict(test, &event(&code, ChargeNews::Expired)).await.0, Verdict::Applied);
    assert_eq!(checkout(test, &create).await.status, CheckoutStatus::Failed);
    assert_eq!(verdict(test, &confirmed(&code)).await.0, Verdict::Applied);
    let paid = checkout(test, &create).await;
    assert_eq!((paid.status, paid.failure_reason), (CheckoutStatus::Completed, None));
    assert_eq!(verdict(test, &event(&code, ChargeNews::Expired)).await.0, Verdict::Stale);
    assert_eq!(checkout(test, &create).await, paid);
}

pub async fn another_amount_or_currency_never_completes(test: &TestStore) {
    let right = usd("29.99");
    let euros = Money::parse("29.99", "EUR".parse().unwrap()).unwrap();
    let coins = Money::parse("29.99", Currency::USDC).unwrap();
    for (asked, paid, reason) in [
        (usd("30"), usd("30"), Reason::AmountMismatch),
        (usd("0.01"), right, Reason::AmountMismatch),
        (euros, euros, Reason::CurrencyMismatch),
        (right, coins, Reason::CurrencyMismatch),
        (right, usd("29.98"), Reason::Underpaid),
        (right, usd("30"), Reason::Overpaid),
    ] {
        let (create, code) = charged_checkout(test).await;
        let told = paid_event(&code, ChargeNews::Confirmed, asked, paid);
        assert_eq!(verdict(test, &told).await, (Verdict::Applied, Some(reason)));
        let held = checkout(test, &create).await;
        assert_eq!((held.status, held.failure_reason), (CheckoutStatus::Unresolved, Some(reason)));
        let [transaction] = &transactions(test, &create).await[..] else { panic!("the money must be in the ledger") };
        assert_eq!((transaction.money, transaction.status), (paid, TransactionStatus::Unresolved));
    }
}

pub async fn an_event_of_an_unknown_type_is_stored_and_rejected(test: &TestStore) {
    let (create, code) = charged_checkout(test).await;
    let before = checkout(test, &create).await;
    let unknown = event(&code, ChargeNews::Unknown);
    assert_eq!(verdict(test, &unknown).await, (Verdict::Rejected, Some(Reason::UnknownEventType)));
    let nameless = RecordEvent { subject: None, ..event(&code, ChargeNews::Confirmed) };
    assert_eq!(verdict(test, &nameless).await, (Verdict::Rejected, Some(Reason::MissingSubject)));
    let filter = EventFilter { verdict: Some(Verdict::Rejected), ..EventFilter::default() };
    assert_eq!(test.store.events.events(filter, ALL).await.unwrap().total, 2);
    assert_eq!(checkout(test, &create).await, before);
}

pub async fn more_events_than_may_wait_are_stored_dead(test: &TestStore) {
    let code = charge_code();
    for _ in 0..MAX_WAITING_PER_SUBJECT {
        assert_eq!(verdict(test, &event(&code, ChargeNews::Pending)).await.0, Verdict::Waiting);
    }
    let one_more = event(&code, ChargeNews::Pending);
    assert_eq!(verdict(test, &one_more).await, (Verdict::Dead, Some(Reason::TooManyWaiting)));
    assert_eq!(verdict(test, &event(&charge_code(), ChargeNews::Pending)).await.0, Verdict::Waiting);
}

pub async fn a_second_movement_for_a_paid_checkout_is_recorded(test: &TestStore) {
    let (create, code) = charged_checkout(test).await;
    verdict(test, &confirmed(&code)).await;
    let again = paid_event_by("second", &code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
    assert_eq!(verdict(test, &again).await, (Verdict::Applied, Some(Reason::PaidAgain)));
    assert_eq!(checkout(test, &create).await.status, CheckoutStatus::Completed);
    assert_eq!(transactions(test, &create).await.len(), 2);
}
