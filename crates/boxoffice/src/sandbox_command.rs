use std::net::TcpListener;
use std::time::Duration;

use actix_web::{App, HttpServer};
use anyhow::{Context, Result, ensure};
use sandbox::{Config, Sandbox};
use url::Url;

use crate::config::{SANDBOX_API_KEY, SANDBOX_WEBHOOK_SECRET, SandboxArgs};
use crate::signals;

/// Runs the sandbox alone until it is asked to stop.
pub(crate) async fn run(args: SandboxArgs) -> Result<()> {
    let is_private = args.bind.ip().is_loopback();
    for (name, is_well_known) in [
        ("SANDBOX_API_KEY", args.api_key == SANDBOX_API_KEY),
        ("SANDBOX_WEBHOOK_SECRET", args.webhook_secret == SANDBOX_WEBHOOK_SECRET),
    ] {
        ensure!(is_private || !is_well_known, "{name} has its well-known value, which only loopback may use");
        if is_well_known {
            log::warn!(name; "a secret is not set and takes its well-known development value");
        }
    }
    let listener = TcpListener::bind(args.bind).with_context(|| format!("can't listen on {}", args.bind))?;
    let public_url = match &args.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{}", listener.local_addr()?))?,
    };
    if let Some(folder) = args.database.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    }
    let mut config = Config::new(args.database, args.api_key, args.webhook_secret, public_url.clone());
    config.webhook_url = args.webhook_url;
    config.pay_delay = Duration::from_millis(args.pay_delay_ms);
    let sandbox = Sandbox::open(config).context("can't open the sandbox")?;
    let worker = sandbox.start();
    let server = HttpServer::new(move || App::new().configure(|cfg| sandbox.configure(cfg)))
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
