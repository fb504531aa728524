//! Events that are decided anew, and those that wait too long.

use std::time::Duration;

use domain::{
    BareAmount, ChargeNews, Event, EventId, ExpireEvent, LONGEST_WAIT, OrderStatus, PaymentOutcome, PlaceOrder, Reason,
    RecordEvent, Rejection, ReplayEvent, Verdict,
};
use ports::{Clock, PageRequest, TransactionFilter};

use super::shop::{on, stock};
use crate::builders::{
    attach_charge, charge_code, create_checkout, create_product, event, notified, order_of_items, paid_event,
    payment_notice, under_chosen_id, usd,
};
use crate::stores::TestStore;

async fn row(test: &TestStore, id: EventId) -> Event {
    test.store.events.event(id).await.unwrap().unwrap()
}

async fn replay(test: &TestStore, id: EventId) -> (Verdict, Option<Reason>) {
    let reply = test.decide(ReplayEvent::of(&row(test, id).await)).await.unwrap();
    (reply.verdict, reply.reason)
}

/// A notice that the order was paid, which is dead by the time at which the order is placed.
async fn given_up(test: &TestStore) -> (PlaceOrder, RecordEvent) {
    let create = create_product(5);
    test.decide(create.clone()).await.unwrap();
    let place = under_chosen_id(order_of_items(&[(create.id, 2)]));
    let amount = Some(BareAmount::parse("59.98").unwrap());
    let notice = domain::PaymentNotice { amount, ..payment_notice(place.id, PaymentOutcome::Paid) };
    let told = notified(place.id, notice, &format!("k-{}", place.id));
    assert_eq!(test.decide(told.clone()).await.unwrap().verdict, Verdict::Waiting);
    test.clock.advance(LONGEST_WAIT);
    test.decide(ExpireEvent { id: told.id }).await.unwrap();
    test.decide(place.clone()).await.unwrap();
    (place, told)
}

async fn movements(test: &TestStore, place: &PlaceOrder) -> u32 {
    let filter = TransactionFilter { order_id: Some(place.id), ..TransactionFilter::default() };
    test.store.transactions.transactions(filter, PageRequest { page: 1, page_size: 10 }).await.unwrap().total
}

pub async fn an_event_that_waits_too_long_is_given_up(test: &TestStore) {
    let told = event(&charge_code(), ChargeNews::Confirmed);
    test.decide(told.clone()).await.unwrap();
    test.clock.advance(LONGEST_WAIT.saturating_sub(Duration::from_micros(1)));
    assert_eq!(test.decide(ExpireEvent { id: told.id }).await.unwrap().verdict, Verdict::Waiting);
    test.clock.advance(Duration::from_micros(1));
    let reply = test.decide(ExpireEvent { id: told.id }).await.unwrap();
    assert_eq!((reply.verdict, reply.reason), (Verdict::Dead, Some(Reason::WaitedTooLong)));
    let dead = row(test, told.id).await;
    assert_eq!((dead.verdict, dead.reason), (Verdict::Dead, Some(Reason::WaitedTooLong)));
    assert_eq!((dead.processed_at, dead.raw), (Some(test.clock.now()), told.raw));
    let later = test.clock.now() + Duration::from_secs(1);
    assert_eq!(test.store.audit.events_waiting_since(later, 10).await.unwrap(), []);
    let unknown = EventId::from_uuid(create_checkout().id.as_uuid());
    assert_eq!(test.decide(ExpireEvent { id: unknown }).await, Err(Rejection::EventNotFound));
}

pub async fn a_dead_event_is_applied_by_a_replay_and_only_once(test: &TestStore) {
    let (place, told) = given_up(test).await;
    assert_eq!(test.store.orders.order(place.id).await.unwrap().unwrap().status, OrderStatus::Pending);
    for _ in 0..2 {
        assert_eq!(replay(test, told.id).await, (Verdict::Applied, None));
        let order = test.store.orders.order(place.id).await.unwrap().unwrap();
        assert_eq!(order.status, OrderStatus::Paid);
        assert_eq!(stock(test, order.items[0].product_id).await, (3, 0, 2));
        assert_eq!(movements(test, &place).await, 1);
    }
    let applied = row(test, told.id).await;
    assert_eq!((applied.order_id, applied.order_status), (Some(place.id), Some(OrderStatus::Paid)));
    assert_eq!(applied.raw, told.raw);
}

/// On two nodes, an event that several operators replay moves its money once, whatever else tells of it.
pub async fn an_event_that_two_nodes_replay_moves_its_money_once(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    for round in 0..10 {
        let (place, told) = given_up(test).await;
        let command = ReplayEvent::of(&row(test, told.id).await);
        let other = RecordEvent {
            id: EventId::from_uuid(create_checkout().id.as_uuid()),
            key: domain::EventKey {
                provider_event_id: domain::ProviderEventId::parse(format!("other-{round}")).unwrap(),
                ..told.key
            },
            ..told
        };
        let (first, second, third) =
            tokio::join!(on(&nodes[0], command.clone()), on(&nodes[1], command.clone()), on(&nodes[1], other));
        let verdicts = [first, second, third].map(|reply| reply.unwrap().verdict);
        assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Applied | Verdict::Stale)), "{verdicts:?}");
        assert_eq!(movements(test, &place).await, 1);
        assert_eq!(test.store.orders.order(place.id).await.unwrap().unwrap().status, OrderStatus::Paid);
    }
    nodes[1].stop().await;
}

pub async fn news_of_a_charge_is_replayed_once_the_charge_is_known(test: &TestStore) {
    let (create, code) = (create_checkout(), charge_code());
    test.decide(create.clone()).await.unwrap();
    let told = paid_event(&code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
    test.decide(told.clone()).await.unwrap();
    assert_eq!(replay(test, told.id).await, (Verdict::Waiting, None));
    test.clock.advance(LONGEST_WAIT);
    test.decide(ExpireEvent { id: told.id }).await.unwrap();
    assert_eq!(replay(test, told.id).await, (Verdict::Dead, Some(Reason::WaitedTooLong)));
    test.decide(attach_charge(&create, &code)).await.unwrap();
    assert_eq!(replay(test, told.id).await, (Verdict::Applied, None));
    let paid = test.store.checkouts.checkout(create.id).await.unwrap().unwrap();
    assert_eq!(paid.status, domain::CheckoutStatus::Completed);
    let unknown = event(&code, ChargeNews::Unknown);
    test.decide(unknown.clone()).await.unwrap();
    assert_eq!(replay(test, unknown.id).await, (Verdict::Rejected, Some(Reason::UnknownEventType)));
    let nobodys = ReplayEvent { id: EventId::from_uuid(create.id.as_uuid()), subject: None, movements: Vec::new() };
    assert_eq!(test.decide(nobodys).await, Err(Rejection::EventNotFound));
}
