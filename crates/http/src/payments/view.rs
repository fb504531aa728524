use application::ReceivedNotice;
use domain::{OrderId, OrderStatus, PaymentId, ProviderEventId, Reason, Verdict};
use serde::Serialize;

/// What the sender is told: a 2xx with this means that the notice is never lost.
#[derive(Debug, Serialize)]
pub(crate) struct NoticeReceipt<'a> {
    message: &'static str,
    idempotency_key: &'a ProviderEventId,
    payment_id: Option<&'a PaymentId>,
    order_id: OrderId,
    order_status: Option<OrderStatus>,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

impl<'a> NoticeReceipt<'a> {
    pub(crate) fn new(received: &'a ReceivedNotice, order_id: OrderId, payment_id: Option<&'a PaymentId>) -> Self {
        Self {
            message: message(received.reply.verdict, received.reply.reason),
            idempotency_key: &received.idempotency_key,
            payment_id,
            order_id,
            order_status: received.reply.order_status,
            verdict: received.reply.verdict,
            reason: received.reply.reason,
        }
    }
}

const fn message(verdict: Verdict, reason: Option<Reason>) -> &'static str {
    match verdict {
        Verdict::Applied if reason.is_some() => {
            "The money is recorded, but does not pay the order; the reason says why."
        }
        Verdict::Applied => "The event was applied to the order.",
        Verdict::Duplicate => "The event was received before.",
        Verdict::Stale => "The event came too late and changed nothing.",
        Verdict::Waiting => "The event is stored and waits for its order.",
        Verdict::Rejected => {
            "The event does not fit the order, which is unchanged; the event is kept for the operator."
        }
        Verdict::Dead => "The event is stored and will not be applied.",
    }
}
