use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::state_machine::{transitions, words};
use crate::{ChargeCode, CheckoutId, Email, IdempotencyKey, MerchantId, Money, OrderId, Reason, Record, Timestamp};

/// How much longer a checkout has when a payment was seen: a slow chain confirms within a day, or never.
pub const PAYMENT_GRACE: Duration = Duration::from_secs(24 * 60 * 60);

words! {
    /// Where a [`Checkout`] stands.
    CheckoutStatus {
        /// Waiting for money.
        Pending = "PENDING",
        /// Paid as asked, or resolved by the merchant.
        Completed = "COMPLETED",
        /// The provider says that nothing will come.
        Failed = "FAILED",
        /// Our own time-out.
        Expired = "EXPIRED",
        /// The charge was called off.
        Canceled = "CANCELED",
        /// Money came, but not as asked: it waits for a person.
        Unresolved = "UNRESOLVED",
    }
}

transitions! {
    CheckoutStatus {
        Pending => [Completed, Failed, Expired, Canceled, Unresolved],
        Completed => [],
        Failed => [Completed, Unresolved],
        Expired => [Completed, Unresolved],
        Canceled => [Completed, Unresolved],
        Unresolved => [Completed],
    }
}

/// A merchant's request for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Identifies it.
    pub id: CheckoutId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// Names the request, per merchant; `None` for requests without a key.
    pub idempotency_key: Option<IdempotencyKey>,
    /// Tells another request under the same key.
    pub fingerprint: Fingerprint,
    /// The order that this pays.
    pub order_id: Option<OrderId>,
    /// Where it stands.
    pub status: CheckoutStatus,
    /// How much is asked.
    pub money: Money,
    /// What came for it in its currency, in minor units: the sum of its transactions.
    pub received_minor: i64,
    /// How much of that counts towards what was asked, in minor units: nothing while it isn't known whether the money
    /// counts, and exactly what was asked where the provider takes it for that. It never falls.
    pub counted_minor: i64,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The merchant's own data: a JSON object, as text.
    pub metadata: Option<String>,
    /// The charge that collects the money, once there is one.
    pub charge_code: Option<ChargeCode>,
    /// The page where the buyer pays, once there is a charge.
    pub hosted_url: Option<String>,
    /// When a payment was first seen.
    pub detected_at: Option<Timestamp>,
    /// When it became COMPLETED.
    pub completed_at: Option<Timestamp>,
    /// Why it failed, expired, was called off or is unresolved.
    pub failure_reason: Option<Reason>,
    /// From when on it is EXPIRED if still PENDING and no payment was seen.
    pub expires_at: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Record for Checkout {
    type Id = CheckoutId;

    fn id(&self) -> CheckoutId {
        self.id
    }
}

impl Checkout {
    /// From when on it is EXPIRED if still PENDING: once a payment was seen, it has longer.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.expires_at + if self.detected_at.is_some() { PAYMENT_GRACE } else { Duration::ZERO }
    }

    /// The same checkout in another status, or `None` if the transition table says no.
    #[must_use]
    pub(crate) fn become_status(&self, status: CheckoutStatus, reason: Option<Reason>, now: Timestamp) -> Option<Self> {
        self.status.may_become(status).then(|| Self {
            status,
            failure_reason: reason,
            completed_at: (status == CheckoutStatus::Completed).then_some(now),
            updated_at: now,
            ..self.clone()
        })
    }
}

/// A digest of what a request asks for, so that another request under the same key is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// SHA-256 of the parts, each with its length before it, so that no two lists of parts look alike.
    #[must_use]
    pub fn of(parts: &[Option<&str>]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            match part {
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
                None => hash.update([0]),
            }
        }
        Self(hash.finalize().into())
    }

    /// From storage.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For storage.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_tell_shifted_and_missing_parts_apart() {
        let all = [
            Fingerprint::of(&[Some("ab"), Some("c")]),
            Fingerprint::of(&[Some("a"), Some("bc")]),
            Fingerprint::of(&[Some("abc"), None]),
            Fingerprint::of(&[Some("abc"), Some("")]),
        ];
        for (i, left) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|right| left != right));
        }
    }

    /// Every pair, written out by hand a second time.
    #[test]
    fn a_checkout_changes_its_status_only_as_written_here() {
        use CheckoutStatus::{Canceled, Completed, Expired, Failed, Pending, Unresolved};
        let allowed = [
            (Pending, Completed),
            (Pending, Failed),
            (Pending, Expired),
            (Pending, Canceled),
            (Pending, Unresolved),
            (Failed, Completed),
            (Failed, Unresolved),
            (Expired, Completed),
            (Expired, Unresolved),
            (Canceled, Completed),
            (Canceled, Unresolved),
            (Unresolved, Completed),
        ];
        for &from in CheckoutStatus::ALL {
            for &to in CheckoutStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
