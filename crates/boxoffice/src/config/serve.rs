use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use adapters::DatabaseUrl;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use url::Url;

/// The settings of `boxoffice serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Where the data is: `sqlite:PATH`, `sqlite::memory:` or `postgres://…`
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:data/boxoffice.db", hide_env_values = true)]
    pub database_url: DatabaseUrl,
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
}

/// The settings of `boxoffice migrate`.
#[derive(Clone, Debug, Args)]
pub struct MigrateArgs {
    /// Where the data is: `sqlite:PATH` or `postgres://…`
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:data/boxoffice.db", hide_env_values = true)]
    pub database_url: DatabaseUrl,
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

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Everybody who reaches the server.
    Off,
}

impl ServeArgs {
    /// Whether the sandbox runs inside this server.
    #[must_use]
    pub fn has_built_in_sandbox(&self) -> bool {
        self.gateway == Gateway::Sandbox && self.coinbase_api_url.is_none()
    }

    /// How long a simulated payment takes.
    #[must_use]
    pub const fn pay_delay(&self) -> Duration {
        Duration::from_millis(self.sandbox_pay_delay_ms)
    }
}
