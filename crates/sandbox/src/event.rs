//! What a merchant is told, and the envelope it comes in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::Timestamp;

const API_VERSION: &str = "2018-03-22";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Created,
    Pending,
    Confirmed,
    Failed,
    Delayed,
    Resolved,
    InvoiceCreated,
    InvoiceViewed,
    InvoicePaymentPending,
    InvoicePaid,
    InvoiceUnresolved,
    InvoiceVoided,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "charge:created",
            Self::Pending => "charge:pending",
            Self::Confirmed => "charge:confirmed",
            Self::Failed => "charge:failed",
            Self::Delayed => "charge:delayed",
            Self::Resolved => "charge:resolved",
            Self::InvoiceCreated => "invoice:created",
            Self::InvoiceViewed => "invoice:viewed",
            Self::InvoicePaymentPending => "invoice:payment_pending",
            Self::InvoicePaid => "invoice:paid",
            Self::InvoiceUnresolved => "invoice:unresolved",
            Self::InvoiceVoided => "invoice:voided",
        }
    }
}

/// An event as it is stored, listed and sent: Coinbase's own JSON, with what it is about as it was then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Event(pub(crate) Value);

impl Event {
    pub(crate) fn new(id: Uuid, kind: Kind, data: &Value, now: Timestamp) -> Self {
        let mut event = json!({
            "id": id,
            "resource": "event",
            "type": kind.name(),
            "api_version": API_VERSION,
            "created_at": now.to_wire(),
            "data": data,
        });
        // Sorted anyway, unless another crate of the same build asks serde_json to keep the order of insertion.
        event.sort_all_objects();
        Self(event)
    }

    /// The same event with what an earlier one said.
    pub(crate) fn with_data_of(mut self, mut earlier: Self) -> Self {
        self.0["data"] = earlier.0["data"].take();
        self.0.sort_all_objects();
        self
    }
}

/// The body of a webhook: compact JSON with sorted keys. The envelope's id is new each time, the event's stays.
/// `event` is a stored one: compact and sorted already.
pub(crate) fn envelope(id: Uuid, attempt: i32, scheduled_for: Timestamp, event: &str) -> String {
    let scheduled_for = scheduled_for.to_wire();
    format!(r#"{{"attempt_number":{attempt},"event":{event},"id":"{id}","scheduled_for":"{scheduled_for}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_compact_and_sorted_at_every_depth() {
        let now = Timestamp(1_700_000_000_000);
        let event = Event::new(Uuid::nil(), Kind::Created, &json!({"z": 1, "a": {"y": "é", "b": []}}), now);
        let body = envelope(Uuid::nil(), 3, now, &event.0.to_string());
        assert_eq!(
            body,
            "{\"attempt_number\":3,\"event\":{\"api_version\":\"2018-03-22\",\"created_at\":\"2023-11-14T22:13:20Z\",\
             \"data\":{\"a\":{\"b\":[],\"y\":\"é\"},\"z\":1},\"id\":\"00000000-0000-0000-0000-000000000000\",\
             \"resource\":\"event\",\"type\":\"charge:created\"},\"id\":\"00000000-0000-0000-0000-000000000000\",\
             \"scheduled_for\":\"2023-11-14T22:13:20Z\"}"
        );
        let mut parsed: Value = serde_json::from_str(&body).unwrap();
        parsed.sort_all_objects();
        assert_eq!(parsed.to_string(), body, "written by hand, it is still what a sorting writer makes of it");
    }

    #[test]
    fn a_stale_body_keeps_the_name_of_its_event() {
        let now = Timestamp(0);
        let earlier = Event::new(Uuid::nil(), Kind::Created, &json!({"n": 1}), now);
        let event = Event::new(Uuid::from_u128(1), Kind::Pending, &json!({"n": 2}), now).with_data_of(earlier);
        assert_eq!((&event.0["type"], &event.0["data"]["n"]), (&json!("charge:pending"), &json!(1)));
    }
}
