use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;

const WINDOW: Duration = Duration::from_secs(60);

/// So many calls a minute, and no more: what a gateway allows is shared with those that can't wait.
#[derive(Clone, Debug)]
pub struct Pace {
    per_minute: u32,
    window: Arc<Mutex<Option<Window>>>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began_at: Timestamp,
    calls: u32,
}

impl Pace {
    /// At most so many.
    #[must_use]
    pub fn per_minute(calls: u32) -> Self {
        Self { per_minute: calls, window: Arc::default() }
    }

    /// As many as there are.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::per_minute(u32::MAX)
    }

    /// How many calls may still be made in this minute.
    pub(crate) fn room(&self, now: Timestamp) -> u32 {
        self.per_minute.saturating_sub(self.current(now).calls)
    }

    /// A call is made.
    pub(crate) fn count(&self, now: Timestamp) {
        let current = self.current(now);
        let counted = Window { calls: current.calls.saturating_add(1), ..current };
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
    }

    fn current(&self, now: Timestamp) -> Window {
        let window = *self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window
            .filter(|window| now.since(window.began_at) < WINDOW && window.began_at <= now)
            .unwrap_or(Window { began_at: now, calls: 0 })
    }
}
