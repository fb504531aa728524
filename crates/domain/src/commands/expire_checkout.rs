use crate::{Books, Checkout, CheckoutId, CheckoutStatus, Keys, Reason, Rejection, Timestamp};

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
        keys.tells_merchants = true;
    }

    /// Answers with the checkout as it is afterwards.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Checkout>, Rejection> {
        let checkout = books.checkouts().get(self.checkout_id).ok_or(Rejection::CheckoutNotFound)?;
        let is_due = checkout.due_at() <= now;
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
