//! What the money says, by the sandbox's own books: how a charge ended, and how its checkout and its order must.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// What a charge of the sandbox came to.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) status: String,
    /// What the sandbox has against its payment, also after the merchant resolved it.
    pub(crate) context: Option<String>,
    /// Confirmed payments in cents, by their transactions.
    pub(crate) payments: BTreeMap<String, u64>,
}

/// Where a checkout and its order must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) checkout: &'static str,
    /// The status and the payment status of an order that nobody has called off.
    pub(crate) order: (&'static str, &'static str),
}

impl Ending {
    /// Reads a charge to which nothing more happens.
    pub(crate) fn read(charge: &Value) -> Result<Self> {
        let timeline = charge["timeline"].as_array().context("a timeline")?;
        let last = timeline.last().context("an entry")?;
        // What it was before the merchant resolved it is what came of the money.
        let unresolved = timeline.iter().rfind(|entry| entry["status"] == "UNRESOLVED");
        let mut payments = BTreeMap::new();
        for payment in charge["payments"].as_array().context("payments")? {
            ensure!(payment["status"] == "CONFIRMED", "{payment}");
            let id = payment["transaction_id"].as_str().context("an id")?;
            let known = payments.insert(id.to_owned(), cents(&payment["value"]["local"]["amount"])?);
            ensure!(known.is_none(), "the sandbox has a payment twice: {payment}");
        }
        Ok(Self {
            status: last["status"].as_str().context("a status")?.to_owned(),
            context: unresolved.and_then(|entry| entry["context"].as_str()).map(str::to_owned),
            payments,
        })
    }

    pub(crate) fn verdict(&self) -> Result<Verdict> {
        let verdict = match (self.status.as_str(), self.context.as_deref()) {
            ("COMPLETED", None) | ("RESOLVED", Some("UNDERPAID" | "DELAYED")) => {
                Verdict { checkout: "COMPLETED", order: ("paid", "paid") }
            }
            ("EXPIRED", None) => Verdict { checkout: "FAILED", order: ("pending", "unpaid") },
            ("UNRESOLVED", Some("UNDERPAID")) => Verdict { checkout: "UNRESOLVED", order: ("pending", "underpaid") },
            ("UNRESOLVED", Some("OVERPAID" | "MULTIPLE")) => {
                Verdict { checkout: "UNRESOLVED", order: ("paid", "overpaid") }
            }
            ("UNRESOLVED", Some("DELAYED")) => Verdict { checkout: "UNRESOLVED", order: ("paid", "paid") },
            ("RESOLVED", Some("OVERPAID" | "MULTIPLE")) => {
                Verdict { checkout: "COMPLETED", order: ("paid", "overpaid") }
            }
            _ => anyhow::bail!("no such ending: {self:?}"),
        };
        Ok(verdict)
    }
}

/// An amount of a currency with two decimals.
pub(crate) fn cents(amount: &Value) -> Result<u64> {
    Ok(amount.as_str().with_context(|| format!("no amount: {amount}"))?.replace('.', "").parse()?)
}

/// What the sandbox has against a payment that is played like this.
pub(crate) fn context_of(outcome: Option<&str>) -> Option<&'static str> {
    match outcome {
        Some("underpaid") => Some("UNDERPAID"),
        Some("overpaid") => Some("OVERPAID"),
        Some("multiple") => Some("MULTIPLE"),
        Some("delayed") => Some("DELAYED"),
        _ => None,
    }
}

/// Whether nothing more happens to a charge by itself.
pub(crate) fn is_at_rest(charge: &Value) -> bool {
    let last = charge["timeline"].as_array().and_then(|timeline| timeline.last());
    last.is_some_and(|last| last["status"] != "NEW" && last["status"] != "PENDING")
}

/// Everything goes wrong, often.
pub(crate) fn every_fault(seed: u64) -> Value {
    json!({
        "seed": seed,
        "webhooks": {
            "duplicate": 0.2, "delay": 0.2, "delay_ms_max": 1_500, "reorder": 0.2, "drop": 0.15,
            "wrong_secret": 0.1, "old_secret": 0.1, "stale_body": 0.2,
        },
        "api": { "rate_limited": 0.05, "error": 0.1, "slow": 0.1, "slow_ms_max": 300, "cut": 0.05 },
    })
}

/// How buyers pay, in the sandbox's words; exact payments are what happens most.
pub(crate) const OUTCOMES: [Option<&str>; 10] = [
    Some("success"),
    Some("success"),
    Some("success"),
    Some("underpaid"),
    Some("overpaid"),
    Some("multiple"),
    Some("delayed"),
    Some("failure"),
    Some("success"),
    None,
];
