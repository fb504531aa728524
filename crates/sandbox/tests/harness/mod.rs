//! A sandbox on a real port, a merchant that receives its webhooks, and ways to wait for things.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of this")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use sandbox::{Config, Retry, Sandbox, Worker};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const KEY: &str = "merchant's key";
pub(crate) const SECRET: &str = "webhook secret";
const DEADLINE: Duration = Duration::from_secs(20);

/// A running sandbox.
pub(crate) struct Stand {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    config: Config,
    server: ServerHandle,
    worker: Worker,
    directory: TempDir,
}

/// How a stand differs from the usual one.
pub(crate) type Change = fn(&mut Config);

impl Stand {
    pub(crate) fn open(webhooks: Option<&Merchant>, change: Change) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = "http://127.0.0.1:1/".parse().unwrap();
        let mut config = Config::new(directory.path().join("sandbox.db"), KEY.to_owned(), SECRET.to_owned(), url);
        config.webhook_url = webhooks.map(|merchant| merchant.url.parse().unwrap());
        config.pay_delay = Duration::from_millis(40);
        config.retry = Retry { first: Duration::from_millis(10), ..Retry::default() };
        change(&mut config);
        Self::run(config, directory, "")
    }

    fn run(mut config: Config, directory: TempDir, mount: &'static str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}{mount}", listener.local_addr().unwrap());
        config.public_url = url.parse().unwrap();
        let sandbox = Sandbox::open(config.clone()).unwrap();
        let worker = sandbox.start();
        let app = move || {
            let sandbox = sandbox.clone();
            App::new().service(web::scope(mount).configure(move |routes| sandbox.configure(routes)))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { url, client, config, server: handle, worker, directory }
    }

    /// Stops everything and starts it again on the same file.
    pub(crate) async fn restarted(self, change: Change) -> Self {
        self.mounted(change, "").await
    }

    /// The same with another configuration of its merchant.
    pub(crate) async fn restarted_with(mut self, url: &str, key: &str, secret: &str) -> Self {
        self.config.webhook_url = Some(url.parse().unwrap());
        key.clone_into(&mut self.config.api_key);
        secret.clone_into(&mut self.config.webhook_secret);
        self.restarted(|_| {}).await
    }

    /// The same under a path.
    pub(crate) async fn mounted(self, change: Change, mount: &'static str) -> Self {
        let Self { mut config, server, worker, directory, .. } = self;
        worker.stop().await;
        server.stop(false).await;
        change(&mut config);
        Self::run(config, directory, mount)
    }

    pub(crate) fn raw(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A request as the merchant's client library makes it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.raw(method, path).header("X-CC-Api-Key", KEY).header("X-CC-Version", "2018-03-22")
    }

    pub(crate) async fn create(&self, body: &Value) -> Value {
        let answer = self.request(Method::POST, "/charges").body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        json_of(answer).await["data"].take()
    }

    pub(crate) async fn charge(&self, key: &str) -> Value {
        let answer = self.request(Method::GET, &format!("/charges/{key}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        json_of(answer).await["data"].take()
    }

    pub(crate) async fn pay(&self, key: &str, outcome: &str) -> Response {
        let path = format!("/_control/charges/{key}/pay");
        self.raw(Method::POST, &path).body(json!({ "outcome": outcome }).to_string()).send().await.unwrap()
    }

    /// A call of the control API that succeeds; null sends no body.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.raw(method, &format!("/_control/{path}"));
        let request = if body.is_null() { request } else { request.body(body.to_string()) };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let mut body = json_of(answer).await;
        assert!(status.is_success(), "{path}: {status} {body}");
        body["data"].take()
    }

    /// A call with this key, whatever comes of it; null sends no body.
    pub(crate) async fn call(&self, key: &str, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.raw(method, path).header("X-CC-Api-Key", key).header("X-CC-Version", "2018-03-22");
        let request = if body.is_null() { request } else { request.body(body.to_string()) };
        let answer = request.send().await.unwrap();
        (answer.status(), json_of(answer).await)
    }

    /// Adds a merchant with a key like its name, whose webhooks go there.
    pub(crate) async fn add_merchant(&self, name: &str, urls: &[&str]) -> Value {
        let secret = format!("secret-of-{name}");
        let body = json!({ "name": name, "api_key": name, "webhook_secret": secret });
        let merchant = self.control(Method::POST, "merchants", &body).await;
        for url in urls {
            let path = format!("merchants/{}/endpoints", merchant["id"]);
            self.control(Method::POST, &path, &json!({ "url": url })).await;
        }
        merchant
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.control(Method::POST, "clock/advance", &json!({ "seconds": seconds })).await;
    }

    /// The deliveries of this query, once they are as wished.
    pub(crate) async fn deliveries_when(&self, query: &str, wished: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let listed = self.control(Method::GET, &format!("deliveries?{query}"), &Value::Null).await;
            let listed = listed.as_array().unwrap().clone();
            if wished(&listed) {
                return listed;
            }
            assert!(Instant::now() < deadline, "{query}: {listed:?}");
            pause().await;
        }
    }

    /// All deliveries, newest first, once there are so many and none of them waits any more.
    pub(crate) async fn delivered(&self, count: usize) -> Vec<Value> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let listed = self.control(Method::GET, "deliveries?limit=500", &Value::Null).await;
            let listed = listed.as_array().unwrap().clone();
            if listed.len() >= count && listed.iter().all(|delivery| delivery["state"] != "waiting") {
                return listed;
            }
            assert!(Instant::now() < deadline, "{} of {count} deliveries: {listed:?}", listed.len());
            pause().await;
        }
    }

    /// The charge, once it has this status.
    pub(crate) async fn settled(&self, key: &str, status: &str) -> Value {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let charge = self.charge(key).await;
            if statuses(&charge).last().is_some_and(|last| last == status) {
                return charge;
            }
            assert!(Instant::now() < deadline, "never {status}: {charge}");
            pause().await;
        }
    }
}

