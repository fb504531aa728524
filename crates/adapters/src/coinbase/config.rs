use std::fmt;
use std::time::Duration;

use thiserror::Error;
use url::{Host, Url};

/// How to reach Coinbase's API, or a sandbox that speaks its wire.
#[derive(Clone)]
pub struct Config {
    /// Where the API starts, with or without a trailing slash; it may have a path.
    pub api_url: Url,
    /// Sent with every call, and never printed.
    pub api_key: String,
    /// The other side is a sandbox, which can be asked to play a buyer. Coinbase itself can't.
    pub simulator: bool,
    /// Where the payment page sends a buyer who has paid.
    pub redirect_url: Option<String>,
    /// Where the payment page sends a buyer who has changed their mind.
    pub cancel_url: Option<String>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// How long to wait for the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For a call, from the first try to the last byte of the answer to the last one.
    pub call: Duration,
}

/// Why a [`Config`] can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The API is reached by HTTP.
    #[error("the payment gateway's URL must start with http:// or https://")]
    NotHttp,
    /// A URL is printed in places where a password must not be.
    #[error("the payment gateway's URL must not contain a user name or a password")]
    CredentialsInUrl,
    /// It couldn't be sent in a header.
    #[error("the payment gateway's API key must be printable ASCII, and not empty")]
    UnusableKey,
    /// Most likely the system has no CA certificates, which HTTPS needs.
    #[error("could not set up the payment gateway's client, are CA certificates installed? {0}")]
    Client(String),
}

impl Config {
    /// The real thing at `api_url`, or something that looks the same.
    #[must_use]
    pub fn new(api_url: Url, api_key: impl Into<String>) -> Self {
        Self {
            api_url,
            api_key: api_key.into(),
            simulator: false,
            redirect_url: None,
            cancel_url: None,
            timeouts: Timeouts::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !matches!(self.api_url.scheme(), "http" | "https") || !self.api_url.has_host() {
            return Err(ConfigError::NotHttp);
        }
        if !self.api_url.username().is_empty() || self.api_url.password().is_some() {
            return Err(ConfigError::CredentialsInUrl);
        }
        if self.api_key.is_empty() || !self.api_key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ConfigError::UnusableKey);
        }
        Ok(())
    }

    pub(super) fn is_loopback(&self) -> bool {
        match self.api_url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("api_url", &self.api_url.as_str())
            .field("simulator", &self.simulator)
            .field("redirect_url", &self.redirect_url)
            .field("cancel_url", &self.cancel_url)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), call: Duration::from_secs(8) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str, key: &str) -> Config {
        Config::new(url.parse().unwrap(), key)
    }

    #[test]
    fn the_key_is_never_printed() {
        let printed = format!("{:?}", config("https://api.example/", "very-secret"));
        assert!(!printed.contains("very-secret"), "{printed}");
        assert!(printed.contains("https://api.example/"), "{printed}");
    }

    #[test]
    fn what_cannot_work_or_would_leak_is_refused() {
        assert!(config("https://api.example/", "key").check().is_ok());
        assert!(matches!(config("ftp://api.example/", "key").check(), Err(ConfigError::NotHttp)));
        assert!(matches!(config("mailto:a@b.example", "key").check(), Err(ConfigError::NotHttp)));
        let with_password = config("https://user:pass@api.example/", "key");
        assert!(matches!(with_password.check(), Err(ConfigError::CredentialsInUrl)));
        for key in ["", "two words", "line\nbreak", "ключ"] {
            assert!(matches!(config("https://api.example/", key).check(), Err(ConfigError::UnusableKey)));
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["http://127.0.0.1:8080/sandbox", "http://localhost/", "http://[::1]:1/", "http://a.localhost/"] {
            assert!(config(url, "key").is_loopback(), "{url}");
        }
        for url in ["http://10.0.0.1/", "https://localhost.example/", "http://[::2]/"] {
            assert!(!config(url, "key").is_loopback(), "{url}");
        }
    }
}
