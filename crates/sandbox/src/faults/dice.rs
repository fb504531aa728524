//! Chance that repeats: each decision is a hash of the seed and of what is decided, so that the order in which threads
//! come to it doesn't matter.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{ApiFaults, Chance, FaultPlan};

/// What happens to a delivery as a whole. Decided when its event is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeliveryFaults {
    pub(crate) is_dropped: bool,
    pub(crate) is_duplicated: bool,
    pub(crate) is_held: bool,
    pub(crate) delay: Option<Duration>,
}

/// What is wrong with one request of a delivery. Decided anew at each attempt, so that a retry may go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    WrongSecret,
    OldSecret,
    StaleBody,
}

/// What happens to an API call, apart from being slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiFault {
    RateLimited,
    ErrorBefore,
    ErrorAfter,
    Cut,
}

impl FaultPlan {
    /// `dice` names the delivery: merchant, charge, event and endpoint by their numbers.
    pub(crate) fn of_delivery(&self, dice: &str) -> DeliveryFaults {
        let faults = &self.webhooks;
        let happens = |name: &str, chance: Chance| !chance.is_none() && chance.happens(self.throw(name, dice, 0));
        let delay = happens("delay", faults.delay).then(|| self.span("delay-ms", dice, 0, faults.delay_ms_max));
        DeliveryFaults {
            is_dropped: happens("drop", faults.drop),
            is_duplicated: happens("duplicate", faults.duplicate),
            is_held: happens("reorder", faults.reorder),
            delay,
        }
    }

    pub(crate) fn of_attempt(&self, dice: &str, attempt: i32) -> Option<BodyFault> {
        let faults = &self.webhooks;
        let attempt = u64::from(attempt.unsigned_abs());
        let candidates = [
            ("wrong-secret", faults.wrong_secret, BodyFault::WrongSecret),
            ("old-secret", faults.old_secret, BodyFault::OldSecret),
            ("stale-body", faults.stale_body, BodyFault::StaleBody),
        ];
        let happens = |name: &str, chance: Chance| !chance.is_none() && chance.happens(self.throw(name, dice, attempt));
        candidates.into_iter().find(|(name, chance, _)| happens(name, *chance)).map(|(.., fault)| fault)
    }

    /// The faults of the nth call of a kind, such as `POST /charges`.
    pub(crate) fn of_call(&self, call: &str, nth: u64) -> (Option<Duration>, Option<ApiFault>) {
        let ApiFaults { rate_limited, error, slow, slow_ms_max, cut } = self.api;
        let happens = |name: &str, chance: Chance| !chance.is_none() && chance.happens(self.throw(name, call, nth));
        let pause = happens("slow", slow).then(|| self.span("slow-ms", call, nth, slow_ms_max));
        let fault = if happens("rate-limited", rate_limited) {
            Some(ApiFault::RateLimited)
        } else if happens("error", error) {
            let is_after = self.throw("error-after", call, nth).is_multiple_of(2);
            Some(if is_after { ApiFault::ErrorAfter } else { ApiFault::ErrorBefore })
        } else {
            happens("cut", cut).then_some(ApiFault::Cut)
        };
        (pause, fault)
    }

    fn span(&self, name: &str, place: &str, nth: u64, longest_ms: u64) -> Duration {
        Duration::from_millis(self.throw(name, place, nth) % longest_ms.saturating_add(1))
    }

    fn throw(&self, name: &str, place: &str, nth: u64) -> u64 {
        let mut hash = Sha256::new();
        for part in [&self.seed.to_be_bytes()[..], name.as_bytes(), b"\0", place.as_bytes(), &nth.to_be_bytes()] {
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        digest[..8].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

impl DeliveryFaults {
    /// Their names, for the delivery log.
    pub(crate) fn names(self) -> Option<String> {
        let names = [
            (self.is_dropped, "drop"),
            (self.is_duplicated, "duplicate"),
            (self.is_held, "reorder"),
            (self.delay.is_some(), "delay"),
        ];
        let names: Vec<&str> = names.into_iter().filter(|(happens, _)| *happens).map(|(_, name)| name).collect();
        (!names.is_empty()).then(|| names.join(","))
    }
}

impl BodyFault {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WrongSecret => "wrong_secret",
            Self::OldSecret => "old_secret",
            Self::StaleBody => "stale_body",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> FaultPlan {
        FaultPlan::from_json(json).unwrap()
    }

    #[test]
    fn a_seed_repeats_itself_and_another_differs() {
        let faults = |seed: u64| {
            let plan = plan(&format!(r#"{{"seed":{seed},"webhooks":{{"drop":0.5,"delay":0.5,"stale_body":0.5}}}}"#));
            let deliveries: Vec<_> = (0..64).map(|n| plan.of_delivery(&format!("1.{n}"))).collect();
            let attempts: Vec<_> = (0..64).map(|n| plan.of_attempt("1.1", n)).collect();
            (deliveries, attempts)
        };
        assert_eq!(faults(1), faults(1));
        assert_ne!(faults(1).0, faults(2).0);
        assert_ne!(faults(1).1, faults(2).1);
    }

    #[test]
    fn chances_are_kept_and_independent() {
        let plan = plan(r#"{"seed":3,"webhooks":{"drop":0.2,"duplicate":0.5,"reorder":1}}"#);
        let all: Vec<_> = (0..10_000).map(|n| plan.of_delivery(&n.to_string())).collect();
        let dropped = all.iter().filter(|faults| faults.is_dropped).count();
        let both = all.iter().filter(|faults| faults.is_dropped && faults.is_duplicated).count();
        assert!((1_800..2_200).contains(&dropped), "{dropped}");
        assert!((850..1_150).contains(&both), "{both}");
        assert!(all.iter().all(|faults| faults.is_held && faults.delay.is_none()));
    }

    #[test]
    fn what_never_happens_and_what_always_does() {
        let none = FaultPlan::default();
        assert_eq!(none.of_delivery("x"), DeliveryFaults::default());
        assert_eq!((none.of_attempt("x", 1), none.of_call("GET /charges", 1)), (None, (None, None)));
        let sure = plan(r#"{"webhooks":{"wrong_secret":1},"api":{"cut":1,"slow":1,"slow_ms_max":5}}"#);
        for nth in 0..100 {
            assert_eq!(sure.of_attempt("x", 7), Some(BodyFault::WrongSecret));
            let (pause, fault) = sure.of_call("GET /charges", nth);
            assert!(pause.unwrap() <= Duration::from_millis(5) && fault == Some(ApiFault::Cut));
        }
    }

    #[test]
    fn half_of_the_errors_come_after_the_work() {
        let plan = plan(r#"{"api":{"error":1}}"#);
        let after = (0..1_000).filter(|n| plan.of_call("POST /charges", *n).1 == Some(ApiFault::ErrorAfter)).count();
        assert!((400..600).contains(&after), "{after}");
    }
}
