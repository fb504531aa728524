//! A sale that goes on although everything around it dies, hangs or floods.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use support::{Program, until, without_bind};
use testkit::app::{TestApp, client, flags};
use testkit::databases::FreshDatabase;

const BUYERS: usize = 16;
const KILLS: u32 = 20;

async fn node(database: &FreshDatabase, more_flags: &[&str]) -> Program {
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(without_bind(&flags(&database.url_text())));
    arguments.extend(["--gateway", "fake"].map(str::to_owned));
    arguments.extend(more_flags.iter().map(|flag| (*flag).to_owned()));
    Program::start(&arguments).await.unwrap()
}

async fn product(client: &Client, url: &str, total_stock: u32) -> Result<String> {
    let body = json!({"name": "Seat", "price": "75.00", "total_stock": total_stock});
    let response = client.post(format!("{url}/api/products")).json(&body).send().await?;
    ensure!(response.status() == 201, "{}", response.status());
    let product: Value = response.json().await?;
    Ok(product["id"].as_str().context("an id")?.to_owned())
}

/// Holds one after the other until the server is gone; every hold that was answered 201 is kept.
async fn hold_until_it_dies(client: Client, url: String, seat: String, answered: Arc<Mutex<HashSet<String>>>) {
    let body = json!({"product_id": seat, "quantity": 1});
    while let Ok(answer) = client.post(format!("{url}/api/holds")).json(&body).send().await {
        let is_created = answer.status() == 201;
        let Ok(hold) = answer.json::<Value>().await else { return };
        assert!(is_created, "{hold}");
        answered.lock().unwrap().insert(hold["id"].as_str().unwrap().to_owned());
    }
}

async fn is_there(client: &Client, url: &str, hold: &str) -> Result<bool> {
    let answer = client.get(format!("{url}/api/holds/{hold}")).send().await?;
    Ok(answer.status() == 200)
}

async fn killed_again_and_again(database: FreshDatabase) {
    let answered = Arc::new(Mutex::new(HashSet::new()));
    let mut program = node(&database, &[]).await;
    let client = client().unwrap();
    let seat = product(&client, &program.url, 1_000_000_000).await.unwrap();
    for round in 0..KILLS {
        let before = answered.lock().unwrap().len();
        let buyers: Vec<_> = (0..BUYERS)
            .map(|_| {
                let (url, seat) = (program.url.clone(), seat.clone());
                tokio::spawn(hold_until_it_dies(client.clone(), url, seat, Arc::clone(&answered)))
            })
            .collect();
        // Somewhere in the middle of the load, at another point of a batch each time.
        until("load", || async { Ok(answered.lock().unwrap().len() > before + 50) }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(u64::from(round) * 3)).await;
        program.kill().unwrap();
        for buyer in buyers {
            buyer.await.unwrap();
        }
        program = node(&database, &[]).await;
        let report = report(&client, &program.url).await.unwrap();
        assert_eq!(report["ok"], true, "after kill {round}: {report}");
    }
    let answered: Vec<String> = answered.lock().unwrap().iter().cloned().collect();
    assert!(answered.len() > 50 * KILLS as usize);
    for some in answered.chunks(50) {
        let found = join_all(some.iter().map(|hold| is_there(&client, &program.url, hold))).await;
        assert!(found.into_iter().all(|found| found.unwrap()), "a hold that was answered 201 is not in the database");
    }
    let seat: Value =
        client.get(format!("{}/api/products/{seat}", program.url)).send().await.unwrap().json().await.unwrap();
    assert!(seat["held_stock"].as_u64().unwrap() >= answered.len() as u64);
}

async fn report(client: &Client, url: &str) -> Result<Value> {
    Ok(client.get(format!("{url}/api/admin/reconciliation")).send().await?.error_for_status()?.json().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hold_that_was_answered_survives_twenty_kills_on_postgres() {
    killed_again_and_again(FreshDatabase::postgres().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hold_that_was_answered_survives_twenty_kills_on_sqlite() {
    killed_again_and_again(FreshDatabase::sqlite().unwrap()).await;
}

/// A hold of one second: nobody has to ask for its stock to be back, and whoever asks first gets it.
async fn expired_stock_comes_back(database: FreshDatabase) {
    let app =
        TestApp::start(database, &["--gateway", "fake", "--hold-ttl-s", "1", "--order-ttl-s", "2"]).await.unwrap();
    let seat = product(&app.client, &app.url, 1).await.unwrap();
    let body = json!({"product_id": seat, "quantity": 1});
    let hold: Value = app.post("/api/holds", &body).await.unwrap().json().await.unwrap();
    let placed = app.post("/api/orders", &json!({"hold_id": hold["id"]})).await.unwrap();
    assert_eq!(placed.status(), 201);
    let order: Value = placed.json().await.unwrap();
    assert_eq!(app.post("/api/holds", &body).await.unwrap().status(), 409, "the order keeps the seat");
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap());
    app.until("expired", || async { Ok(app.json(&path).await?["status"] == "expired") }).await.unwrap();
    let second: Value = app.post("/api/holds", &body).await.unwrap().json().await.unwrap();
    assert_eq!(second["status"], "active");
    let path = format!("/api/holds/{}", second["id"].as_str().unwrap());
    app.until("expired", || async { Ok(app.json(&path).await?["status"] == "expired") }).await.unwrap();
    let refused = app.post("/api/orders", &json!({"hold_id": second["id"]})).await.unwrap();
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "hold-expired");
    let seat = app.json(&format!("/api/products/{seat}")).await.unwrap();
    assert_eq!((&seat["available_stock"], &seat["held_stock"]), (&json!(1), &json!(0)));
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_stock_comes_back_by_itself() {
    expired_stock_comes_back(FreshDatabase::postgres().unwrap()).await;
    expired_stock_comes_back(FreshDatabase::sqlite().unwrap()).await;
}
