//! Bad days on demand: what goes wrong, how often, and from which seed.

pub(crate) mod dice;
pub(crate) mod weather;

use serde::{Deserialize, Serialize};

use crate::limits::FAULT_DELAY_MS_MAX;
pub(crate) use dice::{ApiFault, BodyFault, DeliveryFaults};

/// What goes wrong and how often. The same seed and the same calls in the same order give the same faults.
///
/// ```
/// let plan = sandbox::FaultPlan::from_json(r#"{"seed": 7, "webhooks": {"drop": 0.1}, "api": {"error": 0.05}}"#)?;
/// assert_ne!(plan, sandbox::FaultPlan::default());
/// # Ok::<(), sandbox::FaultPlanError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    pub(crate) seed: u64,
    pub(crate) webhooks: WebhookFaults,
    pub(crate) api: ApiFaults,
}

/// Why a text is no [`FaultPlan`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FaultPlanError(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookFaults {
    /// Sent twice.
    pub(crate) duplicate: Chance,
    /// Sent up to `delay_ms_max` late; later ones of its charge wait for it.
    pub(crate) delay: Chance,
    pub(crate) delay_ms_max: u64,
    /// Held back until a later one of its charge was sent.
    pub(crate) reorder: Chance,
    /// Never sent.
    pub(crate) drop: Chance,
    /// Signed with a secret that nobody has.
    pub(crate) wrong_secret: Chance,
    /// Signed with the secret before this one.
    pub(crate) old_secret: Chance,
    /// With the charge as it was one event before.
    pub(crate) stale_body: Chance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ApiFaults {
    /// Answered with 429.
    pub(crate) rate_limited: Chance,
    /// Answered with 500: half of them before anything was done, half of them after.
    pub(crate) error: Chance,
    /// Answered up to `slow_ms_max` late.
    pub(crate) slow: Chance,
    pub(crate) slow_ms_max: u64,
    /// Done, and the answer cut off midway.
    pub(crate) cut: Chance,
}

/// A probability in millionths; 0 to 1 on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub(crate) struct Chance(u32);

const SURE: u32 = 1_000_000;
const SPAN_MS: u64 = 2_000;

impl Default for WebhookFaults {
    fn default() -> Self {
        let none = Chance::default();
        Self {
            duplicate: none,
            delay: none,
            delay_ms_max: SPAN_MS,
            reorder: none,
            drop: none,
            wrong_secret: none,
            old_secret: none,
            stale_body: none,
        }
    }
}

impl Default for ApiFaults {
    fn default() -> Self {
        let none = Chance::default();
        Self { rate_limited: none, error: none, slow: none, slow_ms_max: SPAN_MS, cut: none }
    }
}

impl FaultPlan {
    /// Reads what `PUT /_control/faults` takes too: JSON in which every field may be left out, and none may be unknown.
    pub fn from_json(json: &str) -> Result<Self, FaultPlanError> {
        let not_one = |error: &dyn std::fmt::Display| FaultPlanError(format!("not a fault plan: {error}"));
        let given: serde_json::Value = serde_json::from_str(json).map_err(|error| not_one(&error))?;
        // A derived reader takes lists for structs, too.
        let parts = [Some(&given), given.get("webhooks"), given.get("api")];
        if !parts.into_iter().flatten().all(serde_json::Value::is_object) {
            return Err(not_one(&"it and its parts must be JSON objects"));
        }
        let plan: Self = serde_json::from_value(given).map_err(|error| not_one(&error))?;
        for (name, span_ms) in
            [("webhooks.delay_ms_max", plan.webhooks.delay_ms_max), ("api.slow_ms_max", plan.api.slow_ms_max)]
        {
            if span_ms > FAULT_DELAY_MS_MAX {
                return Err(not_one(&format!("{name} must be at most {FAULT_DELAY_MS_MAX}")));
            }
        }
        Ok(plan)
    }
}

impl Chance {
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether it happens at this throw, which is any number.
    pub(crate) fn happens(self, throw: u64) -> bool {
        throw % u64::from(SURE) < u64::from(self.0)
    }
}

impl TryFrom<f64> for Chance {
    type Error = &'static str;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
    fn try_from(share: f64) -> Result<Self, Self::Error> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self((share * f64::from(SURE)).round() as u32))
        } else {
            Err("a probability must be between 0 and 1")
        }
    }
}

impl From<Chance> for f64 {
    fn from(chance: Chance) -> Self {
        Self::from(chance.0) / Self::from(SURE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_reads_back_as_it_was_written() {
        let json = r#"{"seed":9,"webhooks":{"drop":0.25,"delay_ms_max":10},"api":{"cut":1}}"#;
        let plan = FaultPlan::from_json(json).unwrap();
        assert_eq!((plan.webhooks.drop, plan.api.cut), (Chance(250_000), Chance(SURE)));
        let written = serde_json::to_string(&plan).unwrap();
        assert_eq!(FaultPlan::from_json(&written).unwrap(), plan);
        assert_eq!(FaultPlan::from_json("{}").unwrap(), FaultPlan::default());
    }

    #[test]
    fn typing_errors_and_impossible_values_are_refused() {
        for json in [
            "",
            "[]",
            r#"{"webhooks":[]}"#,
            r#"{"sead":1}"#,
            r#"{"seed":-1}"#,
            r#"{"webhooks":{"dropp":0.1}}"#,
            r#"{"webhooks":{"drop":1.01}}"#,
            r#"{"webhooks":{"drop":-0.1}}"#,
            r#"{"webhooks":{"drop":"0.1"}}"#,
            r#"{"api":{"slow_ms_max":99999999}}"#,
            r#"{"webhooks":{"delay_ms_max":99999999999}}"#,
        ] {
            assert!(FaultPlan::from_json(json).is_err(), "{json}");
        }
    }
}
