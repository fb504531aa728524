//! The job queue.

use std::time::Duration;

use domain::{
    CheckpointJob, ClaimJobs, CompleteJob, FailJob, Job, JobKind, JobLease, JobReply, JobStatus, PostponeJob,
    Rejection, RetryJob, Task, WhichJobs,
};
use ports::Clock;

use crate::builders::{POLL_AFTER, attach_charge, charge_code, create_checkout, poll_job_of};
use crate::stores::TestStore;

const LEASE: Duration = Duration::from_secs(30);

fn due(limit: u32) -> ClaimJobs {
    ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit, lease: LEASE }
}

async fn claim(test: &TestStore, wish: ClaimJobs) -> Vec<Job> {
    test.store.job_queue.claim(wish).await.unwrap()
}

pub async fn a_job_is_stored_with_its_checkout_and_claimed_once(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let [job] = &claim(test, due(10)).await[..] else { panic!("not one job") };
    assert_eq!((job.id, job.task), (create.job_id, Task::CreateCharge(create.id)));
    assert_eq!((job.attempts, job.status, job.run_at), (1, JobStatus::Running, test.clock.now() + LEASE));
    assert_eq!(test.store.jobs.job(job.id).await.unwrap().as_ref(), Some(job));
    assert!(claim(test, due(10)).await.is_empty());
    assert_eq!(test.decide(CompleteJob { lease: job.lease() }).await, Ok(JobReply::Done));
    test.clock.advance(LEASE * 10);
    assert!(claim(test, due(10)).await.is_empty());
}

pub async fn a_lease_that_ran_out_is_claimed_again_and_the_old_one_is_void(test: &TestStore) {
    test.decide(create_checkout()).await.unwrap();
    let first = claim(test, due(1)).await.remove(0);
    test.clock.advance(LEASE);
    let second = claim(test, due(1)).await.remove(0);
    assert_eq!((second.id, second.attempts), (first.id, 2));
    let fail = FailJob {
        lease: first.lease(),
        error: "too late".to_owned(),
        jitter_permille: 0,
        not_before: None,
        give_up: false,
    };
    assert_eq!(test.decide(fail).await, Ok(JobReply::LeaseLost));
    assert_eq!(test.decide(CompleteJob { lease: first.lease() }).await, Ok(JobReply::LeaseLost));
    assert_eq!(test.decide(CompleteJob { lease: second.lease() }).await, Ok(JobReply::Done));
}

pub async fn a_failed_job_waits_longer_each_time_and_dies_in_the_end(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let backoff = JobKind::CreateCharge.backoff();
    for attempt in 1..=backoff.max_attempts {
        let job = claim(test, due(1)).await.remove(0);
        assert_eq!(job.attempts, attempt);
        let fail = FailJob {
            lease: job.lease(),
            error: "no\0 gateway".to_owned(),
            jitter_permille: 1000,
            not_before: None,
            give_up: false,
        };
        let reply = test.decide(fail).await.unwrap();
        if attempt == backoff.max_attempts {
            assert_eq!(reply, JobReply::Dead);
        } else {
            let pause = backoff.pause_after(attempt, 1000);
            assert_eq!(reply, JobReply::Retrying { run_at: test.clock.now() + pause });
            test.clock.advance(pause / 2);
            assert!(claim(test, due(1)).await.is_empty(), "not yet due");
            test.clock.advance(pause.saturating_sub(pause / 2));
        }
    }
    test.clock.advance(Duration::from_secs(86_400));
    assert!(claim(test, due(1)).await.is_empty());
    let dead = test.store.jobs.job(create.job_id).await.unwrap().unwrap();
    assert_eq!((dead.status, dead.last_error.as_deref()), (JobStatus::Dead, Some("no gateway")));
    let unknown = CompleteJob { lease: domain::JobLease { job_id: create_checkout().job_id, attempt: 1 } };
    assert_eq!(test.decide(unknown).await, Err(Rejection::JobNotFound));
}

pub async fn a_job_is_claimed_by_its_checkout_before_it_is_due(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    test.decide(create_checkout()).await.unwrap();
    let only =
        ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Of(create.id.as_uuid()), limit: 1, lease: LEASE };
    let job = claim(test, only).await.remove(0);
    assert_eq!(job.task, Task::CreateCharge(create.id));
    assert!(claim(test, only).await.is_empty(), "somebody is at it");
    test.decide(FailJob {
        lease: job.lease(),
        error: String::new(),
        jitter_permille: 1000,
        not_before: None,
        give_up: false,
    })
    .await
    .unwrap();
    assert_eq!(claim(test, only).await.len(), 1, "the pause after a failure is for those who don't wait");
}

