use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::shop::Shop;

const NOBODYS: &str = "01900000-0000-7000-8000-00000000ffff";

async fn release(shop: &Shop, hold: &str, tokens: &[&str]) -> Answer {
    let request = TestRequest::delete().uri(&format!("/api/holds/{hold}"));
    let request = tokens.iter().fold(request, |request, token| request.append_header(("x-hold-token", *token)));
    shop.send(request).await
}

#[actix_web::test]
async fn a_hold_keeps_stock_and_its_token_is_told_once() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let placed = shop.post("/api/holds", &json!({"product_id": product, "quantity": 2})).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let (id, token) = (placed.body["id"].as_str().unwrap(), placed.body["hold_token"].as_str().unwrap());
    assert_eq!(placed.header("location"), Some(&*format!("/api/holds/{id}")));
    assert_eq!(placed.header("cache-control"), Some("no-store"));
    let mut expected = json!({
        "id": id,
        "hold_id": id,
        "hold_token": token,
        "product_id": product,
        "quantity": 2,
        "status": "active",
        "expires_at": "2025-06-15T15:08:40.000000Z",
        "created_at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(placed.body, expected);
    expected.as_object_mut().unwrap().remove("hold_token");
    let shown = shop.get(&format!("/api/holds/{id}")).await;
    assert_eq!((shown.status, &shown.body), (200, &expected));
    assert_eq!(shop.stock(&product).await, [5, 3, 2, 0]);
}

#[actix_web::test]
async fn nobody_holds_more_than_there_is() {
    let shop = Shop::open();
    let product = shop.make_product(3).await;
    shop.make_hold(&product, 2).await;
    let body = |quantity: u32| json!({"productId": product, "quantity": quantity});
    shop.post("/api/holds", &body(2)).await.assert_problem(409, "insufficient-stock");
    assert_eq!((shop.stock(&product).await, shop.store.holds_stored()), ([3, 1, 2, 0], 1));
    assert_eq!(shop.post("/api/holds", &body(1)).await.status, 201);
    shop.post("/api/holds", &body(1)).await.assert_problem(409, "insufficient-stock");
    assert_eq!(shop.stock(&product).await, [3, 0, 3, 0]);
}

#[actix_web::test]
async fn every_faulty_field_of_a_hold_is_named() {
    let shop = Shop::open();
    let product = shop.make_product(5000).await;
    let of = |quantity: &str| format!(r#"{{"product_id":"{product}","quantity":{quantity}}}"#);
    for (quantity, fault) in [
        ("0", "quantity out-of-range"),
        ("-1", "quantity out-of-range"),
        ("1001", "quantity out-of-range"),
        ("9223372036854775808", "quantity out-of-range"),
        ("99999999999999999999999999999999999999999999", "quantity out-of-range"),
        ("1.5", "quantity not-an-integer"),
        ("1.0", "quantity not-an-integer"),
        ("1e2", "quantity not-an-integer"),
        ("1e400", "quantity not-an-integer"),
        ("\"2\"", "quantity invalid-type"),
        ("true", "quantity invalid-type"),
        ("[1]", "quantity invalid-type"),
        ("{}", "quantity invalid-type"),
        ("null", "quantity required"),
    ] {
        shop.post_text("/api/holds", of(quantity)).await.assert_faults(&[fault]);
    }
    for (id, fault) in [
        (json!("42"), "product_id invalid-uuid"),
        (json!(""), "product_id invalid-uuid"),
        (json!(42), "product_id invalid-type"),
        (json!([product]), "product_id invalid-type"),
        (Value::Null, "product_id required"),
    ] {
        shop.post("/api/holds", &json!({"product_id": id, "quantity": 1})).await.assert_faults(&[fault]);
    }
    shop.post("/api/holds", &json!({})).await.assert_faults(&["product_id required", "quantity required"]);
    let both = json!({"product_id": "x", "quantity": 0});
    shop.post("/api/holds", &both).await.assert_faults(&["product_id invalid-uuid", "quantity out-of-range"]);
    let twice = format!(r#"{{"product_id":"{product}","productId":"{product}","quantity":1}}"#);
    shop.post_text("/api/holds", twice).await.assert_faults(&["product_id duplicate"]);
    shop.post_text("/api/holds", "[]").await.assert_problem(422, "validation-failed");
    shop.post_text("/api/holds", "{").await.assert_problem(400, "malformed-json");
    let form = TestRequest::post().uri("/api/holds").insert_header(("content-type", "text/plain")).set_payload(of("1"));
    shop.send(form).await.assert_problem(415, "unsupported-media-type");
    shop.post_text("/api/holds", "x".repeat(64 * 1024 + 1)).await.assert_problem(413, "body-too-large");
    assert_eq!((shop.stock(&product).await, shop.store.holds_stored()), ([5000, 5000, 0, 0], 0));
    for quantity in ["1", "1000"] {
        assert_eq!(shop.post_text("/api/holds", of(quantity)).await.status, 201, "{quantity}");
    }
}

#[actix_web::test]
async fn what_is_not_offered_is_not_held() {
    let shop = Shop::open();
    let deleted = shop.make_product(5).await;
    assert_eq!(shop.delete(&format!("/api/products/{deleted}")).await.status, 204);
    for id in [NOBODYS, &deleted] {
        let answer = shop.post("/api/holds", &json!({"product_id": id, "quantity": 1})).await;
        answer.assert_problem(404, "not-found");
    }
    for id in [NOBODYS, "42", "%00"] {
        shop.get(&format!("/api/holds/{id}")).await.assert_problem(404, "not-found");
        release(&shop, id, &["0"]).await.assert_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn only_its_token_releases_a_hold_and_only_once() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let (hold, token) = shop.make_hold(&product, 2).await;
    let (_, other) = shop.make_hold(&product, 1).await;
    let upper = token.to_uppercase();
    for wrong in [&[][..], &[""], &["0"], &[&token[1..]], &[&upper], &[&other], &[&token, &token], &[&token, &other]] {
        release(&shop, &hold, wrong).await.assert_problem(403, "wrong-hold-token");
    }
    assert_eq!(shop.stock(&product).await, [5, 2, 3, 0]);
    let released = release(&shop, &hold, &[&token]).await;
    assert_eq!((released.status, &*released.text), (204, ""));
    assert_eq!(shop.stock(&product).await, [5, 4, 1, 0]);
    assert_eq!(shop.get(&format!("/api/holds/{hold}")).await.body["status"], "released");
    release(&shop, &hold, &[&token]).await.assert_problem(409, "hold-not-active");
    release(&shop, &hold, &[&other]).await.assert_problem(403, "wrong-hold-token");
    assert_eq!(shop.stock(&product).await, [5, 4, 1, 0]);
}

#[actix_web::test]
async fn a_hold_that_expired_or_became_an_order_is_not_released() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let (used, used_token) = shop.make_hold(&product, 1).await;
    assert_eq!(shop.post("/api/orders", &json!({"hold_id": used})).await.status, 201);
    release(&shop, &used, &[&used_token]).await.assert_problem(409, "hold-not-active");
    assert_eq!(shop.get(&format!("/api/holds/{used}")).await.body["status"], "converted");
    let (late, late_token) = shop.make_hold(&product, 1).await;
    shop.store.clock.turn(Duration::from_secs(120));
    release(&shop, &late, &[&late_token]).await.assert_problem(409, "hold-not-active");
    assert_eq!(shop.stock(&product).await, [5, 3, 2, 0], "nobody has asked for the stock of the expired one yet");
}

#[actix_web::test]
async fn the_stock_of_an_expired_hold_can_be_had_again() {
    let shop = Shop::open();
    let product = shop.make_product(2).await;
    let (late, _) = shop.make_hold(&product, 2).await;
    let body = json!({"product_id": product, "quantity": 1});
    shop.store.clock.turn(Duration::from_micros(119_999_999));
    shop.post("/api/holds", &body).await.assert_problem(409, "insufficient-stock");
    shop.store.clock.turn(Duration::from_micros(1));
    assert_eq!(shop.post("/api/holds", &body).await.status, 201);
    assert_eq!(shop.stock(&product).await, [2, 1, 1, 0]);
    assert_eq!(shop.get(&format!("/api/holds/{late}")).await.body["status"], "expired");
}
