//! Points in time, and the clock that can be stopped and set forward.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Timestamp(pub(crate) i64);

impl Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the sandbox stands alone: its one source of time is here")]
    fn real() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    pub(crate) fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is until `later`; zero if that has passed.
    pub(crate) fn until(self, later: Self) -> Duration {
        let span_ms = later.0.saturating_sub(self.0).max(0);
        Duration::from_millis(span_ms.unsigned_abs())
    }

    /// RFC 3339 in whole seconds, as Coinbase writes times.
    pub(crate) fn to_wire(self) -> String {
        self.written(SecondsFormat::Secs)
    }

    /// RFC 3339 in milliseconds, for the control API.
    pub(crate) fn to_log(self) -> String {
        self.written(SecondsFormat::Millis)
    }

    fn written(self, precision: SecondsFormat) -> String {
        let moment = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        moment.to_rfc3339_opts(precision, true)
    }
}

/// How the sandbox's time differs from the machine's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    ahead_ms: i64,
    frozen_at: Option<Timestamp>,
}

/// What time it is in the sandbox. It never goes back but with the machine's own time.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    setting: RwLock<Setting>,
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        self.setting().now()
    }

    pub(crate) fn setting(&self) -> Setting {
        *self.setting.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, setting: Setting) {
        *self.setting.write().unwrap_or_else(PoisonError::into_inner) = setting;
    }
}

impl Setting {
    pub(crate) fn now(self) -> Timestamp {
        self.frozen_at.unwrap_or_else(|| Timestamp(Timestamp::real().0.saturating_add(self.ahead_ms)))
    }

    pub(crate) fn is_frozen(self) -> bool {
        self.frozen_at.is_some()
    }

    /// How far it is ahead of the machine; behind, if negative.
    pub(crate) fn ahead_ms(self) -> i64 {
        self.now().0.saturating_sub(Timestamp::real().0)
    }

    pub(crate) fn frozen(self) -> Self {
        Self { frozen_at: Some(self.now()), ..self }
    }

    pub(crate) fn advanced(self, span: Duration) -> Self {
        let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self {
            ahead_ms: self.ahead_ms.saturating_add(span_ms),
            frozen_at: self.frozen_at.map(|frozen_at| frozen_at.plus(span)),
        }
    }

    /// Runs on from where it stands.
    pub(crate) fn running(self) -> Self {
        match self.frozen_at {
            Some(frozen_at) => Self { ahead_ms: frozen_at.0.saturating_sub(Timestamp::real().0), frozen_at: None },
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_until_it_is_set_forward_and_runs_on_from_there() {
        let frozen = Setting::default().frozen();
        assert_eq!(frozen.now(), frozen.now());
        let hour = Duration::from_secs(3_600);
        let later = frozen.advanced(hour);
        assert_eq!(later.now(), frozen.now().plus(hour));
        let running = later.running();
        assert!(running.now() >= later.now() && !running.is_frozen());
        assert!((3_590_000..=3_600_000).contains(&running.ahead_ms()), "{}", running.ahead_ms());
        assert_eq!(running.running(), running);
    }
}
