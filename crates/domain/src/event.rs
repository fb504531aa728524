use crate::state_machine::{transitions, words};
use crate::{ChargeCode, ChargeReport, CheckoutId, EventId, Provider, ProviderEventId, Reason, Record, Timestamp};

/// How many events may wait for one charge that isn't known here; more are stored dead. An account shared with another
/// shop sends foreign charges for ever.
pub const MAX_WAITING_PER_SUBJECT: usize = 100;

words! {
    /// What became of an event.
    Verdict {
        /// It told something new, or confirmed what is known.
        Applied = "applied",
        /// It had been stored before. Only ever an answer: the stored row keeps its own verdict.
        Duplicate = "duplicate",
        /// It came after something that outweighs it.
        Stale = "stale",
        /// Its charge isn't known here yet.
        Waiting = "waiting",
        /// It can't be applied; the reason says why.
        Rejected = "rejected",
        /// It waited too long, or among too many.
        Dead = "dead",
    }
}

transitions! {
    Verdict {
        Applied => [],
        Duplicate => [],
        Stale => [],
        Waiting => [Applied, Stale, Rejected, Dead],
        Rejected => [],
        Dead => [],
    }
}

/// What makes an event unique: the provider's own id for it, the same for every delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// Who sent it.
    pub provider: Provider,
    /// What the sender calls it.
    pub provider_event_id: ProviderEventId,
}

/// An authenticated webhook, stored as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Identifies it here.
    pub id: EventId,
    /// Identifies it at the sender.
    pub key: EventKey,
    /// The sender's word for what happened.
    pub event_type: String,
    /// The charge that it is about, if it names one.
    pub subject: Option<ChargeCode>,
    /// The body, byte for byte. Nothing is decided by it, and loaders leave it out of the books.
    pub raw: Vec<u8>,
    /// What the body says.
    pub report: ChargeReport,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't tell.
    pub reason: Option<Reason>,
    /// The checkout that it was applied to or measured against.
    pub checkout_id: Option<CheckoutId>,
    /// When it was stored.
    pub received_at: Timestamp,
    /// When it had its verdict; `None` while it waits.
    pub processed_at: Option<Timestamp>,
}

impl Event {
    /// The charge that it waits for, while it waits.
    #[must_use]
    pub fn waiting_for(&self) -> Option<&ChargeCode> {
        self.subject.as_ref().filter(|_| self.verdict == Verdict::Waiting)
    }
}

impl Record for Event {
    type Id = EventId;

    fn id(&self) -> EventId {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_waiting_event_changes_its_verdict() {
        use Verdict::{Applied, Dead, Rejected, Stale, Waiting};
        let allowed = [(Waiting, Applied), (Waiting, Stale), (Waiting, Rejected), (Waiting, Dead)];
        for &from in Verdict::ALL {
            for &to in Verdict::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
