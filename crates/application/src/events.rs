use std::sync::Arc;

use domain::{Event, EventId};
use ports::{EventFilter, EventRepo, Page, PageRequest};

use crate::Error;

/// The inbox of webhooks, for operators.
#[derive(Clone)]
pub struct Events {
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
}
