//! What a payment backend's own notices do to an order: tables written out by hand.

use uuid::Uuid;

use super::scene::{Left, Scene, play_table};
use super::{at, usd};
use crate::{
    BareAmount, Currency, Event, EventId, EventKey, EventReport, PaymentId, PaymentNotice, PaymentOutcome, Provider,
    ProviderEventId, Subject, TransactionId, TransactionStatus, Verdict,
};

/// The order keeps or has its stock, so that it doesn't matter what is left.
const WITH_STOCK: &str = "
pending/unpaid
  paid                  applied  -                 paid/paid
  untold                applied  -                 paid/paid
  waited                applied  -                 paid/paid
  waited-untold         rejected amount-missing    =
  less                  rejected amount-mismatch   =
  more                  rejected amount-mismatch   =
  too-fine              rejected amount-mismatch   =
  euros                 rejected currency-mismatch =
  euros-untold          rejected currency-mismatch =
  waited-euros          rejected currency-mismatch =
  waited-euros-untold   rejected currency-mismatch =
  paid+paid             stale    -                 paid/paid
  paid+again            applied  paid-again        paid/overpaid
  paid+less             rejected amount-mismatch   paid/paid
  paid+failed           stale    -                 paid/paid

pending/underpaid
  paid                  applied  -                 paid/overpaid
  untold                applied  -                 paid/overpaid
  waited                applied  -                 paid/overpaid
  waited-untold         rejected amount-missing    =
  less                  rejected amount-mismatch   =
  euros                 rejected currency-mismatch =

paid/paid paid/overpaid completed/paid completed/overpaid
  paid                  applied  paid-again        =/overpaid
  untold                applied  paid-again        =/overpaid
  waited                applied  paid-again        =/overpaid
  waited-untold         rejected amount-missing    =
  less                  rejected amount-mismatch   =
  more                  rejected amount-mismatch   =
  euros                 rejected currency-mismatch =
  failed                stale    -                 =
  paid+paid             stale    -                 =/overpaid

completed/unpaid
  paid                  applied  -                 =/paid
  untold                applied  -                 =/paid
  waited-untold         rejected amount-missing    =
  less                  rejected amount-mismatch   =
  euros                 rejected currency-mismatch =
  failed                stale    -                 =
  paid+again            applied  paid-again        =/overpaid

completed/underpaid
  paid                  applied  -                 =/overpaid
  failed                stale    -                 =
";

/// The order has its stock, and loses it.
const FAILED: &str = "
pending/unpaid
  failed                applied  -                 cancelled/failed
  waited-failed         applied  -                 cancelled/failed
  failed+failed         stale    -                 cancelled/failed
  failed+paid           applied  -                 paid/paid
  failed+paid+failed    stale    -                 paid/paid

pending/underpaid
  failed                applied  -                 cancelled/refund_due
  failed+failed         stale    -                 cancelled/refund_due
  failed+paid           applied  -                 paid/overpaid

expired/unpaid cancelled/unpaid cancelled/failed
  paid                  applied  -                 paid/paid
  untold                applied  -                 paid/paid
  waited-untold         rejected amount-missing    =
  less                  rejected amount-mismatch   =
  euros                 rejected currency-mismatch =
  failed                stale    -                 =
  paid+paid             stale    -                 paid/paid
  paid+again            applied  paid-again        paid/overpaid
";

/// The order has lost its stock, and there isn't enough to take it again.
const STOCK_GONE: &str = "
expired/unpaid cancelled/unpaid cancelled/failed
  paid                  applied  no-stock-left     =/refund_due
  untold                applied  no-stock-left     =/refund_due
  less                  rejected amount-mismatch   =
  euros                 rejected currency-mismatch =
  failed                stale    -                 =
  paid+paid             stale    -                 =/refund_due
  paid+again            applied  no-stock-left     =/refund_due
";

/// Money of the order was or is to be given back: more of it is to be given back too, whatever is left.
const GIVEN_BACK: &str = "
expired/refund_due cancelled/refund_due expired/refunded cancelled/refunded
  paid                  applied  no-stock-left     =/refund_due
  less                  rejected amount-mismatch   =
  failed                stale    -                 =
  paid+paid             stale    -                 =/refund_due

refunded/refunded refunded/refund_due
  paid                  applied  paid-again        =/refund_due
  untold                applied  paid-again        =/refund_due
  waited-untold         rejected amount-missing    =
  less                  rejected amount-mismatch   =
  euros                 rejected currency-mismatch =
  failed                stale    -                 =
";

