//! Requests that have a name: decided once, whoever asks and however often.

use adapters::Store;
use domain::{
    BareAmount, Cause, Decide, Fingerprint, Made, Once, Outcome, PlaceHold, ProductId, Rejection, RequestScope,
};
use ports::{Decided, execute_once};
use tokio::task::JoinSet;

use super::shop::{offer, stock};
use crate::builders::{create_product, order_of_items, place_hold};
use crate::stores::TestStore;

fn named(key: &str, asked: &str) -> Once {
    let scope = RequestScope::of("anonymous", "POST", "/api/holds", key);
    Once { scope, fingerprint: Fingerprint::of(&[Some(asked)]) }
}

async fn ask<C: Decide + Send>(node: &Store, command: C, once: Once) -> Decided<C::Reply> {
    execute_once(&*node.ledger, command, Cause::default(), Some(once)).await.unwrap()
}

async fn hold(node: &Store, product_id: ProductId, once: Once) -> Decided<Box<domain::Hold>> {
    ask(node, place_hold(product_id, 1), once).await
}

pub async fn a_request_that_comes_again_is_answered_with_its_first_outcome(test: &TestStore) {
    let product_id = offer(test, 3).await;
    let first = hold(&test.store, product_id, named("one", "a")).await;
    let Decided::Now(Ok(first)) = first else { panic!("{first:?}") };
    for _ in 0..2 {
        let again = hold(&test.store, product_id, named("one", "a")).await;
        assert_eq!(again, Decided::Before(Outcome::Made(Made::Hold(first.id))));
    }
    assert_eq!(stock(test, product_id).await.1, 1, "it was done once");
    let Decided::Now(Ok(other)) = hold(&test.store, product_id, named("two", "a")).await else {
        panic!("another name")
    };
    assert_ne!(other.id, first.id);
}

pub async fn another_request_under_a_used_name_is_refused(test: &TestStore) {
    let product_id = offer(test, 3).await;
    hold(&test.store, product_id, named("one", "a")).await;
    let refused = hold(&test.store, product_id, named("one", "b")).await;
    assert_eq!(refused, Decided::Now(Err(Rejection::IdempotencyKeyReused)));
    assert_eq!(stock(test, product_id).await.1, 1);
}

pub async fn a_no_about_the_state_is_kept_and_a_no_about_the_request_is_not(test: &TestStore) {
    let create = create_product(0);
    test.decide(create.clone()).await.unwrap();
    let refused = hold(&test.store, create.id, named("one", "a")).await;
    assert_eq!(refused, Decided::Now(Err(Rejection::InsufficientStock)));
    let more = domain::UpdateProduct {
        id: create.id,
        name: create.name.clone(),
        description: None,
        price: BareAmount::parse("1").unwrap(),
        currency: None,
        total_stock: 5,
    };
    test.decide(more).await.unwrap();
    let again = hold(&test.store, create.id, named("one", "a")).await;
    assert_eq!(again, Decided::Before(Outcome::Rejected(Rejection::InsufficientStock)));

    let empty = ask(&test.store, order_of_items(&[]), named("order", "nothing")).await;
    assert_eq!(empty, Decided::Now(Err(Rejection::NoItems)));
    let mended = ask(&test.store, order_of_items(&[(create.id, 1)]), named("order", "something")).await;
    assert!(matches!(mended, Decided::Now(Ok(_))), "{mended:?}");
}

pub async fn a_crowd_with_one_name_on_two_nodes_is_served_once(test: &TestStore) {
    let product_id = offer(test, 100).await;
    let nodes = [test.store.clone(), test.second_node()];
    let mut asking = JoinSet::new();
    for number in 0..100 {
        let node = nodes[number % 2].clone();
        asking.spawn(async move {
            let command: PlaceHold = place_hold(product_id, 1);
            ask(&node, command, named("one", "a")).await
        });
    }
    let (mut made, mut repeated) = (Vec::new(), Vec::new());
    for decided in asking.join_all().await {
        match decided {
            Decided::Now(Ok(hold)) => made.push(hold.id),
            Decided::Before(Outcome::Made(Made::Hold(id))) => repeated.push(id),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((made.len(), repeated.len()), (1, 99));
    assert!(repeated.iter().all(|id| *id == made[0]));
    assert_eq!(stock(test, product_id).await.1, 1);
    nodes[1].stop().await;
}
