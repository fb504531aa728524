use anyhow::{Result, ensure};

use super::serve::ServeArgs;

/// The sandbox's key where none is set.
pub(crate) const SANDBOX_API_KEY: &str = "test-key";
/// The secret of the sandbox's webhooks where none is set.
pub(crate) const SANDBOX_WEBHOOK_SECRET: &str = "test-webhook-secret";

/// The secret of payment backends where none is set.
pub(crate) const PAYMENT_WEBHOOK_SECRET: &str = "test-payment-secret";

/// A secret that is shorter can be guessed.
const SHORTEST_SECRET: usize = 16;

/// Refuses secrets that everybody knows or can guess, where somebody else is involved.
pub(crate) fn refuse_weak(name: &str, secret: &str) -> Result<()> {
    let is_well_known = [SANDBOX_API_KEY, SANDBOX_WEBHOOK_SECRET, PAYMENT_WEBHOOK_SECRET].contains(&secret);
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
    pub(crate) coinbase_webhook: Vec<String>,
    pub(crate) payment_webhook: Vec<String>,
}

impl Secrets {
    /// Takes what is set. What isn't has a well-known value where nothing but this machine can be hurt, and the
    /// start-up says so; anywhere else the server doesn't start.
    pub(crate) fn of(args: &ServeArgs, is_private: bool) -> Result<Self> {
        let api_key = args.coinbase_api_key.iter().filter(|key| !key.trim().is_empty()).cloned().collect();
        let api_key = given_or_known("COINBASE_API_KEY", api_key, SANDBOX_API_KEY, is_private)?;
        ensure!(
            is_private || !api_key.iter().any(|key| key == SANDBOX_API_KEY),
            "COINBASE_API_KEY has its well-known value, which only loopback may use"
        );
        Ok(Self {
            coinbase_api_key: api_key.concat(),
            coinbase_webhook: webhook_secrets(
                "COINBASE_WEBHOOK_SECRET",
                &args.coinbase_webhook_secret,
                SANDBOX_WEBHOOK_SECRET,
                is_private,
            )?,
            payment_webhook: webhook_secrets(
                "PAYMENT_WEBHOOK_SECRET",
                &args.payment_webhook_secret,
                PAYMENT_WEBHOOK_SECRET,
                is_private,
            )?,
        })
    }
}

fn webhook_secrets(name: &str, given: &[String], well_known: &str, is_private: bool) -> Result<Vec<String>> {
    let given = given.iter().map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty()).collect();
    let secrets = given_or_known(name, given, well_known, is_private)?;
    if !is_private {
        for secret in &secrets {
            refuse_weak(name, secret)?;
        }
    }
    Ok(secrets)
}

fn given_or_known(name: &str, given: Vec<String>, well_known: &str, is_private: bool) -> Result<Vec<String>> {
    if !given.is_empty() {
        return Ok(given);
    }
    ensure!(is_private, "{name} is not set. Only on loopback, with the sandbox, does it have a default value");
    log::warn!(name; "a secret is not set and takes its well-known development value");
    Ok(vec![well_known.to_owned()])
}
