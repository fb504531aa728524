//! A sale as its buyers see it: a crowd, few seats, and everybody at once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod support;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use support::{Program, until, without_bind};
use testkit::app::{PAYMENT_SECRET, TestApp, client, flags};
use testkit::databases::FreshDatabase;

async fn product(client: &Client, url: &str, total_stock: u32) -> Result<String> {
    let body = json!({"name": "Seat", "price": "75.00", "total_stock": total_stock});
    let response = client.post(format!("{url}/api/products")).json(&body).send().await?;
    ensure!(response.status() == 201, "{}", response.status());
    let product: Value = response.json().await?;
    Ok(product["id"].as_str().context("an id")?.to_owned())
}

async fn twenty_five_holds_for_twenty_seats(app: TestApp) {
    let seat = product(&app.client, &app.url, 20).await.unwrap();
    let body = json!({"product_id": seat, "quantity": 1});
    let answers = join_all((0..25).map(|_| app.post("/api/holds", &body))).await;
    let mut statuses = Vec::new();
    for answer in answers {
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let told: Value = answer.json().await.unwrap();
        if status == 409 {
            assert_eq!(told["code"], "insufficient-stock");
        }
        statuses.push(status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201; 20], vec![409; 5]].concat());
    let seat = app.json(&format!("/api/products/{seat}")).await.unwrap();
    assert_eq!((&seat["available_stock"], &seat["held_stock"]), (&json!(0), &json!(20)));
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_five_holds_for_twenty_seats_on_postgres() {
    twenty_five_holds_for_twenty_seats(TestApp::postgres().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_five_holds_for_twenty_seats_on_sqlite() {
    twenty_five_holds_for_twenty_seats(TestApp::sqlite().await.unwrap()).await;
}

/// A shop that buyers reach through any of its nodes.
struct Shop {
    client: Client,
    nodes: Vec<String>,
    seat: String,
}

/// How a buyer fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Paid,
    SoldOut,
}

impl Shop {
    fn url(&self, turn: usize, path: &str) -> String {
        format!("{}{path}", self.nodes[turn % self.nodes.len()])
    }

    async fn post(&self, turn: usize, path: &str, body: &Value) -> Result<(u16, Value)> {
        let answer: Response = self.client.post(self.url(turn, path)).json(body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn get(&self, turn: usize, path: &str) -> Result<Value> {
        let request = self.client.get(self.url(turn, path)).header("Cache-Control", "no-cache");
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// From hold to payment, each step through another node than the one before.
    async fn buy(&self, buyer: usize) -> Result<Outcome> {
        let (status, hold) = self.post(buyer, "/api/holds", &json!({"product_id": self.seat, "quantity": 1})).await?;
        if status == 409 {
            ensure!(hold["code"] == "insufficient-stock", "{hold}");
            return Ok(Outcome::SoldOut);
        }
        ensure!(status == 201, "{hold}");
        let wish = json!({"hold_id": hold["id"], "hold_token": hold["hold_token"], "customer_id": buyer});
        let (status, order) = self.post(buyer + 1, "/api/orders", &wish).await?;
        ensure!(status == 201, "{order}");
        let order_id = order["id"].as_str().context("an id")?;
        if buyer.is_multiple_of(2) {
            self.pay_by_notice(buyer, order_id).await?;
        } else {
            self.pay_by_charge(buyer, order_id).await?;
        }
        let path = format!("/api/orders/{order_id}");
        until("paid", || async { Ok(self.get(buyer, &path).await?["status"] == "paid") }).await?;
        Ok(Outcome::Paid)
    }

    /// The merchant's own payment backend tells of it, twice: once to each node.
    async fn pay_by_notice(&self, buyer: usize, order_id: &str) -> Result<()> {
        let notice = json!({"order_id": order_id, "status": "success", "amount": "75.00", "currency": "USD",
            "idempotency_key": format!("notice-{order_id}"), "payment_id": format!("payment-{order_id}")});
        let body = notice.to_string();
        let signature = adapters::sign(PAYMENT_SECRET, body.as_bytes());
        for turn in [buyer, buyer + 1] {
            let request = self.client.post(self.url(turn, "/api/payments/webhook")).header("X-Signature", &signature);
            let answer = request.body(body.clone()).send().await?;
            ensure!(answer.status() == 200, "{}", answer.text().await?);
        }
        Ok(())
    }

    async fn pay_by_charge(&self, buyer: usize, order_id: &str) -> Result<()> {
        let (status, checkout) = self.post(buyer, &format!("/api/orders/{order_id}/checkout"), &json!({})).await?;
        ensure!(status == 201, "{checkout}");
        let path = format!("/checkouts/{}/pay", checkout["id"].as_str().context("an id")?);
        let (status, paid) = self.post(buyer, &path, &json!({})).await?;
        ensure!(status == 202, "{paid}");
        Ok(())
    }
}

/// Five hundred buyers, a hundred seats.
async fn rush(nodes: Vec<String>) {
    let client = client().unwrap();
    let seat = product(&client, &nodes[0], 100).await.unwrap();
    let shop = Arc::new(Shop { client, nodes, seat });
    let buyers = (0..500).map(|buyer| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.buy(buyer).await })
    });
    let mut outcomes = Vec::new();
    for buyer in join_all(buyers).await {
        outcomes.push(buyer.unwrap().unwrap_or_else(|error| panic!("{error:#}")));
    }
    let paid = outcomes.iter().filter(|outcome| **outcome == Outcome::Paid).count();
    assert_eq!(paid, 100);
    for turn in 0..shop.nodes.len() {
        let seat = shop.get(turn, &format!("/api/products/{}", shop.seat)).await.unwrap();
        let stock = ["total_stock", "available_stock", "held_stock", "sold_stock"].map(|field| seat[field].clone());
        assert_eq!(stock, [json!(100), json!(0), json!(0), json!(100)]);
        let report = shop.get(turn, "/api/admin/reconciliation").await.unwrap();
        assert_eq!((&report["ok"], &report["products"]), (&json!(true), &json!(1)), "{report}");
        assert_eq!((&report["findings"], &report["attention"]), (&json!([]), &json!([])), "{report}");
        let paid = shop.get(turn, "/api/orders?status=paid&page_size=1").await.unwrap();
        let transactions = shop.get(turn, "/api/transactions?status=COMPLETED&page_size=1").await.unwrap();
        assert_eq!((&paid["total"], &transactions["total"]), (&json!(100), &json!(100)));
    }
}

async fn node(database: &FreshDatabase) -> Program {
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(without_bind(&flags(&database.url_text())));
    arguments.extend(["--gateway".to_owned(), "fake".to_owned()]);
    Program::start(&arguments).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_buyers_get_a_hundred_seats_from_two_nodes_on_postgres() {
    let database = FreshDatabase::postgres().unwrap();
    let (one, other) = (node(&database).await, node(&database).await);
    rush(vec![one.url.clone(), other.url.clone()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_buyers_get_a_hundred_seats_on_sqlite() {
    let database = FreshDatabase::sqlite().unwrap();
    let node = node(&database).await;
    rush(vec![node.url.clone()]).await;
}

/// The README's flow: what `seed` puts there, held, ordered, checked out on the sandbox, and paid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_is_held_ordered_checked_out_and_paid() {
    for app in [TestApp::sqlite().await.unwrap(), TestApp::postgres().await.unwrap()] {
        let seat = product(&app.client, &app.url, 2).await.unwrap();
        let hold: Value = created(app.post("/api/holds", &json!({"product_id": seat, "quantity": 2})).await).await;
        let wish = json!({"hold_id": hold["id"], "hold_token": hold["hold_token"], "email": "buyer@example.com"});
        let order: Value = created(app.post("/api/orders", &wish).await).await;
        assert_eq!((&order["total_amount"], &order["status"]), (&json!("150.00"), &json!("pending")));
        let order_path = format!("/api/orders/{}", order["id"].as_str().unwrap());
        let checkout: Value = created(app.post(&format!("{order_path}/checkout"), &json!({})).await).await;
        assert_eq!((&checkout["amount"], &checkout["order_id"]), (&json!("150.00"), &order["id"]));
        let again = app.post(&format!("{order_path}/checkout"), &json!({})).await.unwrap();
        assert_eq!(again.status(), 200);
        assert_eq!(again.json::<Value>().await.unwrap()["id"], checkout["id"]);
        let pay_path = format!("/checkouts/{}/pay", checkout["id"].as_str().unwrap());
        assert_eq!(app.post(&pay_path, &json!({})).await.unwrap().status(), 202);
        app.until("paid", || async { Ok(app.json(&order_path).await?["status"] == "paid") }).await.unwrap();
        let order = app.json(&order_path).await.unwrap();
        assert_eq!(order["payment_status"], "paid");
        let closed = app.post(&format!("{order_path}/checkout"), &json!({})).await.unwrap();
        assert_eq!(closed.status(), 409);
        let request = app.request(Method::PUT, &format!("{order_path}/status")).json(&json!({"status": "refunded"}));
        assert_eq!(request.send().await.unwrap().status(), 200);
        let seat = app.json(&format!("/api/products/{seat}")).await.unwrap();
        assert_eq!((&seat["available_stock"], &seat["sold_stock"]), (&json!(2), &json!(0)));
        app.stop().await.unwrap();
    }
}

async fn created(answer: Result<Response>) -> Value {
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}