pub async fn a_job_of_a_kind_from_a_newer_version_is_left_to_others(test: &TestStore) {
    let (newer, known) = (create_checkout(), create_checkout());
    test.decide(newer.clone()).await.unwrap();
    test.execute_sql("UPDATE jobs SET kind = 'walk_the_dog'");
    test.clock.advance(Duration::from_secs(1));
    test.decide(known.clone()).await.unwrap();
    let claimed = claim(test, due(10)).await;
    assert!(claimed.iter().any(|job| job.id == known.job_id), "what is known is done all the same");
    let only =
        ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Of(newer.id.as_uuid()), limit: 1, lease: LEASE };
    assert!(test.store.job_queue.claim(only).await.is_ok());
}

fn due_polls(limit: u32) -> ClaimJobs {
    ClaimJobs { kind: JobKind::PollCharge, which: WhichJobs::Due, limit, lease: LEASE }
}

pub async fn a_charge_is_stored_with_the_job_that_asks_about_it(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    assert!(test.store.jobs.job(poll_job_of(create.job_id)).await.unwrap().is_none());
    test.decide(attach_charge(&create, &charge_code())).await.unwrap();
    let stored = test.store.jobs.job(poll_job_of(create.job_id)).await.unwrap().unwrap();
    assert_eq!((stored.task, stored.attempts), (Task::PollCharge(create.id), 0));
    assert_eq!(stored.run_at, test.clock.now() + POLL_AFTER);
    assert!(claim(test, due_polls(10)).await.is_empty(), "not yet due");
    test.clock.advance(POLL_AFTER);
    let [job] = &claim(test, due_polls(10)).await[..] else { panic!("not one job") };
    assert_eq!((job.id, job.attempts), (stored.id, 1));
}

pub async fn each_kind_of_job_is_claimed_by_itself(test: &TestStore) {
    let (charged, bare) = (create_checkout(), create_checkout());
    test.decide(charged.clone()).await.unwrap();
    test.decide(attach_charge(&charged, &charge_code())).await.unwrap();
    test.clock.advance(POLL_AFTER);
    test.decide(bare.clone()).await.unwrap();
    let only = |kind, checkout_id: domain::CheckoutId| ClaimJobs {
        kind,
        which: WhichJobs::Of(checkout_id.as_uuid()),
        limit: 1,
        lease: LEASE,
    };
    assert!(claim(test, only(JobKind::CreateCharge, charged.id)).await.is_empty(), "the charge is there");
    assert!(claim(test, only(JobKind::PollCharge, bare.id)).await.is_empty(), "there is no charge");
    assert_eq!(claim(test, due(10)).await[0].id, bare.job_id);
    assert!(claim(test, due(10)).await.is_empty(), "the other kind is left");
    assert_eq!(claim(test, due_polls(10)).await[0].id, poll_job_of(charged.job_id));
}

pub async fn a_postponed_job_is_due_again_when_it_was_said(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &charge_code())).await.unwrap();
    test.clock.advance(POLL_AFTER);
    let pause = Duration::from_secs(120);
    for attempt in 1..=30 {
        let job = claim(test, due_polls(1)).await.remove(0);
        assert_eq!(job.attempts, attempt, "normal work never uses its attempts up");
        let run_at = test.clock.now() + pause;
        let postpone = PostponeJob { lease: job.lease(), pause };
        assert_eq!(test.decide(postpone).await, Ok(JobReply::Retrying { run_at }));
        let stored = test.store.jobs.job(job.id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.run_at, stored.last_error), (JobStatus::Ready, run_at, None));
        assert_eq!(test.decide(postpone).await, Ok(JobReply::LeaseLost));
        test.clock.advance(pause / 2);
        assert!(claim(test, due_polls(1)).await.is_empty(), "not yet due");
        test.clock.advance(pause / 2);
    }
}

async fn fail(test: &TestStore, give_up: bool) -> Job {
    let job = claim(test, due(1)).await.remove(0);
    let (lease, error) = (job.lease(), "no".to_owned());
    test.decide(FailJob { lease, error, jitter_permille: 1000, not_before: None, give_up }).await.unwrap();
    test.store.jobs.job(job.id).await.unwrap().unwrap()
}

