//! Work that isn't stored with a checkout: asked for once, however often, and in queues of its own.

use std::time::Duration;

use domain::{
    ClaimJobs, CompleteJob, EndpointId, EnsureJob, FailJob, Job, JobKind, JobReply, JobStatus, PostponeJob, Task,
    WhichJobs,
};
use ports::{Clock, JobFilter, PageRequest};
use uuid::Uuid;

use crate::builders::{create_checkout, ensure, notify};
use crate::stores::TestStore;

const LEASE: Duration = Duration::from_secs(30);
const SOON: Duration = Duration::from_secs(1);

fn wish(kind: JobKind, which: WhichJobs, limit: u32) -> ClaimJobs {
    ClaimJobs { kind, which, limit, lease: LEASE }
}

async fn claim(test: &TestStore, wish: ClaimJobs) -> Vec<Job> {
    test.store.job_queue.claim(wish).await.unwrap()
}

async fn fail_for_good(test: &TestStore, job: &Job) {
    let fail =
        FailJob { lease: job.lease(), error: "no".to_owned(), jitter_permille: 0, not_before: None, give_up: true };
    assert_eq!(test.decide(fail).await, Ok(JobReply::Dead));
}

pub async fn work_is_queued_once_however_often_it_is_asked_for(test: &TestStore) {
    let task = notify(EndpointId::from_uuid(Uuid::from_u128(1)));
    let first = test.decide(EnsureJob { after: SOON, ..ensure(task) }).await.unwrap();
    assert_eq!((first.task, first.status, first.attempts), (task, JobStatus::Ready, 0));
    assert_eq!(first.run_at, test.clock.now() + SOON);
    assert_eq!(test.store.jobs.job(first.id).await.unwrap().as_ref(), Some(&*first));
    // By two nodes, and at another time.
    let node = test.second_node();
    test.clock.advance(SOON);
    let again = ports::execute(&*node.ledger, ensure(task)).await.unwrap().unwrap();
    assert_eq!(again, first);
    node.stop().await;
    let [job] = &claim(test, wish(JobKind::Notify, WhichJobs::Due, 10)).await[..] else { panic!("not one job") };
    assert_eq!((job.id, job.task), (first.id, task));
    assert_eq!(*test.decide(ensure(task)).await.unwrap(), *job, "it is under way");
    test.decide(CompleteJob { lease: job.lease() }).await.unwrap();
    assert_eq!(test.decide(ensure(task)).await.unwrap().status, JobStatus::Done, "what is done stays done");
    let other = test
        .decide(ensure(Task::Notify {
            delivery_id: domain::DeliveryId::from_uuid(Uuid::from_u128(9)),
            endpoint_id: EndpointId::from_uuid(Uuid::from_u128(1)),
        }))
        .await
        .unwrap();
    assert_ne!(other.id, first.id);
}

pub async fn work_for_ever_survives_being_given_up_and_other_work_waits_for_an_operator(test: &TestStore) {
    let letter = notify(EndpointId::from_uuid(Uuid::from_u128(1)));
    for task in [Task::Expire, letter] {
        let stored = test.decide(ensure(task)).await.unwrap();
        let job = claim(test, wish(task.kind(), WhichJobs::Due, 1)).await.remove(0);
        assert_eq!((job.id, job.task), (stored.id, task));
        fail_for_good(test, &job).await;
        let ensured = test.decide(ensure(task)).await.unwrap();
        let expected = if task == letter { JobStatus::Dead } else { JobStatus::Ready };
        assert_eq!((ensured.id, ensured.status), (stored.id, expected), "{task:?}");
    }
    let job = claim(test, wish(JobKind::Expire, WhichJobs::Due, 10)).await.remove(0);
    assert_eq!((job.attempts, job.tries()), (2, 1));
    test.decide(PostponeJob { lease: job.lease(), pause: SOON }).await.unwrap();
    assert_eq!(test.decide(ensure(Task::Expire)).await.unwrap().run_at, test.clock.now() + SOON, "once");
}

