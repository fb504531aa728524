//! What happens when things die at the worst moment.
#![expect(clippy::panic, reason = "these are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};
mod support;

use support::{Program, until, without_bind};
use testkit::app::{TestApp, client, flags};
use testkit::databases::FreshDatabase;
use testkit::postgres::{Options, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// What stands between the server and the sandbox, and swallows answers.
struct Swallower {
    url: String,
    swallowed: Arc<AtomicUsize>,
}

impl Swallower {
    /// Passes requests on to `behind`, if there is anything behind, and never passes an answer back.
    async fn start(behind: Option<String>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let swallowed = Arc::new(AtomicUsize::new(0));
        let counter = swallowed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(swallow(client, behind.clone(), counter.clone()));
            }
        });
        Ok(Self { url, swallowed })
    }
}

async fn swallow(mut client: TcpStream, behind: Option<String>, swallowed: Arc<AtomicUsize>) -> Result<()> {
    let mut first_byte = [0];
    let Some(behind) = behind else {
        client.read_exact(&mut first_byte).await?;
        swallowed.fetch_add(1, Ordering::SeqCst);
        return std::future::pending().await;
    };
    let mut server = TcpStream::connect(behind.trim_start_matches("http://")).await?;
    let (mut from_client, _to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let requests = copy(&mut from_client, &mut to_server);
    let answers = async {
        from_server.read_exact(&mut first_byte).await?;
        swallowed.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<std::io::Result<()>>().await
    };
    let (passed_on, _) = tokio::join!(requests, answers);
    passed_on?;
    to_server.shutdown().await?;
    Ok(())
}

async fn sandbox_alone(folder: &std::path::Path) -> Result<Program> {
    let database = folder.join("sandbox.db").display().to_string();
    let arguments = ["sandbox", "--database", &database, "--api-key", "key-of-the-tests"];
    Program::start(&arguments.map(str::to_owned)).await
}

async fn charges(sandbox: &Program) -> Result<Vec<Value>> {
    let request = client()?.get(format!("{}/charges?limit=100", sandbox.url));
    let list: Value = request.header("X-CC-Api-Key", "key-of-the-tests").send().await?.json().await?;
    Ok(list["data"].as_array().context("a list")?.clone())
}

async fn create_checkout(server: &Program) -> Result<String> {
    let body = json!({"merchant_id": "m-1", "amount": "10", "currency": "USD", "idempotency_key": "one"});
    let created = client()?.post(format!("{}/checkouts", server.url)).json(&body).send().await?;
    assert_eq!(created.status(), 201);
    let checkout: Value = created.json().await?;
    Ok(format!("/checkouts/{}", checkout["id"].as_str().context("an id")?))
}

async fn charge_of(server: &Program, path: &str) -> Result<String> {
    let read = || async {
        let response = client()?.get(format!("{}{path}", server.url)).send().await?;
        anyhow::Ok(response.json::<Value>().await?["charge_code"].as_str().map(ToOwned::to_owned))
    };
    until("the charge", || async { Ok(read().await?.is_some()) }).await?;
    read().await?.context("a charge")
}

/// Killed while it waited for the gateway, which had (or had not) made the charge: after the restart there is one.
async fn killed_in_the_gateway_call(database: FreshDatabase, gateway_has_made_it: bool) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sandbox = sandbox_alone(folder.path()).await?;
    let swallower = Swallower::start(gateway_has_made_it.then(|| sandbox.url.clone())).await?;
    let server = Program::serve(&database, &swallower.url).await?;
    let path = create_checkout(&server).await?;
    until("the gateway was asked", || async { Ok(swallower.swallowed.load(Ordering::SeqCst) > 0) }).await?;
    server.kill()?;
    assert_eq!(charges(&sandbox).await?.len(), usize::from(gateway_has_made_it));

    let server = Program::serve(&database, &sandbox.url).await?;
    let code = charge_of(&server, &path).await?;
    let [charge] = &charges(&sandbox).await?[..] else { panic!("not one charge") };
    assert_eq!(charge["code"], code.as_str());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_charge_was_made_it_is_made_once_on_sqlite() -> Result<()> {
    killed_in_the_gateway_call(FreshDatabase::sqlite()?, false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_charge_was_made_it_is_made_once_on_postgres() -> Result<()> {
    killed_in_the_gateway_call(FreshDatabase::postgres()?, false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_charge_was_made_it_is_found_on_sqlite() -> Result<()> {
    killed_in_the_gateway_call(FreshDatabase::sqlite()?, true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_charge_was_made_it_is_found_on_postgres() -> Result<()> {
    killed_in_the_gateway_call(FreshDatabase::postgres()?, true).await
}

/// Nothing here leaves the machine in the clear or otherwise: what only speaks plain HTTP needs no CA certificates.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_without_ca_certificates_runs_the_server_and_its_sandbox() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = format!("sqlite:{}", folder.path().join("boxoffice.db").display());
    let arguments: Vec<String> = std::iter::once("serve".to_owned()).chain(without_bind(&flags(&database))).collect();
    let bare = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
    let server = Program::start_with(&arguments, &bare).await?;
    let path = create_checkout(&server).await?;
    charge_of(&server, &path).await?;
    let buyer = client()?;
    buyer.post(format!("{}{path}/pay", server.url)).send().await?.error_for_status()?;
    until("the webhook has come", || async {
        let checkout: Value = buyer.get(format!("{}{path}", server.url)).send().await?.json().await?;
        Ok(checkout["status"] == "COMPLETED")
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_away_delays_the_charge_and_nothing_else() -> Result<()> {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let gateway = format!("http://{nobody}");
    let app = TestApp::start(FreshDatabase::sqlite()?, &["--coinbase-api-url", &gateway]).await?;
    let checkout = app.checkout().await?;
    assert_eq!((&checkout["status"], &checkout["hosted_url"]), (&json!("PENDING"), &json!(null)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_callers_get_503_and_it_heals_without_a_restart() -> Result<()> {
    let postgres = Server::start(Options::default())?;
    let app = TestApp::start(FreshDatabase::postgres_on(&postgres)?, &[]).await?;
    let before = app.checkout().await?;
    postgres.kill()?;
    let body = json!({"merchant_id": "m-1", "amount": "10", "currency": "USD", "idempotency_key": "during"});
    let refused = app.post("/checkouts", &body).await?;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(app.get("/checkouts").await?.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.get("/health").await?.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.get("/health/live").await?.status(), StatusCode::OK);

    postgres.resume()?;
    app.until("it stores again", || async { Ok(app.post("/checkouts", &body).await?.status() == 201) }).await?;
    app.until("it is healthy", || async { Ok(app.get("/health").await?.status() == 200) }).await?;
    assert_eq!(app.json("/checkouts").await?["total"], 2, "nothing of what was answered with 503");
    app.checkout_in(&before["id"], "PENDING").await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_postgres_is_hardly_noticed() -> Result<()> {
    let postgres = Server::start(Options::default())?;
    let app = TestApp::start(FreshDatabase::postgres_on(&postgres)?, &[]).await?;
    app.checkout().await?;
    postgres.restart()?;
    app.checkout().await.context("the first request after the restart")?;
    assert_eq!(app.json("/checkouts").await?["total"], 2);
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_answers_what_is_under_way_and_loses_nothing() -> Result<()> {
    let database = FreshDatabase::sqlite()?;
    let url = database.url_text();
    let app = TestApp::start(database, &[]).await?;
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..50 {
        let body = json!({"merchant_id": "m", "amount": 1, "currency": "USD", "idempotency_key": number.to_string()});
        let request = app.request(reqwest::Method::POST, "/checkouts").json(&body);
        asking.spawn(async move { request.send().await.is_ok_and(|response| response.status() == 201) });
    }
    let first_is_stored = asking.join_next().await.context("one")??;
    assert!(first_is_stored);
    let stored = asking.join_all().await.into_iter().filter(|is_stored| *is_stored).count() + 1;
    let pool_of_connections = app.client.clone();
    let counted = app.json("/checkouts").await?["total"].clone();
    app.stop().await?;
    drop(pool_of_connections);
    assert_eq!(counted, stored);
    assert!(url.starts_with("sqlite:"));
    Ok(())
}
