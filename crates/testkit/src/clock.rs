//! A clock turned by hand, and ids that are the same on every run.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use adapters::SystemClock;
use domain::Timestamp;
use ports::{Clock, IdSource};
use uuid::{Builder, Uuid};

/// 2026-01-01T00:00:00Z, in microseconds.
const START_US: i64 = 1_767_225_600_000_000;

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct ManualClock {
    now_us: AtomicI64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { now_us: AtomicI64::new(START_US) }
    }
}

impl ManualClock {
    /// Sets the clock.
    pub fn set(&self, now: Timestamp) {
        self.now_us.store(now.unix_us(), Ordering::SeqCst);
    }

    /// Turns the clock.
    pub fn advance(&self, span: Duration) {
        self.now_us.fetch_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_us(self.now_us.load(Ordering::SeqCst))
    }
}

/// A clock that goes on by itself, and jumps when it is told to.
#[derive(Debug, Default)]
pub struct JumpingClock {
    ahead_us: AtomicI64,
}

impl JumpingClock {
    /// Forth, or back.
    pub fn jump_s(&self, seconds: i64) {
        self.ahead_us.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_us(SystemClock.now().unix_us() + self.ahead_us.load(Ordering::SeqCst))
    }
}

/// UUIDv7s that count up.
#[derive(Debug, Default)]
pub struct CountingIds {
    made: AtomicU64,
}

impl IdSource for CountingIds {
    fn uuid_v7(&self) -> Uuid {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let millis = u64::try_from(START_US / 1000).unwrap_or(0) + number;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn jitter_permille(&self) -> u16 {
        500
    }
}
