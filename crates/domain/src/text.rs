use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why a text can't be a name or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// Longer than the given number of characters.
    #[error("must be at most {0} characters long")]
    TooLong(usize),
    /// Control characters, NUL among them, which PostgreSQL can't store.
    #[error("must not contain control characters")]
    ControlCharacter,
}

pub(crate) fn check(text: &str, max_chars: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > max_chars {
        return Err(TextError::TooLong(max_chars));
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::ControlCharacter);
    }
    Ok(())
}

macro_rules! bounded_text {
    ($($(#[$doc:meta])* $name:ident, $max:literal);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest one, in characters.
            pub const MAX_CHARS: usize = $max;

            /// Takes a text that isn't empty, not too long, and free of control characters.
            pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
                let text = text.into();
                check(&text, Self::MAX_CHARS)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

bounded_text! {
    /// Who sells: the owner of checkouts, products and orders.
    MerchantId, 255;
    /// What a client names one request by, so that sending it twice does it once.
    IdempotencyKey, 255;
    /// What a payment provider calls a charge.
    ChargeCode, 64;
    /// What a payment provider calls an event; the same for every delivery of it.
    ProviderEventId, 255;
    /// What a payment provider calls a payment.
    PaymentId, 255;
    /// What a product is called.
    ProductName, 255;
    /// Where a merchant wants to be told what has happened.
    EndpointUrl, 2048;
    /// What a merchant calls an endpoint.
    EndpointDescription, 255;
}

impl MerchantId {
    /// The merchant of requests by nobody in particular.
    #[must_use]
    pub fn default_merchant() -> Self {
        Self("default".to_owned())
    }
}

impl ProviderEventId {
    /// What an event without a name of its own goes by: the SHA-256 of its body, in hex.
    #[must_use]
    pub fn of_body(body: &[u8]) -> Self {
        let digest = Sha256::digest(body);
        Self(digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String never fails.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

impl From<IdempotencyKey> for ProviderEventId {
    /// The senders of some events name them as they name requests. Both names have the same rules.
    fn from(key: IdempotencyKey) -> Self {
        Self(key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert_eq!(ChargeCode::parse("ABCD1234").unwrap().as_str(), "ABCD1234");
        assert_eq!(ChargeCode::parse(""), Err(TextError::Empty));
        assert_eq!(ChargeCode::parse("x".repeat(65)), Err(TextError::TooLong(64)));
        assert_eq!(ChargeCode::parse("a\0b"), Err(TextError::ControlCharacter));
        assert!(MerchantId::parse("é".repeat(255)).is_ok());
    }
}
