use std::time::Duration;

use application::Retention;
use clap::Args;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How long what nobody needs any more is kept. Whatever money depends on is kept for good.
#[derive(Clone, Copy, Debug, Args)]
pub struct RetentionArgs {
    /// How long holds are kept that expired or were released, in days: up to ten years.
    #[arg(long = "keep-holds-days", env = "BOXOFFICE_KEEP_HOLDS_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub holds_days: u32,
    /// How long events are kept that changed nothing and tell of no money, in days: a week at least, since senders try
    /// again for days.
    #[arg(long = "keep-events-days", env = "BOXOFFICE_KEEP_EVENTS_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(7..=3650))]
    pub events_days: u32,
    /// How long jobs are kept that are done, in days.
    #[arg(long = "keep-jobs-days", env = "BOXOFFICE_KEEP_JOBS_DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub jobs_days: u32,
    /// How long a request with an `Idempotency-Key` is answered as it was the first time, in hours: a day at least.
    #[arg(long = "keep-requests-hours", env = "BOXOFFICE_KEEP_REQUESTS_HOURS", default_value_t = 48, value_parser = clap::value_parser!(u32).range(24..=87_600))]
    pub requests_hours: u32,
    /// How long what merchants were told is kept, in days: so long it can be sent again. A week at least.
    #[arg(long = "keep-notifications-days", env = "BOXOFFICE_KEEP_NOTIFICATIONS_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(7..=3650))]
    pub notifications_days: u32,
}

impl RetentionArgs {
    /// The policy.
    pub(crate) fn policy(self) -> Retention {
        Retention {
            holds: HOUR * 24 * self.holds_days,
            events: HOUR * 24 * self.events_days,
            jobs: HOUR * 24 * self.jobs_days,
            requests: HOUR * self.requests_hours,
            notifications: HOUR * 24 * self.notifications_days,
        }
    }
}
