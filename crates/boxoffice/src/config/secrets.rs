use anyhow::{Result, ensure};

use super::serve::ServeArgs;

/// The sandbox's key where none is set.
pub(crate) const SANDBOX_API_KEY: &str = "test-key";
/// The secret of the sandbox's webhooks where none is set.
pub(crate) const SANDBOX_WEBHOOK_SECRET: &str = "test-webhook-secret";

/// A secret that is shorter can be guessed.
const SHORTEST_SECRET: usize = 16;

/// Refuses secrets that everybody knows or can guess, where somebody else is involved.
pub(crate) fn refuse_weak(name: &str, secret: &str) -> Result<()> {
    let is_well_known = [SANDBOX_API_KEY, SANDBOX_WEBHOOK_SECRET].contains(&secret);
    ensure!(!is_well_known, "{name} has its well-known development value, which only loopback may use");
    ensure!(
        secret.len() >= SHORTEST_SECRET,
        "{name} is too short: use at least {SHORTEST_SECRET} characters, from `openssl rand -hex 32` for one"
    );
    Ok(())
}

/// The secrets that `serve` runs with.
pub(crate) struct Secrets {
    pub(crate) coinbase_api_key: String,
    pub(crate) coinbase_webhook_secrets: Vec<String>,
}

impl Secrets {
    /// Takes what is set. What isn't has a well-known value where nothing but this machine can be hurt, and the
    /// start-up says so; anywhere else the server doesn't start.
    pub(crate) fn of(args: &ServeArgs, is_private: bool) -> Result<Self> {
        let set = |text: &str| !text.trim().is_empty();
        let api_key = args.coinbase_api_key.clone().filter(|key| set(key));
        let secrets: Vec<String> =
            args.coinbase_webhook_secret.iter().map(|secret| secret.trim().to_owned()).filter(|s| set(s)).collect();
        for (name, is_missing) in
            [("COINBASE_API_KEY", api_key.is_none()), ("COINBASE_WEBHOOK_SECRET", secrets.is_empty())]
        {
            ensure!(
                !is_missing || is_private,
                "{name} is not set. Only on loopback, with the sandbox, does it have a default value"
            );
            if is_missing {
                log::warn!(name; "a secret is not set and takes its well-known development value");
            }
        }
        if !is_private {
            for secret in &secrets {
                refuse_weak("COINBASE_WEBHOOK_SECRET", secret)?;
            }
            if let Some(key) = &api_key {
                ensure!(
                    key != SANDBOX_API_KEY,
                    "COINBASE_API_KEY has its well-known value, which only loopback may use"
                );
            }
        }
        Ok(Self {
            coinbase_api_key: api_key.unwrap_or_else(|| SANDBOX_API_KEY.to_owned()),
            coinbase_webhook_secrets: if secrets.is_empty() {
                vec![SANDBOX_WEBHOOK_SECRET.to_owned()]
            } else {
                secrets
            },
        })
    }
}
