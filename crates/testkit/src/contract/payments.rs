//! Money for orders: in time, late, too often, too early.

use std::time::Duration;

use domain::{
    BareAmount, ChangeOrderStatus, DeleteProduct, EventReply, ExpireOrder, OrderId, OrderStatus, PaymentOutcome,
    PaymentStatus, ProductId, Reason, RecordEvent, Rejection, Timestamp, Transaction, TransactionStatus, Verdict,
};
use ports::{Clock, TransactionFilter};

use super::shop::{ALL, offer, on, order, standing, stock};
use crate::builders::{
    notified, order_of_items, order_paid, order_payment_failed, payment_notice, place_hold, under_chosen_id, usd,
};
use crate::stores::TestStore;

const PAID: (OrderStatus, PaymentStatus) = (OrderStatus::Paid, PaymentStatus::Paid);
const UNPAID: (OrderStatus, PaymentStatus) = (OrderStatus::Pending, PaymentStatus::Unpaid);

/// An order of two at 29.99 USD each.
async fn ordered(test: &TestStore, product_id: ProductId) -> OrderId {
    test.decide(order_of_items(&[(product_id, 2)])).await.unwrap().id
}

/// An order that wasn't paid in time.
async fn expired(test: &TestStore, product_id: ProductId) -> OrderId {
    let order_id = ordered(test, product_id).await;
    test.clock.advance(Duration::from_secs(3600));
    let order = test.decide(ExpireOrder { order_id }).await.unwrap();
    assert_eq!(order.status, OrderStatus::Expired);
    order_id
}

/// A notice that an order was paid, with the amount.
fn paid_with(order_id: OrderId, amount: &str, key: &str) -> RecordEvent {
    let amount = Some(BareAmount::parse(amount).unwrap());
    let notice = payment_notice(order_id, PaymentOutcome::Paid);
    notified(order_id, domain::PaymentNotice { amount, ..notice }, key)
}

async fn told(test: &TestStore, event: &RecordEvent) -> EventReply {
    test.decide(event.clone()).await.unwrap()
}

fn reply(verdict: Verdict, reason: Option<Reason>, order: Option<(OrderId, OrderStatus)>) -> EventReply {
    let (order_id, order_status) = order.unzip();
    EventReply { verdict, reason, checkout_id: None, order_id, order_status }
}

async fn transactions(test: &TestStore, order_id: OrderId) -> Vec<Transaction> {
    let filter = TransactionFilter { order_id: Some(order_id), ..TransactionFilter::default() };
    test.store.transactions.transactions(filter, ALL).await.unwrap().items
}

pub async fn money_for_a_pending_order_sells_its_stock(test: &TestStore) {
    let id = offer(test, 5).await;
    let order_id = ordered(test, id).await;
    let paid = order_paid(order_id);
    let paid_reply = reply(Verdict::Applied, None, Some((order_id, OrderStatus::Paid)));
    assert_eq!(told(test, &paid).await, paid_reply);
    assert_eq!(standing(test, order_id).await, PAID);
    assert_eq!(stock(test, id).await, (3, 0, 2));
    let [transaction] = &transactions(test, order_id).await[..] else { panic!("not one transaction") };
    assert_eq!((transaction.checkout_id, transaction.order_id), (None, Some(order_id)));
    assert_eq!((transaction.money, transaction.status), (usd("59.98"), TransactionStatus::Completed));
    let stored = test.store.events.event(paid.id).await.unwrap().unwrap();
    assert_eq!((stored.order_id, stored.order_status), (Some(order_id), Some(OrderStatus::Paid)));
    assert_eq!((stored.fingerprint, stored.subject, stored.raw), (paid.fingerprint, paid.subject, paid.raw));
    assert_eq!(stored.report, paid.report);
}

pub async fn a_failed_payment_cancels_a_pending_order_only(test: &TestStore) {
    let id = offer(test, 5).await;
    let (failing, paid) = (ordered(test, id).await, ordered(test, id).await);
    told(test, &order_paid(paid)).await;
    let applied = reply(Verdict::Applied, None, Some((failing, OrderStatus::Cancelled)));
    assert_eq!(told(test, &order_payment_failed(failing)).await, applied);
    assert_eq!(standing(test, failing).await, (OrderStatus::Cancelled, PaymentStatus::Failed));
    let stale = reply(Verdict::Stale, None, Some((paid, OrderStatus::Paid)));
    assert_eq!(told(test, &order_payment_failed(paid)).await, stale);
    assert_eq!(standing(test, paid).await, PAID);
    assert_eq!(stock(test, id).await, (3, 0, 2));
}

