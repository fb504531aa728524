//! A charge that an earlier attempt may have made is looked for, but not for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use application::{Charges, Error};
use domain::{Charge, Checkout, ClaimJobs, CreateCheckout, JobKind, JobLease, WhichJobs};
use ports::{GatewayError, Searched};
use testkit::builders::{charge_code, create_checkout};
use testkit::clock::CountingIds;

use crate::desk::{Desk, FIRST, NOTHING_YET};

const LEASE: Duration = Duration::from_secs(30);

fn trouble() -> GatewayError {
    GatewayError::Unavailable("it lists no charges".to_owned())
}

fn charges(desk: &Desk) -> Charges {
    Charges {
        ledger: desk.test.store.ledger.clone(),
        gateway: desk.oracle.clone(),
        ids: Arc::new(CountingIds::default()),
        poll_after: FIRST,
    }
}

async fn checkout(desk: &Desk, create: &CreateCheckout) -> Checkout {
    desk.test.store.checkouts.checkout(create.id).await.unwrap().unwrap()
}

/// What an attempt comes to while nothing can be looked for.
async fn attempt_without_a_search(attempt: u32) -> Result<Checkout, Error> {
    let desk = Desk::open(NOTHING_YET);
    *desk.oracle.searched.lock().unwrap() = vec![Err(trouble())];
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    let lease = JobLease { job_id: create.job_id, attempt };
    charges(&desk).create(checkout(&desk, &create).await, lease, None).await
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

/// Attempts at what is due; answers with where the searches began.
async fn attempt(desk: &Desk, create: &CreateCheckout) -> Vec<Option<String>> {
    desk.test.clock.advance(Duration::from_secs(600));
    let wish = ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 1, lease: LEASE };
    let job = desk.test.store.job_queue.claim(wish).await.unwrap().remove(0);
    drop(charges(desk).create(checkout(desk, create).await, job.lease(), job.checkpoint).await);
    std::mem::take(&mut *desk.oracle.searched_from.lock().unwrap())
}

/// As [`attempt`] answers.
fn from(places: &[&str]) -> Vec<Option<String>> {
    places.iter().map(|place| Some((*place).to_owned()).filter(|place| !place.is_empty())).collect()
}

fn further(place: &str) -> Searched {
    Searched::GoOn { checkpoint: place.to_owned() }
}

#[tokio::test]
async fn a_search_goes_on_where_the_last_one_stopped_until_a_charge_may_have_been_made() {
    let desk = Desk::open(NOTHING_YET);
    let says = |answers: Vec<Result<Searched, GatewayError>>| *desk.oracle.searched.lock().unwrap() = answers;
    desk.oracle.makes_none.store(true, Ordering::SeqCst);
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    assert_eq!(attempt(&desk, &create).await, from(&[]), "nothing can be there before the first attempt");
    says(vec![Ok(further("page 2")), Ok(further("page 3")), Err(trouble())]);
    assert_eq!(attempt(&desk, &create).await, from(&["", "page 2", "page 3"]));
    says(vec![Err(trouble())]);
    assert_eq!(attempt(&desk, &create).await, from(&["page 3"]));
    // However many attempts it takes: as long as the search comes on, no second charge is made.
    desk.oracle.makes_none.store(false, Ordering::SeqCst);
    for page in 3..9 {
        says(vec![Ok(further(&format!("page {}", page + 1))), Err(trouble())]);
        assert_eq!(attempt(&desk, &create).await, from(&[&format!("page {page}"), &format!("page {}", page + 1)]));
    }
    assert_eq!(checkout(&desk, &create).await.charge_code, None);
    // There is none, and one is asked for that perhaps is made: it would be the newest.
    desk.oracle.makes_none.store(true, Ordering::SeqCst);
    says(vec![Ok(Searched::Nothing), Ok(further("page 2"))]);
    assert_eq!(attempt(&desk, &create).await, from(&["page 9", ""]));
    says(vec![Ok(Searched::Nothing)]);
    desk.oracle.makes_none.store(false, Ordering::SeqCst);
    assert_eq!(attempt(&desk, &create).await, from(&[""]));
    assert!(checkout(&desk, &create).await.charge_code.is_some());
}

