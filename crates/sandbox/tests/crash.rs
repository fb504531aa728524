//! A process that is killed in the middle of its work.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use harness::{Merchant, json_of, pause, statuses, ticket};
use serde_json::{Value, json};

const KEY: &str = "test-key";

/// The example, which is built along with the tests.
fn program() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples");
    folder.join(format!("standalone{}", std::env::consts::EXE_SUFFIX))
}

/// The child dies with its test.
struct Process {
    child: Child,
    url: String,
    client: reqwest::Client,
}

impl Process {
    async fn start(database: &Path, webhooks: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program()).arg(port.to_string()).arg(database).arg(webhooks).spawn().unwrap();
        // Otherwise a sandbox does this, and here there is none in the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let process = Self { child, url: format!("http://127.0.0.1:{port}"), client };
        let start = Instant::now();
        while process.client.get(format!("{}/health", process.url)).send().await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "it never began");
            pause().await;
        }
        process
    }

    /// The code of a charge that was acknowledged, and whether its payment was; nothing once the process is gone.
    async fn sell(&self) -> Option<(String, bool)> {
        let create = self.client.post(format!("{}/charges", self.url)).header("X-CC-Api-Key", KEY);
        let made = create.body(ticket().to_string()).send().await.ok()?.bytes().await.ok()?;
        let made: Value = serde_json::from_slice(&made).unwrap();
        let code = made["data"]["code"].as_str().unwrap().to_owned();
        let pay = self.client.post(format!("{}/_control/charges/{code}/pay", self.url));
        let body = json!({ "outcome": "success", "confirm_after_ms": 30 }).to_string();
        let is_paid = pay.body(body).send().await.is_ok_and(|answer| answer.status() == 202);
        Some((code, is_paid))
    }

    async fn charge(&self, code: &str) -> Value {
        let get = self.client.get(format!("{}/charges/{code}", self.url)).header("X-CC-Api-Key", KEY);
        json_of(get.send().await.unwrap()).await["data"].take()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, where there are signals.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[actix_web::test]
async fn whatever_was_acknowledged_survives_a_kill_and_is_told_in_the_end() {
    let (merchant, folder) = (Merchant::open(), tempfile::tempdir().unwrap());
    let database = folder.path().join("sandbox.db");
    let mut sold: BTreeMap<String, bool> = BTreeMap::new();
    for round in 1..=3 {
        let process = Process::start(&database, &merchant.url).await;
        let sellers = (0..8).map(|_| async {
            let mut sold = Vec::new();
            while let Some(sale) = process.sell().await {
                sold.push(sale);
            }
            sold
        });
        let killer = async {
            // In the middle of it: after some webhooks of this round, with more under way.
            merchant.received(merchant.arrived().len() + 40).await;
            let _ = Command::new("kill").arg("-9").arg(process.child.id().to_string()).status();
        };
        let (sales, ()) = futures_util::future::join(futures_util::future::join_all(sellers), killer).await;
        sold.extend(sales.into_iter().flatten());
        assert!(sold.len() >= 10 * round, "{}", sold.len());
    }

    let process = Process::start(&database, &merchant.url).await;
    for (code, is_paid) in &sold {
        let deadline = Instant::now() + Duration::from_secs(20);
        let charge = loop {
            let charge = process.charge(code).await;
            assert_eq!(charge["code"], json!(code), "it was acknowledged");
            if !is_paid || charge["confirmed_at"].is_string() {
                break charge;
            }
            assert!(Instant::now() < deadline, "never confirmed: {charge}");
            pause().await;
        };
        let steps = statuses(&charge);
        assert_eq!(steps, ["NEW", "PENDING", "COMPLETED"][..steps.len()]);
        let expected = if *is_paid { ["created", "pending", "confirmed"].as_slice() } else { &["created"] };
        let expected: BTreeSet<_> = expected.iter().map(|kind| format!("charge:{kind}")).collect();
        loop {
            let arrived = merchant.arrived().into_iter().map(|one| one.json()["event"].take());
            let own = arrived.filter(|event| event["data"]["code"] == json!(code));
            let told: BTreeSet<_> = own.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
            if told.is_superset(&expected) {
                break;
            }
            assert!(Instant::now() < deadline, "{code} was told {told:?}");
            pause().await;
        }
    }
}
