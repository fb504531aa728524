use std::sync::Arc;
use std::time::Duration;

use domain::{Checkout, ClaimJobs, Job, JobKind};
use ports::{CheckoutRepo, IdSource, JobQueue, LedgerError};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::checkouts::CHARGE_LEASE;
use crate::{Background, Charges, Error, Health, JobBell, Polls};

/// How often an idle node looks for what became due, or what another node left behind.
const IDLE_LOOK: Duration = Duration::from_secs(1);
/// How long jobs under way may take after a stop.
const STOP_PATIENCE: Duration = Duration::from_secs(12);

/// Does the jobs that commits asked for.
#[derive(Clone)]
pub struct JobRunner {
    /// Where jobs are claimed.
    pub queue: Arc<dyn JobQueue>,
    /// Where the checkouts of jobs are read.
    pub checkouts: Arc<dyn CheckoutRepo>,
    /// Does `create_charge`.
    pub charges: Charges,
    /// Does `poll_charge`.
    pub polls: Polls,
    /// Where jobs run.
    pub background: Background,
    /// Rings when this node stored a job.
    pub bell: JobBell,
    /// Told that the runner is alive.
    pub health: Arc<Health>,
    /// Chance, so that idle nodes don't look in step.
    pub ids: Arc<dyn IdSource>,
}

impl JobRunner {
    /// Runs jobs until `stop` becomes true, then lets those under way finish.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.fill(&mut stop).await;
        }
        if timeout(STOP_PATIENCE, self.background.finished()).await.is_err() {
            log::warn!("stopped before all jobs were done; their leases will run out");
        }
    }

    /// Takes as many jobs as there is room for, or waits for either.
    async fn fill(&self, stop: &mut watch::Receiver<bool>) {
        let room = self.background.free_slots();
        if room == 0 {
            drop(self.background.next_slot().await);
            return;
        }
        let may_ask = self.polls.room();
        let poll_room = self.background.free_poll_slots().min(may_ask);
        match self.claim(room, poll_room).await {
            Ok(jobs) => {
                self.health.jobs_seen();
                if jobs.is_empty() {
                    self.idle(stop, poll_room == 0 && may_ask > 0).await;
                }
                for job in jobs {
                    self.start(job).await;
                }
            }
            Err(error) => {
                // Too busy to hand out jobs is not the same as stuck, and the access log tells of it already.
                if error == LedgerError::Overloaded {
                    self.health.jobs_seen();
                } else {
                    log::warn!(error:%; "could not claim jobs; will look again");
                }
                sleep(self.look_interval()).await;
            }
        }
    }

    /// Charges that buyers wait for, and questions, as far as there is room for them.
    async fn claim(&self, room: u32, poll_room: u32) -> Result<Vec<Job>, LedgerError> {
        let wish = |kind, limit| ClaimJobs { kind, only: None, limit, lease: CHARGE_LEASE };
        let charges = self.queue.claim(wish(JobKind::CreateCharge, room));
        if poll_room == 0 {
            return charges.await;
        }
        // Asked for together, both come by one commit.
        let polls = self.queue.claim(wish(JobKind::PollCharge, poll_room));
        let (charges, polls) = tokio::join!(charges, polls);
        match (charges, polls) {
            (Ok(charges), Ok(polls)) => Ok(charges.into_iter().chain(polls).collect()),
            // What one of them claimed is done all the same.
            (Ok(jobs), Err(_)) | (Err(_), Ok(jobs)) if !jobs.is_empty() => Ok(jobs),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// New checkouts may have taken the room meanwhile; leases are long enough to wait for it again.
    async fn start(&self, job: Job) {
        let poll_slot = match job.kind {
            JobKind::CreateCharge => None,
            JobKind::PollCharge => self.background.next_poll_slot().await,
        };
        let slot = self.background.next_slot().await;
        let runner = self.clone();
        self.background.spawn(async move {
            runner.perform(job).await;
            drop((slot, poll_slot));
        });
    }

    async fn idle(&self, stop: &mut watch::Receiver<bool>, polls_are_waiting: bool) {
        tokio::select! {
            () = self.bell.rung() => {}
            // More of them may be due than there was room for.
            () = self.background.polls_answered(), if polls_are_waiting => {}
            _ = stop.changed() => {}
            () = sleep(self.look_interval()) => {}
        }
    }

    /// Between three quarters and five quarters of [`IDLE_LOOK`].
    fn look_interval(&self) -> Duration {
        IDLE_LOOK * 3 / 4 + IDLE_LOOK / 2 * u32::from(self.ids.jitter_permille()) / 1000
    }

    async fn perform(&self, job: Job) {
        let outcome = match job.kind {
            JobKind::CreateCharge => self.create_charge(&job).await,
            JobKind::PollCharge => self.polls.poll(&job).await,
        };
        if let Err(error) = outcome {
            let (job_id, kind) = (job.id.to_string(), job.kind.as_str());
            log::debug!(job_id:%, kind, error:%; "a job will be tried again");
        }
    }

    async fn create_charge(&self, job: &Job) -> Result<(), Error> {
        match self.checkout_of(job).await {
            Ok(checkout) => self.charges.create(checkout, job.lease()).await.map(drop),
            Err(error) => {
                self.charges.give_back(job.lease(), &error).await;
                Err(error)
            }
        }
    }

    /// An attempt may end without a word, by taking its worker with it; such a job is given up like any other.
    async fn checkout_of(&self, job: &Job) -> Result<Checkout, Error> {
        if job.attempts > job.max_attempts() {
            return Err(Error::AttemptsUsedUp);
        }
        // Jobs are stored with their checkouts, and checkouts are never deleted.
        self.checkouts.checkout(job.checkout_id).await?.ok_or(Error::NotFound)
    }
}
