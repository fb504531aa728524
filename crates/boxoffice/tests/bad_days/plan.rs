//! What happens on the day, all of it from one number.

use std::hash::{BuildHasher, Hasher};

use serde_json::{Value, json};

/// How a buyer pays, in the sandbox's words, and whether the merchant declares it settled afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buyer {
    /// `None`: nobody pays.
    pub(crate) outcome: Option<&'static str>,
    pub(crate) is_resolved: bool,
    pub(crate) buys_order: bool,
    pub(crate) quantity: u64,
}

pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) buyers: Vec<Buyer>,
}

/// Exact payments are what happens most.
const OUTCOMES: [Option<&str>; 10] = [
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

impl Plan {
    pub(crate) fn of(seed: u64, checkouts: usize) -> Self {
        let mut dice = Dice(seed);
        let buyers = (0..checkouts).map(|place| Buyer {
            outcome: OUTCOMES[dice.throw(10)],
            is_resolved: dice.throw(3) == 0,
            buys_order: place % 2 == 0,
            quantity: 1 + dice.throw(3) as u64,
        });
        Self { seed, buyers: buyers.collect() }
    }

    /// Everything goes wrong, often.
    pub(crate) fn faults(&self) -> Value {
        json!({
            "seed": self.seed,
            "webhooks": {
                "duplicate": 0.2, "delay": 0.2, "delay_ms_max": 1_500, "reorder": 0.2, "drop": 0.15,
                "wrong_secret": 0.1, "old_secret": 0.1, "stale_body": 0.2,
            },
            "api": { "rate_limited": 0.05, "error": 0.1, "slow": 0.1, "slow_ms_max": 300, "cut": 0.05 },
        })
    }
}

/// The seed that was asked for, or one that nobody has seen.
pub(crate) fn seed() -> u64 {
    std::env::var("BAD_DAYS_SEED").map_or_else(
        |_| std::collections::hash_map::RandomState::new().build_hasher().finish(),
        |text| text.parse().unwrap(),
    )
}

/// The generator `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides).unwrap()
    }
}
