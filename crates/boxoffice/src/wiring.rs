//! Which part is plugged into which.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use adapters::coinbase::{CoinbaseGateway, CoinbaseWebhooks, Config as CoinbaseConfig};
use adapters::fake::FakeGateway;
use adapters::{DatabaseUrl, SharedSecrets, Store, StoreParts};
use anyhow::{Context, Result};
use application::{
    AuditTrail, Background, ChargeWorker, Charges, CheckoutExpiry, Checkouts, EventExpiry, Events, ExpireWorker,
    GatewayCheck, Health, HoldTokens, Holds, JobBell, JobRunner, JobWorker, Jobs, KeptReport, NotifyWorker, Orders,
    Pace, Payments, PollWorker, Polls, ProductCache, Products, PurgeWorker, Reconciliation, Rest, StockExpiry,
    Transactions, Webhooks, ensure_recurring_jobs,
};
use http_api::{Access, Api, HostRule, RequestShell, UnderWay};
use ports::{Clock, IdSource, NotificationSender, PaymentGateway};
use sandbox::Sandbox;
use url::Url;

use crate::application::Application;
use crate::config::{Gateway, Secrets, ServeArgs, host_names};
#[cfg(debug_assertions)]
use crate::crash_points::CrashPoint;
use crate::notification_wiring;

/// Where Coinbase Commerce is.
const COINBASE_URL: &str = "https://api.commerce.coinbase.com/";
/// Where the built-in sandbox is mounted.
const SANDBOX_PATH: &str = "/sandbox";
/// How many of Coinbase's calls a node spends on asking about charges.
const POLLS_PER_MINUTE: u32 = 100;
/// How long a request may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may take after a stop.
const STOP_PATIENCE_S: u64 = 10;