pub async fn a_checkpoint_is_kept_from_one_attempt_to_the_next(test: &TestStore) {
    test.decide(create_checkout()).await.unwrap();
    let keep = async |lease: JobLease, text: Option<&str>| {
        let reply = test.decide(CheckpointJob { lease, checkpoint: text.map(str::to_owned) }).await.unwrap();
        (reply, test.store.jobs.job(lease.job_id).await.unwrap().unwrap().checkpoint)
    };
    let place = |place: &str| Some(place.to_owned());
    let first = claim(test, due(1)).await.remove(0);
    assert_eq!(first.checkpoint, None);
    assert_eq!(keep(first.lease(), Some("page 2")).await, (JobReply::Running, place("page 2")));
    assert_eq!(keep(first.lease(), Some(&"x".repeat(501))).await, (JobReply::Running, None), "half would be worse");
    assert_eq!(keep(first.lease(), Some("page 3")).await, (JobReply::Running, place("page 3")));
    // Whoever that was says nothing more in time.
    test.clock.advance(LEASE);
    assert_eq!(
        keep(first.lease(), Some("page 9")).await,
        (JobReply::LeaseLost, place("page 3")),
        "nobody has noticed yet"
    );
    let second = claim(test, due(1)).await.remove(0);
    assert_eq!((second.id, second.checkpoint.clone()), (first.id, place("page 3")));
    assert_eq!(keep(first.lease(), Some("page 9")).await, (JobReply::LeaseLost, place("page 3")));
    let (lease, error) = (second.lease(), "no".to_owned());
    test.decide(FailJob { lease, error, jitter_permille: 0, not_before: None, give_up: false }).await.unwrap();
    assert_eq!(keep(second.lease(), None).await, (JobReply::LeaseLost, place("page 3")));
    test.clock.advance(LEASE);
    let third = claim(test, due(1)).await.remove(0);
    assert_eq!(third.checkpoint, place("page 3"));
    assert_eq!(keep(third.lease(), None).await, (JobReply::Running, None));
    assert_eq!(keep(third.lease(), Some("page 4")).await, (JobReply::Running, place("page 4")));
    let (lease, error) = (third.lease(), "no".to_owned());
    test.decide(FailJob { lease, error, jitter_permille: 0, not_before: None, give_up: true }).await.unwrap();
    assert_eq!(test.decide(RetryJob { id: first.id }).await.unwrap().checkpoint, None, "it begins anew");
    let fourth = claim(test, due(1)).await.remove(0);
    assert_eq!(keep(fourth.lease(), Some("page 2")).await, (JobReply::Running, place("page 2")));
    assert_eq!(test.decide(CompleteJob { lease: fourth.lease() }).await, Ok(JobReply::Done));
    assert_eq!(keep(fourth.lease(), Some("page 3")).await, (JobReply::Done, None));
}

pub async fn a_dead_job_is_retried_with_all_its_tries(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    assert_eq!(fail(test, true).await.status, JobStatus::Dead);
    test.clock.advance(LEASE);
    let retried = test.decide(RetryJob { id: create.job_id }).await.unwrap();
    assert_eq!((retried.status, retried.run_at), (JobStatus::Ready, test.clock.now()));
    assert_eq!((retried.attempts, retried.forgiven_attempts), (1, 1));
    assert_eq!(test.store.jobs.job(create.job_id).await.unwrap().as_ref(), Some(&*retried));
    let job = claim(test, due(1)).await.remove(0);
    assert_eq!((job.attempts, job.tries(), job.retried_at), (2, 1, retried.retried_at));
    let running = Rejection::JobNotRetryable { status: JobStatus::Running };
    assert_eq!(test.decide(RetryJob { id: create.job_id }).await, Err(running));
    test.clock.advance(LEASE);
    for _ in 2..job.kind().backoff().max_attempts {
        assert_eq!(fail(test, false).await.status, JobStatus::Ready);
        test.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(fail(test, false).await.status, JobStatus::Dead);
    assert_eq!(test.decide(RetryJob { id: create_checkout().job_id }).await, Err(Rejection::JobNotFound));
}

pub async fn a_job_that_waits_is_due_at_once_when_it_is_retried(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let failed = fail(test, false).await;
    assert!(claim(test, due(1)).await.is_empty(), "not yet due");
    let retried = test.decide(RetryJob { id: create.job_id }).await.unwrap();
    assert_eq!(*retried, Job { run_at: test.clock.now(), ..failed });
    assert_eq!(claim(test, due(1)).await[0].attempts, 2);
}
