use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use adapters::DatabaseUrl;
use anyhow::{Context, Result, ensure};
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use sandbox::FaultPlan;
use url::Url;

use super::retention::RetentionArgs;

/// The settings of `boxoffice serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Where the data is: `sqlite:PATH`, `sqlite::memory:` or `postgres://…`
    // Parsed later: a value that makes no sense is printed here, and this one may hold a password.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:data/boxoffice.db", hide_env_values = true)]
    pub database_url: String,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, env = "BOXOFFICE_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// How browsers reach this server [default: http:// and the address it listens on]
    #[arg(long, env = "BOXOFFICE_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// Who collects the money.
    #[arg(long, env = "BOXOFFICE_GATEWAY", value_enum, default_value = "sandbox")]
    pub gateway: Gateway,
    /// Where Coinbase's API is [default: the built-in sandbox, or Coinbase for coinbase-commerce]
    #[arg(long, env = "COINBASE_API_URL")]
    pub coinbase_api_url: Option<Url>,
    /// The key for Coinbase's API.
    #[arg(long, env = "COINBASE_API_KEY", hide_env_values = true)]
    pub coinbase_api_key: Option<String>,
    /// The secrets that Coinbase's webhooks may be signed with, separated by commas; the built-in sandbox signs with
    /// the first.
    #[arg(long, env = "COINBASE_WEBHOOK_SECRET", value_delimiter = ',', hide_env_values = true)]
    pub coinbase_webhook_secret: Vec<String>,
    /// The secrets that payment backends may sign `POST /api/payments/webhook` with, separated by commas.
    #[arg(long, env = "PAYMENT_WEBHOOK_SECRET", value_delimiter = ',', hide_env_values = true)]
    pub payment_webhook_secret: Vec<String>,
    /// For how long a hold keeps its stock, in seconds: up to a day.
    #[arg(long, env = "BOXOFFICE_HOLD_TTL_S", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub hold_ttl_s: u64,
    /// For how long an order can be paid, in seconds: up to thirty days.
    #[arg(long, env = "BOXOFFICE_ORDER_TTL_S", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=2_592_000))]
    pub order_ttl_s: u64,
    /// How long after a charge was made the gateway is first asked what became of it, and the shortest pause between two
    /// such questions, in seconds: up to an hour.
    #[arg(long, env = "BOXOFFICE_POLL_AFTER_S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub poll_after_s: u64,
    /// How long what nobody needs any more is kept.
    #[command(flatten)]
    pub retention: RetentionArgs,
    /// Notify merchants' endpoints that have private addresses, too: this machine's and its networks' own. For development, and
    /// where every merchant is trusted.
    #[arg(long, env = "BOXOFFICE_NOTIFY_PRIVATE_ADDRESSES", value_parser = BoolishValueParser::new())]
    pub notify_private_addresses: bool,
    /// Who may call. There is only `off` up to now: whoever reaches the server may.
    #[arg(long, env = "BOXOFFICE_AUTH", value_enum, default_value = "off")]
    pub auth: Auth,
    /// Foreign origins whose pages may call this API, separated by commas.
    #[arg(long, env = "BOXOFFICE_ORIGINS", value_delimiter = ',')]
    pub origins: Vec<String>,
    /// Start although everybody who reaches this server can do everything.
    #[arg(long, env = "BOXOFFICE_INSECURE", value_parser = BoolishValueParser::new())]
    pub insecure: bool,
    /// How long a simulated payment takes to be confirmed, in milliseconds.
    #[arg(long, env = "SANDBOX_PAY_DELAY_MS", default_value_t = 1000)]
    pub sandbox_pay_delay_ms: u64,
    /// The SQLite file of the built-in sandbox [default: sandbox.db beside a SQLite database, else in ./data]
    #[arg(long, env = "SANDBOX_DATABASE")]
    pub sandbox_database: Option<PathBuf>,
    /// What goes wrong in the built-in sandbox, as JSON: {"seed": 7, "webhooks": {"drop": 0.1}} [default: what was set before]
    #[arg(long, env = "SANDBOX_FAULTS", value_parser = super::sandbox::faults)]
    pub sandbox_faults: Option<FaultPlan>,
}

/// The settings of the commands that need nothing but a database.
#[derive(Clone, Debug, Args)]
pub struct DatabaseArgs {
    /// Where the data is: `sqlite:PATH` or `postgres://…`
    // Parsed later: a value that makes no sense is printed here, and this one may hold a password.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:data/boxoffice.db", hide_env_values = true)]
    pub database_url: String,
}

/// Who collects the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Gateway {
    /// The stand-in for Coinbase Commerce: built in, or the one at the API's URL.
    Sandbox,
    /// In this process, without any network: for tests and load.
    Fake,
    /// Coinbase Commerce itself.
    CoinbaseCommerce,
}

impl Gateway {
    /// As it is written in settings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Fake => "fake",
            Self::CoinbaseCommerce => "coinbase-commerce",
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Everybody who reaches the server.
    Off,
}

/// Where the data is.
pub(crate) fn database(text: &str) -> Result<DatabaseUrl> {
    text.parse().context("DATABASE_URL makes no sense")
}

impl ServeArgs {
    /// How browsers reach this server, if that is set.
    pub(crate) fn checked_public_url(&self) -> Result<Option<Url>> {
        self.public_url.as_ref().map(|url| checked_url("BOXOFFICE_PUBLIC_URL", url)).transpose()
    }

    /// Foreign origins, as browsers write them.
    pub(crate) fn checked_origins(&self) -> Result<Vec<String>> {
        let given = self.origins.iter().map(|origin| origin.trim()).filter(|origin| !origin.is_empty());
        given.map(checked_origin).collect()
    }

    /// Whether the sandbox runs inside this server.
    #[must_use]
    pub fn has_built_in_sandbox(&self) -> bool {
        self.gateway == Gateway::Sandbox && self.coinbase_api_url.is_none()
    }

    /// For how long a hold keeps its stock.
    #[must_use]
    pub const fn hold_ttl(&self) -> Duration {
        Duration::from_secs(self.hold_ttl_s)
    }

    /// For how long an order can be paid.
    #[must_use]
    pub const fn order_ttl(&self) -> Duration {
        Duration::from_secs(self.order_ttl_s)
    }

    /// How long the gateway is left alone about a charge.
    #[must_use]
    pub const fn poll_after(&self) -> Duration {
        Duration::from_secs(self.poll_after_s)
    }

    /// How long a simulated payment takes.
    #[must_use]
    pub const fn pay_delay(&self) -> Duration {
        Duration::from_millis(self.sandbox_pay_delay_ms)
    }
}

/// A URL that paths can be appended to, and that may be printed.
pub(crate) fn checked_url(name: &str, url: &Url) -> Result<Url> {
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.username().is_empty() && url.password().is_none();
    let ends_with_path = url.query().is_none() && url.fragment().is_none();
    ensure!(is_web, "{name} must start with http:// or https://");
    ensure!(is_bare, "{name} must not contain a user name or a password");
    ensure!(ends_with_path, "{name} must not have a query or a fragment");
    Ok(url.clone())
}

fn checked_origin(text: &str) -> Result<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
    let url =
        url.with_context(|| format!("BOXOFFICE_ORIGINS: {text:?} is not an origin such as https://shop.example"))?;
    checked_url("BOXOFFICE_ORIGINS", &url)?;
    Ok(url.origin().ascii_serialization())
}
