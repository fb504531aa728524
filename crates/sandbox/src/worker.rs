//! The background task: moves charges along in time, and sees to it that webhooks arrive.

mod backoff;
pub(crate) mod post;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{self, JoinHandle, JoinSet};

use crate::clock::Timestamp;
use crate::error::Problem;
use crate::limits::{
    ADVANCE_BATCH, DELIVERIES_IN_FLIGHT_MAX, EVENTS_PER_CHARGE_MAX, IDLE_MAX, PURGE_EVERY, TROUBLE_PAUSE,
};
use crate::sandbox::Sandbox;
use crate::storage::outbox::Due;
use crate::storage::{charges, outbox};

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
            busy: HashMap::new(),
            landed: 0,
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

/// The worker's own state, all of which can be lost: the database knows what is due.
struct Round {
    sandbox: Sandbox,
    stopping: Arc<Notify>,
    flights: JoinSet<Result<(), Problem>>,
    /// Charges that have a delivery in flight, by its task: events of one charge go one after the other.
    busy: HashMap<task::Id, i64>,
    /// Deliveries since the last clean-up.
    landed: u32,
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
        self.launch_due().await?;
        self.clean_up().await?;
        self.idle_time().await
    }

    async fn launch_due(&mut self) -> Result<(), Problem> {
        while self.has_room() {
            let busy: Vec<i64> = self.busy.values().copied().collect();
            let wanted = DELIVERIES_IN_FLIGHT_MAX * EVENTS_PER_CHARGE_MAX;
            let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
            let due =
                self.sandbox.storage().read(move |connection| outbox::due(connection, Timestamp::now(), &busy, limit));
            let due = due.await?;
            if due.is_empty() {
                break;
            }
            for event in due {
                self.launch(event);
            }
        }
        Ok(())
    }

    fn launch(&mut self, event: Due) {
        let charge = event.charge_seq;
        let is_busy = self.busy.values().any(|busy| *busy == charge);
        if is_busy || !self.has_room() {
            return;
        }
        let sandbox = self.sandbox.clone();
        let flight = self.flights.spawn(async move { post::deliver(&sandbox, event).await });
        self.busy.insert(flight.id(), charge);
    }

    fn has_room(&self) -> bool {
        self.sandbox.postman().has_receiver() && self.flights.len() < DELIVERIES_IN_FLIGHT_MAX
    }

    async fn clean_up(&mut self) -> Result<(), Problem> {
        if self.landed >= PURGE_EVERY {
            self.landed = 0;
            let keep = self.sandbox.config().deliveries_kept.max(0);
            self.sandbox.storage().write(move |connection| outbox::purge(connection, keep)).await?;
        }
        Ok(())
    }

    async fn idle_time(&self) -> Result<Duration, Problem> {
        // With every slot taken, the next landing comes before any launch.
        let has_room = self.has_room();
        let busy: Vec<i64> = self.busy.values().copied().collect();
        let next = self.sandbox.storage().read(move |connection| {
            let event = if has_room { outbox::next_due(connection, &busy)? } else { None };
            Ok(charges::next_due(connection)?.into_iter().chain(event).min())
        });
        let now = Timestamp::now();
        Ok(next.await?.map_or(IDLE_MAX, |next| now.until(next)).min(IDLE_MAX))
    }

    async fn wait(&mut self, idle: Duration) -> Signal {
        tokio::select! {
            biased;
            () = self.stopping.notified() => Signal::Stop,
            Some(landing) = self.flights.join_next_with_id() => Signal::Landed(self.land(landing)),
            () = self.sandbox.changed() => Signal::Look,
            () = tokio::time::sleep(idle) => Signal::Look,
        }
    }

    /// Frees the charge of a delivery that has ended; returns whether its outcome was recorded.
    fn land(&mut self, landing: Result<(task::Id, Result<(), Problem>), task::JoinError>) -> bool {
        self.landed += 1;
        match landing {
            Ok((id, outcome)) => {
                self.busy.remove(&id);
                outcome.inspect_err(|problem| log::error!("sandbox: a delivery wasn't recorded: {problem:?}")).is_ok()
            }
            Err(error) => {
                self.busy.remove(&error.id());
                log::error!("sandbox: a delivery ended badly: {error}");
                false
            }
        }
    }
}
