//! What an order still lacks, and what of its money is to be given back.

use crate::{Order, OrderStatus, PaymentStatus, Timestamp};

impl Order {
    /// What is still to come, in minor units: nothing once the order is paid, or over.
    #[must_use]
    pub fn missing_minor(&self) -> i64 {
        let is_awaited = match self.status {
            OrderStatus::Pending | OrderStatus::Completed => self.payment_status.is_unpaid(),
            OrderStatus::Paid | OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Refunded => false,
        };
        if is_awaited { self.total.minor().saturating_sub(self.counted_minor).max(0) } else { 0 }
    }

    /// What is to be given back, in minor units: what is more than the total, or all that counts of an order that can't be
    /// had any more.
    #[must_use]
    pub fn excess_minor(&self) -> i64 {
        let excess = match self.payment_status {
            PaymentStatus::Overpaid => self.counted_minor.saturating_sub(self.total.minor()),
            PaymentStatus::RefundDue => self.counted_minor,
            PaymentStatus::Unpaid
            | PaymentStatus::Paid
            | PaymentStatus::Failed
            | PaymentStatus::Underpaid
            | PaymentStatus::Refunded => 0,
        };
        // A provider may take less for exact: no more can be given back than there is.
        excess.clamp(0, self.there_minor())
    }

    /// What came and wasn't given back.
    const fn there_minor(&self) -> i64 {
        self.received_minor.saturating_sub(self.refunded_minor)
    }

    /// The same order after all that counts was given back.
    #[must_use]
    pub(crate) fn with_all_given_back(self, now: Timestamp) -> Self {
        let refunded_minor = self.refunded_minor.saturating_add(self.counted_minor.clamp(0, self.there_minor()));
        Self { refunded_minor, counted_minor: 0, ..self }.with_payment(PaymentStatus::Refunded, now)
    }

    /// The same order after what was too much was given back; `None` if nothing was.
    #[must_use]
    pub(crate) fn with_excess_given_back(self, now: Timestamp) -> Option<Self> {
        if self.payment_status != PaymentStatus::Overpaid {
            return None;
        }
        let refunded_minor = self.refunded_minor.saturating_add(self.excess_minor());
        let counted_minor = self.counted_minor.min(self.total.minor());
        Some(Self { counted_minor, refunded_minor, ..self }.with_payment(PaymentStatus::Paid, now))
    }
}
