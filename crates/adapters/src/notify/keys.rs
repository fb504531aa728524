use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::SigningSeed;
use hmac::{Hmac, KeyInit, Mac};
use ports::EndpointKeys;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::Sha256;

use crate::system::random_key;

/// Set apart what is derived from a seed: whoever knows the shared secret knows nothing of the key pair.
const SECRET: &[u8] = b"boxoffice webhook secret";
const KEY_PAIR: &[u8] = b"boxoffice webhook key pair";

/// The keys of the Standard Webhooks specification.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardKeys;

impl EndpointKeys for StandardKeys {
    fn new_seed(&self) -> SigningSeed {
        SigningSeed::from_bytes(random_key())
    }

    fn secret(&self, seed: &SigningSeed) -> String {
        format!("whsec_{}", STANDARD.encode(derived(seed, SECRET)))
    }

    fn public_key(&self, seed: &SigningSeed) -> String {
        format!("whpk_{}", STANDARD.encode(key_pair(seed).public_key().as_ref()))
    }
}

/// What is signed: the id, the moment and the body.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    pub(super) unix_s: i64,
    pub(super) body: &'a str,
}

impl Message<'_> {
    /// The `webhook-signature` header: a signature for each seed, and with each key pair one more.
    pub(super) fn signatures(&self, seeds: &[SigningSeed], is_asymmetric: bool) -> String {
        let text = self.to_string();
        let symmetric = seeds.iter().map(|seed| {
            let mac = mac(&derived(seed, SECRET)).chain_update(text.as_bytes()).finalize().into_bytes();
            format!("v1,{}", STANDARD.encode(mac))
        });
        let asymmetric = seeds.iter().filter(|_| is_asymmetric).map(|seed| {
            let signature = key_pair(seed).sign(text.as_bytes());
            format!("v1a,{}", STANDARD.encode(signature.as_ref()))
        });
        symmetric.chain(asymmetric).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.id, self.unix_s, self.body)
    }
}

fn derived(seed: &SigningSeed, purpose: &[u8]) -> [u8; 32] {
    mac(seed.as_bytes()).chain_update(purpose).finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "the error is for keyed hashes that want a key of one length")]
fn mac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length (RFC 2104)")
}

#[expect(clippy::expect_used, reason = "the error is for seeds of another length")]
fn key_pair(seed: &SigningSeed) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&derived(seed, KEY_PAIR)).expect("any 32 bytes are a seed (RFC 8032)")
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};
    use standardwebhooks::Webhook;

    use super::*;

    const BODY: &str = r#"{"type":"order.paid","timestamp":"2026-01-01T00:00:00.000000Z","data":{"name":"Zoë"}}"#;

    fn seed(byte: u8) -> SigningSeed {
        SigningSeed::from_bytes([byte; 32])
    }

    /// `standardwebhooks` looks at the clock by itself: a message is as old as the test.
    fn verifies(secret: &str, signatures: &str, body: &str, unix_s: i64) -> bool {
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", "msg-1".parse().unwrap());
        headers.insert("webhook-timestamp", unix_s.to_string().parse().unwrap());
        headers.insert("webhook-signature", signatures.parse().unwrap());
        Webhook::new(secret).unwrap().verify(body.as_bytes(), &headers).is_ok()
    }

    fn now_s() -> i64 {
        use ports::Clock;
        crate::SystemClock.now().unix_us() / 1_000_000
    }

    #[test]
    fn the_published_library_verifies_what_is_signed() {
        let (keys, unix_s) = (StandardKeys, now_s());
        let message = Message { id: "msg-1", unix_s, body: BODY };
        let signatures = message.signatures(&[seed(1), seed(2)], true);
        for known in [1, 2] {
            assert!(
                verifies(&keys.secret(&seed(known)), &signatures, BODY, unix_s),
                "both are valid while one replaces the other"
            );
        }
        assert!(!verifies(&keys.secret(&seed(3)), &signatures, BODY, unix_s));
        assert!(!verifies(&keys.secret(&seed(1)), &signatures, &BODY.replace("paid", "lost"), unix_s));
        assert!(!verifies(&keys.secret(&seed(1)), &signatures, BODY, unix_s + 1));
    }

    #[test]
    fn the_published_library_signs_alike() {
        let unix_s = now_s();
        let theirs =
            Webhook::new(&StandardKeys.secret(&seed(1))).unwrap().sign("msg-1", unix_s, BODY.as_bytes()).unwrap();
        assert_eq!(Message { id: "msg-1", unix_s, body: BODY }.signatures(&[seed(1)], false), theirs);
    }

    #[test]
    fn a_key_pair_signs_beside_the_secret() {
        let message = Message { id: "msg-1", unix_s: 1_767_225_600, body: BODY };
        let signatures = message.signatures(&[seed(1)], true);
        let (_, asymmetric) = signatures.split_once(" v1a,").unwrap();
        let public = StandardKeys.public_key(&seed(1));
        let public = STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap();
        let key = UnparsedPublicKey::new(&ED25519, public);
        let signature = STANDARD.decode(asymmetric).unwrap();
        assert!(key.verify(message.to_string().as_bytes(), &signature).is_ok());
        assert!(key.verify(b"something else", &signature).is_err());
        assert!(!message.signatures(&[seed(1)], false).contains("v1a"));
    }

    #[test]
    fn secrets_are_32_bytes_and_tell_nothing_of_each_other() {
        let secret = StandardKeys.secret(&seed(1));
        assert_eq!(STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
        assert_ne!(secret, StandardKeys.secret(&seed(2)));
        assert_ne!(StandardKeys.new_seed(), StandardKeys.new_seed());
        assert_ne!(derived(&seed(1), SECRET), derived(&seed(1), KEY_PAIR));
    }
}