/// A notice by its name in the tables. `again` has a payment id of its own, all others share one.
fn notice(name: &str) -> (Event, bool) {
    let (has_waited, name) = name.strip_prefix("waited-").map_or((name == "waited", name), |rest| (true, rest));
    let (outcome, amount, currency) = match name {
        "failed" => (PaymentOutcome::Failed, None, None),
        "paid" | "waited" | "again" => (PaymentOutcome::Paid, Some("10.00"), Some(Currency::USD)),
        "untold" => (PaymentOutcome::Paid, None, None),
        "less" => (PaymentOutcome::Paid, Some("9.99"), Some(Currency::USD)),
        "more" => (PaymentOutcome::Paid, Some("10.01"), None),
        "too-fine" => (PaymentOutcome::Paid, Some("10.001"), None),
        "euros" => (PaymentOutcome::Paid, Some("10"), Some("EUR".parse().unwrap())),
        "euros-untold" => (PaymentOutcome::Paid, None, Some("EUR".parse().unwrap())),
        other => panic!("no notice is called {other}"),
    };
    let payment_id = PaymentId::parse(if name == "again" { "pay-2" } else { "pay-1" }).unwrap();
    let report = PaymentNotice {
        outcome,
        payment_id: Some(payment_id),
        amount: amount.map(|amount| BareAmount::parse(amount).unwrap()),
        currency,
        record: TransactionId::from_uuid(Uuid::from_u128(5)),
    };
    (event(report), has_waited)
}

fn event(notice: PaymentNotice) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::nil()),
        key: EventKey { provider: Provider::Generic, provider_event_id: ProviderEventId::parse("key-1").unwrap() },
        event_type: "payment.test".to_owned(),
        subject: Some(Subject::Order(crate::OrderId::from_uuid(Uuid::from_u128(1)))),
        raw: Vec::new(),
        report: EventReport::Payment(notice),
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

fn tell(scene: &mut Scene, name: &str) -> String {
    let (event, has_waited) = notice(name);
    let rows = scene.ledger.len();
    let answer = scene.settle(&event, has_waited);
    let is_recorded = scene.ledger.len() > rows;
    let is_money = answer.starts_with("applied") && !name.ends_with("failed");
    assert_eq!(is_recorded, is_money, "{name}: what is applied is recorded, and nothing else");
    if let Some(row) = scene.ledger.last().filter(|_| is_recorded) {
        assert_eq!((row.money, row.provider), (usd("10"), Provider::Generic));
        let expected = if answer.ends_with('-') { TransactionStatus::Completed } else { TransactionStatus::Unresolved };
        assert_eq!(row.status, expected, "{name}: {answer}");
    }
    answer
}

#[test]
fn notices_do_to_an_order_what_is_written_here_while_there_is_stock() {
    for table in [WITH_STOCK, FAILED, GIVEN_BACK] {
        play_table(table, Left::Enough, tell);
    }
}

#[test]
fn an_order_that_has_its_stock_minds_neither_an_empty_shelf_nor_a_deleted_product() {
    for left in [Left::OneTooFew, Left::Deleted] {
        play_table(WITH_STOCK, left, tell);
        play_table(GIVEN_BACK, left, tell);
    }
}

#[test]
fn late_money_that_finds_nothing_left_to_sell_is_to_be_given_back() {
    for left in [Left::OneTooFew, Left::Deleted] {
        play_table(STOCK_GONE, left, tell);
    }
}

#[test]
fn a_payment_without_an_id_goes_by_the_name_of_its_notice_in_the_ledger() {
    let unnamed = |key: &str| {
        let (mut event, _) = notice("paid");
        let EventReport::Payment(notice) = &mut event.report else { panic!("it is a notice") };
        notice.payment_id = None;
        event.key.provider_event_id = ProviderEventId::parse(key).unwrap();
        event
    };
    let mut scene = Scene::new("pending/unpaid", Left::Enough);
    assert_eq!(scene.settle(&unnamed("key-1"), false), "applied -");
    assert_eq!(scene.ledger[0].provider_transaction_id, "key-1");
    assert_eq!(scene.order.payment_id, None, "the order isn't told a name that nobody gave its payment");
    assert_eq!(scene.settle(&unnamed("key-1"), false), "stale -");
    assert_eq!(scene.settle(&unnamed("key-2"), false), "applied paid-again");
}

#[test]
fn a_notice_whose_stock_does_not_add_up_is_rejected_and_changes_nothing() {
    for name in ["paid", "failed"] {
        let mut scene = Scene::new("pending/unpaid", Left::Enough).with_broken_stock();
        let (event, has_waited) = notice(name);
        assert_eq!(scene.settle(&event, has_waited), "rejected stock-broken", "{name}");
        assert_eq!((scene.state().as_str(), scene.ledger.len()), ("pending/unpaid", 0));
    }
}
