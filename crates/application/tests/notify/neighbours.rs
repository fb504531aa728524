//! One merchant's trouble is nobody else's.

use std::time::{Duration, Instant};

use application::JobBell;
use domain::DeliveryStatus;
use ports::DeliveryFilter;
use testkit::stores::TestStore;

use crate::endpoint::{Conduct, Endpoint, well};
use crate::house::{House, until};

const PAGE: ports::PageRequest = ports::PageRequest { page: 1, page_size: 1 };

/// A thousand deliveries wait for an endpoint that hangs. Another merchant is told as if there was nobody else.
async fn a_thousand_wait_for_one_that_hangs(test: TestStore) {
    // As long as in production: those under way hang for all of the test.
    let house = House::over(test, JobBell::default(), Duration::from_secs(15));
    let (hanging, other) = (Endpoint::start(Conduct::Hang), Endpoint::start(well()));
    let slow = house.merchant("m-1", &hanging).await;
    let quick = house.merchant("m-2", &other).await;
    let pings = (0..1000).map(|_| house.ping(slow));
    futures_util::future::join_all(pings).await;
    let (stop, running) = house.run();
    until("the endpoint hangs", || hanging.received().len() >= 8).await;
    for number in 1..=3 {
        house.test.clock.advance(Duration::from_millis(1));
        let asked = Instant::now();
        house.ping(quick).await;
        until("the other merchant is told", || other.received().len() == number).await;
        let waited = other.received()[number - 1].at.duration_since(asked);
        assert!(waited < Duration::from_secs(2), "it took {waited:?}");
    }
    assert!(hanging.received().len() <= 16, "{} at once at one endpoint", hanging.received().len());
    let pending = DeliveryFilter { endpoint_id: Some(slow), status: Some(DeliveryStatus::Pending) };
    assert_eq!(house.test.store.notifications.deliveries(pending, PAGE).await.unwrap().total, 1000);
    running.abort();
    drop(stop);
    house.test.store.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_hangs_delays_no_other_on_postgres() {
    a_thousand_wait_for_one_that_hangs(TestStore::postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_hangs_delays_no_other_on_sqlite() {
    a_thousand_wait_for_one_that_hangs(TestStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quick_endpoint_gets_what_waits_for_it_without_a_pause() {
    let house = House::over(TestStore::sqlite(), JobBell::default(), Duration::from_secs(15));
    let endpoint = Endpoint::start(well());
    let id = house.merchant("m-1", &endpoint).await;
    futures_util::future::join_all((0..200).map(|_| house.ping(id))).await;
    let (stop, running) = house.run();
    let began = Instant::now();
    until("all have arrived", || endpoint.received().len() >= 200).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?} for 200", began.elapsed());
    stop.send_replace(true);
    running.await.unwrap();
    let delivered = DeliveryFilter { endpoint_id: Some(id), status: Some(DeliveryStatus::Delivered) };
    assert_eq!(house.test.store.notifications.deliveries(delivered, PAGE).await.unwrap().total, 200);
    assert_eq!(endpoint.received().len(), 200, "each once");
    house.test.store.stop().await;
}
