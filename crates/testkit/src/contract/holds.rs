//! Holds: stock that is kept for a buyer for a while.

use std::time::Duration;

use domain::{
    ExpireHold, Hold, HoldId, HoldStatus, MAX_HOLDS_TAKEN_BACK, PlaceHold, ProductId, Rejection, ReleaseHold,
    TokenCheck,
};
use ports::Clock;
use tokio::task::JoinSet;

use super::shop::{hold, offer, on, order, stock};
use crate::builders::{order_of_hold, order_of_items, place_hold, quantity};
use crate::stores::TestStore;

const TIME_TO_LIVE: Duration = Duration::from_secs(120);

fn release(hold_id: HoldId) -> ReleaseHold {
    ReleaseHold { hold_id, token: TokenCheck::Right }
}

/// So many holds of one each, placed at once.
async fn hold_ones(test: &TestStore, product_id: ProductId, number: usize) -> Vec<HoldId> {
    let mut asking = JoinSet::new();
    for _ in 0..number {
        let node = test.store.clone();
        asking.spawn(async move { on(&node, place_hold(product_id, 1)).await.unwrap().id });
    }
    asking.join_all().await
}

pub async fn a_hold_can_be_read_as_it_was_stored(test: &TestStore) {
    let id = offer(test, 1000).await;
    let place = PlaceHold { time_to_live: Duration::from_micros(1_234_567), ..place_hold(id, 1000) };
    let placed = *test.decide(place).await.unwrap();
    let expected = Hold {
        id: place.id,
        product_id: id,
        quantity: quantity(1000),
        status: HoldStatus::Active,
        order_id: None,
        expires_at: test.clock.now() + Duration::from_micros(1_234_567),
        created_at: test.clock.now(),
        ended_at: None,
    };
    assert_eq!(placed, expected);
    assert_eq!(hold(test, place.id).await, expected);
    assert_eq!(stock(test, id).await, (0, 1000, 0));
    let stranger = place_hold(id, 1).id;
    assert_eq!(test.store.holds.hold(stranger).await.unwrap(), None);
    assert_eq!(test.decide(release(stranger)).await, Err(Rejection::HoldNotFound));
}

/// By two nodes, where there can be two.
pub async fn no_more_is_held_than_there_is(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 20).await;
    let mut asking = JoinSet::new();
    for number in 0..25 {
        let node = nodes[number % 2].clone();
        asking.spawn(async move { on(&node, place_hold(id, 1)).await });
    }
    let replies = asking.join_all().await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 20);
    assert!(replies.into_iter().filter_map(Result::err).all(|refused| refused == Rejection::InsufficientStock));
    assert_eq!(stock(test, id).await, (0, 20, 0));
    nodes[1].stop().await;
}

pub async fn a_released_hold_gives_its_stock_back_once(test: &TestStore) {
    let id = offer(test, 5).await;
    let place = place_hold(id, 3);
    test.decide(place).await.unwrap();
    for token in [TokenCheck::NotShown, TokenCheck::Wrong] {
        let stranger = ReleaseHold { hold_id: place.id, token };
        assert_eq!(test.decide(stranger).await, Err(Rejection::WrongHoldToken));
    }
    assert_eq!(stock(test, id).await, (2, 3, 0));
    test.clock.advance(Duration::from_secs(1));
    let released = *test.decide(release(place.id)).await.unwrap();
    assert_eq!((released.status, released.ended_at), (HoldStatus::Released, Some(test.clock.now())));
    assert_eq!(hold(test, place.id).await, released);
    assert_eq!(test.decide(release(place.id)).await, Err(Rejection::HoldNotActive));
    assert_eq!(test.decide(order_of_hold(place.id)).await, Err(Rejection::HoldReleased));
    assert_eq!(stock(test, id).await, (5, 0, 0));
}

pub async fn expired_holds_are_found_longest_over_first(test: &TestStore) {
    let id = offer(test, 10).await;
    let mut placed = Vec::new();
    for seconds in [30, 10, 20, 10] {
        let place = PlaceHold { time_to_live: Duration::from_secs(seconds), ..place_hold(id, 1) };
        let hold = *test.decide(place).await.unwrap();
        placed.push((hold.expires_at, hold.id));
    }
    let found = || test.store.holds.expired_holds(test.clock.now(), 10);
    test.clock.advance(Duration::from_micros(9_999_999));
    assert_eq!(found().await.unwrap(), []);
    test.clock.advance(Duration::from_micros(20_000_001));
    placed.sort_unstable();
    let ids: Vec<HoldId> = placed.into_iter().map(|(_, id)| id).collect();
    assert_eq!(found().await.unwrap(), ids);
    assert_eq!(test.store.holds.expired_holds(test.clock.now(), 2).await.unwrap(), ids[..2]);
    test.decide(ExpireHold { hold_id: ids[0] }).await.unwrap();
    assert_eq!(found().await.unwrap(), ids[1..]);
    assert_eq!(stock(test, id).await, (7, 3, 0));
}

