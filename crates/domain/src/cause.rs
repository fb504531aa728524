use std::fmt;
use std::str::FromStr;

use crate::{MerchantId, Provider, UnknownState};

/// The longest id of a request that is kept.
const MAX_REQUEST_ID_CHARS: usize = 128;

/// Who wants a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Actor {
    /// Boxoffice itself: a job, or what ends when its time is up.
    #[default]
    System,
    /// Whoever called the API without credentials.
    Anonymous,
    /// A merchant, by credentials.
    Merchant(MerchantId),
    /// A payment provider or backend, by a signed webhook.
    Provider(Provider),
    /// Somebody at the command line or at the admin API.
    Operator,
}

/// What a merchant's id has before it where actors are written down.
const MERCHANT_PREFIX: &str = "merchant:";
/// What a provider's name has before it there.
const PROVIDER_PREFIX: &str = "provider:";

impl fmt::Display for Actor {
    /// As it is stored and shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Merchant(id) => write!(f, "{MERCHANT_PREFIX}{}", id.as_str()),
            Self::Provider(provider) => write!(f, "{PROVIDER_PREFIX}{provider}"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

impl FromStr for Actor {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        if let Some(id) = text.strip_prefix(MERCHANT_PREFIX) {
            return MerchantId::parse(id).map(Self::Merchant).map_err(|_| UnknownState);
        }
        if let Some(provider) = text.strip_prefix(PROVIDER_PREFIX) {
            return provider.parse().map(Self::Provider);
        }
        match text {
            "system" => Ok(Self::System),
            "anonymous" => Ok(Self::Anonymous),
            "operator" => Ok(Self::Operator),
            _ => Err(UnknownState),
        }
    }
}

/// The id by which logs and support mails name a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Takes over an id of 1 to 128 printable ASCII characters; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        ((1..=MAX_REQUEST_ID_CHARS).contains(&text.len()) && is_printable).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who wants a change, and by which request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Who.
    pub actor: Actor,
    /// By which request, if by one.
    pub request_id: Option<RequestId>,
}

impl Cause {
    /// Boxoffice's own doing.
    pub const SYSTEM: Self = Self { actor: Actor::System, request_id: None };
    /// The doing of somebody who looks after it.
    pub const OPERATOR: Self = Self { actor: Actor::Operator, request_id: None };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_read_back_as_they_were_stored() {
        let merchant = Actor::Merchant(MerchantId::parse("m:1").unwrap());
        let provider = Actor::Provider(Provider::Coinbase);
        for actor in [Actor::System, Actor::Anonymous, merchant, provider, Actor::Operator] {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
        assert_eq!("somebody".parse::<Actor>(), Err(UnknownState));
    }

    #[test]
    fn request_ids_are_short_and_printable() {
        assert!(RequestId::parse("req-1").is_some() && RequestId::parse(&"x".repeat(128)).is_some());
        for text in ["", "a b", "a\n", "ä", &"x".repeat(129)] {
            assert_eq!(RequestId::parse(text), None, "{text:?}");
        }
    }
}
