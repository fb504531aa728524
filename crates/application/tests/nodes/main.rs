//! Two nodes on one database share the work of one queue.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod crew;
mod recurring;

use std::sync::atomic::Ordering;

use domain::JobStatus;
use ports::{JobFilter, PageRequest};
use testkit::stores::TestStore;

use crate::crew::{Crew, LEASE, queue_many, until};

const ONE: PageRequest = PageRequest { page: 1, page_size: 1 };

async fn in_status(test: &TestStore, status: JobStatus) -> u32 {
    let filter = JobFilter { status: Some(status), kind: None };
    test.store.jobs.jobs(filter, ONE).await.unwrap().total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_job_is_done_exactly_once_by_two_nodes_when_nobody_dies() {
    let test = TestStore::postgres();
    let jobs = queue_many(&test, 2000).await;
    let nodes = [Crew::open(&test, test.store.clone()), Crew::open(&test, test.second_node())];
    let running: Vec<_> = nodes.iter().map(Crew::start).collect();
    until("all jobs", async || in_status(&test, JobStatus::Done).await == 2000).await;
    for (stop, runner) in running {
        stop.send_replace(true);
        runner.await.unwrap();
    }
    for id in &jobs {
        let times: u32 = nodes.iter().map(|node| node.times_done(*id)).sum();
        assert_eq!(times, 1, "{id}");
    }
    assert!(nodes.iter().all(|node| node.jobs_begun() > 0), "one of them did it all");
    nodes[1].store.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dies_in_the_middle_leaves_its_jobs_to_the_other_and_none_is_forgotten() {
    let test = TestStore::postgres();
    let jobs = queue_many(&test, 500).await;
    let mortal = Crew::open(&test, test.second_node());
    mortal.dies_after.store(100, Ordering::SeqCst);
    let (_stop, runner) = mortal.start();
    until("its death", async || mortal.is_dead()).await;
    runner.abort();
    mortal.store.stop().await;
    let (running, done) = (in_status(&test, JobStatus::Running).await, in_status(&test, JobStatus::Done).await);
    assert!(running > 0 && done >= 90, "{running} under way, {done} done");

    let heir = Crew::open(&test, test.store.clone());
    let (stop, runner) = heir.start();
    until("what nobody had begun", async || in_status(&test, JobStatus::Ready).await == 0).await;
    until("what was left", async || in_status(&test, JobStatus::Done).await == 500 - running).await;
    assert_eq!(in_status(&test, JobStatus::Running).await, running, "leases hold");
    test.clock.advance(LEASE);
    until("all jobs", async || in_status(&test, JobStatus::Done).await == 500).await;
    stop.send_replace(true);
    runner.await.unwrap();
    for id in &jobs {
        let (before, after) = (mortal.times_done(*id), heir.times_done(*id));
        assert!(before <= 1 && after <= 1 && before + after >= 1, "{id}: {before} and {after} times");
    }
    assert_eq!(heir.jobs_begun(), 500 - done as usize, "what was done isn't done again");
}

#[tokio::test]
async fn nobody_waits_for_a_worker_that_cannot_say_what_it_wants() {
    let test = TestStore::memory();
    queue_many(&test, 10).await;
    let node = Crew::open(&test, test.store.clone());
    let (stop, runner) = node.start_beside_somebody_undecided();
    until("all jobs", async || in_status(&test, JobStatus::Done).await == 10).await;
    stop.send_replace(true);
    runner.await.unwrap();
}
