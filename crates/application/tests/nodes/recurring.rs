//! Work that goes on for ever, on whichever node claims it.

use std::sync::Arc;
use std::time::Duration;

use adapters::SystemIds;
use application::{
    CheckoutExpiry, EventExpiry, ExpireWorker, JobWorker, PURGE_BATCH, PurgeWorker, Retention, ensure_recurring_jobs,
};
use domain::{
    CheckoutStatus, ClaimJobs, Job, JobKind, JobStatus, LONGEST_WAIT, ReleaseHold, TokenCheck, Verdict, WhichJobs,
};
use ports::{Clock, IdSource};
use testkit::builders::{charge_code, create_checkout, create_product, event, place_hold};
use testkit::stores::TestStore;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// As two nodes would, one after the other.
async fn queued() -> TestStore {
    let test = TestStore::memory();
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    for _ in 0..2 {
        ensure_recurring_jobs(&*test.store.ledger, &ids).await.unwrap();
    }
    test
}

async fn claim(test: &TestStore, kind: JobKind) -> Vec<Job> {
    let claim = ClaimJobs { kind, which: WhichJobs::Due, limit: 9, lease: Duration::from_secs(60) };
    test.store.job_queue.claim(claim).await.unwrap()
}

async fn job(test: &TestStore, kind: JobKind) -> Job {
    test.store.jobs.job_of(kind, uuid::Uuid::nil()).await.unwrap().unwrap()
}

#[tokio::test]
async fn one_job_of_all_nodes_ends_what_is_over_again_and_again() {
    let test = queued().await;
    let create = create_checkout();
    let foreign = event(&charge_code(), domain::ChargeNews::Confirmed);
    test.decide(create.clone()).await.unwrap();
    test.decide(foreign.clone()).await.unwrap();
    let store = &test.store;
    let (ledger, clock) = (store.ledger.clone(), test.clock.clone());
    let events = EventExpiry { audit: store.audit.clone(), ledger: ledger.clone(), clock: clock.clone() };
    let worker = ExpireWorker::new(CheckoutExpiry { repo: store.checkouts.clone(), ledger, clock }, events);
    for round in 1..=3 {
        let [due] = &claim(&test, JobKind::Expire).await[..] else { panic!("not one job") };
        worker.perform(due).await.unwrap();
        let after = job(&test, JobKind::Expire).await;
        assert_eq!((after.status, after.attempts), (JobStatus::Ready, round));
        assert_eq!(after.run_at, test.clock.now() + Duration::from_secs(10));
        let status = store.checkouts.checkout(create.id).await.unwrap().unwrap().status;
        assert_eq!(status == CheckoutStatus::Expired, round > 1);
        let verdict = store.events.event(foreign.id).await.unwrap().unwrap().verdict;
        assert_eq!(verdict == Verdict::Dead, round > 2);
        assert!(claim(&test, JobKind::Expire).await.is_empty(), "not yet due");
        test.clock.advance(if round == 1 { DAY } else { LONGEST_WAIT });
    }
}

#[tokio::test]
async fn what_was_kept_long_enough_is_deleted_however_much_it_is() {
    let test = queued().await;
    let product = create_product(1_000_000);
    test.decide(product.clone()).await.unwrap();
    let mut ended = Vec::new();
    for _ in 0..=PURGE_BATCH * 2 {
        let hold_id = test.decide(place_hold(product.id, 1)).await.unwrap().id;
        test.decide(ReleaseHold { hold_id, token: TokenCheck::Right }).await.unwrap();
        ended.push(hold_id);
    }
    test.clock.advance(DAY * 29);
    let late = test.decide(place_hold(product.id, 1)).await.unwrap().id;
    test.decide(ReleaseHold { hold_id: late, token: TokenCheck::Right }).await.unwrap();
    test.clock.advance(DAY + Duration::from_secs(1));
    let retention =
        Retention { holds: DAY * 30, events: DAY * 90, jobs: DAY * 7, requests: DAY * 2, notifications: DAY * 30 };
    let store = &test.store;
    let worker = PurgeWorker::new(store.ledger.clone(), store.purger.clone(), test.clock.clone(), retention);
    let [due] = &claim(&test, JobKind::Purge).await[..] else { panic!("not one job") };
    worker.perform(due).await.unwrap();
    for hold_id in ended {
        assert_eq!(store.holds.hold(hold_id).await, Ok(None));
    }
    assert!(store.holds.hold(late).await.unwrap().is_some());
    let after = job(&test, JobKind::Purge).await;
    assert_eq!((after.status, after.run_at), (JobStatus::Ready, test.clock.now() + Duration::from_secs(300)));
}
