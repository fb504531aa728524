use std::time::Duration;

use uuid::Uuid;

use crate::state_machine::words;
use crate::{CheckoutId, DeliveryId, EndpointId};

words! {
    /// A kind of work that is done after the commit that asked for it.
    JobKind {
        /// Ask the payment gateway for the charge of a checkout.
        CreateCharge = "create_charge",
        /// Ask the payment gateway what became of the charge of a checkout, again and again while anything may come of it.
        PollCharge = "poll_charge",
        /// Tell a merchant's endpoint what has happened.
        Notify = "notify",
        /// End what is over, again and again.
        Expire = "expire",
        /// Delete what nobody needs any more, again and again.
        Purge = "purge",
    }
}

/// What a job is to do, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Make the charge of this checkout.
    CreateCharge(CheckoutId),
    /// Ask what became of the charge of this checkout.
    PollCharge(CheckoutId),
    /// Deliver a notification. Those to one endpoint stand in a queue of their own, so that a slow one keeps nobody waiting but
    /// itself.
    Notify {
        /// What is delivered.
        delivery_id: DeliveryId,
        /// To whom.
        endpoint_id: EndpointId,
    },
    /// End the checkouts and the waiting events whose time is up.
    Expire,
    /// Delete what has been kept long enough.
    Purge,
}

impl Task {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> JobKind {
        match self {
            Self::CreateCharge(_) => JobKind::CreateCharge,
            Self::PollCharge(_) => JobKind::PollCharge,
            Self::Notify { .. } => JobKind::Notify,
            Self::Expire => JobKind::Expire,
            Self::Purge => JobKind::Purge,
        }
    }

    /// What it is done to; nil for work that is there once and goes on for ever. There is one job for each kind and subject.
    #[must_use]
    pub const fn subject_id(self) -> Uuid {
        match self {
            Self::CreateCharge(checkout_id) | Self::PollCharge(checkout_id) => checkout_id.as_uuid(),
            Self::Notify { delivery_id, .. } => delivery_id.as_uuid(),
            Self::Expire | Self::Purge => Uuid::nil(),
        }
    }

    /// The queue that it stands in, if its kind has several.
    #[must_use]
    pub const fn queue_id(self) -> Option<Uuid> {
        match self {
            Self::Notify { endpoint_id, .. } => Some(endpoint_id.as_uuid()),
            Self::CreateCharge(_) | Self::PollCharge(_) | Self::Expire | Self::Purge => None,
        }
    }

    /// The checkout that it is done for, if it is for one.
    #[must_use]
    pub const fn checkout_id(self) -> Option<CheckoutId> {
        match self {
            Self::CreateCharge(checkout_id) | Self::PollCharge(checkout_id) => Some(checkout_id),
            Self::Notify { .. } | Self::Expire | Self::Purge => None,
        }
    }

    /// Puts together what is stored; `None` if it makes no sense.
    #[must_use]
    pub fn from_parts(kind: JobKind, subject_id: Uuid, queue_id: Option<Uuid>) -> Option<Self> {
        let task = match (kind, queue_id) {
            (JobKind::CreateCharge, _) => Self::CreateCharge(CheckoutId::from_uuid(subject_id)),
            (JobKind::PollCharge, _) => Self::PollCharge(CheckoutId::from_uuid(subject_id)),
            (JobKind::Notify, Some(queue_id)) => Self::Notify {
                delivery_id: DeliveryId::from_uuid(subject_id),
                endpoint_id: EndpointId::from_uuid(queue_id),
            },
            (JobKind::Notify, None) => return None,
            (JobKind::Expire, _) => Self::Expire,
            (JobKind::Purge, _) => Self::Purge,
        };
        (task.subject_id() == subject_id && task.queue_id() == queue_id).then_some(task)
    }
}

/// How long to wait after each failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// The pause after each further failure is so many times the one before.
    pub factor: u32,
    /// Never longer than this.
    pub longest: Duration,
    /// After how many attempts to give up; [`Backoff::NEVER`] to never do.
    pub max_attempts: u32,
}

impl Backoff {
    /// More attempts than there is time for: the most that every database can count.
    pub const NEVER: u32 = i32::MAX.cast_unsigned();

