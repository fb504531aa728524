use std::sync::Arc;

use domain::{EventKey, EventReport, Provider, ProviderEventId, Subject};
use ports::{Clock, IdSource, IncomingEvent, SignatureVerifier, WebhookDecoder, WebhookError};

use super::charge::WireCharge;
use super::loose::Loose;
use super::report::{Told, WireNews};
use crate::signature::{SecretsError, SharedSecrets};

/// The header that carries a webhook's signature, in lower case.
pub const SIGNATURE_HEADER: &str = "x-cc-webhook-signature";

/// The longest type of event that is taken for one.
const EVENT_TYPE_MAX_CHARS: usize = 100;

/// Coinbase's own events are 8 deep. Whoever reads a stored body later may do so recursively.
const DEPTH_MAX: usize = 64;

/// Reads the webhooks of Coinbase Commerce: one JSON object each, signed with a secret that only we share.
pub struct CoinbaseWebhooks {
    secrets: SharedSecrets,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl CoinbaseWebhooks {
    /// Takes the shared secret, or several while one replaces the other.
    pub fn new(secrets: &[String], clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<Self, SecretsError> {
        Ok(Self { secrets: SharedSecrets::new(secrets)?, clock, ids })
    }

    /// An event with an id and a type is taken whatever else is wrong with it: it is authentic, and money may depend
    /// on it.
    fn read(&self, body: &[u8]) -> Result<IncomingEvent, WebhookError> {
        let text = std::str::from_utf8(body).map_err(|_| malformed("it isn't UTF-8"))?;
        if is_too_deep(text) {
            return Err(malformed("it is nested too deeply"));
        }
        let envelope = Loose::parse(text).ok_or_else(|| malformed("it isn't a JSON object"))?;
        let event = envelope.object("event").ok_or_else(|| malformed("it has no event"))?;
        let id = event.text("id").and_then(|id| ProviderEventId::parse(id).ok());
        let id = id.ok_or_else(|| malformed("the event has no usable id"))?;
        let event_type = event.text("type").filter(|name| is_event_type(name));
        let event_type = event_type.ok_or_else(|| malformed("the event has no usable type"))?;
        let charge = WireCharge { fields: event.object("data").unwrap_or_default() };
        let created_at = event.moment("created_at");
        let told = Told::ByEvent { id: id.as_str(), event_type: &event_type, created_at };
        let news = WireNews { told, charge: &charge };
        let report = EventReport::Charge(news.report(self.clock.now(), &*self.ids)?);
        let subject = charge.code().map(Subject::Charge);
        let key = EventKey { provider: Provider::Coinbase, provider_event_id: id };
        Ok(IncomingEvent { key, event_type, subject, raw: body.to_vec(), report })
    }
}

impl WebhookDecoder for CoinbaseWebhooks {
    fn decode(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> Result<IncomingEvent, WebhookError> {
        self.secrets.verify(header(SIGNATURE_HEADER).as_deref(), body)?;
        self.read(body)
    }
}

fn malformed(why: &str) -> WebhookError {
    WebhookError::Malformed(why.to_owned())
}

fn is_event_type(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= EVENT_TYPE_MAX_CHARS && !name.chars().any(char::is_control)
}

/// Counts brackets outside of strings; whether they match is for the parser to say.
pub(super) fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_are_not_depth() {
        let text = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(1_000));
        assert!(!is_too_deep(&text));
        assert!(!is_too_deep(&format!("{}{}", "[".repeat(64), "]".repeat(64))));
        assert!(is_too_deep(&"[".repeat(65)));
        assert!(is_too_deep(&format!(r#""\\"{}"#, "[".repeat(65))));
    }
}
