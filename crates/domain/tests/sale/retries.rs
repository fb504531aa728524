//! Jobs that an operator asks for again.

use std::time::Duration;

use domain::{
    ClaimJobs, CompleteJob, FailJob, Job, JobId, JobKind, JobReply, JobStatus, OrderId, Rejection, RetryJob, WhichJobs,
};

use crate::shop::{Shop, usd};

const LEASE: Duration = Duration::from_secs(30);
/// Longer than any pause after a failure.
const LONG: Duration = Duration::from_secs(3600);

/// A shop in which a checkout waits for its charge.
fn shop_with_job() -> (Shop, JobId) {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let create = shop.create_checkout(order_id, usd("10"));
    let job_id = create.job_id;
    shop.ask(create).unwrap();
    (shop, job_id)
}

fn claim(shop: &mut Shop) -> Vec<Job> {
    let (claim, now) =
        (ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 10, lease: LEASE }, shop.now());
    let jobs = shop.books.claim_jobs(&claim, now);
    shop.books.mark_stored();
    jobs
}

fn fail(shop: &mut Shop, give_up: bool) -> JobReply {
    let lease = claim(shop)[0].lease();
    shop.ask(FailJob { lease, error: "no".to_owned(), jitter_permille: 1000, not_before: None, give_up }).unwrap()
}

#[test]
fn a_dead_job_is_due_at_once_and_has_all_its_tries_again() {
    let (mut shop, id) = shop_with_job();
    let max_attempts = JobKind::CreateCharge.backoff().max_attempts;
    for round in 1..=2 {
        for attempt in 1..max_attempts {
            let reply = fail(&mut shop, false);
            assert!(matches!(reply, JobReply::Retrying { .. }), "{attempt} of round {round}: {reply:?}");
            if attempt == 1 {
                let pause = JobKind::CreateCharge.backoff().pause_after(1, 1000);
                assert_eq!(reply, JobReply::Retrying { run_at: shop.now() + pause }, "pauses begin anew, too");
            }
            shop.wait(LONG);
        }
        assert_eq!(fail(&mut shop, false), JobReply::Dead);
        shop.wait(LONG);
        assert!(claim(&mut shop).is_empty());
        let retried = shop.ask(RetryJob { id }).unwrap();
        assert_eq!((retried.status, retried.run_at), (JobStatus::Ready, shop.now()));
        assert_eq!((retried.attempts, retried.tries()), (max_attempts * round, 0), "leases are told apart by it");
        assert_eq!(retried.max_attempts(), max_attempts * (round + 1));
        assert_eq!((retried.tried_since(), retried.last_error.as_deref()), (shop.now(), Some("no")));
    }
}

#[test]
fn a_lease_from_before_has_no_say_in_a_job_that_is_retried() {
    let (mut shop, id) = shop_with_job();
    let lease = claim(&mut shop)[0].lease();
    let fail = FailJob { lease, error: "no".to_owned(), jitter_permille: 0, not_before: None, give_up: true };
    assert_eq!(shop.ask(fail), Ok(JobReply::Dead));
    shop.ask(RetryJob { id }).unwrap();
    assert_eq!(shop.ask_in_vain(CompleteJob { lease }), Ok(JobReply::LeaseLost));
    let second = claim(&mut shop).remove(0);
    assert_eq!((second.attempts, second.tries()), (2, 1));
    assert_eq!(shop.ask_in_vain(CompleteJob { lease }), Ok(JobReply::LeaseLost));
    assert_eq!(shop.ask(CompleteJob { lease: second.lease() }), Ok(JobReply::Done));
}

#[test]
fn a_job_that_waits_for_its_time_is_due_at_once_and_its_tries_go_on_counting() {
    let (mut shop, id) = shop_with_job();
    fail(&mut shop, false);
    assert!(claim(&mut shop).is_empty(), "not yet due");
    let retried = shop.ask(RetryJob { id }).unwrap();
    assert_eq!((retried.run_at, retried.tries(), retried.retried_at), (shop.now(), 1, None));
    assert_eq!(shop.ask_in_vain(RetryJob { id }), Ok(retried), "it is due already");
    assert_eq!(claim(&mut shop)[0].attempts, 2);
}

#[test]
fn a_job_that_is_under_way_or_done_is_not_retried() {
    let (mut shop, id) = shop_with_job();
    let lease = claim(&mut shop)[0].lease();
    let refused = |status| Err(Rejection::JobNotRetryable { status });
    assert_eq!(shop.ask_in_vain(RetryJob { id }), refused(JobStatus::Running));
    shop.ask(CompleteJob { lease }).unwrap();
    assert_eq!(shop.ask_in_vain(RetryJob { id }), refused(JobStatus::Done));
    let unknown = JobId::from_uuid(shop.uuid());
    assert_eq!(shop.ask_in_vain(RetryJob { id: unknown }), Err(Rejection::JobNotFound));
}
