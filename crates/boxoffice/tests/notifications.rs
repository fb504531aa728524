//! Merchants are told by the real program, and verify it as they would.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use http::HeaderMap;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Client, Method};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use support::{Program, Recipe, until, without_bind};
use testkit::app::{PAYMENT_SECRET, TestApp, client, flags};
use testkit::databases::FreshDatabase;

/// A request as it came: its headers and its body.
type Received = (HeaderMap, Vec<u8>);

/// A merchant's server that takes everything, unless it is told to hang.
#[derive(Clone)]
struct Merchant {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
    hangs: Arc<AtomicBool>,
}

impl Merchant {
    fn start() -> Self {
        Self::listen("http", "127.0.0.1", Self::serve)
    }

    /// One who has a certificate for `localhost`.
    fn start_https(identity: Arc<ServerConfig>) -> Self {
        Self::listen("https", "localhost", move |merchant, stream| {
            let connection = ServerConnection::new(Arc::clone(&identity)).unwrap();
            merchant.serve(StreamOwned::new(connection, stream));
        })
    }

    fn listen(scheme: &str, host: &str, serve: impl Fn(&Self, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{host}:{}/hook", listener.local_addr().unwrap().port());
        let merchant = Self { url, received: Arc::default(), hangs: Arc::default() };
        let (served, serve) = (merchant.clone(), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (served, serve) = (served.clone(), Arc::clone(&serve));
                thread::spawn(move || serve(&served, stream));
            }
        });
        merchant
    }

    fn serve(&self, stream: impl Read + Write) {
        let mut reader = BufReader::new(stream);
        while let Some(received) = read(&mut reader) {
            self.received.lock().unwrap().push(received);
            if self.hangs.load(Ordering::SeqCst) {
                // Until whoever sent it is gone.
                drop(reader.read(&mut [0]));
                return;
            }
            drop(reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"));
            drop(reader.get_mut().flush());
        }
    }

    fn received(&self) -> Vec<(HeaderMap, Vec<u8>)> {
        self.received.lock().unwrap().clone()
    }

    fn ids(&self) -> Vec<String> {
        self.received().iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned()).collect()
    }
}

fn read(reader: &mut BufReader<impl Read>) -> Option<(HeaderMap, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = HeaderMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        let name: http::HeaderName = name.parse().ok()?;
        headers.insert(name, value.parse().ok()?);
    }
    let length: usize = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((headers, body))
}

struct Node<'a> {
    client: &'a Client,
    url: &'a str,
}

impl Node<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.client.request(method, format!("{}{path}", self.url)).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Makes something, and answers with it.
    async fn make(&self, path: &str, body: Value) -> Value {
        let (status, made) = self.ask(Method::POST, path, body).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// An order of one, paid by the word of a payment backend.
    async fn paid_order(&self) -> String {
        let product = self.make("/api/products", json!({"name": "Seat", "price": "75.00", "total_stock": 9})).await;
        let items = json!([{"product_id": product["id"], "quantity": 1}]);
        let order = self.make("/api/orders", json!({"customer_id": 42, "items": items})).await;
        let order_id = order["id"].as_str().unwrap().to_owned();
        let notice = json!({"order_id": order_id, "status": "paid", "payment_id": "pay_1"}).to_string();
        let signature = adapters::sign(PAYMENT_SECRET, notice.as_bytes());
        let request = self.client.post(format!("{}/api/payments/webhook", self.url)).header("X-Signature", signature);
        assert_eq!(request.body(notice).send().await.unwrap().status(), 200);
        order_id
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_is_told_and_verifies_it_with_the_published_library() {
    let merchant = Merchant::start();
    let app = TestApp::start(FreshDatabase::sqlite().unwrap(), &["--notify-private-addresses"]).await.unwrap();
    let node = Node { client: &app.client, url: &app.url };
    let body = json!({"url": merchant.url, "event_types": ["order.paid", "order.completed"]});
    let endpoint = node.make("/api/webhook-endpoints", body).await;
    let secret = endpoint["secret"].as_str().unwrap().to_owned();
    let order_id = node.paid_order().await;
    let arrived = async |count| merchant.received().len() == count;
    app.until("told that it is paid", || async { Ok(arrived(1).await) }).await.unwrap();
    let (headers, body) = merchant.received().remove(0);
    Webhook::new(&secret).unwrap().verify(&body, &headers).unwrap();
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&told["type"], &told["data"]["order_id"]), (&json!("order.paid"), &json!(order_id)));
    assert_eq!((&told["data"]["total_amount"], &told["data"]["customer_id"]), (&json!("75.00"), &json!(42)));
    assert!(Webhook::new(&secret).unwrap().verify(&[&body[..], b" "].concat(), &headers).is_err());

    let at = format!("/api/webhook-endpoints/{}", endpoint["id"].as_str().unwrap());
    let (_, rotated) = node.ask(Method::POST, &format!("{at}/rotate-secret"), json!({})).await;
    let completed = json!({"status": "completed"});
    assert_eq!(node.ask(Method::PUT, &format!("/api/orders/{order_id}/status"), completed).await.0, 200);
    app.until("told that it is completed", || async { Ok(arrived(2).await) }).await.unwrap();
    let (headers, body) = merchant.received().remove(1);
    for valid in [&secret, rotated["secret"].as_str().unwrap()] {
        Webhook::new(valid).unwrap().verify(&body, &headers).unwrap();
    }

    let delivered = format!("{at}/deliveries?status=delivered");
    app.until("written down", || async { Ok(app.json(&delivered).await?["total"] == 2) }).await.unwrap();
    let listed = app.json(&delivered).await.unwrap();
    let newest = listed["items"][0]["id"].as_str().unwrap();
    let shown = app.json(&format!("/api/deliveries/{newest}")).await.unwrap();
    assert_eq!(shown["body"].as_str().map(str::as_bytes), Some(&body[..]));
    let attempt = &shown["attempt_log"][0];
    assert_eq!(
        (&attempt["number"], &attempt["status_code"], &attempt["answer"]),
        (&json!(1), &json!(200), &json!("fine"))
    );
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_to_private_addresses_unless_that_was_allowed() {
    let merchant = Merchant::start();
    let app = TestApp::start(FreshDatabase::sqlite().unwrap(), &[]).await.unwrap();
    let node = Node { client: &app.client, url: &app.url };
    let (status, refused) = node.ask(Method::POST, "/api/webhook-endpoints", json!({"url": merchant.url})).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("private-address")));
    assert_eq!(merchant.received().len(), 0);
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_in_the_middle_of_a_delivery_sends_it_again_under_the_same_id() {
    let merchant = Merchant::start();
    merchant.hangs.store(true, Ordering::SeqCst);
    let database = FreshDatabase::sqlite().unwrap();
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(without_bind(&flags(&database.url_text())));
    arguments.extend(["--gateway", "fake", "--notify-private-addresses"].map(str::to_owned));
    let client = client().unwrap();
    let program = Program::start(&arguments).await.unwrap();
    let node = Node { client: &client, url: &program.url };
    node.make("/api/webhook-endpoints", json!({"url": merchant.url})).await;
    let order_id = node.paid_order().await;
    until("it is being sent", || async { Ok(merchant.received().len() == 1) }).await.unwrap();
    program.kill().unwrap();
    merchant.hangs.store(false, Ordering::SeqCst);
    let program = Program::start(&arguments).await.unwrap();
    until("it is sent again", || async { Ok(merchant.received().len() == 2) }).await.unwrap();
    let ids = merchant.ids();
    assert_eq!(ids[0], ids[1]);
    let bodies: Vec<Vec<u8>> = merchant.received().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies[0], bodies[1]);
    assert!(String::from_utf8_lossy(&bodies[0]).contains(&order_id));
    let delivered = format!("{}/api/deliveries?status=delivered", program.url);
    until("it is written down", || async {
        let listed: Value = client.get(&delivered).send().await?.json().await?;
        Ok(listed["total"] == 1 && listed["items"][0]["attempts"] == 1)
    })
    .await
    .unwrap();
    drop(program);
    drop(database);
}

