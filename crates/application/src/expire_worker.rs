use std::time::Duration;

use async_trait::async_trait;
use domain::{EventId, Job, JobKind, PostponeJob};
use ports::execute;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::event_expiry::BATCH;
use crate::passed_over::PassedOver;
use crate::recurring::give_back;
use crate::{CheckoutExpiry, Error, EventExpiry, JobWorker, Room};

/// How often to look, on one node of all.
const INTERVAL: Duration = Duration::from_secs(10);
/// After so long a round ends, with more to do: another follows at once.
const LONGEST_ROUND: Duration = Duration::from_secs(15);
/// A round, and as much again for its last batch on a slow database.
const LEASE: Duration = Duration::from_secs(60);

/// Does `expire`: ends the checkouts and the waiting events whose time is up.
pub struct ExpireWorker {
    checkouts: CheckoutExpiry,
    events: EventExpiry,
    passed_over: Mutex<PassedOver<EventId>>,
    room: Room,
}

impl ExpireWorker {
    /// Sweeps with these.
    #[must_use]
    pub fn new(checkouts: CheckoutExpiry, events: EventExpiry) -> Self {
        Self { checkouts, events, passed_over: Mutex::new(PassedOver::new("event", BATCH)), room: Room::of(1) }
    }

    /// Ends all that is due, or as much as there is time for; answers whether there may be more. Trouble with the one keeps
    /// nobody from the other.
    async fn sweep(&self) -> Result<bool, Error> {
        let began = Instant::now();
        let mut passed_over = self.passed_over.lock().await;
        loop {
            let checkouts = self.checkouts.expire_overdue().await;
            let events = self.events.expire_due(&mut passed_over).await;
            if !(checkouts? | events?) {
                return Ok(false);
            }
            if began.elapsed() >= LONGEST_ROUND {
                return Ok(true);
            }
        }
    }
}

#[async_trait]
impl JobWorker for ExpireWorker {
    fn kind(&self) -> JobKind {
        JobKind::Expire
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn room(&self) -> &Room {
        &self.room
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        let (ledger, lease) = (&*self.checkouts.ledger, job.lease());
        match self.sweep().await {
            Ok(has_more) => {
                let pause = if has_more { Duration::ZERO } else { INTERVAL };
                execute(ledger, PostponeJob { lease, pause }).await??;
                Ok(())
            }
            Err(error) => {
                log::warn!(error:%; "could not expire checkouts and events; will look again");
                give_back(ledger, lease, &error).await;
                Err(error)
            }
        }
    }
}
