use std::time::Duration;

use async_trait::async_trait;
use domain::{Job, JobKind};

use crate::checkouts::CHARGE_LEASE;
use crate::{Background, Error, JobWorker, Polls, Room};

/// How many of the gateway's places questions may take: they can wait, and whoever wants to pay can't.
const PLACES: u32 = 8;

/// Does `poll_charge`.
#[derive(Clone)]
pub struct PollWorker {
    polls: Polls,
    room: Room,
}

impl PollWorker {
    /// Asks in its share of the places that all work for the gateway has.
    #[must_use]
    pub fn new(polls: Polls, background: &Background) -> Self {
        Self { polls, room: background.gateway_room().part(PLACES) }
    }
}

#[async_trait]
impl JobWorker for PollWorker {
    fn kind(&self) -> JobKind {
        JobKind::PollCharge
    }

    fn lease(&self) -> Duration {
        CHARGE_LEASE
    }

    fn room(&self) -> &Room {
        &self.room
    }

    fn wanted(&self) -> u32 {
        self.room.free().min(self.polls.room())
    }

    async fn perform(&self, job: &Job) -> Result<(), Error> {
        self.polls.poll(job).await
    }
}
