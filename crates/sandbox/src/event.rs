//! What a merchant is told, and the envelope it comes in.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::charge::Charge;
use crate::clock::Timestamp;
use crate::config::Config;

const API_VERSION: &str = "2018-03-22";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Created,
    Pending,
    Confirmed,
    Failed,
    Delayed,
    Resolved,
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
        }
    }
}

/// The event, with the charge as it is now.
pub(crate) fn snapshot(id: Uuid, kind: Kind, charge: &Charge, now: Timestamp, config: &Config) -> Value {
    json!({
        "id": id,
        "resource": "event",
        "type": kind.name(),
        "api_version": API_VERSION,
        "created_at": now.to_wire(),
        "data": charge.to_wire(config),
    })
}

/// The body of a webhook: compact JSON with sorted keys. The envelope's id is new each time, the event's stays.
pub(crate) fn envelope(id: Uuid, attempt: i32, scheduled_for: Timestamp, event: Value) -> String {
    let mut envelope = json!({
        "attempt_number": attempt,
        "id": id,
        "scheduled_for": scheduled_for.to_wire(),
    });
    envelope["event"] = event;
    // Sorted anyway, unless another crate of the same build asks serde_json to keep the order of insertion.
    envelope.sort_all_objects();
    envelope.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_compact_and_sorted_at_every_depth() {
        let event = json!({"type": "charge:created", "id": "e", "data": {"z": 1, "a": {"y": "é", "b": []}}});
        let body = envelope(Uuid::nil(), 3, Timestamp(1_700_000_000_000), event);
        assert_eq!(
            body,
            "{\"attempt_number\":3,\"event\":{\"data\":{\"a\":{\"b\":[],\"y\":\"é\"},\"z\":1},\"id\":\"e\",\
             \"type\":\"charge:created\"},\"id\":\"00000000-0000-0000-0000-000000000000\",\
             \"scheduled_for\":\"2023-11-14T22:13:20Z\"}"
        );
    }
}
