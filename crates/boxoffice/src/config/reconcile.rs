use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use clap::Args;
use url::{Host, Url};

use super::secrets::SANDBOX_API_KEY;
use super::serve::{DatabaseArgs, Gateway};
use crate::wiring::{gateway_url, reachable};

/// The settings of `boxoffice reconcile`.
#[derive(Clone, Debug, Args)]
pub struct ReconcileArgs {
    /// Where everything is stored.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Put right what has one right answer; without this, nothing is changed.
    #[arg(long)]
    pub repair: bool,
    /// Print the report as one JSON object, as `GET /api/admin/reconciliation` answers.
    #[arg(long)]
    pub json: bool,
    /// Don't ask the gateway.
    #[arg(long)]
    pub no_gateway: bool,
    /// About how many checkouts the gateway is asked at most, the latest first.
    #[arg(long, default_value_t = 1000, conflicts_with = "no_gateway")]
    pub gateway_checkouts: usize,
    /// For how long the gateway is asked at most, in seconds.
    #[arg(long, default_value_t = 600, conflicts_with = "no_gateway")]
    pub gateway_time_s: u64,
    /// Who collects the money, as for `serve`.
    #[arg(long, env = "BOXOFFICE_GATEWAY", value_enum, default_value = "sandbox")]
    pub gateway: Gateway,
    /// Where Coinbase's API is [default: the sandbox of the server at `BOXOFFICE_BIND`, or Coinbase for coinbase-commerce]
    #[arg(long, env = "COINBASE_API_URL")]
    pub coinbase_api_url: Option<Url>,
    /// The key for Coinbase's API.
    #[arg(long, env = "COINBASE_API_KEY", hide_env_values = true)]
    pub coinbase_api_key: Option<String>,
    /// Where the server listens, whose built-in sandbox is asked.
    #[arg(long, env = "BOXOFFICE_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
}

/// How the gateway is reached.
pub(crate) struct GatewayAccess {
    pub(crate) url: Url,
    pub(crate) api_key: String,
    /// Whether it is the sandbox inside a server, which answers only while that is up.
    pub(crate) is_built_in: bool,
}

impl ReconcileArgs {
    /// How to reach the gateway. The error says why it can't be.
    pub(crate) fn gateway_access(&self) -> Result<GatewayAccess> {
        let own_url = Url::parse(&format!("http://{}", reachable(self.bind)))?;
        let default_url = gateway_url(self.gateway, &own_url)?.context(
            "the fake gateway lives inside the server, and nobody else can ask it: \
            ask the server by GET /api/admin/reconciliation?gateway=true",
        )?;
        let is_built_in = self.gateway == Gateway::Sandbox && self.coinbase_api_url.is_none();
        ensure!(
            !(is_built_in && self.bind.port() == 0),
            "the built-in sandbox is reached by the server's address, and BOXOFFICE_BIND has no port"
        );
        let url = self.coinbase_api_url.clone().unwrap_or(default_url);
        let set = self.coinbase_api_key.as_ref().map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        // As for `serve`: its well-known value is for this machine only.
        let well_known = (self.gateway == Gateway::Sandbox && is_loopback(&url)).then(|| SANDBOX_API_KEY.to_owned());
        let api_key = set.or(well_known).context("COINBASE_API_KEY is not set")?;
        Ok(GatewayAccess { url, api_key, is_built_in })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{Cli, Command};

    fn access(line: &str) -> Result<GatewayAccess> {
        let Command::Reconcile(args) = Cli::try_parse_from(line.split(' '))?.command else { panic!("not reconcile") };
        args.gateway_access()
    }

    #[test]
    fn the_gateway_is_the_one_that_the_server_uses() {
        let url = |line: &str| access(line).unwrap().url.to_string();
        assert_eq!(url("boxoffice reconcile --bind 0.0.0.0:9000"), "http://127.0.0.1:9000/sandbox");
        let standalone = "boxoffice reconcile --coinbase-api-url http://127.0.0.1:8090";
        assert_eq!(url(standalone), "http://127.0.0.1:8090/");
        let real = "boxoffice reconcile --gateway coinbase-commerce --coinbase-api-key secret";
        assert_eq!(url(real), "https://api.commerce.coinbase.com/");
    }

    #[test]
    fn a_gateway_that_cannot_be_asked_is_an_error_that_says_why() {
        let why = |line: &str| access(line).err().unwrap().to_string();
        assert!(why("boxoffice reconcile --gateway fake").contains("?gateway=true"));
        assert!(why("boxoffice reconcile --bind 127.0.0.1:0").contains("no port"));
        let foreign = "boxoffice reconcile --coinbase-api-url http://sandbox.example:8090";
        assert!(why(foreign).contains("COINBASE_API_KEY"));
    }
}