pub async fn the_same_key_gives_the_first_answer_again_and_changes_nothing(test: &TestStore) {
    let id = offer(test, 5).await;
    let order_id = ordered(test, id).await;
    let first = told(test, &paid_with(order_id, "59.98", "k-1")).await;
    test.decide(ChangeOrderStatus { order_id, to: OrderStatus::Refunded }).await.unwrap();
    assert_eq!(told(test, &paid_with(order_id, "59.980", "k-1")).await, first, "as it was, not as it is");
    assert_eq!(first.order_status, Some(OrderStatus::Paid));
    let other = test.decide(paid_with(order_id, "59.97", "k-1")).await;
    assert_eq!(other, Err(Rejection::IdempotencyKeyReused));
    let told_anew = told(test, &paid_with(order_id, "59.98", "k-2")).await;
    assert_eq!(told_anew.verdict, Verdict::Stale, "another key, the same payment");
    assert_eq!(transactions(test, order_id).await.len(), 1);
    assert_eq!(standing(test, order_id).await, (OrderStatus::Refunded, PaymentStatus::Refunded));
    assert_eq!(stock(test, id).await, (5, 0, 0));
}

pub async fn another_amount_or_currency_pays_no_order(test: &TestStore) {
    let id = offer(test, 5).await;
    let order_id = ordered(test, id).await;
    let euros = domain::PaymentNotice {
        currency: Some("EUR".parse().unwrap()),
        ..payment_notice(order_id, PaymentOutcome::Paid)
    };
    for (told_so, reason) in [
        (paid_with(order_id, "59.97", "less"), Reason::AmountMismatch),
        (paid_with(order_id, "59.99", "more"), Reason::AmountMismatch),
        (notified(order_id, euros, "euros"), Reason::CurrencyMismatch),
    ] {
        let rejected = reply(Verdict::Rejected, Some(reason), Some((order_id, OrderStatus::Pending)));
        assert_eq!(told(test, &told_so).await, rejected);
    }
    assert_eq!(standing(test, order_id).await, UNPAID);
    assert_eq!(stock(test, id).await, (3, 2, 0));
}

pub async fn money_that_came_before_its_order_pays_it_if_the_amount_was_told(test: &TestStore) {
    let id = offer(test, 5).await;
    let (with_amount, without) =
        (under_chosen_id(order_of_items(&[(id, 2)])), under_chosen_id(order_of_items(&[(id, 1)])));
    let (early, bare) = (paid_with(with_amount.id, "59.98", "early"), order_paid(without.id));
    for waiting in [&early, &bare] {
        assert_eq!(told(test, waiting).await, reply(Verdict::Waiting, None, None));
    }
    test.clock.advance(Duration::from_secs(1));
    let mut waiting = vec![early.id, bare.id];
    waiting.sort_unstable();
    let since = |cutoff, limit| test.store.audit.events_waiting_since(cutoff, limit);
    assert_eq!(since(test.clock.now(), 10).await.unwrap(), waiting);
    assert_eq!(since(test.clock.now(), 1).await.unwrap(), waiting[..1]);
    assert_eq!(since(test.clock.now() - Duration::from_secs(1), 10).await.unwrap(), []);

    let placed = test.decide(with_amount.clone()).await.unwrap();
    assert_eq!((placed.status, placed.payment_status), PAID);
    assert_eq!(order(test, with_amount.id).await, *placed);
    assert_eq!(test.decide(without.clone()).await.unwrap().status, OrderStatus::Pending);
    let rejected = test.store.events.event(bare.id).await.unwrap().unwrap();
    assert_eq!((rejected.verdict, rejected.reason), (Verdict::Rejected, Some(Reason::AmountMissing)));
    assert_eq!(rejected.order_id, Some(without.id));
    assert_eq!(stock(test, id).await, (2, 1, 2));
    assert_eq!(since(test.clock.now(), 10).await.unwrap(), []);
}

/// On two nodes, money and its order find each other in whatever order they come.
pub async fn money_and_its_order_find_each_other(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 100).await;
    for round in 0..20 {
        let place = under_chosen_id(order_of_items(&[(id, 1)]));
        let (here, there) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let paid = paid_with(place.id, "29.99", &format!("k-{round}"));
        let (placed, told) = tokio::join!(on(here, place.clone()), on(there, paid));
        placed.unwrap();
        let verdict = told.unwrap().verdict;
        assert!(matches!(verdict, Verdict::Applied | Verdict::Waiting), "{verdict}");
        assert_eq!(standing(test, place.id).await, PAID);
    }
    assert_eq!(stock(test, id).await, (80, 0, 20));
    nodes[1].stop().await;
}

