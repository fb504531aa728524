use crate::WebhookError;

/// Authenticates the webhooks of our own API: whoever knows one of the secrets may send them.
pub trait SignatureVerifier: Send + Sync {
    /// Checks a signature over the bytes as they came, in constant time and before anything is parsed.
    fn verify(&self, signature: Option<&str>, body: &[u8]) -> Result<(), WebhookError>;
}
