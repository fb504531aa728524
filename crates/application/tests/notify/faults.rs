//! Endpoints that misbehave.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use application::JobWorker;
use domain::{DeliveryStatus, EndpointStatus, JobKind};
use ports::Clock;
use testkit::stores::TestStore;

use crate::endpoint::{Conduct, Endpoint, Received, well};
use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_floods_is_cut_off_and_what_it_took_is_delivered() {
    let house = House::of(TestStore::memory());
    let endpoint = Endpoint::start(Conduct::Flood(200));
    let id = house.merchant("m-1", &endpoint).await;
    let taken = house.ping(id).await;
    let began = Instant::now();
    house.work().await;
    assert_eq!(house.deliveries(id).await[0].status, DeliveryStatus::Delivered);
    endpoint.behave(Conduct::Flood(500));
    house.test.clock.advance(Duration::from_millis(1));
    let refused = house.ping(id).await;
    house.work().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(house.deliveries(id).await[1].status, DeliveryStatus::Pending);
    for delivery in [taken, refused] {
        let answer = house.attempt(&delivery).await.attempted.answer.unwrap();
        assert_eq!((answer.len(), &answer[..8]), (1024, "flood..."));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_ends_in_time_whatever_the_endpoint_does() {
    let house = House::of(TestStore::memory());
    let endpoint = Endpoint::start(well());
    let id = house.merchant("m-1", &endpoint).await;
    for conduct in [Conduct::Hang, Conduct::Drip, Conduct::FloodOfHeaders, Conduct::HangUp] {
        endpoint.behave(conduct.clone());
        house.test.clock.advance(Duration::from_millis(1));
        let delivery = house.ping(id).await;
        let began = Instant::now();
        house.work().await;
        assert!(began.elapsed() < Duration::from_secs(5), "{conduct:?} took {:?}", began.elapsed());
        let attempted = house.attempt(&delivery).await.attempted;
        assert_eq!((attempted.status_code, attempted.error.is_some()), (None, true), "{conduct:?}: {attempted:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed() {
    let house = House::of(TestStore::memory());
    let (elsewhere, endpoint) = (Endpoint::start(well()), Endpoint::start(well()));
    let location: &'static str = Box::leak(format!("location: {}\r\n", elsewhere.url).into_boxed_str());
    endpoint.behave(Conduct::Answer(307, location, String::new()));
    let id = house.merchant("m-1", &endpoint).await;
    let delivery = house.ping(id).await;
    house.work().await;
    assert_eq!(house.attempt(&delivery).await.attempted.status_code, Some(307));
    assert_eq!((endpoint.received().len(), elsewhere.received().len()), (1, 0));
    assert_eq!(house.deliveries(id).await[0].status, DeliveryStatus::Pending);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_that_an_overloaded_endpoint_asks_for_is_kept_to() {
    let house = House::of(TestStore::memory());
    let endpoint = Endpoint::start(well());
    let id = house.merchant("m-1", &endpoint).await;
    for (status, headers, pause_s) in [
        (429, "retry-after: 3600\r\n", 3600),
        (503, "date: Wed, 21 Oct 2015 07:28:00 GMT\r\nretry-after: Wed, 21 Oct 2015 09:28:00 GMT\r\n", 7200),
        (503, "retry-after: 99999999\r\n", 86_400),
    ] {
        endpoint.behave(Conduct::Answer(status, headers, String::new()));
        house.test.clock.advance(Duration::from_millis(1));
        let delivery = house.ping(id).await;
        house.work().await;
        let stored = house.test.store.notifications.delivery(delivery.id).await.unwrap().unwrap();
        assert_eq!(stored.next_attempt_at, Some(house.test.clock.now() + Duration::from_secs(pause_s)));
    }
    endpoint.behave(Conduct::Answer(500, "retry-after: 3600\r\n", String::new()));
    house.test.clock.advance(Duration::from_millis(1));
    let delivery = house.ping(id).await;
    house.work().await;
    let stored = house.test.store.notifications.delivery(delivery.id).await.unwrap().unwrap();
    assert!(stored.next_attempt_at.unwrap() <= house.test.clock.now() + JobKind::Notify.backoff().first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_says_that_it_is_gone_is_asked_no_more() {
    let house = House::of(TestStore::memory());
    let endpoint = Endpoint::start(Conduct::Answer(410, "", "bye".to_owned()));
    let id = house.merchant("m-1", &endpoint).await;
    let product_id = house.product().await;
    house.sell(product_id).await;
    house.sell(product_id).await;
    house.work().await;
    let rows = house.deliveries(id).await;
    assert!(rows.len() == 4 && rows.iter().all(|row| row.status == DeliveryStatus::Failed));
    assert!(endpoint.received().len() <= 2, "those that were under way, at most");
    let stored = house.test.store.notifications.endpoint(id).await.unwrap().unwrap();
    assert_eq!(stored.status, EndpointStatus::Disabled);
}

/// Bodies by their `webhook-id`, and the ids in the order in which they came first.
fn by_id(received: &[Received]) -> (HashMap<String, Vec<String>>, Vec<String>) {
    let (mut bodies, mut order) = (HashMap::<String, Vec<String>>::new(), Vec::new());
    for request in received {
        let id = request.header("webhook-id").to_owned();
        if !bodies.contains_key(&id) {
            order.push(id.clone());
        }
        bodies.entry(id).or_default().push(request.body.clone());
    }
    (bodies, order)
}

/// An endpoint answers 500 for a day. Then it gets everything, in the order in which it happened.
async fn a_day_of_500(test: TestStore) {
    let house = House::of(test);
    let endpoint = Endpoint::start(Conduct::Answer(500, "", "no".to_owned()));
    let id = house.merchant("m-1", &endpoint).await;
    let product_id = house.product().await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(house.sell(product_id).await);
    }
    let began = house.test.clock.now();
    while house.test.clock.now().since(began) < Duration::from_secs(86_400) {
        house.work().await;
        house.test.clock.advance(Duration::from_secs(600));
    }
    let tried = endpoint.received();
    let (bodies, _) = by_id(&tried);
    assert_eq!(bodies.len(), 3, "the second about each order waits for the first");
    for attempts in bodies.values() {
        assert!((8..=14).contains(&attempts.len()), "{} attempts in a day", attempts.len());
        assert!(attempts.iter().all(|body| *body == attempts[0]), "the same bytes each time");
    }
    endpoint.behave(well());
    house.test.clock.advance(Duration::from_secs(86_400));
    house.work().await;
    let rows = house.deliveries(id).await;
    assert!(rows.len() == 6 && rows.iter().all(|row| row.status == DeliveryStatus::Delivered), "{rows:?}");
    let taken = &endpoint.received()[tried.len()..];
    for order_id in orders {
        let of_order = taken.iter().filter(|request| request.body.contains(&order_id.to_string()));
        let kinds: Vec<bool> = of_order.map(|request| request.body.contains("order.paid")).collect();
        assert_eq!(kinds, [true, false], "paid comes before completed");
    }
    let stored = house.test.store.notifications.endpoint(id).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.failing_since), (EndpointStatus::Enabled, None));
    house.test.store.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_answers_500_for_a_day_misses_nothing_on_postgres() {
    a_day_of_500(TestStore::postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_answers_500_for_a_day_misses_nothing_on_sqlite() {
    a_day_of_500(TestStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_and_not_written_down_is_sent_again_under_the_same_id() {
    let house = House::of(TestStore::sqlite());
    let endpoint = Endpoint::start(well());
    let id = house.merchant("m-1", &endpoint).await;
    let product_id = house.product().await;
    house.sell(product_id).await;
    // The node sends, and dies before it can tell anybody.
    let job = house.claim().await.remove(0);
    let delivery_id = house.deliveries(id).await[0].id;
    let dispatch = house.test.store.notifications.dispatch(delivery_id).await.unwrap().unwrap();
    assert!(house.worker.sender.send(&dispatch).await.attempted.is_success());
    assert!(house.claim().await.is_empty(), "nobody else is at it while the lease lasts");
    house.test.clock.advance(house.worker.lease());
    house.work().await;
    let received = endpoint.received();
    let ids: Vec<&str> = received.iter().map(|request| request.header("webhook-id")).collect();
    assert_eq!((ids.len(), ids[0] == ids[1], ids[1] == ids[2]), (3, true, false), "twice the first, once the second");
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(job.attempts, 1);
    assert!(house.deliveries(id).await.iter().all(|row| row.status == DeliveryStatus::Delivered));
    house.test.store.stop().await;
}
