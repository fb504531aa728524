use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An e-mail address that a message could be sent to: one `@`, printable ASCII or letters on both sides, and the
/// lengths of RFC 5321, section 4.5.3.1 (64 before the `@`, 254 in all).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// A text that is no [`Email`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must be an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Reads an address as it is: nothing is trimmed or changed in case.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidEmail> {
        let text = text.into();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let printable = |part: &str| part.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '@');
        let labels_are_sound = domain
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
        let lengths_fit = !local.is_empty() && local.len() <= 64 && text.len() <= 254;
        if lengths_fit && labels_are_sound && printable(local) && printable(domain) {
            Ok(Self(text))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["a@b.co", "first.last+tag@example.com", "x@localhost", "jörg@exämple.de"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        let long_local = format!("{}@b.co", "a".repeat(65));
        for bad in ["", "a", "@b.co", "a@", "a b@c.de", "a@b..c", "a@-b.c", "a@b\n.co", "a@b@c.de", &long_local] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
