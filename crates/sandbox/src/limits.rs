//! A limit on everything the sandbox takes in, keeps or sends.

use std::time::Duration;

/// A request's body.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// Coinbase's own limits on the texts of a charge, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 100;
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 200;

/// A charge's `metadata`, written out as compact JSON.
pub(crate) const METADATA_BYTES_MAX: usize = 16 * 1024;

/// `redirect_url` and `cancel_url`: what browsers and proxies take without trouble.
pub(crate) const URL_BYTES_MAX: usize = 2_048;

/// The highest price, in whole units of its currency: far above any ticket, far below where a `u64` of minor units ends.
pub(crate) const PRICE_UNITS_MAX: u64 = 1_000_000_000;

/// Digits and point of an amount as it arrives.
pub(crate) const AMOUNT_BYTES_MAX: usize = 40;

/// Charges kept. From there on each new one takes the place of the oldest, if that one is finished.
pub(crate) const CHARGES_MAX: i64 = 1_000_000;

/// Coinbase's bounds of a page.
pub(crate) const PAGE_LIMIT_MAX: i64 = 100;
pub(crate) const PAGE_LIMIT_DEFAULT: i64 = 25;

/// Delivery attempts listed by one call.
pub(crate) const DELIVERIES_LISTED_MAX: i64 = 500;
pub(crate) const DELIVERIES_LISTED_DEFAULT: i64 = 50;

/// Finished events and delivery attempts kept, unless configured otherwise.
pub(crate) const DELIVERIES_KEPT: i64 = 10_000;

/// Rows that one clean-up removes at most, so that it never holds the writer for long.
pub(crate) const PURGE_BATCH: i64 = 500;

/// Attempts between two clean-ups; below [`PURGE_BATCH`], or the tables would outgrow it.
pub(crate) const PURGE_EVERY: u32 = 200;

/// Charges that one step of the worker moves along.
pub(crate) const ADVANCE_BATCH: i64 = 100;

/// Webhooks under way at the same time.
pub(crate) const DELIVERIES_IN_FLIGHT_MAX: usize = 16;

/// Events one charge can have: created, pending or failed, settled, delayed, resolved.
pub(crate) const EVENTS_PER_CHARGE_MAX: usize = 6;

/// How long a receiver may take to answer a webhook.
pub(crate) const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// What is read of a receiver's answer so that its connection can be used again.
pub(crate) const RECEIVER_ANSWER_BYTES_MAX: usize = 16 * 1024;

/// The worker looks at the clock at least this often, in case the machine slept or its time was set.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(30);

/// Pause after the database failed the worker.
pub(crate) const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// Writes that share one commit, and writes that may wait for theirs.
pub(crate) const COMMIT_BATCH: usize = 64;
pub(crate) const WRITES_WAITING_MAX: usize = 1_024;

/// Connections for reading.
pub(crate) const READERS: u32 = 4;

/// How long `SQLite` waits for a lock, and a reader for a connection.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
