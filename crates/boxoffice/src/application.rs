use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};
use adapters::coinbase::{CoinbaseGateway, CoinbaseWebhooks, Config as CoinbaseConfig};
use adapters::fake::FakeGateway;
use adapters::{DatabaseUrl, Store, StoreOptions, SystemClock, SystemIds};
use anyhow::{Context, Result};
use application::{Background, Charges, CheckoutExpiry, Checkouts, Health, JobBell, JobRunner, Transactions, Webhooks};
use http_api::{Access, Api, HostRule, RequestShell};
use ports::{Clock, IdSource, PaymentGateway};
use sandbox::{Sandbox, Worker};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::config::{Gateway, Secrets, ServeArgs, database, host_names, refuse_if_open_to_others};

/// Where Coinbase Commerce is.
const COINBASE_URL: &str = "https://api.commerce.coinbase.com/";
/// Where the built-in sandbox is mounted.
const SANDBOX_PATH: &str = "/sandbox";
/// How long a request may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may take after a stop.
const STOP_PATIENCE_S: u64 = 10;

/// A server that is ready to run.
pub struct Application {
    url: Url,
    server: Server,
    health: Arc<Health>,
    store: Store,
    jobs: JobRunner,
    expiry: CheckoutExpiry,
    sandbox: Option<Sandbox>,
    // The folder of a temporary sandbox goes when the application does.
    _sandbox_folder: Option<tempfile::TempDir>,
}

/// Asks a running [`Application`] to stop.
#[derive(Clone)]
pub struct Stopper {
    server: ServerHandle,
    health: Arc<Health>,
}

impl Stopper {
    /// Takes no more requests and lets those under way finish.
    pub async fn stop(&self) {
        self.health.stopping();
        self.server.stop(true).await;
    }
}

/// What the parts are made from.
struct Parts {
    args: ServeArgs,
    database: DatabaseUrl,
    origins: Vec<String>,
    local: SocketAddr,
    public_url: Url,
    secrets: Secrets,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Application {
    /// Checks the settings, brings the database up to date, and binds the address.
    pub async fn build(args: ServeArgs) -> Result<Self> {
        let is_private = refuse_if_open_to_others(&args)?;
        let secrets = Secrets::of(&args, is_private)?;
        let listener = TcpListener::bind(args.bind).with_context(|| format!("can't listen on {}", args.bind))?;
        let local = listener.local_addr()?;
        let public_url = match args.checked_public_url()? {
            Some(url) => url,
            None => Url::parse(&format!("http://{local}"))?,
        };
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn IdSource>) = (Arc::new(SystemClock), Arc::new(SystemIds));
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
        let expiry = tokio::spawn(self.expiry.run());
        let sandbox: Option<Worker> = self.sandbox.as_ref().map(Sandbox::start);
        let served = self.server.await;
        stop.send_replace(true);
        expiry.abort();
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

impl Parts {
    async fn assemble(self, listener: TcpListener) -> Result<Application> {
        let store = self.open_store().await?;
        let (sandbox, sandbox_folder) = self.open_sandbox()?;
        let gateway = self.gateway()?;
        let health = Arc::new(Health::new(store.health.clone(), self.clock.clone()));
        let bell = JobBell::default();
        let charges = Charges { ledger: store.ledger.clone(), gateway, ids: self.ids.clone() };
        let background = Background::on(tokio::runtime::Handle::current());
        let jobs = JobRunner {
            queue: store.job_queue.clone(),
            checkouts: store.checkouts.clone(),
            charges: charges.clone(),
            background: background.clone(),
            bell: bell.clone(),
            health: health.clone(),
            ids: self.ids.clone(),
        };
        let expiry =
            CheckoutExpiry { repo: store.checkouts.clone(), ledger: store.ledger.clone(), clock: self.clock.clone() };
        let api = self.api(&store, charges, background, bell, health.clone())?;
        let server = serve(listener, api, sandbox.clone()).context("can't start the server")?;
        self.announce();
        let url = Url::parse(&format!("http://{}", reachable(self.local)))?;
        Ok(Application { url, server, health, store, jobs, expiry, sandbox, _sandbox_folder: sandbox_folder })
    }

    /// Migrations wait for locks and disks: not on a thread that others need.
    async fn open_store(&self) -> Result<Store> {
        let (url, clock, ids) = (self.database.clone(), self.clock.clone(), self.ids.clone());
        let opened = tokio::task::spawn_blocking(move || {
            adapters::migrate(&url)?;
            adapters::open(&url, clock, ids, StoreOptions::default())
        });
        opened.await?.with_context(|| format!("can't open the database {}", self.database))
    }

    fn open_sandbox(&self) -> Result<(Option<Sandbox>, Option<tempfile::TempDir>)> {
        if !self.args.has_built_in_sandbox() {
            return Ok((None, None));
        }
        let (path, folder) = self.sandbox_path()?;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("can't make {}", parent.display()))?;
        }
        let public_url = at(&self.public_url, SANDBOX_PATH)?;
        let signs_with = self.secrets.coinbase_webhook_secrets.first().cloned().unwrap_or_default();
        let mut config = sandbox::Config::new(path, self.secrets.coinbase_api_key.clone(), signs_with, public_url);
        config.webhook_url = Some(at(&self.own_url()?, "/webhook")?);
        config.pay_delay = self.args.pay_delay();
        "Boxoffice".clone_into(&mut config.shop_name);
        Ok((Some(Sandbox::open(config).context("can't open the sandbox")?), folder))
    }

