use std::time::Duration;

use crate::state_machine::{transitions, words};
use crate::{
    CheckoutId, CustomerId, Email, HoldId, MerchantId, Money, OrderId, PaymentId, ProductId, Quantity, Record,
    Timestamp,
};

/// The most items an order can have.
pub const MAX_ORDER_ITEMS: usize = 100;

/// How long a pending order has at least from the moment in which a payment for it was seen: most chains confirm within
/// that time. Money that comes later takes its stock again, if there is any left.
pub const ORDER_GRACE: Duration = Duration::from_secs(2 * 60 * 60);

words! {
    /// Where an [`Order`] stands.
    OrderStatus {
        /// It keeps its stock, and waits for money until its time is up.
        Pending = "pending",
        /// Its money is there.
        Paid = "paid",
        /// The seller has handed the goods over.
        Completed = "completed",
        /// It was called off, by the seller or because its payment failed.
        Cancelled = "cancelled",
        /// Nobody paid in time.
        Expired = "expired",
        /// The seller has given the money back.
        Refunded = "refunded",
    }
}

transitions! {
    OrderStatus {
        Pending => [Paid, Completed, Cancelled, Expired],
        Paid => [Completed, Refunded],
        Completed => [],
        Cancelled => [Paid],
        Expired => [Paid],
        Refunded => [],
    }
}

words! {
    /// What is known of an order's money.
    PaymentStatus {
        /// None has come.
        Unpaid = "unpaid",
        /// All of it is there.
        Paid = "paid",
        /// The payment failed.
        Failed = "failed",
        /// Some of it is there.
        Underpaid = "underpaid",
        /// More than all of it is there.
        Overpaid = "overpaid",
        /// It came, and must be given back: there is nothing left to sell for it.
        RefundDue = "refund_due",
        /// It was given back.
        Refunded = "refunded",
    }
}

transitions! {
    PaymentStatus {
        Unpaid => [Paid, Failed, Underpaid, Overpaid, RefundDue],
        Paid => [Overpaid, Refunded],
        Failed => [Paid, Overpaid, RefundDue],
        Underpaid => [Paid, Overpaid, RefundDue],
        Overpaid => [Paid, Refunded],
        RefundDue => [Paid, Overpaid, Refunded],
        Refunded => [RefundDue],
    }
}

impl PaymentStatus {
    /// Whether the order's money, or some of it, is still to come.
    #[must_use]
    pub const fn is_unpaid(self) -> bool {
        match self {
            Self::Unpaid | Self::Failed | Self::Underpaid => true,
            Self::Paid | Self::Overpaid | Self::RefundDue | Self::Refunded => false,
        }
    }
}

impl OrderStatus {
    /// Which of the product's stock an order in this status accounts for.
    #[must_use]
    pub const fn stock_share(self) -> StockShare {
        match self {
            Self::Pending => StockShare::Held,
            Self::Paid | Self::Completed => StockShare::Sold,
            Self::Cancelled | Self::Expired | Self::Refunded => StockShare::None,
        }
    }
}

/// What an order does to the stock of its products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockShare {
    /// Its items are held.
    Held,
    /// Its items are sold.
    Sold,
    /// Its items are back.
    None,
}

/// Some of a product at the price it had when the order was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// The product.
    pub product_id: ProductId,
    /// How many.
    pub quantity: Quantity,
    /// What one cost then.
    pub price_at_purchase: Money,
    /// What they cost together.
    pub line_total: Money,
}