/// Two nodes look for what has expired, and find the same.
pub async fn a_hold_that_two_nodes_find_expired_gives_its_stock_back_once(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 40).await;
    let placed = hold_ones(test, id, 30).await;
    let early = *test.decide(ExpireHold { hold_id: placed[0] }).await.unwrap();
    assert_eq!(early.status, HoldStatus::Active, "its time isn't up");
    test.clock.advance(TIME_TO_LIVE);
    let mut found = Vec::new();
    for node in &nodes {
        let ids = node.holds.expired_holds(test.clock.now(), 100).await.unwrap();
        assert_eq!(ids.len(), 30);
        found.extend(ids.into_iter().map(|hold_id| (node.clone(), hold_id)));
    }
    let mut expiring = JoinSet::new();
    for (node, hold_id) in found {
        expiring.spawn(async move { on(&node, ExpireHold { hold_id }).await.unwrap().status });
    }
    assert!(expiring.join_all().await.into_iter().all(|status| status == HoldStatus::Expired));
    assert_eq!(stock(test, id).await, (40, 0, 0));
    assert_eq!(test.store.holds.expired_holds(test.clock.now(), 100).await.unwrap(), []);
    nodes[1].stop().await;
}

pub async fn a_hold_whose_time_is_up_is_worth_nothing_noticed_or_not(test: &TestStore) {
    let id = offer(test, 1).await;
    let place = place_hold(id, 1);
    test.decide(place).await.unwrap();
    test.clock.advance(TIME_TO_LIVE);
    assert_eq!(test.decide(order_of_hold(place.id)).await, Err(Rejection::HoldExpired));
    assert_eq!(test.decide(release(place.id)).await, Err(Rejection::HoldNotActive));
    assert_eq!(hold(test, place.id).await.status, HoldStatus::Active, "a rejection changes nothing");
    test.decide(ExpireHold { hold_id: place.id }).await.unwrap();
    assert_eq!(test.decide(order_of_hold(place.id)).await, Err(Rejection::HoldExpired));
}

pub async fn a_product_that_is_short_takes_its_expired_holds_back(test: &TestStore) {
    let (id, other) = (offer(test, 3).await, offer(test, 3).await);
    let (first, second, elsewhere) = (place_hold(id, 1), place_hold(id, 1), place_hold(other, 3));
    for place in [first, second, elsewhere] {
        test.decide(place).await.unwrap();
    }
    test.clock.advance(TIME_TO_LIVE);
    test.decide(place_hold(id, 1)).await.unwrap();
    assert_eq!(stock(test, id).await, (0, 3, 0), "there was enough without them");
    test.decide(place_hold(id, 2)).await.unwrap();
    assert_eq!(stock(test, id).await, (0, 3, 0));
    for place in [first, second] {
        let expired = hold(test, place.id).await;
        assert_eq!((expired.status, expired.ended_at), (HoldStatus::Expired, Some(test.clock.now())));
    }
    assert_eq!(hold(test, elsewhere.id).await.status, HoldStatus::Active, "nobody wants that");
    assert_eq!(test.decide(place_hold(id, 1)).await, Err(Rejection::InsufficientStock), "the others aren't over");
    test.decide(order_of_items(&[(other, 2)])).await.unwrap();
    assert_eq!(stock(test, other).await, (1, 2, 0), "orders take them back, too");
}

pub async fn the_oldest_expired_holds_are_taken_back_so_many_at_a_time(test: &TestStore) {
    let total = MAX_HOLDS_TAKEN_BACK + 40;
    let id = offer(test, u32::try_from(total).unwrap()).await;
    let old = hold_ones(test, id, 30).await;
    test.clock.advance(Duration::from_secs(1));
    let young = hold_ones(test, id, total - 30).await;
    test.clock.advance(TIME_TO_LIVE);
    test.decide(place_hold(id, 10)).await.unwrap();
    let most = u32::try_from(MAX_HOLDS_TAKEN_BACK).unwrap();
    assert_eq!(stock(test, id).await, (most - 10, 40 + 10, 0));
    for hold_id in old {
        assert_eq!(hold(test, hold_id).await.status, HoldStatus::Expired);
    }
    let mut left = 0;
    for hold_id in young {
        left += usize::from(hold(test, hold_id).await.status == HoldStatus::Active);
    }
    assert_eq!(left, 40);
}

/// On two nodes, a hold ends in one way, and its stock is where that way leads.
pub async fn releasing_a_hold_and_ordering_it_never_both_succeed(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 100).await;
    for round in 0..20 {
        let (place, (here, there)) = (place_hold(id, 1), (&nodes[round % 2], &nodes[(round + 1) % 2]));
        test.decide(place).await.unwrap();
        let order_hold = order_of_hold(place.id);
        let (ordered, released) = tokio::join!(on(here, order_hold.clone()), on(there, release(place.id)));
        let ended = hold(test, place.id).await;
        match (ordered, released) {
            (Ok(_), Err(Rejection::HoldNotActive)) => {
                assert_eq!((ended.status, ended.order_id), (HoldStatus::Converted, Some(order_hold.id)));
                assert_eq!(order(test, order_hold.id).await.hold_id, Some(place.id));
            }
            (Err(Rejection::HoldReleased), Ok(_)) => assert_eq!(ended.status, HoldStatus::Released),
            (ordered, released) => panic!("{ordered:?} and {released:?}"),
        }
        let (available, held, sold) = stock(test, id).await;
        assert_eq!((available + held, sold), (100, 0));
    }
    nodes[1].stop().await;
}
