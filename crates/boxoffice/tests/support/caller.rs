//! Asks the nodes of a shop, and keeps what was asked and answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use reqwest::{Client, Method};
use serde_json::Value;
use testkit::app::client;
use uuid::Uuid;

use super::history::{Exchange, History, Outcome, now};

/// The header that names a request.
const NAME: &str = "Idempotency-Key";
/// For how long somebody who wants an answer asks again.
const PATIENCE: Duration = Duration::from_secs(90);
/// The pause before asking again.
const PAUSE: Duration = Duration::from_millis(50);

/// A client of all nodes.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    nodes: Arc<Vec<String>>,
    turn: Arc<AtomicUsize>,
    retries: Arc<AtomicU64>,
    /// What was asked and answered.
    pub(crate) history: Arc<History>,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Wish {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: Value::Null, headers: Vec::new() }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body, headers: Vec::new() }
    }

    pub(crate) fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PUT, path: path.into(), body, headers: Vec::new() }
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, path: path.into(), body: Value::Null, headers: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// So that it may be asked again, and is done once.
    pub(crate) fn named(self, name: Uuid) -> Self {
        self.with(NAME, name.to_string())
    }

    fn name(&self) -> Option<String> {
        self.headers.iter().find(|(header, _)| *header == NAME).map(|(_, name)| name.clone())
    }
}

impl Caller {
    pub(crate) fn of(nodes: Vec<String>) -> Result<Self> {
        Ok(Self {
            client: client()?,
            nodes: Arc::new(nodes),
            turn: Arc::default(),
            retries: Arc::default(),
            history: Arc::default(),
        })
    }

    /// How often something was asked again.
    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Asks the next node, once.
    pub(crate) async fn ask(&self, wish: &Wish) -> Outcome {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let url = format!("{}{}", self.nodes[turn % self.nodes.len()], wish.path);
        let mut request = self.client.request(wish.method.clone(), url);
        for (name, value) in &wish.headers {
            request = request.header(*name, value);
        }
        // Written here, so that a signature is of these very bytes.
        if !wish.body.is_null() {
            request = request.header("Content-Type", "application/json").body(wish.body.to_string());
        }
        let asked_at = now();
        let outcome = answer(request).await.unwrap_or(Outcome::Unknown);
        self.history.keep(Exchange {
            method: wish.method.clone(),
            path: wish.path.clone(),
            name: wish.name(),
            sent: wish.body.clone(),
            asked_at,
            told_at: now(),
            outcome: outcome.clone().kept_for(&wish.method),
        });
        outcome
    }

    /// Asks again until there is an answer that isn't about the server's own trouble. For what may be asked twice.
    pub(crate) async fn insist(&self, wish: &Wish) -> Result<(u16, Value)> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.ask(wish).await {
                // The first try is still under way, on whatever node.
                Outcome::Answered { status: 409, body } if body["code"] == "idempotency-key-in-use" => {}
                Outcome::Answered { status, body } if status < 500 => return Ok((status, body)),
                outcome if Instant::now() >= deadline => bail!("{wish:?} got no answer in time: {outcome:?}"),
                _ => {}
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What is at a path, which must be there.
    pub(crate) async fn read(&self, path: &str) -> Result<Value> {
        let wish = Wish::get(path).with("Cache-Control", "no-cache");
        match self.insist(&wish).await? {
            (200, body) => Ok(body),
            (status, body) => bail!("GET {path}: {status} {body}"),
        }
    }

    /// All items of a list.
    pub(crate) async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let joint = if path.contains('?') { '&' } else { '?' };
        for page in 1.. {
            let mut list = self.read(&format!("{path}{joint}page_size=100&page={page}")).await?;
            let Value::Array(found) = list["items"].take() else { bail!("no list at {path}: {list}") };
            if found.is_empty() {
                break;
            }
            items.extend(found);
        }
        Ok(items)
    }
}

/// An answer counts when all of it is there.
async fn answer(request: reqwest::RequestBuilder) -> Result<Outcome> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await?;
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
    Ok(Outcome::Answered { status, body })
}