/// A purchase: items of one merchant, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Identifies it.
    pub id: OrderId,
    /// Who sells.
    pub merchant_id: MerchantId,
    /// The hold that it was.
    pub hold_id: Option<HoldId>,
    /// Who buys, as the client names them.
    pub customer_id: Option<CustomerId>,
    /// The buyer's address.
    pub email: Option<Email>,
    /// What is bought, each product once.
    pub items: Vec<OrderItem>,
    /// What it costs together.
    pub total: Money,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is known of its money.
    pub payment_status: PaymentStatus,
    /// What came for it in its currency, in minor units: the sum of its transactions.
    pub received_minor: i64,
    /// How much of that counts towards its total and hasn't been given back, in minor units. Money that its provider
    /// holds doesn't count until it is resolved; what a provider takes for exact counts as exact.
    pub counted_minor: i64,
    /// What was given back, in minor units.
    pub refunded_minor: i64,
    /// The payment that paid it, as its provider calls it.
    pub payment_id: Option<PaymentId>,
    /// The checkout that was opened for it last.
    pub checkout_id: Option<CheckoutId>,
    /// From when on it is expired if still pending.
    pub expires_at: Timestamp,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Order {
    /// Whether its time is up, noticed by anybody or not.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// The same order, which waits a while longer for a payment that was seen.
    #[must_use]
    pub(crate) fn with_payment_seen(self, now: Timestamp) -> Self {
        let expires_at = now + ORDER_GRACE;
        if self.status == OrderStatus::Pending && self.expires_at < expires_at {
            Self { expires_at, updated_at: now, ..self }
        } else {
            self
        }
    }

    /// The same order in another status, or `None` if the transition table says no.
    #[must_use]
    pub(crate) fn become_status(&self, status: OrderStatus, now: Timestamp) -> Option<Self> {
        self.status.may_become(status).then(|| Self { status, updated_at: now, ..self.clone() })
    }

    /// The same order with another payment status, if it may have that; otherwise as it is.
    #[must_use]
    pub(crate) fn with_payment(self, payment_status: PaymentStatus, now: Timestamp) -> Self {
        if self.payment_status.may_become(payment_status) {
            Self { payment_status, updated_at: now, ..self }
        } else {
            self
        }
    }

    /// The same order, called off: what was paid of it is to be given back, whether or not it had come to count as paid; otherwise
    /// its money is as told.
    #[must_use]
    pub(crate) fn with_money_left_over(self, otherwise: PaymentStatus, now: Timestamp) -> Self {
        let has_money = self.counted_minor > 0 || self.payment_status == PaymentStatus::Underpaid;
        if has_money && self.payment_status.is_unpaid() {
            self.with_payment(PaymentStatus::RefundDue, now)
        } else {
            self.with_payment(otherwise, now)
        }
    }
}

impl Record for Order {
    type Id = OrderId;

    fn id(&self) -> OrderId {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair, written out by hand a second time.
    #[test]
    fn an_order_changes_its_status_only_as_written_here() {
        use OrderStatus::{Cancelled, Completed, Expired, Paid, Pending, Refunded};
        let allowed = [
            (Pending, Paid),
            (Pending, Completed),
            (Pending, Cancelled),
            (Pending, Expired),
            (Paid, Completed),
            (Paid, Refunded),
            (Expired, Paid),
            (Cancelled, Paid),
        ];
        for &from in OrderStatus::ALL {
            for &to in OrderStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_payment_status_changes_only_as_written_here() {
        use PaymentStatus::{Failed, Overpaid, Paid, RefundDue, Refunded, Underpaid, Unpaid};
        let allowed = [
            (Unpaid, Paid),
            (Unpaid, Failed),
            (Unpaid, Underpaid),
            (Unpaid, Overpaid),
            (Unpaid, RefundDue),
            (Failed, Paid),
            (Failed, Overpaid),
            (Failed, RefundDue),
            (Underpaid, Paid),
            (Underpaid, Overpaid),
            (Underpaid, RefundDue),
            (Paid, Overpaid),
            (Paid, Refunded),
            (Overpaid, Paid),
            (Overpaid, Refunded),
            (RefundDue, Paid),
            (RefundDue, Overpaid),
            (RefundDue, Refunded),
            (Refunded, RefundDue),
        ];
        for &from in PaymentStatus::ALL {
            for &to in PaymentStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
