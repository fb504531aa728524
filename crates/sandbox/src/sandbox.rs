//! The sandbox as a whole.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::web::ServiceConfig;
use diesel::SqliteConnection;
use tokio::sync::{Mutex, Notify};

use crate::announce::Scene;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::error::{Error, Problem};
use crate::faults::weather::Weather;
use crate::http;
use crate::merchant::Directory;
use crate::random;
use crate::rate_limit::Limiter;
use crate::storage::merchants::{self, NewMerchant};
use crate::storage::{Storage, resources, settings};
use crate::worker::Worker;
use crate::worker::post::Postman;

/// A handle on one sandbox; clones share it.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    config: Arc<Config>,
    storage: Storage,
    clock: Arc<Clock>,
    /// Replaced as a whole when a merchant changes.
    directory: RwLock<Arc<Directory>>,
    weather: Weather,
    limiter: Limiter,
    postman: Postman,
    /// Settings and merchants are changed one at a time.
    setting_turn: Mutex<()>,
    /// Tells the worker that something may be due.
    changed: Notify,
    has_worker: AtomicBool,
    /// Events since the start.
    told: Arc<AtomicU64>,
}

impl Sandbox {
    /// Opens the database, creating or updating it as needed. This blocks for a moment.
    ///
    /// Use one sandbox per file: a second one would deliver the first one's webhooks again.
    pub fn open(config: Config) -> Result<Self, Error> {
        let (storage, mut connection) = Storage::open(&config.database)?;
        let (clock, weather, limiter) = (Arc::new(Clock::default()), Weather::default(), Limiter::default());
        let restored = restore(&mut connection, &config, &clock, &weather, &limiter);
        let directory = restored.map_err(|problem| Error::State(problem.to_string()))?;
        let inner = Inner {
            postman: Postman::new()?,
            config: Arc::new(config),
            storage: storage.start(connection)?,
            clock,
            directory: RwLock::new(Arc::new(directory)),
            weather,
            limiter,
            setting_turn: Mutex::default(),
            changed: Notify::new(),
            has_worker: AtomicBool::new(false),
            told: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Registers all routes relative to the current scope, which must be the one that
    /// [`Config::public_url`] points to. Paths it doesn't know get Coinbase's 404, so nothing can be registered after it.
    pub fn configure(&self, routes: &mut ServiceConfig) {
        http::configure(self, routes);
    }

    /// Starts what moves charges along in time and delivers webhooks; call it inside a Tokio runtime. While a worker
    /// runs, another start does nothing.
    #[must_use = "the worker can't be stopped in an orderly way without its handle"]
    pub fn start(&self) -> Worker {
        Worker::start(self.clone())
    }

    pub(crate) fn config(&self) -> &Arc<Config> {
        &self.inner.config
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn weather(&self) -> &Weather {
        &self.inner.weather
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.inner.limiter
    }

    pub(crate) fn postman(&self) -> &Postman {
        &self.inner.postman
    }

    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.inner.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a change needs to know.
    pub(crate) fn scene(&self) -> Scene {
        Scene {
            config: Arc::clone(&self.inner.config),
            directory: self.directory(),
            clock: Arc::clone(&self.inner.clock),
            faults: self.inner.weather.plan(),
            told: Arc::clone(&self.inner.told),
        }
    }

    /// Changes what is stored, and lets the worker look at what that has given it to do.
    pub(crate) async fn change<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Problem> + Send + 'static,
    {
        let sandbox = self.clone();
        to_the_end(async move {
            let outcome = sandbox.storage().write(work).await?;
            sandbox.wake();
            Ok(outcome)
        })
        .await
    }

    /// Changes merchants or endpoints, and looks at all of them anew. Call it with the turn.
    pub(crate) async fn change_directory<T, F>(&self, change: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Problem> + Send + 'static,
    {
        let changed = self.storage().write(|connection| {
            let outcome = change(connection)?;
            Ok((outcome, merchants::directory(connection)?))
        });
        let (outcome, directory) = changed.await?;
        *self.inner.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
        Ok(outcome)
    }

    /// Changes a setting or the merchants, in the file and in memory, one change after the other.
    pub(crate) async fn in_turn<T, F, R>(&self, change: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(Self) -> R + Send + 'static,
        R: Future<Output = Result<T, Problem>> + Send,
    {
        let sandbox = self.clone();
        to_the_end(async move {
            let _turn = sandbox.inner.setting_turn.lock().await;
            change(sandbox.clone()).await
        })
        .await
    }

    pub(crate) fn wake(&self) {
        self.inner.changed.notify_one();
    }

    pub(crate) async fn changed(&self) {
        self.inner.changed.notified().await;
    }

    /// Whether the caller is now the one worker.
    pub(crate) fn claim_worker(&self) -> bool {
        !self.inner.has_worker.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn release_worker(&self) {
        self.inner.has_worker.store(false, Ordering::Release);
    }
}

/// Whoever asked may hang up meanwhile, and takes the waiting with it: what is done once something is committed must be
/// done all the same.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work).await.unwrap_or(Err(Problem::NotCommitted))
}

/// Brings the configuration into the database, and back what the control API has set before.
fn restore(
    connection: &mut SqliteConnection,
    config: &Config,
    clock: &Clock,
    weather: &Weather,
    limiter: &Limiter,
) -> Result<Directory, Problem> {
    clock.set(settings::load(connection, settings::CLOCK)?.unwrap_or_default());
    let stored = settings::load(connection, settings::FAULTS)?.unwrap_or_default();
    let plan = config.faults.unwrap_or(stored);
    if plan != stored {
        resources::number_anew(connection)?;
        settings::store(connection, settings::FAULTS, &plan)?;
    }
    weather.set(plan);
    let mut limits: crate::rate_limit::Setting = settings::load(connection, settings::RATE_LIMITS)?.unwrap_or_default();
    limits.enabled = config.rate_limits.unwrap_or(limits.enabled);
    limiter.set(limits);
    configure(connection, config, clock.now())?;
    merchants::directory(connection)
}

/// Brings the merchant of the configuration and its endpoint into the database.
pub(crate) fn configure(connection: &mut SqliteConnection, config: &Config, now: Timestamp) -> Result<(), Problem> {
    let nobodys = random::hex(&random::bytes::<24>()?);
    let merchant = NewMerchant {
        name: config.shop_name.clone(),
        api_key: config.api_key.clone(),
        webhook_secret: config.webhook_secret.clone(),
        previous_webhook_secret: config.previous_webhook_secret.clone().unwrap_or(nobodys),
    };
    let url = config.webhook_url.as_ref().map(url::Url::as_str);
    merchants::configure(connection, merchant, url, now)
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("config", &self.inner.config).finish_non_exhaustive()
    }
}
