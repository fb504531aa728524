use std::time::Duration;

use crate::{Books, Checkout, CheckoutId, CheckoutStatus, Keys, Reason, Rejection, Timestamp};

/// How much longer a checkout has when a payment was seen: a slow chain confirms within a day, or never.
pub const PAYMENT_GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// A checkout's time is up. If it isn't, or the checkout is settled, nothing happens: whoever found it may have been
/// late, or one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpireCheckout {
    /// The checkout.
    pub checkout_id: CheckoutId,
}

impl ExpireCheckout {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.checkouts.push(self.checkout_id);
    }

    /// Answers with the checkout as it is afterwards.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Checkout>, Rejection> {
        let checkout = books.checkouts().get(self.checkout_id).ok_or(Rejection::CheckoutNotFound)?;
        let due_at = checkout.expires_at + if checkout.detected_at.is_some() { PAYMENT_GRACE } else { Duration::ZERO };
        let is_due = due_at <= now;
        let expired = checkout.become_status(CheckoutStatus::Expired, Some(Reason::Expired), now);
        match expired.filter(|_| is_due) {
            Some(expired) => {
                books.update_checkout(expired.clone());
                Ok(Box::new(expired))
            }
            None => Ok(Box::new(checkout.clone())),
        }
    }
}
