use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer};
use adapters::SystemIds;
use anyhow::{Context, Result, ensure};
use http_api::{Access, HostRule, RequestShell};
use sandbox::{Config, Sandbox};
use url::Url;

use crate::config::{SANDBOX_API_KEY, SandboxArgs, checked_url, refuse_weak};
use crate::signals;

/// How long a request may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the sandbox alone until it is asked to stop.
pub(crate) async fn run(args: SandboxArgs) -> Result<()> {
    let is_private = args.bind.ip().is_loopback();
    if !is_private {
        ensure!(
            args.api_key != SANDBOX_API_KEY,
            "SANDBOX_API_KEY has its well-known value, which only loopback may use"
        );
        refuse_weak("SANDBOX_WEBHOOK_SECRET", &args.webhook_secret)?;
    }
    ensure!(!args.api_key.is_empty(), "SANDBOX_API_KEY is empty");
    let listener = TcpListener::bind(args.bind).with_context(|| format!("can't listen on {}", args.bind))?;
    let local = listener.local_addr()?;
    let public_url = match &args.public_url {
        Some(url) => checked_url("SANDBOX_PUBLIC_URL", url)?,
        None => Url::parse(&format!("http://{local}"))?,
    };
    // Clients reach it by names that nobody can know here, and would choke on a 403. Foreign pages are kept out.
    let access = Access { hosts: HostRule::Any, origins: Vec::new() };
    let shell = RequestShell::new(&access, Arc::new(SystemIds), REQUEST_TIMEOUT);
    if let Some(folder) = args.database.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    }
    let mut config = Config::new(args.database, args.api_key, args.webhook_secret, public_url.clone());
    config.webhook_url = args.webhook_url;
    config.pay_delay = Duration::from_millis(args.pay_delay_ms);
    // Whoever reaches it elsewhere may well not be who set it up.
    config.shows_secrets = is_private;
    config.faults = args.faults;
    config.rate_limits = args.rate_limits;
    config.rates = args.rates.unwrap_or_default();
    config.charges_kept = args.charges_kept;
    let sandbox = Sandbox::open(config).context("can't open the sandbox")?;
    let worker = sandbox.start();
    let server = HttpServer::new(move || App::new().wrap(shell.clone()).configure(|cfg| sandbox.configure(cfg)))
        .disable_signals()
        .shutdown_timeout(5)
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::spawn(async move {
        signals::asked_to_stop().await;
        handle.stop(true).await;
    });
    log::info!(public_url:%; "the sandbox is up");
    let outcome = server.await;
    worker.stop().await;
    outcome.context("the server failed")
}
