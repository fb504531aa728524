use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use ports::{Clock, StoreHealth};
use tokio::time::timeout;

/// A database that doesn't answer a trivial question in this time is as good as away.
const PATIENCE: Duration = Duration::from_secs(2);
/// A job runner that hasn't looked for work for this long is stuck.
const JOBS_SILENCE: Duration = Duration::from_secs(60);

/// One thing that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// It works.
    Ok,
    /// It doesn't.
    Unavailable,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthReport {
    /// Each check by its name.
    pub checks: Vec<(&'static str, CheckState)>,
}

impl HealthReport {
    /// Whether all of it works.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.checks.iter().all(|(_, state)| *state == CheckState::Ok)
    }
}

/// Tells whether this node can do its work.
pub struct Health {
    store: Arc<dyn StoreHealth>,
    clock: Arc<dyn Clock>,
    jobs_seen_at_us: AtomicI64,
    is_stopping: AtomicBool,
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}

impl Health {
    /// Starts out as if the job runner had just looked for work.
    #[must_use]
    pub fn new(store: Arc<dyn StoreHealth>, clock: Arc<dyn Clock>) -> Self {
        let jobs_seen_at_us = AtomicI64::new(clock.now().unix_us());
        Self { store, clock, jobs_seen_at_us, is_stopping: AtomicBool::new(false) }
    }

    /// Looks at everything that a request may need.
    pub async fn check(&self) -> HealthReport {
        let database = matches!(timeout(PATIENCE, self.store.ping()).await, Ok(Ok(())));
        let migrations = database && matches!(timeout(PATIENCE, self.store.is_migrated()).await, Ok(Ok(true)));
        let seen_at = domain::Timestamp::from_unix_us(self.jobs_seen_at_us.load(Ordering::Relaxed));
        let jobs = self.clock.now().since(seen_at) < JOBS_SILENCE;
        let accepting = !self.is_stopping.load(Ordering::Relaxed);
        let state = |works| if works { CheckState::Ok } else { CheckState::Unavailable };
        HealthReport {
            checks: vec![
                ("database", state(database)),
                ("migrations", state(migrations)),
                ("jobs", state(jobs)),
                ("accepting", state(accepting)),
            ],
        }
    }

    /// The job runner has looked for work.
    pub fn jobs_seen(&self) {
        self.jobs_seen_at_us.store(self.clock.now().unix_us(), Ordering::Relaxed);
    }

    /// This node takes no more requests soon: load balancers should look elsewhere.
    pub fn stopping(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }
}
