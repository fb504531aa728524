use crate::state_machine::words;
use crate::{CheckoutStatus, Order, OrderStatus, PaymentStatus};

words! {
    /// What a notification tells.
    NotificationType {
        /// A checkout was paid as asked, or resolved by the merchant.
        CheckoutCompleted = "checkout.completed",
        /// Nothing will come for a checkout, as the provider tells it.
        CheckoutFailed = "checkout.failed",
        /// Nobody paid a checkout in time.
        CheckoutExpired = "checkout.expired",
        /// A checkout was called off.
        CheckoutCanceled = "checkout.canceled",
        /// Money came for a checkout, but not as asked.
        CheckoutUnresolved = "checkout.unresolved",
        /// All of an order's money is there.
        OrderPaid = "order.paid",
        /// The seller has handed an order over.
        OrderCompleted = "order.completed",
        /// An order was called off.
        OrderCancelled = "order.cancelled",
        /// Nobody paid an order in time.
        OrderExpired = "order.expired",
        /// Some of an order's money is there.
        OrderUnderpaid = "order.underpaid",
        /// More than an order costs is there.
        OrderOverpaid = "order.overpaid",
        /// Money came for an order that can't have it, and is to be given back.
        OrderRefundDue = "order.refund_due",
        /// An order's money was given back, or what was too much of it.
        OrderRefunded = "order.refunded",
        /// Nothing has happened: the merchant wants to see whether this arrives.
        TestPing = "test.ping",
    }
}

impl NotificationType {
    /// What a checkout that comes into this status is told as. PENDING is where it begins.
    #[must_use]
    pub const fn of_checkout(status: CheckoutStatus) -> Option<Self> {
        match status {
            CheckoutStatus::Pending => None,
            CheckoutStatus::Completed => Some(Self::CheckoutCompleted),
            CheckoutStatus::Failed => Some(Self::CheckoutFailed),
            CheckoutStatus::Expired => Some(Self::CheckoutExpired),
            CheckoutStatus::Canceled => Some(Self::CheckoutCanceled),
            CheckoutStatus::Unresolved => Some(Self::CheckoutUnresolved),
        }
    }

    /// What a change of an order is told as: first where it stands, then what is known of its money, then what was given back.
    #[must_use]
    pub fn of_order(before: &Order, after: &Order) -> Vec<Self> {
        let mut told = Vec::new();
        if before.status != after.status {
            told.extend(Self::of_order_status(after.status));
        } else if before.payment_status.is_unpaid() && after.payment_status.has_it_all() {
            // It was handed over before its money was there.
            told.push(Self::OrderPaid);
        }
        if before.payment_status != after.payment_status {
            told.extend(Self::of_payment_status(after.payment_status));
        }
        if after.refunded_minor > before.refunded_minor {
            told.push(Self::OrderRefunded);
        }
        told.dedup();
        told
    }

    const fn of_order_status(status: OrderStatus) -> Option<Self> {
        match status {
            OrderStatus::Pending => None,
            OrderStatus::Paid => Some(Self::OrderPaid),
            OrderStatus::Completed => Some(Self::OrderCompleted),
            OrderStatus::Cancelled => Some(Self::OrderCancelled),
            OrderStatus::Expired => Some(Self::OrderExpired),
            OrderStatus::Refunded => Some(Self::OrderRefunded),
        }
    }

    /// That it is paid shows in the order's status; that it failed, too.
    const fn of_payment_status(status: PaymentStatus) -> Option<Self> {
        match status {
            PaymentStatus::Unpaid | PaymentStatus::Paid | PaymentStatus::Failed => None,
            PaymentStatus::Underpaid => Some(Self::OrderUnderpaid),
            PaymentStatus::Overpaid => Some(Self::OrderOverpaid),
            PaymentStatus::RefundDue => Some(Self::OrderRefundDue),
            PaymentStatus::Refunded => Some(Self::OrderRefunded),
        }
    }
}

impl PaymentStatus {
    const fn has_it_all(self) -> bool {
        match self {
            Self::Paid | Self::Overpaid => true,
            Self::Unpaid | Self::Failed | Self::Underpaid | Self::RefundDue | Self::Refunded => false,
        }
    }
}

#[cfg(test)]
mod tests;
