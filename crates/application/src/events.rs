use std::sync::Arc;

use domain::{Event, EventId, ReplayEvent};
use ports::{EventFilter, EventRepo, Ledger, Page, PageRequest};

use crate::{Caller, Error};

/// The inbox of webhooks, for operators.
#[derive(Clone)]
pub struct Events {
    /// Where they are decided anew.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn EventRepo>,
}

impl Events {
    /// The event, with its body.
    pub async fn get(&self, id: EventId) -> Result<Event, Error> {
        self.repo.event(id).await?.ok_or(Error::NotFound)
    }

    /// A page of events, without their bodies.
    pub async fn list(&self, filter: EventFilter, page: PageRequest) -> Result<Page<Event>, Error> {
        Ok(self.repo.events(filter, page).await?)
    }

    /// Decides an event anew, unless it was applied; answers with the event as it is now.
    pub async fn replay(&self, caller: &Caller, id: EventId) -> Result<Event, Error> {
        let event = self.get(id).await?;
        caller.execute(&*self.ledger, ReplayEvent::of(&event)).await?;
        self.get(id).await
    }
}
