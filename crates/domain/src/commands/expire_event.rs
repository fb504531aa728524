use crate::{Books, Event, EventId, EventReply, Keys, LONGEST_WAIT, Reason, Rejection, Timestamp, Verdict};

/// An event has waited for too long. If it hasn't, or waits no more, nothing happens: whoever found it may have been late,
/// or one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpireEvent {
    /// The event.
    pub id: EventId,
}

impl ExpireEvent {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.events_by_id.push(self.id);
    }

    /// Answers with what the event is afterwards.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<EventReply, Rejection> {
        let event = books.events().get(self.id).ok_or(Rejection::EventNotFound)?;
        if event.verdict != Verdict::Waiting || now.since(event.received_at) < LONGEST_WAIT {
            return Ok(EventReply::of(event));
        }
        let dead = Event {
            verdict: Verdict::Dead,
            reason: Some(Reason::WaitedTooLong),
            processed_at: Some(now),
            ..event.clone()
        };
        let reply = EventReply::of(&dead);
        books.update_event(dead);
        Ok(reply)
    }
}
