//! A node whose jobs take no time, and which may die of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::{Store, SystemIds};
use application::{Background, Error, Health, JobBell, JobRunner, JobWorker, Room};
use async_trait::async_trait;
use domain::{ClaimJobs, CompleteJob, EndpointId, Job, JobId, JobKind};
use ports::{Ledger, execute};
use testkit::builders::{ensure, notify};
use testkit::stores::TestStore;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

pub(crate) const LEASE: Duration = Duration::from_secs(30);

pub(crate) struct Crew {
    pub(crate) store: Store,
    /// After so many jobs nothing that was begun ends any more.
    pub(crate) dies_after: Arc<AtomicUsize>,
    begun: Arc<Mutex<HashMap<JobId, u32>>>,
    health: Arc<Health>,
}

struct Worker {
    ledger: Arc<dyn Ledger>,
    room: Room,
    dies_after: Arc<AtomicUsize>,
    begun: Arc<Mutex<HashMap<JobId, u32>>>,
}

#[async_trait]
impl JobWorker for Worker {
    fn kind(&self) -> JobKind {
        JobKind::Notify
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn room(&self) -> &Room {
        &self.room
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        let number = {
            let mut begun = self.begun.lock().unwrap();
            *begun.entry(job.id).or_default() += 1;
            begun.len()
        };
        if number > self.dies_after.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        execute(&*self.ledger, CompleteJob { lease: job.lease() }).await??;
        Ok(())
    }
}

/// Never finds out what it wants: the database that it asks doesn't answer.
struct Undecided(Room);

#[async_trait]
impl JobWorker for Undecided {
    fn kind(&self) -> JobKind {
        JobKind::PollCharge
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn room(&self) -> &Room {
        &self.0
    }

    async fn claims(&self, _: u32) -> Result<Vec<ClaimJobs>, Error> {
        std::future::pending().await
    }

    async fn perform(&self, _: &Job) -> Result<(), Error> {
        Ok(())
    }
}

impl Crew {
    pub(crate) fn open(test: &TestStore, store: Store) -> Self {
        let health = Arc::new(Health::new(store.health.clone(), test.clock.clone()));
        Self { store, dies_after: Arc::new(AtomicUsize::new(usize::MAX)), begun: Arc::default(), health }
    }

    pub(crate) fn start(&self) -> (watch::Sender<bool>, JoinHandle<()>) {
        self.start_with(Vec::new())
    }

    pub(crate) fn start_beside_somebody_undecided(&self) -> (watch::Sender<bool>, JoinHandle<()>) {
        self.start_with(vec![Arc::new(Undecided(Room::of(8)))])
    }

    fn start_with(&self, mut workers: Vec<Arc<dyn JobWorker>>) -> (watch::Sender<bool>, JoinHandle<()>) {
        let worker = Worker {
            ledger: self.store.ledger.clone(),
            room: Room::of(64),
            dies_after: self.dies_after.clone(),
            begun: self.begun.clone(),
        };
        workers.push(Arc::new(worker));
        let runner = JobRunner {
            queue: self.store.job_queue.clone(),
            workers,
            background: Background::on(tokio::runtime::Handle::current()),
            bell: JobBell::default(),
            health: self.health.clone(),
            ids: Arc::new(SystemIds),
        };
        let (stop, stopped) = watch::channel(false);
        (stop, tokio::spawn(runner.run(stopped)))
    }

    pub(crate) fn times_done(&self, id: JobId) -> u32 {
        self.begun.lock().unwrap().get(&id).copied().unwrap_or_default()
    }

    pub(crate) fn jobs_begun(&self) -> usize {
        self.begun.lock().unwrap().len()
    }

    /// Whether all its places are taken by work that never ends.
    pub(crate) fn is_dead(&self) -> bool {
        self.jobs_begun() >= self.dies_after.load(Ordering::SeqCst) + 64
    }
}

/// Queues so many jobs, each of its own.
pub(crate) async fn queue_many(test: &TestStore, count: usize) -> Vec<JobId> {
    let mut asking = JoinSet::new();
    for _ in 0..count {
        let ledger = test.store.ledger.clone();
        let task = notify(EndpointId::from_uuid(Uuid::from_u128(1)));
        asking.spawn(async move { execute(&*ledger, ensure(task)).await.unwrap().unwrap().id });
    }
    asking.join_all().await
}

pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), wait).await.is_ok(), "waited in vain for: {what}");
}
