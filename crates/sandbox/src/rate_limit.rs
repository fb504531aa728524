//! The rate limits that Coinbase publishes for the classic API, for those who want to meet them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::limits::{CHARGE_CREATIONS_PER_MINUTE, OTHER_CALLS_PER_MINUTE};

const WINDOW: Duration = Duration::from_secs(60);

/// Whether the limits hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    pub(crate) enabled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    CreateCharge,
    Other,
}

/// Calls counted in minutes of the sandbox's own clock, each of which begins with a call.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    enabled: AtomicBool,
    /// By merchant. There are few of them.
    windows: Mutex<HashMap<(i64, Call), Window>>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: Timestamp,
    calls: u32,
}

impl Call {
    const fn most(self) -> u32 {
        match self {
            Self::CreateCharge => CHARGE_CREATIONS_PER_MINUTE,
            Self::Other => OTHER_CALLS_PER_MINUTE,
        }
    }
}

impl Limiter {
    pub(crate) fn setting(&self) -> Setting {
        Setting { enabled: self.enabled.load(Ordering::Relaxed) }
    }

    pub(crate) fn set(&self, setting: Setting) {
        self.enabled.store(setting.enabled, Ordering::Relaxed);
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts a call, or refuses it.
    pub(crate) fn admit(&self, merchant_id: i64, call: Call, now: Timestamp) -> Result<(), Refusal> {
        if !self.setting().enabled {
            return Ok(());
        }
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window { ends_at: now.plus(WINDOW), calls: 0 };
        let window = windows.entry((merchant_id, call)).or_insert(fresh);
        if window.ends_at <= now {
            *window = fresh;
        }
        if window.calls >= call.most() {
            let left_s = now.until(window.ends_at).as_millis().div_ceil(1_000);
            return Err(Refusal::too_many("Too many requests", u64::try_from(left_s).unwrap_or(u64::MAX)));
        }
        window.calls += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_calls_and_the_next_as_many_again() {
        let (limiter, start) = (Limiter::default(), Timestamp(1_000));
        limiter.set(Setting { enabled: true });
        for _ in 0..CHARGE_CREATIONS_PER_MINUTE {
            limiter.admit(1, Call::CreateCharge, start).unwrap();
        }
        let refused = limiter.admit(1, Call::CreateCharge, start.plus(Duration::from_millis(500))).unwrap_err();
        assert_eq!(refused.retry_after_s, Some(60));
        limiter.admit(2, Call::CreateCharge, start).unwrap();
        limiter.admit(1, Call::Other, start).unwrap();
        limiter.admit(1, Call::CreateCharge, start.plus(WINDOW)).unwrap();
    }
}
