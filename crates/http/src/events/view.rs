use application::explain_event;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{
    CheckoutId, Event, EventId, OrderId, OrderStatus, Provider, ProviderEventId, Reason, Subject, Timestamp, Verdict,
};
use serde::Serialize;

/// A stored webhook as operators see it: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub struct EventView<'a> {
    id: EventId,
    provider: Provider,
    event_id: &'a ProviderEventId,
    event_type: &'a str,
    subject: Option<String>,
    subject_kind: Option<SubjectKind>,
    verdict: Verdict,
    reason: Option<Reason>,
    explanation: String,
    checkout_id: Option<CheckoutId>,
    order_id: Option<OrderId>,
    order_status: Option<OrderStatus>,
    received_at: Timestamp,
    processed_at: Option<Timestamp>,
}

/// What the subject is the name of.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum SubjectKind {
    Charge,
    Order,
}

/// The same with the body as it came: as text if it is one, else in Base64.
#[derive(Debug, Serialize)]
pub(crate) struct WholeEventView<'a> {
    #[serde(flatten)]
    event: EventView<'a>,
    raw: Option<&'a str>,
    raw_base64: Option<String>,
}

impl<'a> From<&'a Event> for EventView<'a> {
    fn from(event: &'a Event) -> Self {
        let (subject, subject_kind) = match &event.subject {
            Some(Subject::Charge(code)) => (Some(code.to_string()), Some(SubjectKind::Charge)),
            Some(Subject::Order(id)) => (Some(id.to_string()), Some(SubjectKind::Order)),
            None => (None, None),
        };
        Self {
            id: event.id,
            provider: event.key.provider,
            event_id: &event.key.provider_event_id,
            event_type: &event.event_type,
            subject,
            subject_kind,
            verdict: event.verdict,
            reason: event.reason,
            explanation: explain_event(event),
            checkout_id: event.checkout_id,
            order_id: event.order_id,
            order_status: event.order_status,
            received_at: event.received_at,
            processed_at: event.processed_at,
        }
    }
}

impl<'a> From<&'a Event> for WholeEventView<'a> {
    fn from(event: &'a Event) -> Self {
        let text = std::str::from_utf8(&event.raw).ok();
        let raw_base64 = text.is_none().then(|| STANDARD.encode(&event.raw));
        Self { event: EventView::from(event), raw: text, raw_base64 }
    }
}
