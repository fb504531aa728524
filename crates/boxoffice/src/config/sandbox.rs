use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use url::Url;

/// The settings of `boxoffice sandbox`.
#[derive(Clone, Debug, Args)]
pub struct SandboxArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, env = "SANDBOX_BIND", default_value = "127.0.0.1:8090")]
    pub bind: SocketAddr,
    /// How browsers reach it [default: http:// and the address it listens on]
    #[arg(long, env = "SANDBOX_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// The SQLite file that holds its state.
    #[arg(long, env = "SANDBOX_DATABASE", default_value = "data/sandbox-alone.db")]
    pub database: PathBuf,
    /// The key that its clients send.
    #[arg(long, env = "SANDBOX_API_KEY", default_value = super::SANDBOX_API_KEY, hide_env_values = true)]
    pub api_key: String,
    /// What its webhooks are signed with.
    #[arg(long, env = "SANDBOX_WEBHOOK_SECRET", default_value = super::SANDBOX_WEBHOOK_SECRET, hide_env_values = true)]
    pub webhook_secret: String,
    /// Where webhooks go; nothing is sent if this isn't given.
    #[arg(long, env = "SANDBOX_WEBHOOK_URL")]
    pub webhook_url: Option<Url>,
    /// How long a simulated payment takes to be confirmed, in milliseconds.
    #[arg(long, env = "SANDBOX_PAY_DELAY_MS", default_value_t = 1000)]
    pub pay_delay_ms: u64,
}
