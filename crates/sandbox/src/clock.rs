//! Points in time, as the sandbox stores and shows them.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Timestamp(pub(crate) i64);

impl Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the sandbox stands alone: its one clock is here")]
    pub(crate) fn now() -> Self {
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
        DateTime::<Utc>::from_timestamp_millis(self.0)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
            .to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// RFC 3339 in milliseconds, for the delivery log.
    pub(crate) fn to_log(self) -> String {
        DateTime::<Utc>::from_timestamp_millis(self.0)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}
