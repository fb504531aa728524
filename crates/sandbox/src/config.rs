//! What the caller decides.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::limits::DELIVERIES_KEPT;

/// How a sandbox is set up. [`Config::new`] fills in what rarely changes.
#[derive(Clone)]
pub struct Config {
    /// The `SQLite` file that holds the state. It is created if it isn't there; its directory must exist.
    pub database: PathBuf,
    /// What the merchant sends as `X-CC-Api-Key`.
    pub api_key: String,
    /// Signs the webhooks.
    pub webhook_secret: String,
    /// Where webhooks go. `None`: nothing is sent, and events of that time are never sent later either.
    pub webhook_url: Option<Url>,
    /// Where the sandbox's routes are reachable from a browser: a charge's `hosted_url` is `{public_url}/pay/{code}`.
    pub public_url: Url,
    /// The merchant's name on the payment page.
    pub shop_name: String,
    /// From a payment's detection to its confirmation. A second by default.
    pub pay_delay: Duration,
    /// From a charge's creation to its expiry. An hour by default, as Coinbase has it.
    pub charge_ttl: Duration,
    /// When a webhook that wasn't taken is tried again.
    pub retry: Retry,
    /// Finished events and delivery attempts that are kept. 10,000 by default.
    pub deliveries_kept: i64,
}

/// Exponential back-off: each wait is twice the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The first wait.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
    /// An event this old is given up.
    pub give_up_after: Duration,
}

impl Default for Retry {
    /// A second, an hour, three days: the last two are what Coinbase documents.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60 * 60),
            give_up_after: Duration::from_secs(3 * 24 * 60 * 60),
        }
    }
}

impl Config {
    /// A configuration that sends no webhooks and has Coinbase's own times.
    #[must_use]
    pub fn new(database: PathBuf, api_key: String, webhook_secret: String, public_url: Url) -> Self {
        Self {
            database,
            api_key,
            webhook_secret,
            webhook_url: None,
            public_url,
            shop_name: "Sandbox shop".to_owned(),
            pay_delay: Duration::from_secs(1),
            charge_ttl: Duration::from_secs(60 * 60),
            retry: Retry::default(),
            deliveries_kept: DELIVERIES_KEPT,
        }
    }

    /// The address of a path of the sandbox, as a browser reaches it.
    pub(crate) fn public(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Config {
    // The webhook's URL may carry credentials, so only its host is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("database", &self.database)
            .field("webhook_host", &self.webhook_url.as_ref().and_then(Url::host_str))
            .field("public_url", &self.public_url.as_str())
            .field("shop_name", &self.shop_name)
            .field("pay_delay", &self.pay_delay)
            .field("charge_ttl", &self.charge_ttl)
            .field("retry", &self.retry)
            .field("deliveries_kept", &self.deliveries_kept)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let url = Url::parse("http://127.0.0.1:1/sandbox/").unwrap();
        let mut config = Config::new("x.db".into(), "key-to-hide".into(), "secret-to-hide".into(), url);
        config.webhook_url = Some(Url::parse("http://user:word-to-hide@example.com/hook").unwrap());
        assert!(!format!("{config:?}").contains("to-hide"));
        assert_eq!(config.public("/pay/A"), "http://127.0.0.1:1/sandbox/pay/A");
    }
}
