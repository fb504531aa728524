//! The background task: moves charges along in time, and sees to it that webhooks arrive.

mod backoff;
pub(crate) mod post;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{self, JoinHandle, JoinSet};

use crate::clock::Timestamp;
use crate::error::Problem;
use crate::limits::{
    ADVANCE_BATCH, DELIVERIES_IN_FLIGHT_MAX, DELIVERIES_TO_EACH_ENDPOINT, DELIVERIES_TO_ONE_ENDPOINT_MAX,
    DUE_LOOKED_AT, IDLE_MAX, TROUBLE_PAUSE,
};
use crate::sandbox::Sandbox;
use crate::storage::outbox::Due;
use crate::storage::{outbox, resources};

/// The handle on a running worker. Dropping it leaves the worker running until its runtime ends.
#[derive(Debug)]
pub struct Worker {
    stopping: Arc<Notify>,
    task: Option<JoinHandle<()>>,
}

impl Worker {
    pub(crate) fn start(sandbox: Sandbox) -> Self {
        let stopping = Arc::new(Notify::new());
        if !sandbox.claim_worker() {
            log::warn!("sandbox: its worker is running already");
            return Self { stopping, task: None };
        }
        let round = Round {
            sandbox,
            stopping: Arc::clone(&stopping),
            flights: JoinSet::new(),
            under_way: HashMap::new(),
            busy: HashSet::new(),
        };
        Self { stopping, task: Some(tokio::spawn(round.run())) }
    }

    /// Ends the worker. Deliveries under way are finished first, which takes 10 seconds at most; no new ones begin.
    pub async fn stop(self) {
        self.stopping.notify_one();
        if let Some(task) = self.task
            && let Err(error) = task.await
        {
            log::error!("sandbox: the worker ended badly: {error}");
        }
    }
}

/// Deliveries of one charge to one endpoint go one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Lane {
    endpoint_id: i64,
    lane: i64,
}

/// The worker's own state, all of which can be lost: the database knows what is due.
struct Round {
    sandbox: Sandbox,
    stopping: Arc<Notify>,
    flights: JoinSet<Result<(), Problem>>,
    /// The lanes of the deliveries in flight, by their tasks.
    under_way: HashMap<task::Id, Lane>,
    busy: HashSet<Lane>,
}

/// What ends a wait.
enum Signal {
    Stop,
    Landed(bool),
    Look,
}

impl Round {
    async fn run(mut self) {
        loop {
            let idle = self.step().await.unwrap_or_else(|problem| {
                log::error!("sandbox: the worker can't reach its database: {problem:?}");
                TROUBLE_PAUSE
            });
            match self.wait(idle).await {
                Signal::Stop => break,
                Signal::Landed(true) | Signal::Look => {}
                // What couldn't be recorded is still due; without a pause it would be sent again at once, and for ever.
                Signal::Landed(false) => tokio::time::sleep(TROUBLE_PAUSE).await,
            }
        }
        while let Some(landing) = self.flights.join_next_with_id().await {
            self.land(landing);
        }
        self.sandbox.release_worker();
    }

    /// Does what is due now; returns how long it is until something else is.
    async fn step(&mut self) -> Result<Duration, Problem> {
        while i64::try_from(self.sandbox.advance().await?).is_ok_and(|count| count == ADVANCE_BATCH) {}
        // One moment for both: what became due between two would be seen by neither.
        let now = self.sandbox.now();
        self.launch_due(now).await?;
        self.idle_time(now).await
    }

    fn endpoint_ids(&self) -> Vec<i64> {
        self.sandbox.directory().endpoints().map(|endpoint| endpoint.id).collect()
    }

    async fn launch_due(&mut self, now: Timestamp) -> Result<(), Problem> {
        let mut endpoint_ids = self.endpoint_ids();
        endpoint_ids.retain(|endpoint_id| self.has_room(*endpoint_id));
        let due = self.sandbox.storage().read(move |connection| {
            let due = endpoint_ids.into_iter().map(|endpoint_id| {
                Ok::<_, Problem>((endpoint_id, outbox::due(connection, endpoint_id, now, DUE_LOOKED_AT)?))
            });
            due.collect::<Result<Vec<_>, _>>()
        });
        for (endpoint_id, deliveries) in due.await? {
            for delivery in deliveries {
                if !self.has_room(endpoint_id) {
                    break;
                }
                self.launch(endpoint_id, delivery);
            }
        }
        Ok(())
    }

    fn launch(&mut self, endpoint_id: i64, due: Due) {
        let lane = Lane { endpoint_id, lane: due.lane };
        if !self.busy.insert(lane) {
            return;
        }
        let sandbox = self.sandbox.clone();
        let flight = self.flights.spawn(async move { post::deliver(&sandbox, due.seq).await });
        self.under_way.insert(flight.id(), lane);
    }

    fn has_room(&self, endpoint_id: i64) -> bool {
        let to_it = self.busy.iter().filter(|lane| lane.endpoint_id == endpoint_id).count();
        let is_free = self.flights.len() < DELIVERIES_IN_FLIGHT_MAX && to_it < DELIVERIES_TO_ONE_ENDPOINT_MAX;
        // However many others never answer, each endpoint keeps a few places of its own.
        is_free || to_it < DELIVERIES_TO_EACH_ENDPOINT
    }

    /// How long it is until something becomes due after that moment.
    async fn idle_time(&self, after: Timestamp) -> Result<Duration, Problem> {
        let endpoint_ids = self.endpoint_ids();
        // What was due already waits for a flight to land; this is about what becomes due.
        let next = self.sandbox.storage().read(move |connection| {
            let mut next = resources::next_due(connection)?;
            for endpoint_id in endpoint_ids {
                next = next.into_iter().chain(outbox::next_due(connection, endpoint_id, after)?).min();
            }
            Ok(next)
        });
        let (next, now) = (next.await?, self.sandbox.now());
        // A clock that stands brings nothing; whoever sets it forward says so.
        let is_frozen = self.sandbox.clock().setting().is_frozen();
        let next = next.filter(|next| !is_frozen || *next <= now);
        Ok(next.map_or(IDLE_MAX, |next| now.until(next)).min(IDLE_MAX))
    }

    async fn wait(&mut self, idle: Duration) -> Signal {
        tokio::select! {
            biased;
            () = self.stopping.notified() => Signal::Stop,
            Some(landing) = self.flights.join_next_with_id() => Signal::Landed(self.land_all(landing)),
            () = self.sandbox.changed() => Signal::Look,
            () = tokio::time::sleep(idle) => Signal::Look,
        }
    }

    /// Takes in every flight that has ended; returns whether all outcomes were recorded.
    fn land_all(&mut self, first: Landing) -> bool {
        let mut all_recorded = self.land(first);
        while let Some(landing) = self.flights.try_join_next_with_id() {
            all_recorded &= self.land(landing);
        }
        all_recorded
    }

    fn land(&mut self, landing: Landing) -> bool {
        let (id, is_recorded) = match landing {
            Ok((id, Ok(()))) => (id, true),
            Ok((id, Err(problem))) => {
                log::error!("sandbox: a delivery wasn't recorded: {problem:?}");
                (id, false)
            }
            Err(error) => {
                log::error!("sandbox: a delivery ended badly: {error}");
                (error.id(), false)
            }
        };
        if let Some(lane) = self.under_way.remove(&id) {
            self.busy.remove(&lane);
        }
        is_recorded
    }
}

type Landing = Result<(task::Id, Result<(), Problem>), task::JoinError>;
