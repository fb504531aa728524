//! What the caller decides.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::faults::FaultPlan;
use crate::limits::{CHARGES_KEPT, DELIVERIES_KEPT};
use crate::rates::Rates;

/// How a sandbox is set up. [`Config::new`] fills in what rarely changes.
#[derive(Clone)]
pub struct Config {
    /// The `SQLite` file that holds the state. It is created if it isn't there; its directory must exist.
    pub database: PathBuf,
    /// What the first merchant sends as `X-CC-Api-Key`. Others are added by the control API.
    pub api_key: String,
    /// Signs the webhooks.
    pub webhook_secret: String,
    /// What a webhook with an old signature is signed with. `None`: a secret that nobody has.
    pub previous_webhook_secret: Option<String>,
    /// Where webhooks go, beside the endpoints that the control API adds. `None`: nowhere, and events of that time are
    /// never sent later either.
    pub webhook_url: Option<Url>,
    /// Whether the control API and the home page show the first merchant's key and secrets, and may change them.
    pub shows_secrets: bool,
    /// Where the sandbox's routes are reachable from a browser: a charge's `hosted_url` is `{public_url}/pay/{code}`.
    pub public_url: Url,
    /// The first merchant's name, on the payment page too.
    pub shop_name: String,
    /// From a payment's detection to its confirmation. A second by default.
    pub pay_delay: Duration,
    /// The same for a payment that is played as slow. Half a minute by default.
    pub slow_pay_delay: Duration,
    /// From a charge's creation to its expiry. An hour by default, as Coinbase has it.
    pub charge_ttl: Duration,
    /// When a webhook that wasn't taken is tried again.
    pub retry: Retry,
    /// Charges that are kept. 200,000 by default.
    pub charges_kept: i64,
    /// Finished deliveries that are kept, with their attempts. 10,000 by default.
    pub deliveries_kept: i64,
    /// What currencies are worth.
    pub rates: Rates,
    /// What goes wrong from the start. `None`: what was set before.
    pub faults: Option<FaultPlan>,
    /// Whether Coinbase's rate limits hold. `None`: what was set before; at first they don't.
    pub rate_limits: Option<bool>,
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
            previous_webhook_secret: None,
            webhook_url: None,
            shows_secrets: false,
            public_url,
            shop_name: "Sandbox shop".to_owned(),
            pay_delay: Duration::from_secs(1),
            slow_pay_delay: Duration::from_secs(30),
            charge_ttl: Duration::from_secs(60 * 60),
            retry: Retry::default(),
            charges_kept: CHARGES_KEPT,
            deliveries_kept: DELIVERIES_KEPT,
            rates: Rates::default(),
            faults: None,
            rate_limits: None,
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
            .field("charges_kept", &self.charges_kept)
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
