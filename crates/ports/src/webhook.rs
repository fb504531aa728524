use domain::{EventKey, EventReport, Subject};
use thiserror::Error;

/// A webhook that was authenticated and read: what [`domain::RecordEvent`] needs but the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingEvent {
    /// What the sender calls it.
    pub key: EventKey,
    /// The sender's word for what happened.
    pub event_type: String,
    /// What it is about.
    pub subject: Option<Subject>,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
    /// What the body says.
    pub report: EventReport,
}

/// Why a webhook isn't taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// No signature came with it.
    #[error("the signature header is missing")]
    MissingSignature,
    /// The signature isn't of these bytes under any of our secrets.
    #[error("the signature does not match")]
    WrongSignature,
    /// Authentic, but not what such a body looks like; the text says what is wrong, without quoting the body.
    #[error("the body can't be read: {0}")]
    Malformed(String),
}

/// Authenticates and reads the webhooks of one provider. Each wire signs in its own way, with headers of its own.
pub trait WebhookDecoder: Send + Sync {
    /// Checks the signature over the bytes as they came, in constant time and before anything is parsed, then reads
    /// them. `header` looks a request header up by its lower-case name.
    fn decode(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> Result<IncomingEvent, WebhookError>;
}
