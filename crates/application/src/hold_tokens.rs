use std::fmt::Write;

use domain::{HoldId, TokenCheck};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Makes and checks the tokens that holds are released and converted by: HMAC-SHA256 of the hold's id, in hex, under a
/// key that the store keeps. So no token is stored, and every node knows every token.
#[derive(Clone)]
pub struct HoldTokens {
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for HoldTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HoldTokens").finish_non_exhaustive()
    }
}

impl HoldTokens {
    /// Tokens under this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { mac: keyed(key) }
    }

    /// The token of a hold.
    #[must_use]
    pub fn of(&self, id: HoldId) -> String {
        let token = self.mac.clone().chain_update(id.as_uuid().as_bytes()).finalize().into_bytes();
        token.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String never fails.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Whether what was shown is the hold's token; in constant time.
    #[must_use]
    pub fn check(&self, id: HoldId, shown: Option<&str>) -> TokenCheck {
        match shown {
            None => TokenCheck::NotShown,
            Some(shown) if self.is_of(id, shown) => TokenCheck::Right,
            Some(_) => TokenCheck::Wrong,
        }
    }

    fn is_of(&self, id: HoldId, shown: &str) -> bool {
        let Some(shown) = decode(shown) else { return false };
        self.mac.clone().chain_update(id.as_uuid().as_bytes()).verify_slice(&shown).is_ok()
    }
}

#[expect(clippy::expect_used, reason = "the error is for keyed hashes that want a key of one length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length (RFC 2104)")
}

/// Reads exactly 64 digits of lower-case hex.
fn decode(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use domain::TokenCheck::{NotShown, Right, Wrong};

    use super::*;

    fn hold(number: u128) -> HoldId {
        HoldId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_token_opens_its_own_hold_only() {
        let tokens = HoldTokens::new(&[7; 32]);
        let token = tokens.of(hold(1));
        assert_eq!(tokens.check(hold(1), Some(&token)), Right);
        assert_eq!(tokens.check(hold(2), Some(&token)), Wrong);
        assert_eq!(tokens.check(hold(1), None), NotShown);
        for wrong in ["", "0", &token[1..], &token.to_uppercase(), &format!("{token}0"), "é".repeat(32).as_str()] {
            assert_eq!(tokens.check(hold(1), Some(wrong)), Wrong, "{wrong}");
        }
        assert_eq!(HoldTokens::new(&[8; 32]).check(hold(1), Some(&token)), Wrong, "another key");
    }
}
