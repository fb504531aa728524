use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use sandbox::{FaultPlan, FaultPlanError, Rates, RatesError};
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
    /// What goes wrong, as JSON: {"seed": 7, "webhooks": {"drop": 0.1}, "api": {"error": 0.05}}
    /// [default: what was set before]
    #[arg(long, env = "SANDBOX_FAULTS", value_parser = faults)]
    pub faults: Option<FaultPlan>,
    /// Whether Coinbase's rate limits hold: 25 charges and 200 other calls a minute [default: what was set before].
    #[arg(long, env = "SANDBOX_RATE_LIMITS", num_args = 0..=1, default_missing_value = "true")]
    pub rate_limits: Option<bool>,
    /// What currencies are worth in US dollars where it isn't the built-in table, as JSON: {"BTC": "64000"}
    #[arg(long, env = "SANDBOX_RATES", value_parser = rates)]
    pub rates: Option<Rates>,
    /// How many charges are kept; from there on a new one takes the place of the oldest.
    #[arg(long, env = "SANDBOX_CHARGES_KEPT", default_value_t = 200_000, value_parser = clap::value_parser!(i64).range(1..=10_000_000))]
    pub charges_kept: i64,
}

pub(super) fn faults(json: &str) -> Result<FaultPlan, FaultPlanError> {
    FaultPlan::from_json(json)
}

fn rates(json: &str) -> Result<Rates, RatesError> {
    Rates::from_json(json)
}
