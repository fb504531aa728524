use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::shop::Shop;
use crate::store::Trouble;

const KEY: &str = "0190a5f0-1234-4abc-8def-0123456789ab";
const OTHER: &str = "0190a5f0-1234-4abc-8def-0123456789ac";

async fn post(shop: &Shop, uri: &str, key: &str, body: &Value) -> Answer {
    shop.send(TestRequest::post().uri(uri).insert_header(("idempotency-key", key)).set_json(body)).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

#[actix_web::test]
async fn every_request_that_makes_something_is_done_once_and_shown_as_it_is_now() {
    let shop = Shop::open();
    let product = shop.make_product(9).await;
    let order = shop.make_order(&product, 1).await;
    let of_order = format!("/api/orders/{order}/checkout");
    for (uri, body) in [
        ("/api/products", json!({"name": "Seat", "price": "10", "total_stock": 5})),
        ("/api/holds", json!({"product_id": product, "quantity": 1})),
        ("/api/orders", json!({"customer_id": "c1", "items": [{"product_id": product, "quantity": 1}]})),
        ("/checkout", json!({"amount": "5", "email": "buyer@example.com"})),
        ("/checkouts", json!({"merchant_id": "m", "amount": "5", "currency": "USD", "idempotency_key": "k"})),
        (&of_order, json!({})),
        ("/api/webhook-endpoints", json!({"url": "https://shop.example/hook"})),
    ] {
        let first = post(&shop, uri, KEY, &body).await;
        assert_eq!((first.status, is_replayed(&first)), (201, false), "{uri} {}", first.text);
        let again = post(&shop, uri, &format!("\"{KEY}\""), &body).await;
        assert_eq!((again.status, is_replayed(&again)), (201, true), "{uri} {}", again.text);
        assert_eq!(again.body["id"], first.body["id"], "{uri}");
        assert_eq!(again.header("location"), first.header("location"), "{uri}");
        assert_eq!(again.body.get("secret"), first.body.get("secret"), "{uri}");
    }
    assert_eq!(shop.stock(&product).await, [9, 6, 3, 0], "one hold, two orders");
}

#[actix_web::test]
async fn a_hold_that_is_told_again_has_its_token_and_its_present_status() {
    let shop = Shop::open();
    let product = shop.make_product(9).await;
    let body = json!({"product_id": product, "quantity": 2});
    let first = post(&shop, "/api/holds", KEY, &body).await;
    let (id, token) = (first.body["id"].as_str().unwrap(), first.body["hold_token"].as_str().unwrap());
    let release = TestRequest::delete().uri(&format!("/api/holds/{id}")).insert_header(("x-hold-token", token));
    assert_eq!(shop.send(release).await.status, 204);
    let again = post(&shop, "/api/holds", KEY, &body).await;
    assert_eq!((again.status, &again.body["hold_token"]), (201, &json!(token)));
    assert_eq!(again.body["status"], "released");
}

#[actix_web::test]
async fn another_request_under_the_key_is_refused_and_the_same_one_spelt_otherwise_is_not() {
    let shop = Shop::open();
    let product = shop.make_product(9).await;
    post(&shop, "/api/holds", KEY, &json!({"product_id": product, "quantity": 1})).await;
    let other = post(&shop, "/api/holds", KEY, &json!({"product_id": product, "quantity": 2})).await;
    other.assert_problem(422, "idempotency-key-reused");
    let spelt_otherwise = json!({"quantity": 1, "unknown": true, "productId": product.to_uppercase()});
    assert!(is_replayed(&post(&shop, "/api/holds", KEY, &spelt_otherwise).await));
    let elsewhere = post(
        &shop,
        "/api/orders",
        KEY,
        &json!({"customer_id": "c1", "items": [{"product_id": product, "quantity": 2}]}),
    )
    .await;
    assert_eq!((elsewhere.status, is_replayed(&elsewhere)), (201, false), "a key is good for one path");
    assert_eq!(shop.stock(&product).await, [9, 6, 3, 0]);
}

#[actix_web::test]
async fn a_conflict_is_told_again_and_faults_of_the_request_or_of_ours_are_not_kept() {
    let shop = Shop::open();
    let product = shop.make_product(1).await;
    let hold = shop.make_hold(&product, 1).await;
    let body = json!({"product_id": product, "quantity": 1});
    let refused = post(&shop, "/api/holds", KEY, &body).await;
    refused.assert_problem(409, "insufficient-stock");
    assert!(!is_replayed(&refused));
    let release = TestRequest::delete().uri(&format!("/api/holds/{}", hold.0)).insert_header(("x-hold-token", hold.1));
    assert_eq!(shop.send(release).await.status, 204);
    let again = post(&shop, "/api/holds", KEY, &body).await;
    again.assert_problem(409, "insufficient-stock");
    assert!(is_replayed(&again));

    let faulty = json!({"product_id": product, "quantity": 0});
    post(&shop, "/api/holds", OTHER, &faulty).await.assert_problem(422, "validation-failed");
    *shop.store.trouble.lock().unwrap() = Some(Trouble::Unavailable);
    post(&shop, "/api/holds", OTHER, &body).await.assert_problem(503, "unavailable");
    *shop.store.trouble.lock().unwrap() = None;
    let mended = post(&shop, "/api/holds", OTHER, &body).await;
    assert_eq!((mended.status, is_replayed(&mended)), (201, false), "{}", mended.text);
}

#[actix_web::test]
async fn a_caller_without_credentials_sends_a_uuid() {
    let shop = Shop::open();
    let product = shop.make_product(1).await;
    let body = json!({"product_id": product, "quantity": 1});
    for key in ["order-1", "\"order-1\"", "", "\"", "a b"] {
        let refused = post(&shop, "/api/holds", key, &body).await;
        refused.assert_problem(422, "validation-failed");
        assert_eq!(refused.body["errors"][0]["field"], "Idempotency-Key", "{key}");
    }
    assert_eq!(shop.stock(&product).await, [1, 1, 0, 0]);
}

#[actix_web::test]
async fn the_second_request_is_refused_while_the_first_is_under_way() {
    let shop = Shop::open();
    *shop.store.trouble.lock().unwrap() = Some(Trouble::Stuck);
    let body = json!({"merchant_id": "m", "amount": "5", "currency": "USD", "idempotency_key": "k"});
    let first = post(&shop, "/checkouts", KEY, &body);
    let second = async {
        // The first one is asked first, and stays.
        tokio::task::yield_now().await;
        post(&shop, "/checkouts", KEY, &body).await
    };
    tokio::select! {
        biased;
        answer = first => panic!("{}", answer.text),
        refused = second => {
            refused.assert_problem(409, "idempotency-key-in-use");
        }
    }
    *shop.store.trouble.lock().unwrap() = None;
    assert_eq!(post(&shop, "/checkouts", KEY, &body).await.status, 201, "whoever has gone keeps no key");
}
