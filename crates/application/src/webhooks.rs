use std::sync::Arc;
use std::time::Duration;

use domain::{EventId, EventReply, ProviderEventId, RecordEvent, RequestId};
use ports::{IdSource, IncomingEvent, Ledger, WebhookDecoder};

use crate::{Caller, Error};

/// What a sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedEvent {
    /// The sender's own id of the event.
    pub event_id: ProviderEventId,
    /// What became of it.
    pub reply: EventReply,
}

/// Takes in what payment providers tell.
#[derive(Clone)]
pub struct Webhooks {
    /// Where events are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Who knows the wire of the configured gateway.
    pub decoder: Arc<dyn WebhookDecoder>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

impl Webhooks {
    /// Authenticates, stores and applies a webhook. When this returns `Ok`, the event is never lost.
    pub async fn receive(
        &self,
        request_id: Option<RequestId>,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<ReceivedEvent, Error> {
        let event = self.decoder.decode(header, body)?;
        let caller = Caller::provider(event.key.provider, request_id);
        self.record_for(&caller, event).await
    }

    /// Stores and applies what we have asked for ourselves.
    pub(crate) async fn record(&self, event: IncomingEvent) -> Result<ReceivedEvent, Error> {
        self.record_for(&Caller::default(), event).await
    }

    /// Stores and applies what is known to be authentic.
    async fn record_for(&self, caller: &Caller, event: IncomingEvent) -> Result<ReceivedEvent, Error> {
        let event_id = event.key.provider_event_id.clone();
        let command = RecordEvent {
            id: EventId::from_uuid(self.ids.uuid_v7()),
            key: event.key,
            event_type: event.event_type,
            subject: event.subject,
            raw: event.raw,
            report: event.report,
            fingerprint: None,
        };
        let reply = caller.execute(&*self.ledger, command).await?;
        Ok(ReceivedEvent { event_id, reply })
    }

    /// Records the events of a simulated gateway, each after its pause.
    pub(crate) fn record_later(&self, events: Vec<(Duration, IncomingEvent)>) {
        let webhooks = self.clone();
        tokio::spawn(async move {
            for (pause, event) in events {
                tokio::time::sleep(pause).await;
                if let Err(error) = webhooks.record(event).await {
                    log::warn!(error:%; "could not record a simulated event; paying again will");
                }
            }
        });
    }
}
