use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::{ClaimJobs, Job, JobKind};
use futures_util::future::{join_all, pending, select_all};
use ports::{IdSource, JobQueue, LedgerError};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::{Background, Health, JobBell, JobWorker};

/// How often an idle node looks for what became due, or what another node left behind.
const IDLE_LOOK: Duration = Duration::from_secs(1);
/// So long a round waits for a worker to say what it wants.
const CLAIMS_PATIENCE: Duration = Duration::from_millis(500);
/// How long jobs under way may take after a stop.
const STOP_PATIENCE: Duration = Duration::from_secs(12);

/// Does the jobs that commits asked for.
#[derive(Clone)]
pub struct JobRunner {
    /// Where jobs are claimed.
    pub queue: Arc<dyn JobQueue>,
    /// Who does them: one worker for each kind that this node takes.
    pub workers: Vec<Arc<dyn JobWorker>>,
    /// Where jobs run.
    pub background: Background,
    /// Rings when this node stored a job.
    pub bell: JobBell,
    /// Told that the runner is alive.
    pub health: Arc<Health>,
    /// Chance, so that idle nodes don't look in step.
    pub ids: Arc<dyn IdSource>,
}

/// A worker, and what it has still to begin.
struct Desk {
    worker: Arc<dyn JobWorker>,
    /// Jobs that were claimed and wait for a place, which others may have taken meanwhile.
    waiting: Arc<AtomicU32>,
}

impl Desk {
    /// How many more to claim.
    fn wanted(&self) -> u32 {
        self.worker.wanted().saturating_sub(self.waiting.load(Ordering::Relaxed))
    }

    /// Whether more may be due than there was room for.
    fn is_full(&self) -> bool {
        self.worker.room().free() <= self.waiting.load(Ordering::Relaxed)
    }
}

/// How a round of claims ended.
enum Round {
    /// Something was begun, and more may be due.
    Busy,
    /// Nothing that there is room for was due.
    Idle,
    /// The queue couldn't be asked.
    Failed,
}

impl JobRunner {
    /// Runs jobs until `stop` becomes true, then lets those under way finish.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let desks: Vec<Desk> =
            self.workers.iter().map(|worker| Desk { worker: worker.clone(), waiting: Arc::default() }).collect();
        // Every job under way holds a clone: when all are gone, so are the jobs.
        let (under_way, mut ended) = mpsc::channel::<()>(1);
        while !*stop.borrow() {
            match self.round(&desks, &under_way).await {
                Round::Busy => {}
                Round::Idle => self.idle(&desks, &mut stop).await,
                Round::Failed => sleep(self.look_interval()).await,
            }
        }
        drop(under_way);
        let finished = async { tokio::join!(ended.recv(), self.background.gateway_room().empty()) };
        if timeout(STOP_PATIENCE, finished).await.is_err() {
            log::warn!("stopped before all jobs were done; their leases will run out");
        }
    }

    /// Takes as many jobs as there is room for, and begins them.
    async fn round(&self, desks: &[Desk], under_way: &mpsc::Sender<()>) -> Round {
        let mut round = Round::Idle;
        let claims = join_all(desks.iter().map(claims)).await;
        // Asked for together, all come by one commit.
        let asked =
            claims.into_iter().flatten().map(|(desk, claim)| async move { (desk, self.queue.claim(claim).await) });
        for (desk, answer) in join_all(asked).await {
            match answer {
                Ok(jobs) => {
                    self.health.jobs_seen();
                    for job in jobs {
                        self.begin(desk, job, under_way.clone());
                        round = Round::Busy;
                    }
                }
                Err(error) => {
                    self.claim_failed(error);
                    // What others of this round have claimed is begun all the same.
                    if matches!(round, Round::Idle) {
                        round = Round::Failed;
                    }
                }
            }
        }
        if desks.iter().all(Desk::is_full) {
            self.health.jobs_seen();
        }
        round
    }

    /// Too busy to hand out jobs is not the same as stuck, and the access log tells of it already.
    fn claim_failed(&self, error: LedgerError) {
        if error == LedgerError::Overloaded {
            self.health.jobs_seen();
        } else {
            log::warn!(error:%; "could not claim jobs; will look again");
        }
    }

    /// Starts a job as soon as it has a place; leases are long enough to wait for it.
    fn begin(&self, desk: &Desk, job: Job, under_way: mpsc::Sender<()>) {
        let (worker, waiting) = (Arc::clone(&desk.worker), Arc::clone(&desk.waiting));
        waiting.fetch_add(1, Ordering::Relaxed);
        self.background.spawn(async move {
            let place = worker.room().place().await;
            waiting.fetch_sub(1, Ordering::Relaxed);
            if let Err(error) = worker.perform(&job).await {
                let (job_id, kind) = (job.id.to_string(), job.kind().as_str());
                log::debug!(job_id:%, kind, error:%; "a job will be tried again");
            }
            drop((place, under_way));
        });
    }

    async fn idle(&self, desks: &[Desk], stop: &mut watch::Receiver<bool>) {
        let full: Vec<_> = desks.iter().filter(|desk| desk.is_full()).collect();
        let roomy = async {
            if full.is_empty() {
                return pending().await;
            }
            drop(select_all(full.iter().map(|desk| Box::pin(desk.worker.room().roomy()))).await);
        };
        tokio::select! {
            () = self.bell.rung() => {}
            () = roomy => {}
            _ = stop.changed() => {}
            () = sleep(self.look_interval()) => {}
        }
    }

    /// Between three quarters and five quarters of [`IDLE_LOOK`].
    fn look_interval(&self) -> Duration {
        IDLE_LOOK * 3 / 4 + IDLE_LOOK / 2 * u32::from(self.ids.jitter_permille()) / 1000
    }
}

/// What a worker wants to have claimed. Others don't wait for one that looks into a busy database for it.
async fn claims(desk: &Desk) -> Vec<(&Desk, ClaimJobs)> {
    let room = desk.wanted();
    if room == 0 {
        return Vec::new();
    }
    let Ok(wanted) = timeout(CLAIMS_PATIENCE, desk.worker.claims(room)).await else { return Vec::new() };
    match wanted {
        Ok(claims) => claims.into_iter().map(|claim| (desk, claim)).collect(),
        Err(error) => {
            let kind = JobKind::as_str(desk.worker.kind());
            log::warn!(kind, error:%; "could not tell which jobs are due; will look again");
            Vec::new()
        }
    }
}