/// What the parts are made from.
pub(crate) struct Parts {
    pub(crate) args: ServeArgs,
    pub(crate) database: DatabaseUrl,
    pub(crate) origins: Vec<String>,
    pub(crate) local: SocketAddr,
    pub(crate) public_url: Url,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl Parts {
    pub(crate) async fn assemble(self, listener: TcpListener) -> Result<Application> {
        let cache = Arc::new(ProductCache::default());
        let bell = JobBell::default();
        let store = self.open_store(cache.clone(), bell.clone()).await?;
        let (sandbox, sandbox_folder) = self.open_sandbox()?;
        let gateway = self.gateway()?;
        let sender = notification_wiring::sender(self.args.notify_private_addresses, &self.clock)?;
        let Mortals { store, gateway, sender } = mortal(Mortals { store, gateway, sender })?;
        let health = Arc::new(Health::new(store.health.clone(), self.clock.clone()));
        let poll_after = self.args.poll_after();
        let pace = pace(self.args.gateway);
        let check = gateway_check(&store, gateway.clone(), pace.clone(), self.clock.clone());
        let charges = Charges { ledger: store.ledger.clone(), gateway, ids: self.ids.clone(), poll_after };
        let webhooks = self.webhooks(&store)?;
        ensure_recurring_jobs(&*store.ledger, &self.ids).await.context("can't queue the work that goes on for ever")?;
        let background = Background::on(tokio::runtime::Handle::current());
        let notifier = notification_wiring::worker(&store, sender.clone(), &self.clock, &self.ids, &bell);
        let jobs = JobRunner {
            queue: store.job_queue.clone(),
            workers: self.workers(&store, &charges, &webhooks, &background, notifier, pace),
            background: background.clone(),
            bell,
            health: health.clone(),
            ids: self.ids.clone(),
        };
        let (ledger, clock) = (store.ledger.clone(), self.clock.clone());
        let (holds, orders) = (store.holds.clone(), store.orders.clone());
        let stock_expiry = StockExpiry { holds, orders, ledger, clock };
        let checkouts = self.checkouts(&store, charges, background, &webhooks);
        let mut api = self.api(&store, cache, webhooks, checkouts, health.clone(), sender)?;
        api.reconciliation.gateway = Some(check);
        let server = serve(listener, api, sandbox.clone()).context("can't start the server")?;
        self.announce();
        let url = Url::parse(&format!("http://{}", reachable(self.local)))?;
        Ok(Application { url, server, health, store, jobs, stock_expiry, sandbox, _sandbox_folder: sandbox_folder })
    }

    /// Migrations wait for locks and disks: not on a thread that others need.
    async fn open_store(&self, watch: Arc<ProductCache>, bell: JobBell) -> Result<Store> {
        let parts = StoreParts { watch, jobs: Arc::new(bell), ..StoreParts::new(self.clock.clone(), self.ids.clone()) };
        let url = self.database.clone();
        let opened = tokio::task::spawn_blocking(move || {
            adapters::migrate(&url)?;
            adapters::open(&url, &parts)
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
        let signs_with = self.secrets.coinbase_webhook.first().cloned().unwrap_or_default();
        let mut config = sandbox::Config::new(path, self.secrets.coinbase_api_key.clone(), signs_with, public_url);
        config.previous_webhook_secret = self.secrets.coinbase_webhook.get(1).cloned();
        config.webhook_url = Some(at(&self.own_url()?, "/webhook")?);
        config.pay_delay = self.args.pay_delay();
        config.faults = self.args.sandbox_faults;
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
        let Some(default_url) = gateway_url(self.args.gateway, &self.own_url()?)? else {
            let pay_delay = self.args.pay_delay();
            return Ok(Arc::new(FakeGateway::new(self.clock.clone(), self.ids.clone(), pay_delay)));
        };
        let api_url = self.args.coinbase_api_url.clone().unwrap_or(default_url);
        let mut config = CoinbaseConfig::new(api_url, self.secrets.coinbase_api_key.clone());
        config.simulator = self.args.gateway == Gateway::Sandbox;
        Ok(Arc::new(
            CoinbaseGateway::new(config, self.clock.clone(), self.ids.clone())
                .context("can't use the payment gateway")?,
        ))
    }

    /// What is told of money.
    fn webhooks(&self, store: &Store) -> Result<Webhooks> {
        let secrets = self.secrets.coinbase_webhook.clone();
        let decoder = CoinbaseWebhooks::new(&secrets, self.clock.clone(), self.ids.clone())?;
        Ok(Webhooks { ledger: store.ledger.clone(), decoder: Arc::new(decoder), ids: self.ids.clone() })
    }

    /// What is asked about money.
    fn polls(&self, store: &Store, charges: &Charges, webhooks: &Webhooks, pace: Pace) -> Polls {
        Polls {
            ledger: store.ledger.clone(),
            checkouts: store.checkouts.clone(),
            gateway: charges.gateway.clone(),
            webhooks: webhooks.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            orders: store.orders.clone(),
            shortest_pause: self.args.poll_after(),
            rest: Rest::default(),
            pace,
        }
    }

    /// Who does the jobs.
    fn workers(
        &self,
        store: &Store,
        charges: &Charges,
        webhooks: &Webhooks,
        background: &Background,
        notifier: NotifyWorker,
        pace: Pace,
    ) -> Vec<Arc<dyn JobWorker>> {
        let (checkouts, room) = (store.checkouts.clone(), background.gateway_room().clone());
        vec![
            Arc::new(ChargeWorker { checkouts, charges: charges.clone(), room }),
            Arc::new(PollWorker::new(self.polls(store, charges, webhooks, pace), background)),
            Arc::new(self.expire_worker(store)),
            Arc::new(self.purge_worker(store)),
            Arc::new(notifier),
        ]
    }

    /// Who ends what is over.
    fn expire_worker(&self, store: &Store) -> ExpireWorker {
        let (ledger, clock) = (store.ledger.clone(), self.clock.clone());
        let events = EventExpiry { audit: store.audit.clone(), ledger: ledger.clone(), clock: clock.clone() };
        ExpireWorker::new(CheckoutExpiry { repo: store.checkouts.clone(), ledger, clock }, events)
    }

    /// Who deletes what was kept long enough.
    fn purge_worker(&self, store: &Store) -> PurgeWorker {
        let policy = self.args.retention.policy();
        PurgeWorker::new(store.ledger.clone(), store.purger.clone(), self.clock.clone(), policy)
    }

    /// What asks for money.
    fn checkouts(&self, store: &Store, charges: Charges, background: Background, webhooks: &Webhooks) -> Checkouts {
        Checkouts {
            ledger: store.ledger.clone(),
            repo: store.checkouts.clone(),
            charges,
            jobs: store.job_queue.clone(),
            background,
            webhooks: webhooks.clone(),
            ids: self.ids.clone(),
        }
    }

    fn api(
        &self,
        store: &Store,
        cache: Arc<ProductCache>,
        webhooks: Webhooks,
        checkouts: Checkouts,
        health: Arc<Health>,
        sender: Arc<dyn NotificationSender>,
    ) -> Result<Api> {
        let (ledger, ids) = (store.ledger.clone(), self.ids.clone());
        let tokens = HoldTokens::new(&store.hold_token_key);
        let (hold_ttl, order_ttl) = (self.args.hold_ttl(), self.args.order_ttl());
        let signature = Arc::new(SharedSecrets::new(&self.secrets.payment_webhook)?);
        Ok(Api {
            products: Products { ledger: ledger.clone(), repo: store.products.clone(), cache, ids: ids.clone() },
            holds: Holds {
                ledger: ledger.clone(),
                repo: store.holds.clone(),
                tokens: tokens.clone(),
                ids: ids.clone(),
                time_to_live: hold_ttl,
            },
            orders: Orders {
                ledger: ledger.clone(),
                repo: store.orders.clone(),
                tokens,
                checkouts: checkouts.clone(),
                ids: ids.clone(),
                time_to_live: order_ttl,
            },
            payments: Payments { ledger, signature, ids: ids.clone() },
            webhook_endpoints: notification_wiring::endpoints(store, sender, &self.clock, &ids),
            deliveries: notification_wiring::deliveries(store),
            events: events(store),
            jobs: jobs(store),
            audit_trail: AuditTrail { repo: store.audit_trail.clone() },
            reconciliation: reconciliation(store, self.clock.clone(), self.ids.clone()),
            under_way: UnderWay::default(),
            checkouts,
            transactions: Transactions { repo: store.transactions.clone() },
            webhooks,
            health,
            ids,
            access: self.access(),
            request_timeout: REQUEST_TIMEOUT,
        })
    }

    fn access(&self) -> Access {
        let hosts = if self.args.insecure && !self.args.bind.ip().is_loopback() {
            HostRule::Any
        } else {
            HostRule::Listed(host_names(self.local, &self.public_url))
        };
        Access { hosts, origins: self.origins.clone() }
    }

    /// How this server reaches itself.
    fn own_url(&self) -> Result<Url> {
        Ok(Url::parse(&format!("http://{}", reachable(self.local)))?)
    }

    fn announce(&self) {
        let Parts { args, database, local, public_url, .. } = self;
        let gateway = args.gateway.name();
        log::info!(listening:% = local, public_url:%, database:%, gateway; "boxoffice is up");
        if args.insecure {
            log::warn!("started with --insecure: whoever reaches this server can do everything");
        }
    }
}

/// What may be asked to die: the store, and what it takes to reach the outside.
struct Mortals {
    store: Store,
    gateway: Arc<dyn PaymentGateway>,
    sender: Arc<dyn NotificationSender>,
}

/// Tests may have a debug build die at a place that they name.
#[cfg(debug_assertions)]
fn mortal(all: Mortals) -> Result<Mortals> {
    Ok(match CrashPoint::asked_for()? {
        Some(point) => Mortals {
            store: point.around_store(all.store),
            gateway: point.around_gateway(all.gateway),
            sender: point.around_sender(all.sender),
        },
        None => all,
    })
}

/// What is built for use knows of no such places.
#[cfg(not(debug_assertions))]
#[expect(clippy::unnecessary_wraps, reason = "debug builds can fail here")]
fn mortal(all: Mortals) -> Result<Mortals> {
    Ok(all)
}

/// The inbox of webhooks.
pub(crate) fn events(store: &Store) -> Events {
    Events { ledger: store.ledger.clone(), repo: store.events.clone() }
}

/// The job queue.
pub(crate) fn jobs(store: &Store) -> Jobs {
    Jobs { ledger: store.ledger.clone(), repo: store.jobs.clone() }
}

/// Who counts everything anew, and asks nobody.
pub(crate) fn reconciliation(store: &Store, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Reconciliation {
    Reconciliation {
        audit: store.audit.clone(),
        jobs: store.jobs.clone(),
        events: store.events.clone(),
        ledger: store.ledger.clone(),
        ids,
        gateway: None,
        clock,
        turn: Arc::default(),
        kept: KeptReport::default(),
    }
}

/// Who is asked what it knows of charges, at the pace of whoever else asks it.
pub(crate) fn gateway_check(
    store: &Store,
    gateway: Arc<dyn PaymentGateway>,
    pace: Pace,
    clock: Arc<dyn Clock>,
) -> GatewayCheck {
    GatewayCheck { gateway, checkouts: store.checkouts.clone(), transactions: store.transactions.clone(), pace, clock }
}

/// Where the gateway's API is, if it has one.
pub(crate) fn gateway_url(gateway: Gateway, own_url: &Url) -> Result<Option<Url>> {
    match gateway {
        Gateway::Fake => Ok(None),
        Gateway::Sandbox => at(own_url, SANDBOX_PATH).map(Some),
        Gateway::CoinbaseCommerce => Ok(Some(Url::parse(COINBASE_URL)?)),
    }
}

/// Coinbase's classic API takes 200 calls a minute, new charges aside; looking for charges needs some of them.
pub(crate) fn pace(gateway: Gateway) -> Pace {
    match gateway {
        Gateway::CoinbaseCommerce => Pace::per_minute(POLLS_PER_MINUTE),
        Gateway::Sandbox | Gateway::Fake => Pace::unlimited(),
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
pub(crate) fn reachable(local: SocketAddr) -> SocketAddr {
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