    /// The pause after the given failed attempt (1 is the first): between half of the grown pause and all of it.
    /// `jitter_permille` (0 to 1000) says where, so that those who failed together don't come back together.
    #[must_use]
    pub fn pause_after(self, attempt: u32, jitter_permille: u16) -> Duration {
        let growth = self.factor.saturating_pow(attempt.saturating_sub(1));
        let pause = self.first.saturating_mul(growth).min(self.longest);
        pause / 2 + pause / 2 * u32::from(jitter_permille.min(1000)) / 1000
    }
}

impl JobKind {
    /// How this kind of work is retried.
    #[must_use]
    pub const fn backoff(self) -> Backoff {
        match self {
            // A buyer waits: never longer than a minute, and about as long as a checkout may be paid.
            Self::CreateCharge => Backoff {
                first: Duration::from_millis(500),
                factor: 2,
                longest: Duration::from_secs(60),
                max_attempts: 80,
            },
            // Each question counts as an attempt, whatever came of it: one a second, for a week. Time ends it, long before, and
            // whoever asks says when to ask again.
            Self::PollCharge => Backoff {
                first: Duration::from_secs(1),
                factor: 1,
                longest: Duration::from_secs(1),
                max_attempts: 604_800,
            },
            // 5 s, 15 s, 45 s, then minutes and hours, and once a day in the end: from three to six and a half days in all.
            Self::Notify => Backoff {
                first: Duration::from_secs(5),
                factor: 3,
                longest: Duration::from_secs(24 * 60 * 60),
                max_attempts: 16,
            },
            // Each round is an attempt. Nobody but the clock asks for the next one, so that none may be the last.
            Self::Expire => Backoff {
                first: Duration::from_secs(10),
                factor: 1,
                longest: Duration::from_secs(10),
                max_attempts: Backoff::NEVER,
            },
            Self::Purge => Backoff {
                first: Duration::from_secs(60),
                factor: 1,
                longest: Duration::from_secs(60),
                max_attempts: Backoff::NEVER,
            },
        }
    }

    /// Whether there is one job of it that goes on for ever: it is postponed and never done.
    #[must_use]
    pub const fn is_recurring(self) -> bool {
        match self {
            Self::Expire | Self::Purge => true,
            Self::CreateCharge | Self::PollCharge | Self::Notify => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_spread_by_half() {
        let backoff = JobKind::CreateCharge.backoff();
        assert_eq!(backoff.pause_after(1, 1000), Duration::from_millis(500));
        assert_eq!(backoff.pause_after(1, 0), Duration::from_millis(250));
        assert_eq!(backoff.pause_after(3, 1000), Duration::from_secs(2));
        assert_eq!(backoff.pause_after(99, 1000), Duration::from_secs(60));
        assert_eq!(backoff.pause_after(0, 9999), Duration::from_millis(500));
        assert_eq!(JobKind::Notify.backoff().pause_after(3, 1000), Duration::from_secs(45));
        assert_eq!(JobKind::Expire.backoff().pause_after(u32::MAX, 1000), Duration::from_secs(10));
    }

    #[test]
    fn a_notification_is_tried_for_at_least_three_days_however_chance_falls() {
        let backoff = JobKind::Notify.backoff();
        let tried_for = |jitter| (1..backoff.max_attempts).map(|attempt| backoff.pause_after(attempt, jitter)).sum();
        let (shortest, longest): (Duration, Duration) = (tried_for(0), tried_for(1000));
        let day = Duration::from_secs(24 * 60 * 60);
        assert!(shortest > day * 3 && longest < day * 7, "{shortest:?} to {longest:?}");
    }

    #[test]
    fn a_task_comes_back_from_its_parts_and_from_no_others() {
        let checkout_id = CheckoutId::from_uuid(uuid(7));
        let notify =
            Task::Notify { delivery_id: DeliveryId::from_uuid(uuid(8)), endpoint_id: EndpointId::from_uuid(uuid(9)) };
        let tasks = [Task::CreateCharge(checkout_id), Task::PollCharge(checkout_id), notify, Task::Expire, Task::Purge];
        for task in tasks {
            assert_eq!(Task::from_parts(task.kind(), task.subject_id(), task.queue_id()), Some(task));
            let other_queue = task.queue_id().map_or(Some(uuid(1)), |_| None);
            assert_eq!(Task::from_parts(task.kind(), task.subject_id(), other_queue), None, "{task:?}");
        }
        assert_eq!(Task::from_parts(JobKind::Purge, uuid(1), None), None);
        assert_eq!(tasks.map(Task::kind).as_slice(), JobKind::ALL);
    }
}
