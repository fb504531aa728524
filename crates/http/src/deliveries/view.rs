use application::DeliveryRecord;
use domain::{
    CheckoutId, Delivery, DeliveryAttempt, DeliveryFailure, DeliveryId, DeliveryStatus, EndpointId, JobKind,
    NotificationId, NotificationSubject, NotificationType, OrderId, Timestamp,
};
use serde::Serialize;

/// A delivery as it goes out: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub struct DeliveryView {
    id: DeliveryId,
    endpoint_id: EndpointId,
    /// What is sent as `webhook-id`.
    notification_id: NotificationId,
    event_type: NotificationType,
    order_id: Option<OrderId>,
    checkout_id: Option<CheckoutId>,
    status: DeliveryStatus,
    failure: Option<DeliveryFailure>,
    attempts: u32,
    max_attempts: u32,
    next_attempt_at: Option<Timestamp>,
    redelivered_as: Option<DeliveryId>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let (checkout_id, order_id) = match delivery.subject {
            NotificationSubject::Checkout(id) => (Some(id), None),
            NotificationSubject::Order(id) => (None, Some(id)),
            NotificationSubject::Endpoint(_) => (None, None),
        };
        Self {
            id: delivery.id,
            endpoint_id: delivery.endpoint_id,
            notification_id: delivery.notification_id,
            event_type: delivery.event_type,
            order_id,
            checkout_id,
            status: delivery.status,
            failure: delivery.failure,
            attempts: delivery.attempts,
            max_attempts: JobKind::Notify.backoff().max_attempts,
            next_attempt_at: delivery.next_attempt_at,
            redelivered_as: delivery.redelivered_as,
            created_at: delivery.created_at,
            finished_at: delivery.finished_at,
        }
    }
}

/// How one attempt went.
#[derive(Debug, Serialize)]
struct AttemptView<'a> {
    number: u32,
    started_at: Timestamp,
    duration_ms: u64,
    status_code: Option<u16>,
    error: Option<&'a str>,
    answer: Option<&'a str>,
}

impl<'a> From<&'a DeliveryAttempt> for AttemptView<'a> {
    fn from(attempt: &'a DeliveryAttempt) -> Self {
        let attempted = &attempt.attempted;
        Self {
            number: attempt.number,
            started_at: attempted.started_at,
            duration_ms: attempted.duration_ms,
            status_code: attempted.status_code,
            error: attempted.error.as_deref(),
            answer: attempted.answer.as_deref(),
        }
    }
}

/// A delivery with its attempts, and the body byte for byte as it is sent, as text.
#[derive(Debug, Serialize)]
pub(crate) struct DeliveryRecordView<'a> {
    #[serde(flatten)]
    delivery: DeliveryView,
    body: Option<&'a str>,
    attempt_log: Vec<AttemptView<'a>>,
}

impl<'a> From<&'a DeliveryRecord> for DeliveryRecordView<'a> {
    fn from(record: &'a DeliveryRecord) -> Self {
        Self {
            delivery: DeliveryView::from(&record.delivery),
            body: record.notification.as_ref().map(|notification| notification.body.as_str()),
            attempt_log: record.attempts.iter().map(AttemptView::from).collect(),
        }
    }
}
