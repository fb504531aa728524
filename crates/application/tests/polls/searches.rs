//! A charge that an earlier attempt may have made is looked for, but not for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use application::{Charges, Error};
use domain::{Checkout, JobLease};
use ports::GatewayError;
use testkit::builders::create_checkout;
use testkit::clock::CountingIds;

use crate::desk::{Desk, FIRST, NOTHING_YET};

/// What an attempt comes to while nothing can be looked for.
async fn attempt_without_a_search(attempt: u32) -> Result<Checkout, Error> {
    let desk = Desk::open(NOTHING_YET);
    desk.oracle.searches_fail.store(true, Ordering::SeqCst);
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    let checkout = desk.test.store.checkouts.checkout(create.id).await.unwrap().unwrap();
    let charges = Charges {
        ledger: desk.test.store.ledger.clone(),
        gateway: desk.oracle.clone(),
        ids: Arc::new(CountingIds::default()),
        poll_after: FIRST,
    };
    charges.create(checkout, JobLease { job_id: create.job_id, attempt }).await
}

#[tokio::test]
async fn a_second_attempt_makes_no_charge_before_it_has_looked_for_the_first() {
    for attempt in 2..=5 {
        let outcome = attempt_without_a_search(attempt).await;
        assert!(matches!(outcome, Err(Error::Gateway(GatewayError::Unavailable(_)))), "{attempt}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_checkout_gets_its_charge_though_nobody_can_look_for_the_first() {
    let checkout = attempt_without_a_search(6).await.unwrap();
    assert!(checkout.charge_code.is_some(), "{checkout:?}");
}
