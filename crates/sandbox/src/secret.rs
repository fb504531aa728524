//! What proves who sent a webhook: its signature.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::random::hex;

/// The value of `X-CC-Webhook-Signature`: HMAC-SHA256 of the raw body in lower-case hex (Coinbase's clients reject upper case).
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length; the error type exists for ciphers that don't.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_official_clients() {
        let expected = "37beaf650f70b40ec9706929c2e9d835cbd63729988f48781e6383a147215f07";
        assert_eq!(signature("s", br#"{"a":1}"#), expected);
    }
}
