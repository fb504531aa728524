//! How many trivial jobs a second two nodes do on one PostgreSQL, on this machine: `make bench-jobs`.
//!
//! Both nodes run in this process, each with a store of its own: its writers, its readers, its runner. A job is stored
//! beforehand, claimed with others in a durable commit, does nothing, and is completed in a durable commit. At the end
//! each must have been done exactly once. `SPEED_JOBS` changes how many.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a command for people to look at")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use adapters::{Store, StoreParts, SystemClock, SystemIds};
use application::{Background, Error, Health, JobBell, JobRunner, JobWorker, Room};
use async_trait::async_trait;
use domain::{CompleteJob, EndpointId, Job, JobKind, JobStatus};
use futures_util::future::join_all;
use ports::{JobFilter, Ledger, PageRequest, execute};
use testkit::builders::{ensure, notify};
use testkit::databases::FreshDatabase;
use tokio::sync::watch;
use uuid::Uuid;

/// How many jobs a node has under way at once.
const PLACES: u32 = 256;

struct Idler {
    ledger: Arc<dyn Ledger>,
    room: Room,
    done: Arc<AtomicUsize>,
}

#[async_trait]
impl JobWorker for Idler {
    fn kind(&self) -> JobKind {
        JobKind::Notify
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(300)
    }

    fn room(&self) -> &Room {
        &self.room
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        execute(&*self.ledger, CompleteJob { lease: job.lease() }).await??;
        self.done.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let jobs: usize = std::env::var("SPEED_JOBS").map_or(100_000, |text| text.parse().unwrap());
    let database = FreshDatabase::postgres().unwrap();
    let url = database.url().unwrap();
    adapters::migrate(&url).unwrap();
    let open = || adapters::open(&url, &StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds))).unwrap();
    let nodes = [open(), open()];

    let began = Instant::now();
    store(&nodes[0], jobs).await;
    println!("jobs stored        {:>8.0} /s  ({jobs}, one command each)", rate(jobs, began.elapsed()));
    for count in [1, 2] {
        let began = Instant::now();
        let done = work(&nodes[..count], jobs).await;
        println!(
            "jobs done          {:>8.0} /s  ({jobs} by {count} nodes, {done:?} each)",
            rate(jobs, began.elapsed())
        );
        if count == 1 {
            store(&nodes[0], jobs).await;
        }
    }
    let filter = JobFilter { status: Some(JobStatus::Ready), kind: None };
    let left = nodes[0].jobs.jobs(filter, PageRequest { page: 1, page_size: 1 }).await.unwrap();
    assert_eq!(left.total, 0);
    for node in nodes {
        node.stop().await;
    }
}

/// Queues so many jobs over a hundred queues.
async fn store(node: &Store, jobs: usize) {
    let writers = (0..256).map(|writer| async move {
        for number in (writer..jobs).step_by(256) {
            let endpoint_id = EndpointId::from_uuid(Uuid::from_u128(number as u128 % 100));
            execute(&*node.ledger, ensure(notify(endpoint_id))).await.unwrap().unwrap();
        }
    });
    join_all(writers).await;
}

/// Does them all; answers with how many each node did.
async fn work(nodes: &[Store], jobs: usize) -> Vec<usize> {
    let counts: Vec<Arc<AtomicUsize>> = nodes.iter().map(|_| Arc::default()).collect();
    let (stop, stopped) = watch::channel(false);
    let running: Vec<_> = nodes
        .iter()
        .zip(&counts)
        .map(|(node, done)| tokio::spawn(runner(node, Arc::clone(done)).run(stopped.clone())))
        .collect();
    let done = || counts.iter().map(|count| count.load(Ordering::Relaxed)).collect::<Vec<_>>();
    while done().iter().sum::<usize>() < jobs {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let done = done();
    stop.send_replace(true);
    join_all(running).await;
    assert_eq!(counts.iter().map(|count| count.load(Ordering::Relaxed)).sum::<usize>(), jobs, "a job was done twice");
    done
}

fn runner(node: &Store, done: Arc<AtomicUsize>) -> JobRunner {
    JobRunner {
        queue: node.job_queue.clone(),
        workers: vec![Arc::new(Idler { ledger: node.ledger.clone(), room: Room::of(PLACES), done })],
        background: Background::on(tokio::runtime::Handle::current()),
        bell: JobBell::default(),
        health: Arc::new(Health::new(node.health.clone(), Arc::new(SystemClock))),
        ids: Arc::new(SystemIds),
    }
}

fn rate(count: usize, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = count as f64;
    count / took.as_secs_f64()
}
