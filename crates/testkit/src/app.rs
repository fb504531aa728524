//! The whole application on a free port, as a stranger would run it.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use adapters::SystemClock;
use anyhow::{Context, Result, ensure};
use boxoffice::{Application, Cli, Command, ServeArgs, Stopper};
use ports::Clock;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::databases::FreshDatabase;

/// What the application's Coinbase webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "secret-of-the-tests";
/// What payment backends sign with.
pub const PAYMENT_SECRET: &str = "payment-secret-of-the-tests";
/// How long a simulated payment takes.
const PAY_DELAY: Duration = Duration::from_millis(50);
/// How long to wait for what should happen soon.
const PATIENCE: Duration = Duration::from_secs(20);

/// Shorter than the server's own patience with idle connections: a request must not go into one that is just closing.
const IDLE_CONNECTIONS_KEPT: Duration = Duration::from_secs(3);

/// A running application, stopped when this is dropped.
pub struct TestApp {
    /// Where it is.
    pub url: String,
    /// To ask it with.
    pub client: Client,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<()>>>,
    // Last, so that the application is gone before its database.
    _database: FreshDatabase,
}

/// Flags for a server of a test: a free port and well-known secrets. The data is all that is missing.
#[must_use]
pub fn flags(database_url: &str) -> Vec<String> {
    let delay = PAY_DELAY.as_millis().to_string();
    let flags = [
        ("--database-url", database_url),
        ("--bind", "127.0.0.1:0"),
        ("--coinbase-api-key", "key-of-the-tests"),
        ("--coinbase-webhook-secret", WEBHOOK_SECRET),
        ("--payment-webhook-secret", PAYMENT_SECRET),
        ("--sandbox-pay-delay-ms", &delay),
    ];
    flags.iter().flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()]).collect()
}

/// A client for tests. It installs the TLS provider that it needs, so that no test depends on another that did.
pub fn client() -> Result<Client> {
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(Client::builder().timeout(PATIENCE).pool_idle_timeout(IDLE_CONNECTIONS_KEPT).build()?)
}

impl TestApp {
    /// On a fresh PostgreSQL database.
    pub async fn postgres() -> Result<Self> {
        Self::start(FreshDatabase::postgres()?, &[]).await
    }

    /// On a fresh SQLite file.
    pub async fn sqlite() -> Result<Self> {
        Self::start(FreshDatabase::sqlite()?, &[]).await
    }

    /// On a database of the test's choice, with more flags.
    pub async fn start(database: FreshDatabase, more_flags: &[&str]) -> Result<Self> {
        let url = database.url_text();
        Self::start_through(database, &url, more_flags).await
    }

    /// By another clock than the system's.
    pub async fn start_by(clock: Arc<dyn Clock>, database: FreshDatabase, more_flags: &[&str]) -> Result<Self> {
        let url = database.url_text();
        Self::begin(clock, database, &url, more_flags).await
    }

    /// On a database that is reached by another URL than its own: through something that stands in between.
    pub async fn start_through(database: FreshDatabase, url: &str, more_flags: &[&str]) -> Result<Self> {
        Self::begin(Arc::new(SystemClock), database, url, more_flags).await
    }

    async fn begin(clock: Arc<dyn Clock>, database: FreshDatabase, url: &str, more_flags: &[&str]) -> Result<Self> {
        let sandbox = tempfile::tempdir()?;
        let sandbox_database = sandbox.path().join("sandbox.db");
        let mut arguments = vec!["boxoffice".to_owned(), "serve".to_owned()];
        arguments.extend(flags(url));
        arguments.extend(["--sandbox-database".to_owned(), sandbox_database.display().to_string()]);
        arguments.extend(more_flags.iter().map(|flag| (*flag).to_owned()));
        let Command::Serve(args) = <Cli as clap::Parser>::try_parse_from(arguments)?.command else {
            anyhow::bail!("not serve")
        };
        let (ready, told) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let outcome = run(*args, clock, ready);
            drop(sandbox);
            outcome
        });
        let Ok((url, stopper)) = told.await else {
            let outcome = thread.join().map_err(|_| anyhow::anyhow!("the application panicked"))?;
            outcome?;
            anyhow::bail!("the application ended at once");
        };
        let client = client()?;
        let app = Self { url, client, stopper, thread: Some(thread), _database: database };
        app.until("healthy", || async { Ok(app.get("/health").await?.status() == 200) }).await?;
        Ok(app)
    }

    /// A request to the application.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Response> {
        Ok(self.request(Method::GET, path).send().await?)
    }

    /// GET of something that must be there.
    pub async fn json(&self, path: &str) -> Result<Value> {
        let response = self.get(path).await?;
        ensure!(response.status() == 200, "GET {path}: {}", response.status());
        Ok(response.json().await?)
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Response> {
        Ok(self.request(Method::POST, path).json(body).send().await?)
    }

    /// POST of a webhook body, signed as Coinbase would.
    pub async fn webhook(&self, body: &Value) -> Result<Response> {
        let body = body.to_string();
        let signature = adapters::sign(WEBHOOK_SECRET, body.as_bytes());
        Ok(self.request(Method::POST, "/webhook").header("X-CC-Webhook-Signature", signature).body(body).send().await?)
    }

    /// A new checkout over 29.99 USD with its charge.
    pub async fn checkout(&self) -> Result<Value> {
        let response = self.post("/checkout", &json!({"amount": 29.99, "email": "buyer@example.com"})).await?;
        ensure!(response.status() == 201, "POST /checkout: {}", response.status());
        Ok(response.json().await?)
    }

    /// The checkout once it is in this status.
    pub async fn checkout_in(&self, id: &Value, status: &str) -> Result<Value> {
        let path = format!("/checkouts/{}", id.as_str().context("an id")?);
        self.until(status, || async { Ok(self.json(&path).await?["status"] == status) }).await?;
        self.json(&path).await
    }

    /// Waits for a condition.
    pub async fn until<F: Future<Output = Result<bool>>>(
        &self,
        what: &str,
        mut is_so: impl FnMut() -> F,
    ) -> Result<()> {
        let wait = async {
            loop {
                match is_so().await {
                    Ok(true) => return,
                    Ok(false) | Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.with_context(|| format!("waited in vain for: {what}"))
    }

    /// Stops it as SIGTERM does, and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        self.stopper.stop().await;
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
        joined.map_err(|_| anyhow::anyhow!("the application panicked"))?
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let stopper = self.stopper.clone();
        // Not on this thread: it may be the one that drives the test's own runtime.
        let ending = std::thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() {
                runtime.block_on(stopper.stop());
            }
            drop(thread.join());
        });
        drop(ending.join());
    }
}

fn run(args: ServeArgs, clock: Arc<dyn Clock>, ready: tokio::sync::oneshot::Sender<(String, Stopper)>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let application = Application::build_by(args, clock).await?;
        let url = application.url().as_str().trim_end_matches('/').to_owned();
        drop(ready.send((url, application.stopper())));
        application.run().await
    })
}
