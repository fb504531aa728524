use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::shop::Shop;

const FIELDS: [&str; 18] = [
    "id",
    "merchant_id",
    "idempotency_key",
    "order_id",
    "status",
    "amount",
    "amount_received",
    "currency",
    "email",
    "charge_code",
    "hosted_url",
    "detected_at",
    "completed_at",
    "failure_reason",
    "expires_at",
    "created_at",
    "updated_at",
    "metadata",
];

#[actix_web::test]
async fn a_buyer_gets_a_checkout_with_its_charge() {
    let shop = Shop::open();
    let answer = shop.post("/checkout", &json!({"amount": 29.99, "email": "a@b.co"})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(&*format!("/checkouts/{id}")));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.body["merchant_id"], "default");
    assert_eq!(answer.body["amount"], "29.99");
    assert_eq!(answer.body["currency"], "USD");
    assert_eq!(answer.body["status"], "PENDING");
    assert!(answer.body["hosted_url"].as_str().unwrap().starts_with("http://pay.test/"));
    assert_eq!(shop.get(&format!("/checkouts/{id}")).await.body, answer.body);
}

#[actix_web::test]
async fn every_field_is_there_in_order_and_null_when_empty() {
    let shop = Shop::open();
    let answer = shop.post("/checkouts", &json!({"merchant_id": "m1", "amount": "5", "idempotency_key": "k1"})).await;
    let at = |field: &str| answer.text.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("no {field}"));
    let positions: Vec<usize> = FIELDS.iter().map(|field| at(field)).collect();
    assert!(positions.is_sorted(), "{}", answer.text);
    assert_eq!(answer.body.as_object().unwrap().len(), FIELDS.len());
    for field in ["order_id", "email", "charge_code", "hosted_url", "detected_at", "completed_at", "metadata"] {
        assert_eq!(answer.body[field], Value::Null, "{field}");
    }
    assert_eq!(answer.body["created_at"], "2025-06-15T15:06:40.000000Z");
    assert_eq!((&answer.body["amount"], &answer.body["amount_received"]), (&json!("5.00"), &json!("0.00")));
}

#[actix_web::test]
async fn the_same_request_again_gives_the_same_checkout_again() {
    let shop = Shop::open();
    let first = json!({"merchant_id": "m1", "amount": 29.99, "currency": "USD", "idempotency_key": "k1",
        "email": "a@b.co", "metadata": {"b": [1, {"d": 1, "c": null}], "a": "x"}});
    let created = shop.post("/checkouts", &first).await;
    assert_eq!((created.status, created.header("idempotent-replayed")), (201, None));
    assert_eq!(created.body["metadata"], first["metadata"]);
    // Another spelling of the same request: camelCase, a string, another order of members, no default.
    let again = r#"{"metadata":{"a":"x","b":[1,{"c":null,"d":1}]},"email":"a@b.co","idempotencyKey":"k1",
        "amount":"29.990","merchantId":"m1","unknown":{"x":[1e400]},"orderId":null}"#;
    let replayed = shop.post_text("/checkouts", again).await;
    assert_eq!((replayed.status, replayed.header("idempotent-replayed")), (200, Some("true")));
    // It is shown as it is now: its charge, and nothing else, may have come meanwhile.
    for field in FIELDS.iter().filter(|field| !["charge_code", "hosted_url", "updated_at"].contains(*field)) {
        assert_eq!(replayed.body[*field], created.body[*field], "{field}");
    }
    assert_eq!(replayed.body["charge_code"].is_null(), replayed.body["hosted_url"].is_null());
    assert_eq!(shop.store.checkouts_stored(), 1);
}

#[actix_web::test]
async fn the_same_key_for_another_request_is_refused() {
    let shop = Shop::open();
    let body = |amount: &str, metadata: Value| json!({"merchant_id": "m1", "amount": amount, "idempotency_key": "k1", "metadata": metadata});
    assert_eq!(shop.post("/checkouts", &body("1", json!({"a": 1}))).await.status, 201);
    for other in [body("2", json!({"a": 1})), body("1", json!({"a": 2})), body("1", Value::Null)] {
        shop.post("/checkouts", &other).await.assert_problem(422, "idempotency-key-reused");
    }
    assert_eq!(shop.store.checkouts_stored(), 1);
}

#[actix_web::test]
async fn amounts_go_in_and_out_exactly() {
    let shop = Shop::open();
    for (amount, currency, expected) in [
        ("29.99", "USD", "29.99"),
        ("\"0.10\"", "EUR", "0.10"),
        ("1e3", "JPY", "1000"),
        ("0.00000001", "BTC", "0.00000001"),
        ("\"1000000000\"", "USDC", "1000000000.000000"),
    ] {
        let body = format!(r#"{{"amount":{amount},"currency":"{currency}","email":"a@b.co"}}"#);
        let answer = shop.post_text("/checkout", body).await;
        assert_eq!((&answer.body["amount"], &answer.body["currency"]), (&json!(expected), &json!(currency)));
    }
}

#[actix_web::test]
async fn a_checkout_that_is_not_there_is_not_found() {
    let shop = Shop::open();
    for id in ["01900000-0000-7000-8000-000000000000", "42", "not-a-uuid", "%00", "..%2f"] {
        shop.get(&format!("/checkouts/{id}")).await.assert_problem(404, "not-found");
        let pay = TestRequest::post().uri(&format!("/checkouts/{id}/pay"));
        shop.send(pay).await.assert_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn without_the_gateway_a_buyer_still_gets_a_checkout() {
    let shop = Shop::open();
    *shop.gateway.failure.lock().unwrap() = Some(ports::GatewayError::Unauthorized);
    let answer = shop.post("/checkout", &json!({"amount": 1, "email": "a@b.co"})).await;
    assert_eq!(answer.status, 201);
    assert_eq!((&answer.body["charge_code"], &answer.body["hosted_url"]), (&Value::Null, &Value::Null));
}
