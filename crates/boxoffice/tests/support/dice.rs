//! Chance from a number, so that the same number gives the same day.

use std::hash::{BuildHasher, Hasher};

/// The generator `SplitMix64`.
pub(crate) struct Dice(u64);

impl Dice {
    /// Chance of its own for each of many.
    pub(crate) fn of(seed: u64, place: u64) -> Self {
        Self(seed ^ place.wrapping_add(1).wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    /// A number below `sides`.
    pub(crate) fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let place = self.throw(choices.len() as u64);
        &choices[usize::try_from(place).unwrap_or(0)]
    }

    /// True as often as this.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.throw(100) < chance
    }
}

/// The seed that was asked for by this variable, or one that nobody has seen.
pub(crate) fn seed(variable: &str) -> u64 {
    number(variable).unwrap_or_else(|| std::collections::hash_map::RandomState::new().build_hasher().finish())
}

/// A number in the environment.
#[expect(clippy::panic, reason = "a setting that makes no sense must not be passed over")]
pub(crate) fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}: {text:?} is not a number")))
}
