use std::time::Duration;

use crate::state_machine::{transitions, words};
use crate::{DeliveryId, EndpointId, NotificationId, NotificationSubject, NotificationType, Record, Timestamp};

/// The longest pause that an endpoint may ask for.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

words! {
    /// Where a [`Delivery`] stands.
    DeliveryStatus {
        /// Another one about the same thing goes first.
        Waiting = "waiting",
        /// It is being tried.
        Pending = "pending",
        /// The endpoint has taken it.
        Delivered = "delivered",
        /// It was given up: a dead letter.
        Failed = "failed",
    }
}

transitions! {
    DeliveryStatus {
        Waiting => [Pending, Failed],
        Pending => [Delivered, Failed],
        Delivered => [],
        Failed => [],
    }
}

words! {
    /// Why a delivery was given up.
    DeliveryFailure {
        /// The endpoint took it in none of its attempts.
        AttemptsUsedUp = "attempts-used-up",
        /// The endpoint answered 410, and is disabled since.
        EndpointGone = "endpoint-gone",
        /// The endpoint is disabled.
        EndpointDisabled = "endpoint-disabled",
        /// The endpoint was deleted.
        EndpointDeleted = "endpoint-deleted",
    }
}

/// One notification on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Identifies it.
    pub id: DeliveryId,
    /// What is told.
    pub notification_id: NotificationId,
    /// To whom.
    pub endpoint_id: EndpointId,
    /// What kind of news it is.
    pub event_type: NotificationType,
    /// What it is about.
    pub subject: NotificationSubject,
    /// Its place in the lane of what goes to this endpoint about this subject; `None` if it keeps to no order.
    pub place: Option<u32>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How many attempts have ended.
    pub attempts: u32,
    /// When it is tried next, while it is pending.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it was given up.
    pub failure: Option<DeliveryFailure>,
    /// The delivery that took its place after it was given up, or repeats it.
    pub redelivered_as: Option<DeliveryId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
}

impl Delivery {
    /// Whether it stands in its lane, so that others wait behind it.
    #[must_use]
    pub const fn is_in_lane(&self) -> bool {
        self.place.is_some() && self.is_open()
    }

    /// Whether there is still something to do.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.status {
            DeliveryStatus::Waiting | DeliveryStatus::Pending => true,
            DeliveryStatus::Delivered | DeliveryStatus::Failed => false,
        }
    }

    pub(crate) fn delivered(&self, now: Timestamp) -> Self {
        Self { status: DeliveryStatus::Delivered, next_attempt_at: None, finished_at: Some(now), ..self.clone() }
    }

    pub(crate) fn failed(&self, failure: DeliveryFailure, now: Timestamp) -> Self {
        Self {
            status: DeliveryStatus::Failed,
            next_attempt_at: None,
            failure: Some(failure),
            finished_at: Some(now),
            ..self.clone()
        }
    }

    pub(crate) fn due_at(&self, next_attempt_at: Timestamp) -> Self {
        Self { status: DeliveryStatus::Pending, next_attempt_at: Some(next_attempt_at), ..self.clone() }
    }
}

impl Record for Delivery {
    type Id = DeliveryId;

    fn id(&self) -> DeliveryId {
        self.id
    }
}

/// How one attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What the endpoint answered, if it did.
    pub status_code: Option<u16>,
    /// What went wrong, if nothing was answered, or not all of it.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub answer: Option<String>,
}

impl Attempted {
    /// The endpoint has taken it.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status_code.is_some_and(|code| (200..300).contains(&code))
    }

    /// The endpoint wants nothing any more (410).
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.status_code == Some(410)
    }

    /// What went wrong, in a few words.
    #[must_use]
    pub fn trouble(&self) -> String {
        match (&self.error, self.status_code) {
            (Some(error), _) => error.clone(),
            (None, Some(code)) => format!("the endpoint answered {code}"),
            (None, None) => "the endpoint did not answer".to_owned(),
        }
    }
}

/// An attempt, as it is kept for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// At what.
    pub delivery_id: DeliveryId,
    /// Which one it was. Those that ended without a word, with the process that made them, are left out.
    pub number: u32,
    /// How it went.
    pub attempted: Attempted,
}

impl Record for DeliveryAttempt {
    type Id = (DeliveryId, u32);

    fn id(&self) -> (DeliveryId, u32) {
        (self.delivery_id, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_changes_its_status_only_as_written_here() {
        use DeliveryStatus::{Delivered, Failed, Pending, Waiting};
        let allowed = [(Waiting, Pending), (Waiting, Failed), (Pending, Delivered), (Pending, Failed)];
        for &from in DeliveryStatus::ALL {
            for &to in DeliveryStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
