//! What happens on the day, all of it from one number.

use serde_json::Value;

use crate::support::dice::Dice;
use crate::support::ending::{OUTCOMES, every_fault};

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

impl Plan {
    pub(crate) fn of(seed: u64, checkouts: u64) -> Self {
        let mut dice = Dice::of(seed, 0);
        let buyers = (0..checkouts).map(|place| Buyer {
            outcome: *dice.pick(&OUTCOMES),
            is_resolved: dice.throw(3) == 0,
            buys_order: place % 2 == 0,
            quantity: 1 + dice.throw(3),
        });
        Self { seed, buyers: buyers.collect() }
    }

    /// Everything goes wrong, often.
    pub(crate) fn faults(&self) -> Value {
        every_fault(self.seed)
    }
}
