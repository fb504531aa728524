use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::{
    Attempted, ClaimJobs, CompleteJob, DeliveryId, DeliveryReply, EndpointId, EndpointStatus, FinishDelivery, Job,
    JobKind, Task, WhichJobs,
};
use ports::{
    Clock, Dispatch, IdSource, JobRepo, JobWatch, Ledger, LedgerError, NotificationRepo, NotificationSender, Sent,
    execute,
};
use tokio::time::sleep;

use crate::{Error, JobWorker, Room};

/// How many attempts go on at once on this node.
const PLACES: u32 = 256;
/// How many of them may be at one endpoint.
const PLACES_PER_ENDPOINT: u32 = 8;
/// How many while it takes nothing: whoever hangs keeps few places.
const PLACES_WHILE_FAILING: u32 = 2;
/// How many endpoints with something due are looked at in one round.
const MAX_QUEUES: u32 = 1024;
/// Longer than an attempt can take.
const LEASE: Duration = Duration::from_secs(30);
/// How often the outcome of an attempt is offered to the ledger. What isn't stored in the end is sent again.
const TRIES_TO_STORE: u32 = 5;
/// The pause after the first try; doubled with each.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Does `notify`: brings notifications to merchants' endpoints.
#[derive(Clone)]
pub struct NotifyWorker {
    /// Where outcomes are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Where deliveries are read.
    pub repo: Arc<dyn NotificationRepo>,
    /// Where it is read which endpoints something is due for.
    pub jobs: Arc<dyn JobRepo>,
    /// Who sends.
    pub sender: Arc<dyn NotificationSender>,
    /// What is due.
    pub clock: Arc<dyn Clock>,
    /// Chance, for spreading retries.
    pub ids: Arc<dyn IdSource>,
    /// Wakes the job runner when an endpoint has places again.
    pub watch: Arc<dyn JobWatch>,
    /// How many attempts at once.
    pub room: Room,
    /// What goes on at each endpoint.
    pub counters: Counters,
}

impl NotifyWorker {
    /// How many attempts go on at once on a node, usually.
    #[must_use]
    pub fn usual_room() -> Room {
        Room::of(PLACES)
    }
}

/// What goes on at each endpoint on this node.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Mutex<HashMap<EndpointId, Counter>>>);

#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    under_way: u32,
    /// Whether its last attempt failed.
    is_failing: bool,
}

impl Counter {
    fn places(self) -> u32 {
        if self.is_failing { PLACES_WHILE_FAILING } else { PLACES_PER_ENDPOINT }
    }
}

impl Counters {
    fn all(&self) -> MutexGuard<'_, HashMap<EndpointId, Counter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more attempts may begin there.
    fn free(&self, endpoint_id: EndpointId) -> u32 {
        let counter = self.all().get(&endpoint_id).copied().unwrap_or_default();
        counter.places().saturating_sub(counter.under_way)
    }

    fn begin(&self, endpoint_id: EndpointId) {
        self.all().entry(endpoint_id).or_default().under_way += 1;
    }

    /// Tells whether there was no place left, so that others may be waiting for this one.
    fn end(&self, endpoint_id: EndpointId, has_failed: Option<bool>) -> bool {
        let mut all = self.all();
        let counter = all.entry(endpoint_id).or_default();
        let was_full = counter.under_way >= counter.places();
        counter.under_way = counter.under_way.saturating_sub(1);
        counter.is_failing = has_failed.unwrap_or(counter.is_failing);
        let counter = *counter;
        if counter.under_way == 0 && !counter.is_failing {
            all.remove(&endpoint_id);
        }
        was_full || counter.under_way == 0
    }
}

#[async_trait]
impl JobWorker for NotifyWorker {
    fn kind(&self) -> JobKind {
        JobKind::Notify
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn room(&self) -> &Room {
        &self.room
    }

    /// A few for each endpoint that something is due for, so that none keeps another's waiting.
    async fn claims(&self, room: u32) -> Result<Vec<ClaimJobs>, Error> {
        let queues = self.jobs.queues_with_due(JobKind::Notify, self.clock.now(), MAX_QUEUES).await?;
        let mut left = room;
        let mut claims = Vec::new();
        for queue_id in queues {
            let limit = self.counters.free(EndpointId::from_uuid(queue_id)).min(left);
            if limit > 0 {
                left -= limit;
                let which = WhichJobs::Queue(queue_id);
                claims.push(ClaimJobs { kind: JobKind::Notify, which, limit, lease: LEASE });
            }
        }
        Ok(claims)
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        let Task::Notify { delivery_id, endpoint_id } = job.task else { return Err(Error::NotFound) };
        self.counters.begin(endpoint_id);
        let outcome = self.attempt(job, delivery_id).await;
        let has_failed = outcome.as_ref().map_or(None, |success| success.map(|success| !success));
        if self.counters.end(endpoint_id, has_failed) {
            self.watch.jobs_due();
        }
        outcome.map(drop)
    }
}

impl NotifyWorker {
    /// Makes an attempt and stores how it went; tells whether it succeeded, if anything was sent.
    async fn attempt(&self, job: &Job, delivery_id: DeliveryId) -> Result<Option<bool>, Error> {
        let Some(dispatch) = self.repo.dispatch(delivery_id).await? else {
            // It was kept long enough.
            execute(&*self.ledger, CompleteJob { lease: job.lease() }).await??;
            return Ok(None);
        };
        // An attempt may end without a word, with the process that makes it. What does so every time is given up.
        let is_used_up = job.attempts > job.max_attempts();
        let is_wanted = dispatch.delivery.is_open() && dispatch.endpoint.status == EndpointStatus::Enabled;
        let sent = if is_wanted && !is_used_up { Some(self.sender.send(&dispatch).await) } else { None };
        let success = sent.as_ref().map(|sent| sent.attempted.is_success());
        let reply = self.store(finish(job, &dispatch, sent, self.ids.jitter_permille())).await?;
        report(&dispatch, &reply);
        Ok(success)
    }

    async fn store(&self, finish: FinishDelivery) -> Result<DeliveryReply, Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES_TO_STORE {
            match execute(&*self.ledger, finish.clone()).await {
                Err(LedgerError::Overloaded | LedgerError::Unavailable) => {
                    sleep(pause).await;
                    pause *= 2;
                }
                stored => return Ok(stored??),
            }
        }
        Ok(execute(&*self.ledger, finish).await??)
    }
}

fn finish(job: &Job, dispatch: &Dispatch, sent: Option<Sent>, jitter_permille: u16) -> FinishDelivery {
    let (attempted, retry_after): (Option<Attempted>, Option<Duration>) =
        sent.map_or((None, None), |sent| (Some(sent.attempted), sent.retry_after));
    FinishDelivery {
        lease: job.lease(),
        delivery_id: dispatch.delivery.id,
        endpoint_id: dispatch.delivery.endpoint_id,
        subject: dispatch.delivery.subject,
        attempted,
        retry_after,
        jitter_permille,
    }
}

/// What an operator should see without looking for it.
fn report(dispatch: &Dispatch, reply: &DeliveryReply) {
    let (delivery_id, endpoint_id) = (dispatch.delivery.id.to_string(), dispatch.delivery.endpoint_id.to_string());
    if let Some(reason) = reply.disabled {
        let reason = reason.as_str();
        log::warn!(endpoint_id:%, reason; "an endpoint was disabled: it is sent nothing until its merchant enables it");
    }
    if let Some(failure) = reply.failure {
        let failure = failure.as_str();
        log::warn!(delivery_id:%, endpoint_id:%, failure; "a notification was given up");
    }
}
