use crate::state_machine::{transitions, words};
use crate::{HoldId, OrderId, ProductId, Quantity, Record, Timestamp};

/// The most that one hold can be for.
pub const MAX_HOLD_QUANTITY: u32 = 1000;

words! {
    /// Where a [`Hold`] stands.
    HoldStatus {
        /// It keeps its stock, until its time is up.
        Active = "active",
        /// It became an order, which keeps the stock from then on.
        Converted = "converted",
        /// Its time was up, and the stock is back.
        Expired = "expired",
        /// It was given up, and the stock is back.
        Released = "released",
    }
}

transitions! {
    HoldStatus {
        Active => [Converted, Expired, Released],
        Converted => [],
        Expired => [],
        Released => [],
    }
}

/// Some of a product, kept for one buyer for a while. Its row is the only record of its creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Identifies it.
    pub id: HoldId,
    /// Of which product.
    pub product_id: ProductId,
    /// How many.
    pub quantity: Quantity,
    /// Where it stands.
    pub status: HoldStatus,
    /// The order that it became.
    pub order_id: Option<OrderId>,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it stopped being active.
    pub ended_at: Option<Timestamp>,
}

impl Hold {
    /// Whether its time is up, noticed by anybody or not.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// The same hold, ended; `None` if it had ended before.
    #[must_use]
    pub(crate) fn ended(&self, status: HoldStatus, order_id: Option<OrderId>, now: Timestamp) -> Option<Self> {
        self.status.may_become(status).then(|| Self { status, order_id, ended_at: Some(now), ..self.clone() })
    }
}

impl Record for Hold {
    type Id = HoldId;

    fn id(&self) -> HoldId {
        self.id
    }
}

/// What the sender of a request shows to prove that a hold is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenCheck {
    /// Nothing was shown.
    NotShown,
    /// The hold's own token.
    Right,
    /// Something else.
    Wrong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_ends_once() {
        use HoldStatus::{Active, Converted, Expired, Released};
        let allowed = [(Active, Converted), (Active, Expired), (Active, Released)];
        for &from in HoldStatus::ALL {
            for &to in HoldStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