pub async fn late_money_takes_its_stock_again_if_there_is_any(test: &TestStore) {
    let id = offer(test, 2).await;
    let late = expired(test, id).await;
    // The stock is held by somebody else, but not for longer than two minutes.
    test.decide(place_hold(id, 2)).await.unwrap();
    test.clock.advance(Duration::from_secs(120));
    let applied = reply(Verdict::Applied, None, Some((late, OrderStatus::Paid)));
    assert_eq!(told(test, &order_paid(late)).await, applied);
    assert_eq!(standing(test, late).await, PAID);
    assert_eq!(stock(test, id).await, (0, 0, 2));
}

/// The orders whose money is to be given back, and since when.
async fn refunds_due(test: &TestStore) -> Vec<(OrderId, Timestamp)> {
    let accounts = test.store.audit.order_accounts(None, 100).await.unwrap();
    let due = accounts.iter().filter(|account| account.payment_status == PaymentStatus::RefundDue);
    let mut due: Vec<(OrderId, Timestamp)> = due.map(|account| (account.id, account.updated_at)).collect();
    due.sort_by_key(|(_, since)| *since);
    due
}

pub async fn late_money_for_what_is_gone_is_to_be_given_back(test: &TestStore) {
    let (id, deleted) = (offer(test, 2).await, offer(test, 2).await);
    let (late, later) = (expired(test, id).await, expired(test, deleted).await);
    test.decide(place_hold(id, 1)).await.unwrap();
    test.decide(DeleteProduct { id: deleted }).await.unwrap();
    assert_eq!(refunds_due(test).await, []);
    for order_id in [late, later] {
        test.clock.advance(Duration::from_secs(1));
        let applied = told(test, &order_paid(order_id)).await;
        assert_eq!((applied.verdict, applied.reason), (Verdict::Applied, Some(Reason::NoStockLeft)));
        let [transaction] = &transactions(test, order_id).await[..] else { panic!("the money must be in the ledger") };
        assert_eq!(transaction.status, TransactionStatus::Unresolved);
    }
    let (first, second) = (order(test, late).await, order(test, later).await);
    assert_eq!((first.status, first.payment_status), (OrderStatus::Expired, PaymentStatus::RefundDue));
    assert_eq!(refunds_due(test).await, [(first.id, first.updated_at), (second.id, second.updated_at)]);
    test.decide(ChangeOrderStatus { order_id: late, to: OrderStatus::Refunded }).await.unwrap();
    assert_eq!(standing(test, late).await, (OrderStatus::Expired, PaymentStatus::Refunded));
    assert_eq!(refunds_due(test).await, [(second.id, second.updated_at)]);
    assert_eq!(stock(test, id).await, (1, 1, 0));
}

pub async fn a_refunded_order_gives_its_stock_back(test: &TestStore) {
    let id = offer(test, 5).await;
    let order_id = ordered(test, id).await;
    let refund = ChangeOrderStatus { order_id, to: OrderStatus::Refunded };
    let invalid = Rejection::InvalidTransition { from: OrderStatus::Pending, to: OrderStatus::Refunded };
    assert_eq!(test.decide(refund).await, Err(invalid));
    // Both queue up together, so that the stored row never was what lies between.
    let (paid, refunded) = tokio::join!(test.decide(order_paid(order_id)), test.decide(refund));
    assert_eq!(paid.unwrap().verdict, Verdict::Applied);
    assert_eq!(refunded.unwrap().status, OrderStatus::Refunded);
    assert_eq!(standing(test, order_id).await, (OrderStatus::Refunded, PaymentStatus::Refunded));
    assert_eq!(stock(test, id).await, (5, 0, 0));
}

/// On two nodes, whoever comes first decides, and the stock is where it belongs.
pub async fn paying_an_order_and_cancelling_it_leave_the_stock_right(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 2).await;
    for round in 0..20 {
        let order_id = ordered(test, id).await;
        let cancel = ChangeOrderStatus { order_id, to: OrderStatus::Cancelled };
        let (here, there) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let (paid, cancelled) = tokio::join!(on(here, order_paid(order_id)), on(there, cancel));
        // Money that came after all takes the stock again: nobody else wants it.
        assert_eq!(paid.unwrap().order_status, Some(OrderStatus::Paid));
        let too_late = Rejection::InvalidTransition { from: OrderStatus::Paid, to: OrderStatus::Cancelled };
        assert!(cancelled.is_ok() || cancelled == Err(too_late));
        assert_eq!(standing(test, order_id).await, PAID);
        assert_eq!(stock(test, id).await, (0, 0, 2));
        test.decide(ChangeOrderStatus { order_id, to: OrderStatus::Refunded }).await.unwrap();
        assert_eq!(stock(test, id).await, (2, 0, 0));
    }
    nodes[1].stop().await;
}