/// Who vouches for servers.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut terms = CertificateParams::default();
    terms.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(terms, KeyPair::generate().unwrap()).unwrap()
}

/// What a server shows of itself.
fn identity(name: &str, authority: &CertifiedIssuer<'static, KeyPair>) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let terms = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = CertificateDer::from(terms.signed_by(&key, authority).unwrap());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    // Whoever was first has chosen the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    Arc::new(config.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_https_only_servers_are_told_that_can_show_who_they_are() {
    let trusted = authority();
    let (folder, database) = (tempfile::tempdir().unwrap(), FreshDatabase::sqlite().unwrap());
    let authorities = folder.path().join("authorities.pem");
    std::fs::write(&authorities, trusted.pem()).unwrap();
    let mut recipe =
        Recipe::serve(&database.url_text(), &["--gateway", "fake", "--notify-private-addresses"]).unwrap().quiet();
    recipe.environment.push(("SSL_CERT_FILE".to_owned(), authorities.display().to_string()));
    let (program, client) = (recipe.start().await.unwrap(), client().unwrap());
    let node = Node { client: &client, url: &program.url };

    let known = Merchant::start_https(identity("localhost", &trusted));
    let unknown = Merchant::start_https(identity("localhost", &authority()));
    let misnamed = Merchant::start_https(identity("shop.example", &trusted));
    let (mut endpoints, mut secrets) = (HashMap::new(), Vec::new());
    for merchant in [&known, &unknown, &misnamed] {
        let endpoint = node.make("/api/webhook-endpoints", json!({"url": merchant.url})).await;
        endpoints.insert(merchant.url.clone(), endpoint["id"].as_str().unwrap().to_owned());
        secrets.push(endpoint["secret"].as_str().unwrap().to_owned());
    }
    node.paid_order().await;
    until("told", || async { Ok(known.received().len() == 1) }).await.unwrap();
    let (headers, body) = known.received().remove(0);
    Webhook::new(&secrets[0]).unwrap().verify(&body, &headers).unwrap();
    let listed = format!("{}/api/deliveries", program.url);
    until("all attempts are written down", || async {
        let listed: Value = client.get(&listed).send().await?.json().await?;
        Ok(listed["items"].as_array().is_some_and(|items| items.iter().all(|item| item["attempts"] != 0)))
    })
    .await
    .unwrap();
    for (merchant, is_taken) in [(&known, true), (&unknown, false), (&misnamed, false)] {
        let endpoint = &endpoints[&merchant.url];
        let (_, listed) = node.ask(Method::GET, &format!("/api/deliveries?endpoint_id={endpoint}"), json!({})).await;
        let id = listed["items"][0]["id"].as_str().unwrap();
        let (_, shown) = node.ask(Method::GET, &format!("/api/deliveries/{id}"), json!({})).await;
        let error = shown["attempt_log"][0]["error"].as_str();
        assert_eq!((error.is_none(), shown["status"] == "delivered"), (is_taken, is_taken), "{shown}");
        assert!(error.is_none_or(|error| error.contains("invalid peer certificate")), "{shown}");
    }
    assert_eq!((unknown.received().len(), misnamed.received().len()), (0, 0));
    program.kill().unwrap();
}