#[tokio::test]
async fn a_charge_that_was_made_late_is_found_behind_a_search_that_went_on() {
    let desk = Desk::open(NOTHING_YET);
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    desk.oracle.makes_none.store(true, Ordering::SeqCst);
    attempt(&desk, &create).await;
    let (code, hosted_url) = (charge_code(), "https://pay.example/late".to_owned());
    let late = Searched::Found(Charge { code: code.clone(), hosted_url });
    *desk.oracle.searched.lock().unwrap() = vec![Ok(further("page 2")), Ok(Searched::Nothing), Ok(late)];
    assert_eq!(attempt(&desk, &create).await, from(&["", "page 2", ""]));
    assert_eq!(checkout(&desk, &create).await.charge_code, Some(code));
}

#[tokio::test]
async fn a_place_that_the_gateway_refuses_is_forgotten() {
    let desk = Desk::open(NOTHING_YET);
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    desk.oracle.makes_none.store(true, Ordering::SeqCst);
    attempt(&desk, &create).await;
    let refused = || Err(GatewayError::Refused("no such charge".to_owned()));
    *desk.oracle.searched.lock().unwrap() = vec![Ok(further("page 2")), refused(), refused(), Ok(Searched::Nothing)];
    assert_eq!(attempt(&desk, &create).await, from(&["", "page 2"]));
    assert_eq!(attempt(&desk, &create).await, from(&[""]), "and that says nothing about the charge");
    assert_eq!(attempt(&desk, &create).await, from(&[""]));
}

#[tokio::test]
async fn a_search_leaves_time_in_its_lease_to_make_the_charge() {
    let desk = Desk::open(NOTHING_YET);
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    desk.oracle.makes_none.store(true, Ordering::SeqCst);
    attempt(&desk, &create).await;
    *desk.oracle.search_takes.lock().unwrap() = Duration::from_millis(4_100);
    *desk.oracle.searched.lock().unwrap() = (2..9).map(|page| Ok(further(&format!("page {page}")))).collect();
    assert_eq!(attempt(&desk, &create).await, from(&["", "page 2", "page 3"]), "the third takes too long");
    *desk.oracle.search_takes.lock().unwrap() = Duration::ZERO;
    *desk.oracle.searched.lock().unwrap() = vec![Err(trouble())];
    assert_eq!(attempt(&desk, &create).await, from(&["page 3"]));
}

/// What a second attempt comes to whose lease has ended unnoticed, if it is told this.
async fn outcome_after_its_lease(place: Option<&str>, answers: Vec<Result<Searched, GatewayError>>) -> (Error, usize) {
    let desk = Desk::open(NOTHING_YET);
    let create = create_checkout();
    desk.test.decide(create.clone()).await.unwrap();
    desk.oracle.makes_none.store(true, Ordering::SeqCst);
    attempt(&desk, &create).await;
    desk.oracle.makes_none.store(false, Ordering::SeqCst);
    desk.test.clock.advance(Duration::from_secs(600));
    let wish = ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 1, lease: LEASE };
    let lease = desk.test.store.job_queue.claim(wish).await.unwrap().remove(0).lease();
    desk.test.clock.advance(LEASE);
    *desk.oracle.searched.lock().unwrap() = answers;
    let outcome = charges(&desk).create(checkout(&desk, &create).await, lease, place.map(str::to_owned)).await;
    assert_eq!(checkout(&desk, &create).await.charge_code, None);
    (outcome.unwrap_err(), desk.oracle.searched.lock().unwrap().len())
}

#[tokio::test]
async fn whoever_was_too_slow_makes_no_charge_after_a_search() {
    let nothing = || Ok(Searched::Nothing);
    let at_a_page = outcome_after_its_lease(None, vec![Ok(further("page 2")), nothing(), nothing()]).await;
    assert_eq!(at_a_page, (Error::LeaseLost, 2));
    let at_the_end = outcome_after_its_lease(Some("page 2"), vec![nothing(), nothing()]).await;
    assert_eq!(at_the_end, (Error::LeaseLost, 0));
}
