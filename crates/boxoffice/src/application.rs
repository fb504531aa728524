use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use adapters::{Store, SystemClock, SystemIds};
use anyhow::{Context, Result};
use application::{Health, JobRunner, StockExpiry};
use ports::{Clock, IdSource};
use sandbox::{Sandbox, Worker};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::config::{Secrets, ServeArgs, database, refuse_if_open_to_others};
use crate::wiring::Parts;

/// A server that is ready to run.
pub struct Application {
    pub(crate) url: Url,
    pub(crate) server: Server,
    pub(crate) health: Arc<Health>,
    pub(crate) store: Store,
    pub(crate) jobs: JobRunner,
    pub(crate) stock_expiry: StockExpiry,
    pub(crate) sandbox: Option<Sandbox>,
    // The folder of a temporary sandbox goes when the application does.
    pub(crate) _sandbox_folder: Option<tempfile::TempDir>,
}

/// Asks a running [`Application`] to stop.
#[derive(Clone)]
pub struct Stopper {
    pub(crate) server: ServerHandle,
    pub(crate) health: Arc<Health>,
}

impl Stopper {
    /// Takes no more requests and lets those under way finish.
    pub async fn stop(&self) {
        self.health.stopping();
        self.server.stop(true).await;
    }
}

impl Application {
    /// Checks the settings, brings the database up to date, and binds the address.
    pub async fn build(args: ServeArgs) -> Result<Self> {
        Self::build_by(args, Arc::new(SystemClock)).await
    }

    /// The same by another clock than the system's.
    pub async fn build_by(args: ServeArgs, clock: Arc<dyn Clock>) -> Result<Self> {
        let is_private = refuse_if_open_to_others(&args)?;
        let secrets = Secrets::of(&args, is_private)?;
        let listener = TcpListener::bind(args.bind).with_context(|| format!("can't listen on {}", args.bind))?;
        let local = listener.local_addr()?;
        let public_url = match args.checked_public_url()? {
            Some(url) => url,
            None => Url::parse(&format!("http://{local}"))?,
        };
        let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
        let parts = Parts {
            database: database(&args.database_url)?,
            origins: args.checked_origins()?,
            args,
            local,
            public_url,
            secrets,
            clock,
            ids,
        };
        parts.assemble(listener).await
    }

    /// How this machine reaches the server.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// A handle to stop it by.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper { server: self.server.handle(), health: Arc::clone(&self.health) }
    }

    /// Serves until it is stopped. Then everything that was begun is finished, in the order in which it depends on
    /// each other.
    pub async fn run(self) -> Result<()> {
        let (stop, stopped) = watch::channel(false);
        let jobs: JoinHandle<()> = tokio::spawn(self.jobs.run(stopped));
        let stock_expiry = tokio::spawn(self.stock_expiry.run());
        let sandbox: Option<Worker> = self.sandbox.as_ref().map(Sandbox::start);
        let served = self.server.await;
        stop.send_replace(true);
        stock_expiry.abort();
        if let Some(worker) = sandbox {
            worker.stop().await;
        }
        jobs.await.context("the job runner did not end well")?;
        self.store.stop().await;
        served.context("the server failed")?;
        log::info!("stopped");
        Ok(())
    }
}