    /// A database that is gone at the end has a sandbox that is gone at the end.
    fn sandbox_path(&self) -> Result<(PathBuf, Option<tempfile::TempDir>)> {
        if let Some(path) = &self.args.sandbox_database {
            return Ok((path.clone(), None));
        }
        Ok(match &self.database {
            DatabaseUrl::Sqlite(path) => (path.with_file_name("sandbox.db"), None),
            DatabaseUrl::Postgres(_) => (PathBuf::from("data/sandbox.db"), None),
            DatabaseUrl::SqliteTemporary => {
                let folder = tempfile::tempdir().context("can't make a temporary folder")?;
                (folder.path().join("sandbox.db"), Some(folder))
            }
        })
    }

    fn gateway(&self) -> Result<Arc<dyn PaymentGateway>> {
        let default_url = match self.args.gateway {
            Gateway::Fake => {
                let pay_delay = self.args.pay_delay();
                return Ok(Arc::new(FakeGateway::new(self.clock.clone(), self.ids.clone(), pay_delay)));
            }
            Gateway::Sandbox => at(&self.own_url()?, SANDBOX_PATH)?,
            Gateway::CoinbaseCommerce => Url::parse(COINBASE_URL)?,
        };
        let api_url = self.args.coinbase_api_url.clone().unwrap_or(default_url);
        let mut config = CoinbaseConfig::new(api_url, self.secrets.coinbase_api_key.clone());
        config.simulator = self.args.gateway == Gateway::Sandbox;
        Ok(Arc::new(CoinbaseGateway::new(config, self.ids.clone()).context("can't use the payment gateway")?))
    }

    fn api(
        &self,
        store: &Store,
        charges: Charges,
        background: Background,
        bell: JobBell,
        health: Arc<Health>,
    ) -> Result<Api> {
        let secrets = self.secrets.coinbase_webhook_secrets.clone();
        let decoder = CoinbaseWebhooks::new(&secrets, self.clock.clone(), self.ids.clone())?;
        let webhooks = Webhooks { ledger: store.ledger.clone(), decoder: Arc::new(decoder), ids: self.ids.clone() };
        let hosts = if self.args.insecure && !self.args.bind.ip().is_loopback() {
            HostRule::Any
        } else {
            HostRule::Listed(host_names(self.local, &self.public_url))
        };
        Ok(Api {
            checkouts: Checkouts {
                ledger: store.ledger.clone(),
                repo: store.checkouts.clone(),
                charges,
                jobs: store.job_queue.clone(),
                background,
                bell,
                webhooks: webhooks.clone(),
                ids: self.ids.clone(),
            },
            transactions: Transactions { repo: store.transactions.clone() },
            webhooks,
            health,
            ids: self.ids.clone(),
            access: Access { hosts, origins: self.origins.clone() },
            request_timeout: REQUEST_TIMEOUT,
        })
    }

    /// How this server reaches itself.
    fn own_url(&self) -> Result<Url> {
        Ok(Url::parse(&format!("http://{}", reachable(self.local)))?)
    }

    fn announce(&self) {
        let Parts { args, database, local, public_url, .. } = self;
        let gateway = args.gateway.to_possible_value_name();
        log::info!(listening:% = local, public_url:%, database:%, gateway; "boxoffice is up");
        if args.insecure {
            log::warn!("started with --insecure: whoever reaches this server can do everything");
        }
    }
}

impl Gateway {
    const fn to_possible_value_name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Fake => "fake",
            Self::CoinbaseCommerce => "coinbase-commerce",
        }
    }
}

fn serve(listener: TcpListener, api: Api, sandbox: Option<Sandbox>) -> std::io::Result<Server> {
    let shell = RequestShell::new(&api.access, Arc::clone(&api.ids), REQUEST_TIMEOUT);
    let server = HttpServer::new(move || {
        let mounted = sandbox.clone();
        App::new()
            .wrap(shell.clone())
            .configure(|cfg| {
                if let Some(sandbox) = mounted {
                    cfg.service(web::scope(SANDBOX_PATH).configure(|cfg| sandbox.configure(cfg)));
                }
            })
            .configure(|cfg| api.configure(cfg))
    });
    Ok(server.disable_signals().shutdown_timeout(STOP_PATIENCE_S).listen(listener)?.run())
}

/// The address by which this machine reaches a listener, also one on all addresses.
fn reachable(local: SocketAddr) -> SocketAddr {
    match local.ip() {
        ip if !ip.is_unspecified() => local,
        IpAddr::V4(_) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), local.port()),
        IpAddr::V6(_) => SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), local.port()),
    }
}

/// A path below a URL, whether or not that ends in a slash.
fn at(base: &Url, path: &str) -> Result<Url> {
    Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).context("can't make a URL")
}
