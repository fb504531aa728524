//! The sandbox as a whole.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::web::ServiceConfig;
use tokio::sync::Notify;

use crate::config::Config;
use crate::error::Error;
use crate::http;
use crate::storage::Storage;
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
    postman: Postman,
    /// Tells the worker that something may be due.
    changed: Notify,
    has_worker: AtomicBool,
}

impl Sandbox {
    /// Opens the database, creating or updating it as needed. This blocks for a moment.
    ///
    /// Use one sandbox per file: a second one would deliver the first one's webhooks again.
    pub fn open(config: Config) -> Result<Self, Error> {
        let storage = Storage::open(&config.database)?;
        let postman = Postman::new(&config)?;
        let config = Arc::new(config);
        let inner = Inner { config, storage, postman, changed: Notify::new(), has_worker: AtomicBool::new(false) };
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

    pub(crate) fn postman(&self) -> &Postman {
        &self.inner.postman
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

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("config", &self.inner.config).finish_non_exhaustive()
    }
}
