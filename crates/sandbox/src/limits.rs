//! A limit on everything the sandbox takes in, keeps or sends.

use std::time::Duration;

/// A request's body.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// Coinbase's own limits on the texts of a charge, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 100;
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 200;

/// An invoice's memo and addressee, in characters.
pub(crate) const MEMO_CHARS_MAX: usize = 1_000;
pub(crate) const EMAIL_CHARS_MAX: usize = 254;

/// A charge's `metadata`, written out as compact JSON.
pub(crate) const METADATA_BYTES_MAX: usize = 16 * 1024;

/// `redirect_url` and `cancel_url`: what browsers and proxies take without trouble.
pub(crate) const URL_BYTES_MAX: usize = 2_048;

/// The highest price, in whole units of its currency: far above any ticket, far below where a `u64` of minor units ends.
pub(crate) const PRICE_UNITS_MAX: u64 = 1_000_000_000;

/// Digits and point of an amount as it arrives.
pub(crate) const AMOUNT_BYTES_MAX: usize = 40;

/// Charges kept, unless configured otherwise. From there on each new one takes the place of the oldest, if that one is
/// finished.
pub(crate) const CHARGES_KEPT: i64 = 200_000;

/// Checkouts and invoices kept, of each; a new one takes the place of the oldest.
pub(crate) const PAGES_KEPT: i64 = 10_000;

/// Events kept: more than deliveries, so that what was sent can be shown.
pub(crate) const EVENTS_KEPT: i64 = 50_000;

/// Merchants, and endpoints of one merchant.
pub(crate) const MERCHANTS_MAX: usize = 100;
pub(crate) const ENDPOINTS_MAX: usize = 10;

/// The longest key or secret that a merchant may choose, in characters.
pub(crate) const SECRET_CHARS_MAX: usize = 200;

/// The longest fault that is a pause.
pub(crate) const FAULT_DELAY_MS_MAX: u64 = 60 * 60 * 1_000;

/// A webhook that is held back for a later one to overtake waits no longer than this.
pub(crate) const HELD_MAX: Duration = Duration::from_secs(10);

/// One step of the clock: a year.
pub(crate) const ADVANCE_S_MAX: u64 = 365 * 24 * 60 * 60;

/// From a payment's detection to its confirmation, if somebody says how long.
pub(crate) const CONFIRM_AFTER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// The limits that Coinbase publishes for the classic API, per key and minute.
pub(crate) const CHARGE_CREATIONS_PER_MINUTE: u32 = 25;
pub(crate) const OTHER_CALLS_PER_MINUTE: u32 = 200;

/// Charges that the home page lists.
pub(crate) const CHARGES_LISTED_MAX: i64 = 100;
pub(crate) const CHARGES_LISTED_DEFAULT: i64 = 20;

/// Coinbase's bounds of a page.
pub(crate) const PAGE_LIMIT_MAX: i64 = 100;
pub(crate) const PAGE_LIMIT_DEFAULT: i64 = 25;

/// Delivery attempts listed by one call.
pub(crate) const DELIVERIES_LISTED_MAX: i64 = 500;
pub(crate) const DELIVERIES_LISTED_DEFAULT: i64 = 50;

/// Finished deliveries kept with their attempts, unless configured otherwise.
pub(crate) const DELIVERIES_KEPT: i64 = 10_000;

/// Deliveries kept in all: those that a dead endpoint lets pile up included.
pub(crate) const DELIVERIES_MAX: i64 = 100_000;

/// Attempts kept of one delivery: the newest.
pub(crate) const ATTEMPTS_KEPT: i32 = 100;

/// Rows that one clean-up removes at most, so that it never holds the writer for long.
pub(crate) const PURGE_BATCH: i64 = 1_000;

/// New events between two clean-ups; with two deliveries to each endpoint still no more rows than [`PURGE_BATCH`].
pub(crate) const PURGE_EVERY: u64 = 50;

/// Charges that one step of the worker moves along.
pub(crate) const ADVANCE_BATCH: i64 = 100;

/// Webhooks under way at the same time.
pub(crate) const DELIVERIES_IN_FLIGHT_MAX: usize = 128;

/// The same for one endpoint, so that a slow one leaves room for others.
pub(crate) const DELIVERIES_TO_ONE_ENDPOINT_MAX: usize = 64;

/// So many to each endpoint may be under way however many there are to others.
pub(crate) const DELIVERIES_TO_EACH_ENDPOINT: usize = 4;

/// Due deliveries looked at in one go. More than can be under way: some of them may have to wait for their turn.
pub(crate) const DUE_LOOKED_AT: i64 = 512;

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
