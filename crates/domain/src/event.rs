use std::time::Duration;

use crate::state_machine::{transitions, words};
use crate::{
    ChargeCode, CheckoutId, EventId, EventReport, Fingerprint, OrderId, OrderStatus, Provider, ProviderEventId, Reason,
    Record, Timestamp, UnknownState,
};

/// How many events may wait for one charge or order that isn't known here; more are stored dead. An account shared with another
/// shop sends foreign charges for ever.
pub const MAX_WAITING_PER_SUBJECT: usize = 100;

/// For how long an event waits for what it is about; after that it is dead. The order or the charge of a real payment comes
/// within minutes.
pub const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

words! {
    /// What became of an event.
    Verdict {
        /// It told something new, or confirmed what is known.
        Applied = "applied",
        /// It had been stored before. Only ever an answer: the stored row keeps its own verdict.
        Duplicate = "duplicate",
        /// It came after something that outweighs it.
        Stale = "stale",
        /// What it is about isn't known here yet.
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
        Stale => [Applied, Rejected],
        Waiting => [Applied, Stale, Rejected, Dead],
        Rejected => [Applied, Stale],
        Dead => [Applied, Stale, Rejected],
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

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A charge, and through it a checkout.
    Charge(ChargeCode),
    /// An order, by itself.
    Order(OrderId),
}

/// What an order's id has before it where subjects are stored. No provider's charge codes look like that.
const ORDER_PREFIX: &str = "order:";

impl std::fmt::Display for Subject {
    /// As it is stored.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Charge(code) => f.write_str(code.as_str()),
            Self::Order(id) => write!(f, "{ORDER_PREFIX}{id}"),
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        match text.strip_prefix(ORDER_PREFIX) {
            Some(id) => id.parse().map(Self::Order).map_err(|_| UnknownState),
            None => ChargeCode::parse(text).map(Self::Charge).map_err(|_| UnknownState),
        }
    }
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
    /// What it is about, if it names that.
    pub subject: Option<Subject>,
    /// The body, byte for byte. Nothing is decided by it, and loaders leave it out of the books.
    pub raw: Vec<u8>,
    /// What the body says.
    pub report: EventReport,
    /// Tells another request under the same key, where the sender chooses the keys.
    pub fingerprint: Option<Fingerprint>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't tell.
    pub reason: Option<Reason>,
    /// The checkout that it was applied to or measured against.
    pub checkout_id: Option<CheckoutId>,
    /// The order that it was applied to or measured against.
    pub order_id: Option<OrderId>,
    /// Where that order stood afterwards.
    pub order_status: Option<OrderStatus>,
    /// When it was stored.
    pub received_at: Timestamp,
    /// When it had its verdict; `None` while it waits.
    pub processed_at: Option<Timestamp>,
}

impl Event {
    /// What it waits for, while it waits.
    #[must_use]
    pub fn waiting_for(&self) -> Option<&Subject> {
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
    fn subjects_are_read_back_as_they_were_stored() {
        let order = Subject::Order(OrderId::from_uuid(uuid::Uuid::from_u128(7)));
        let charge = Subject::Charge(ChargeCode::parse("ABCD1234").unwrap());
        for subject in [order, charge] {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        assert_eq!("order:7".parse::<Subject>(), Err(UnknownState));
    }

    #[test]
    fn what_was_not_applied_may_be_decided_anew_and_nothing_waits_again() {
        use Verdict::{Applied, Dead, Rejected, Stale, Waiting};
        let allowed = [
            (Waiting, Applied),
            (Waiting, Stale),
            (Waiting, Rejected),
            (Waiting, Dead),
            (Dead, Applied),
            (Dead, Stale),
            (Dead, Rejected),
            (Rejected, Applied),
            (Rejected, Stale),
            (Stale, Applied),
            (Stale, Rejected),
        ];
        for &from in Verdict::ALL {
            for &to in Verdict::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
