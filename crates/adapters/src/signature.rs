//! Signatures of webhooks: HMAC-SHA256 of the bytes under a shared secret, in lower-case hex. Coinbase signs so, and so
//! must the payment backends that call our own webhook.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use ports::{SignatureVerifier, WebhookError};
use sha2::Sha256;
use thiserror::Error;

const SIGNATURE_BYTES: usize = 32;

/// Signs a webhook's body: HMAC-SHA256 under the shared secret, in lower-case hex.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    let signature = Key::new(secret).mac.chain_update(body).finalize().into_bytes();
    signature.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String never fails.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A shared secret, ready for use.
#[derive(Clone)]
struct Key {
    mac: Hmac<Sha256>,
}

impl Key {
    #[expect(clippy::expect_used, reason = "the error is for keyed hashes that want a key of one length")]
    fn new(secret: &str) -> Self {
        let mac = Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length (RFC 2104)");
        Self { mac }
    }

    /// In constant time.
    fn has_signed(&self, body: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        self.mac.clone().chain_update(body).verify_slice(signature).is_ok()
    }
}

/// The secrets that a sender may sign with: several, while one replaces the other.
#[derive(Clone)]
pub struct SharedSecrets {
    keys: Vec<Key>,
}

impl std::fmt::Debug for SharedSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedSecrets").finish_non_exhaustive()
    }
}

/// Why webhooks can't be authenticated with these secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SecretsError {
    /// Every webhook would be refused.
    #[error("at least one webhook secret is needed")]
    None,
    /// Anybody could sign with it.
    #[error("a webhook secret must not be empty")]
    Empty,
}

impl SharedSecrets {
    /// Takes the secrets.
    pub fn new(secrets: &[String]) -> Result<Self, SecretsError> {
        if secrets.is_empty() {
            return Err(SecretsError::None);
        }
        if secrets.iter().any(String::is_empty) {
            return Err(SecretsError::Empty);
        }
        Ok(Self { keys: secrets.iter().map(|secret| Key::new(secret)).collect() })
    }

    /// Whether one of the secrets has signed the body. All of them are tried, so that the time tells nothing of which.
    fn have_signed(&self, body: &[u8], signature: &str) -> bool {
        let Some(signature) = decode(signature) else { return false };
        self.keys.iter().fold(false, |found, key| found | key.has_signed(body, &signature))
    }
}

impl SignatureVerifier for SharedSecrets {
    fn verify(&self, signature: Option<&str>, body: &[u8]) -> Result<(), WebhookError> {
        let signature = signature.ok_or(WebhookError::MissingSignature)?;
        if self.have_signed(body, signature) { Ok(()) } else { Err(WebhookError::WrongSignature) }
    }
}

/// Reads exactly 64 digits of hex, in lower case only: Coinbase writes no other, and its own client takes no other.
fn decode(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let text = text.as_bytes();
    if text.len() != 2 * SIGNATURE_BYTES {
        return None;
    }
    let mut bytes = [0; SIGNATURE_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"a":1}"#;
    const SIGNATURE: &str = "37beaf650f70b40ec9706929c2e9d835cbd63729988f48781e6383a147215f07";

    fn keys(secrets: &[&str]) -> SharedSecrets {
        SharedSecrets { keys: secrets.iter().map(|secret| Key::new(secret)).collect() }
    }

    fn is_signed(secrets: &SharedSecrets, body: &[u8], signature: &str) -> bool {
        secrets.have_signed(body, signature)
    }

    #[test]
    fn it_signs_as_coinbase_does() {
        assert_eq!(sign("s", BODY), SIGNATURE);
    }

    #[test]
    fn secrets_that_let_everybody_or_nobody_in_are_refused() {
        assert_eq!(SharedSecrets::new(&[]).err(), Some(SecretsError::None));
        assert_eq!(SharedSecrets::new(&["s".to_owned(), String::new()]).err(), Some(SecretsError::Empty));
        let secrets = SharedSecrets::new(&["s".to_owned()]).unwrap();
        assert_eq!(secrets.verify(None, BODY), Err(WebhookError::MissingSignature));
        assert_eq!(secrets.verify(Some(""), BODY), Err(WebhookError::WrongSignature));
        assert_eq!(secrets.verify(Some(SIGNATURE), BODY), Ok(()));
    }

    #[test]
    fn each_of_several_secrets_is_good_while_they_rotate() {
        assert!(is_signed(&keys(&["s"]), BODY, SIGNATURE));
        assert!(is_signed(&keys(&["s", "new"]), BODY, SIGNATURE));
        assert!(is_signed(&keys(&["new", "s"]), BODY, SIGNATURE));
        assert!(!is_signed(&keys(&["new", "newer"]), BODY, SIGNATURE));
        assert!(!is_signed(&keys(&[]), BODY, SIGNATURE));
    }

    #[test]
    fn a_signature_is_good_for_its_bytes_only() {
        assert!(!is_signed(&keys(&["s"]), br#"{"a":2}"#, SIGNATURE));
        assert!(!is_signed(&keys(&["s"]), br#"{"a": 1}"#, SIGNATURE));
        assert!(!is_signed(&keys(&["s"]), b"", SIGNATURE));
    }

    #[test]
    fn a_signature_written_in_another_way_is_refused() {
        let keys = keys(&["s"]);
        assert!(!is_signed(&keys, BODY, &SIGNATURE.to_uppercase()));
        assert!(!is_signed(&keys, BODY, &SIGNATURE[..62]));
        assert!(!is_signed(&keys, BODY, &format!("{SIGNATURE}00")));
        assert!(!is_signed(&keys, BODY, &format!(" {}", &SIGNATURE[1..])));
        assert!(!is_signed(&keys, BODY, &format!("+{}", &SIGNATURE[1..])));
        assert!(!is_signed(&keys, BODY, &"é".repeat(32)));
        assert!(!is_signed(&keys, BODY, ""));
    }
}