/// A webhook as it arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

impl Arrived {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["event"]["type"].as_str().unwrap().to_owned()
    }
}

#[derive(Default)]
struct Inbox {
    arrived: Vec<Arrived>,
    answers: VecDeque<u16>,
}

/// Receives webhooks; answers 200 unless told otherwise.
pub(crate) struct Merchant {
    pub(crate) url: String,
    inbox: Arc<Mutex<Inbox>>,
}

impl Merchant {
    pub(crate) fn open() -> Self {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let data = Data::from(Arc::clone(&inbox));
        let app = move || App::new().app_data(data.clone()).route("/hook", web::post().to(receive));
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { url, inbox }
    }

    /// The statuses of the next answers.
    pub(crate) fn will_answer(&self, statuses: &[u16]) {
        self.inbox.lock().unwrap().answers.extend(statuses);
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.inbox.lock().unwrap().arrived.clone()
    }

    /// All webhooks, once there are so many.
    pub(crate) async fn received(&self, count: usize) -> Vec<Arrived> {
        let deadline = Instant::now() + DEADLINE;
        while self.arrived().len() < count {
            assert!(Instant::now() < deadline, "{} of {count} webhooks came", self.arrived().len());
            pause().await;
        }
        self.arrived()
    }
}

/// Takes connections and never answers.
pub(crate) struct Silence {
    pub(crate) url: String,
    held: Arc<Mutex<Vec<std::net::TcpStream>>>,
}

impl Silence {
    pub(crate) fn open() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&held);
        std::thread::spawn(move || listener.incoming().for_each(|one| taken.lock().unwrap().push(one.unwrap())));
        Self { url, held }
    }

    /// Waits until so many connections are held.
    pub(crate) async fn holds(&self, count: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.held.lock().unwrap().len() < count {
            assert!(Instant::now() < deadline, "{} of {count} connections", self.held.lock().unwrap().len());
            pause().await;
        }
    }

    /// Closes all of them.
    pub(crate) fn hang_up(&self) {
        self.held.lock().unwrap().clear();
    }
}

async fn receive(inbox: Data<Mutex<Inbox>>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let mut inbox = inbox.lock().unwrap();
    inbox.arrived.push(Arrived {
        signature: header("X-CC-Webhook-Signature"),
        content_type: header("content-type"),
        body,
    });
    let status = inbox.answers.pop_front().unwrap_or(200);
    let mut answer = HttpResponse::build(status.try_into().unwrap());
    answer.insert_header(("Location", "/elsewhere")).finish()
}

/// Between two looks at a condition; never the thing that is waited for.
pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

pub(crate) async fn json_of(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// What a resource is called, in a path.
pub(crate) fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

pub(crate) fn code(resource: &Value) -> String {
    resource["code"].as_str().unwrap().to_owned()
}

pub(crate) fn statuses(charge: &Value) -> Vec<String> {
    let entries = charge["timeline"].as_array().unwrap();
    entries.iter().map(|entry| entry["status"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn signature(body: &[u8]) -> String {
    signed_with(SECRET, body)
}

pub(crate) fn signed_with(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What a shop sends for a ticket of 29.99 dollars.
pub(crate) fn ticket() -> Value {
    json!({
        "name": "Seat 12",
        "description": "Row 1",
        "pricing_type": "fixed_price",
        "local_price": { "amount": "29.99", "currency": "USD" },
        "metadata": { "order": "7", "nested": { "z": 1, "a": [true, null] } },
        "redirect_url": "https://shop.example/thanks?a=1&b=2",
        "cancel_url": "https://shop.example/cart",
    })
}