pub async fn a_queue_is_claimed_by_itself(test: &TestStore) {
    let [slow, other] = [1, 2].map(|number| EndpointId::from_uuid(Uuid::from_u128(number)));
    for _ in 0..5 {
        test.decide(ensure(notify(slow))).await.unwrap();
    }
    test.clock.advance(SOON);
    let wanted = test.decide(ensure(notify(other))).await.unwrap();
    let of = |endpoint: EndpointId, limit| wish(JobKind::Notify, WhichJobs::Queue(endpoint.as_uuid()), limit);
    let [job] = &claim(test, of(other, 3)).await[..] else { panic!("not one job") };
    assert_eq!((job.id, job.attempts), (wanted.id, 1));
    let of_slow = claim(test, of(slow, 3)).await;
    assert!(of_slow.len() == 3 && of_slow.iter().all(|job| job.task.queue_id() == Some(slow.as_uuid())));
    assert!(claim(test, of(other, 3)).await.is_empty(), "it is under way");
    let postpone = PostponeJob { lease: job.lease(), pause: LEASE * 2 };
    test.decide(postpone).await.unwrap();
    test.clock.advance(LEASE);
    assert!(claim(test, of(other, 3)).await.is_empty(), "not yet due");
    assert_eq!(claim(test, of(slow, 9)).await.len(), 5, "leases have ended");
    let elsewhere = wish(JobKind::CreateCharge, WhichJobs::Queue(slow.as_uuid()), 9);
    assert!(claim(test, elsewhere).await.is_empty(), "another kind has no such queue");
}

pub async fn queues_with_due_work_are_found_longest_waiting_first(test: &TestStore) {
    let queues: Vec<Uuid> = (1..=4).map(Uuid::from_u128).collect();
    let found = async |limit| test.store.jobs.queues_with_due(JobKind::Notify, test.clock.now(), limit).await.unwrap();
    assert!(found(9).await.is_empty());
    test.decide(create_checkout()).await.unwrap();
    // The last is due first, the third not yet, and all that the second has is done.
    for (queue, after_s) in [(3, 0), (0, 1), (1, 1), (0, 0), (2, 60), (0, 60)] {
        let task = notify(EndpointId::from_uuid(queues[queue]));
        test.decide(EnsureJob { after: Duration::from_secs(after_s), ..ensure(task) }).await.unwrap();
        test.clock.advance(Duration::from_millis(10));
    }
    test.clock.advance(SOON);
    let job = claim(test, wish(JobKind::Notify, WhichJobs::Queue(queues[1]), 1)).await.remove(0);
    test.decide(CompleteJob { lease: job.lease() }).await.unwrap();
    assert_eq!(found(9).await, [queues[3], queues[0]]);
    assert_eq!(found(1).await, [queues[3]]);
    let due_first = claim(test, wish(JobKind::Notify, WhichJobs::Queue(queues[3]), 1)).await;
    assert_eq!(found(9).await, [queues[0]], "somebody is at it");
    test.clock.advance(LEASE);
    assert_eq!(found(9).await, [queues[0], queues[3]], "and has gone away");
    fail_for_good(test, &claim(test, wish(JobKind::Notify, WhichJobs::Of(due_first[0].task.subject_id()), 1)).await[0])
        .await;
    assert_eq!(found(9).await, [queues[0]]);
    assert_eq!(test.store.jobs.queues_with_due(JobKind::Expire, test.clock.now(), 9).await, Ok(vec![]));
}

pub async fn jobs_are_listed_by_kind(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let told = test.decide(ensure(notify(EndpointId::from_uuid(Uuid::from_u128(1))))).await.unwrap();
    let untold = test.decide(ensure(notify(EndpointId::from_uuid(Uuid::from_u128(1))))).await.unwrap();
    let job = claim(test, wish(JobKind::Notify, WhichJobs::Of(told.task.subject_id()), 1)).await.remove(0);
    test.decide(CompleteJob { lease: job.lease() }).await.unwrap();
    let mut both = vec![told.id, untold.id];
    both.sort_by_key(|id| std::cmp::Reverse(*id));
    let by = |kind, status| JobFilter { kind, status };
    for (filter, expected) in [
        (by(Some(JobKind::Notify), None), both),
        (by(Some(JobKind::Notify), Some(JobStatus::Done)), vec![told.id]),
        (by(Some(JobKind::Notify), Some(JobStatus::Dead)), vec![]),
        (by(Some(JobKind::CreateCharge), Some(JobStatus::Ready)), vec![create.job_id]),
        (by(Some(JobKind::Purge), None), vec![]),
    ] {
        let page = PageRequest { page: 1, page_size: 10 };
        let found = test.store.jobs.jobs(filter.clone(), page).await.unwrap();
        assert_eq!(found.items.iter().map(|job| job.id).collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!(found.total as usize, expected.len());
    }
}
