use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use crate::state_machine::{transitions, words};
use crate::{EndpointDescription, EndpointId, EndpointUrl, MerchantId, NotificationType, Record, Timestamp};

/// How many endpoints a merchant can have.
pub const MAX_ENDPOINTS: usize = 10;
/// For how long the secret before the present one is still signed with.
pub const PREVIOUS_SECRET_VALID: Duration = Duration::from_secs(24 * 60 * 60);
/// An endpoint that has taken nothing for so long is disabled.
pub const DISABLED_AFTER: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// For how long after it was disabled what an endpoint misses is written down, so that it can be recovered.
const MISSED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

words! {
    /// Whether a [`WebhookEndpoint`] is sent anything.
    EndpointStatus {
        /// It is.
        Enabled = "enabled",
        /// It isn't, until its merchant says that it is well again.
        Disabled = "disabled",
        /// It was given up by its merchant.
        Deleted = "deleted",
    }
}

transitions! {
    EndpointStatus {
        Enabled => [Disabled, Deleted],
        Disabled => [Enabled, Deleted],
        Deleted => [],
    }
}

words! {
    /// Why an endpoint was disabled.
    DisabledReason {
        /// It answered 410.
        Gone = "gone",
        /// It took nothing for [`DISABLED_AFTER`].
        Failing = "failing",
    }
}

/// What the keys of an endpoint are derived from: 32 random bytes. They are never printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SigningSeed([u8; 32]);

impl SigningSeed {
    /// From storage, or from a source of chance.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For storage, and to derive keys from.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SigningSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSeed(…)")
    }
}

/// Where a merchant wants to be told what has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Identifies it.
    pub id: EndpointId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// Where it is.
    pub url: EndpointUrl,
    /// What it wants to know; `None` for everything, types of later versions included.
    pub event_types: Option<BTreeSet<NotificationType>>,
    /// What the merchant calls it.
    pub description: Option<EndpointDescription>,
    /// Whether it is signed for with a key pair, too.
    pub is_asymmetric: bool,
    /// What its keys are derived from.
    pub seed: SigningSeed,
    /// What its keys were derived from before, and until when those are signed with.
    pub previous_seed: Option<(SigningSeed, Timestamp)>,
    /// Whether it is sent anything.
    pub status: EndpointStatus,
    /// Why not.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when not.
    pub disabled_at: Option<Timestamp>,
    /// Since when it has taken nothing: the first failure after the last success.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its merchant, or its being disabled, last changed it.
    pub updated_at: Timestamp,
}

impl WebhookEndpoint {
    /// Whether this is something that the merchant wants to know there.
    #[must_use]
    pub fn wants(&self, kind: NotificationType) -> bool {
        self.event_types.as_ref().is_none_or(|types| types.contains(&kind))
    }

    /// Whether there is still such an endpoint.
    #[must_use]
    pub const fn exists(&self) -> bool {
        match self.status {
            EndpointStatus::Enabled | EndpointStatus::Disabled => true,
            EndpointStatus::Deleted => false,
        }
    }

    /// What to sign with at this moment, the present seed first.
    #[must_use]
    pub fn seeds(&self, now: Timestamp) -> Vec<SigningSeed> {
        let previous = self.previous_seed.filter(|(_, until)| now < *until).map(|(seed, _)| seed);
        std::iter::once(self.seed).chain(previous).collect()
    }

    /// Whether what happens now is written down for it, if only as missed.
    pub(crate) fn is_told_of(&self, now: Timestamp) -> bool {
        match self.status {
            EndpointStatus::Enabled => true,
            EndpointStatus::Disabled => self.disabled_at.is_some_and(|at| now < at + MISSED_FOR),
            EndpointStatus::Deleted => false,
        }
    }

    pub(crate) fn disabled(&self, reason: DisabledReason, now: Timestamp) -> Self {
        Self {
            status: EndpointStatus::Disabled,
            disabled_reason: Some(reason),
            disabled_at: Some(now),
            updated_at: now,
            ..self.clone()
        }
    }
}

impl Record for WebhookEndpoint {
    type Id = EndpointId;

    fn id(&self) -> EndpointId {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_changes_its_status_only_as_written_here() {
        use EndpointStatus::{Deleted, Disabled, Enabled};
        let allowed = [(Enabled, Disabled), (Enabled, Deleted), (Disabled, Enabled), (Disabled, Deleted)];
        for &from in EndpointStatus::ALL {
            for &to in EndpointStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_seed_is_never_printed() {
        assert!(!format!("{:?}", SigningSeed::from_bytes([171; 32])).contains("171"));
    }
}
