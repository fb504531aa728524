//! How fast the sandbox is on this machine, load and receiver included:
//! `cargo run --release --package sandbox --example speed`.
//!
//! It makes charges over HTTP, sends their webhooks to a receiver in the same process, and then asks for pages and lists
//! with 100,000 charges kept. `SPEED_CHARGES` changes that number.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a command for people to look at")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use sandbox::{Config, Sandbox};

const KEY: &str = "test-key";
const CLIENTS: usize = 64;
const WEBHOOKS: usize = 20_000;
const BODY: &str = r#"{"name":"Seat 12","description":"Row 1","pricing_type":"fixed_price","local_price":{"amount":"29.99","currency":"USD"},"metadata":{"order":"7"}}"#;

#[actix_web::main]
async fn main() {
    let charges: usize = std::env::var("SPEED_CHARGES").map_or(100_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let received = Arc::new(AtomicUsize::new(0));
    let hook = receiver(Arc::clone(&received));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut config =
        Config::new(folder.path().join("speed.db"), KEY.to_owned(), "secret".to_owned(), url.parse().unwrap());
    config.webhook_url = Some(hook.parse().unwrap());
    let sandbox = Sandbox::open(config).unwrap();
    let app = {
        let sandbox = sandbox.clone();
        move || App::new().configure(|routes| sandbox.configure(routes))
    };
    tokio::spawn(HttpServer::new(app).workers(2).disable_signals().listen(listener).unwrap().run());

    // The worker doesn't run yet: only making charges is measured, with the events and deliveries that belong to them.
    let took = make(&url, WEBHOOKS).await;
    println!("charges created    {:>8.0} /s  ({WEBHOOKS} by {CLIENTS} clients)", rate(WEBHOOKS, took));

    let began = Instant::now();
    let worker = sandbox.start();
    while received.load(Ordering::Relaxed) < WEBHOOKS {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!("webhooks delivered {:>8.0} /s  ({WEBHOOKS} that waited)", rate(WEBHOOKS, began.elapsed()));

    let rest = charges.saturating_sub(WEBHOOKS);
    let took = make(&url, rest).await;
    println!("both at once       {:>8.0} charges/s  ({rest} charges)", rate(rest, took));
    while received.load(Ordering::Relaxed) < WEBHOOKS + rest {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!("{charges} charges kept; median and longest of 50 answers in ms:");
    reads(&url, charges).await;
    worker.stop().await;
}

fn receiver(received: Arc<AtomicUsize>) -> String {
    let data = Data::from(received);
    let app = move || App::new().app_data(data.clone()).route("/", web::post().to(receive));
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.addrs()[0]);
    tokio::spawn(server.run());
    url
}

async fn receive(received: Data<AtomicUsize>, _: web::Bytes) -> HttpResponse {
    received.fetch_add(1, Ordering::Relaxed);
    HttpResponse::Ok().finish()
}

async fn make(url: &str, count: usize) -> Duration {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (next, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let clients = (0..CLIENTS).map(|_| {
        let (client, next, url) = (client.clone(), Arc::clone(&next), format!("{url}/charges"));
        tokio::spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let request = client.post(&url).header("X-CC-Api-Key", KEY).header("X-CC-Version", "2018-03-22");
                let answer = request.body(BODY).send().await.unwrap();
                assert_eq!(answer.status().as_u16(), 201);
                answer.bytes().await.unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    began.elapsed()
}

async fn reads(url: &str, charges: usize) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let request = client.get(format!("{url}{path}")).header("X-CC-Api-Key", KEY);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        answer.bytes().await.unwrap()
    };
    let first: serde_json::Value = serde_json::from_slice(&get("/charges?order=asc&limit=1").await).unwrap();
    assert_eq!(first["pagination"]["total"], charges);
    let (id, code) = (first["data"][0]["id"].as_str().unwrap(), first["data"][0]["code"].as_str().unwrap());
    let middle = format!("/charges?order=asc&limit=100&starting_after={id}");
    for (name, path) in [
        ("charges, newest 100", "/charges?limit=100"),
        ("charges, oldest 100", &middle),
        ("a charge by its code", &format!("/charges/{code}")),
        ("events, newest 100", "/events?limit=100"),
        ("payment page", &format!("/pay/{code}")),
        ("home page", "/"),
        ("  its overview", "/_control"),
        ("  its charges", "/_control/charges"),
        ("  its deliveries", "/_control/deliveries?limit=50"),
        ("  waiting deliveries", "/_control/deliveries?state=waiting"),
        ("  one charge's", &format!("/_control/deliveries?charge={code}")),
    ] {
        let mut times = Vec::new();
        for _ in 0..50 {
            let began = Instant::now();
            get(path).await;
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        println!("  {name:<22} {:>6.2} {:>6.2}", times[25], times[49]);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
