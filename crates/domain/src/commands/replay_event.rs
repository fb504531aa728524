use super::record_event::{apply, keys_of_subject};
use crate::{Books, Event, EventId, EventReply, Keys, Reason, Rejection, Subject, Timestamp, Verdict};

/// Decides a stored event anew, as if it came now: an operator has seen to what was in its way. What was applied stays as
/// it is, and a movement of money that is in the ledger isn't made twice, whatever event told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayEvent {
    /// The event.
    pub id: EventId,
    /// What it is about.
    pub subject: Option<Subject>,
    /// The movements of money that it tells of.
    pub movements: Vec<String>,
}

impl ReplayEvent {
    /// The replay of an event. Subject and movements never change, so that it may have been read a while ago.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self { id: event.id, subject: event.subject.clone(), movements: event.report.movements(&event.key) }
    }

    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.events_by_id.push(self.id);
        keys.tells_merchants = true;
        keys_of_subject(self.subject.as_ref(), keys);
        keys.movements.extend_from_slice(&self.movements);
    }

    /// Where nobody knows yet what it is about, it stays what it is.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<EventReply, Rejection> {
        let event = books.events().get(self.id).ok_or(Rejection::EventNotFound)?.clone();
        Ok(match event.verdict {
            Verdict::Applied | Verdict::Duplicate => EventReply::of(&event),
            Verdict::Waiting | Verdict::Dead | Verdict::Rejected | Verdict::Stale => {
                let has_waited = came_first(books, &event);
                apply(books, event, has_waited, now)
            }
        })
    }
}

/// Whether an event came before what it is about: then it must have told all that counts by itself. Clocks of several nodes
/// may differ, so that what is known otherwise counts too.
fn came_first(books: &Books, event: &Event) -> bool {
    let order = match &event.subject {
        Some(Subject::Order(id)) => books.orders().get(*id),
        Some(Subject::Charge(_)) | None => None,
    };
    matches!(event.verdict, Verdict::Waiting | Verdict::Dead)
        || event.reason == Some(Reason::AmountMissing)
        || order.is_some_and(|order| order.created_at >= event.received_at)
}
