use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::shop::Shop;

const PATH: &str = "/api/payments/webhook";
const CHOSEN: &str = "7b0c9d9e-2f6a-4c1b-9a53-0c1d2e3f4a5b";

#[actix_web::test]
async fn every_faulty_field_of_a_notice_is_named_and_nothing_is_stored() {
    let shop = Shop::open();
    let long = "x".repeat(256);
    for (changes, faults) in [
        (json!({"order_id": null}), vec!["order_id required"]),
        (json!({"order_id": "42"}), vec!["order_id invalid-uuid"]),
        (json!({"order_id": 42}), vec!["order_id invalid-type"]),
        (json!({"status": null}), vec!["status required"]),
        (json!({"status": "SUCCESS"}), vec!["status unknown-value"]),
        (json!({"status": "pending"}), vec!["status unknown-value"]),
        (json!({"status": true}), vec!["status invalid-type"]),
        (json!({"status": null, "payment_status": "x"}), vec!["payment_status unknown-value"]),
        (json!({"payment_status": "failed"}), vec!["payment_status conflicting"]),
        (json!({"payment_status": 1}), vec!["payment_status invalid-type"]),
        (json!({"idempotency_key": ""}), vec!["idempotency_key empty"]),
        (json!({"idempotency_key": long}), vec!["idempotency_key too-long"]),
        (json!({"idempotency_key": "a\u{0}"}), vec!["idempotency_key control-character"]),
        (json!({"idempotency_key": 7}), vec!["idempotency_key invalid-type"]),
        (json!({"payment_id": ""}), vec!["payment_id empty"]),
        (json!({"payment_id": long}), vec!["payment_id too-long"]),
        (json!({"payment_id": 1.5}), vec!["payment_id invalid-type"]),
        (json!({"payment_id": {}}), vec!["payment_id invalid-type"]),
        (json!({"amount": 0}), vec!["amount not-positive"]),
        (json!({"amount": -1}), vec!["amount not-positive"]),
        (json!({"amount": "x"}), vec!["amount not-a-number"]),
        (json!({"amount": [1]}), vec!["amount invalid-type"]),
        (json!({"amount": "1000000000.01"}), vec!["amount too-large"]),
        (json!({"amount": "0.001", "currency": "USD"}), vec!["amount too-precise"]),
        (json!({"currency": "usd"}), vec!["currency unknown-currency"]),
        (json!({"currency": 1}), vec!["currency invalid-type"]),
        (
            json!({"order_id": 1, "status": 2, "idempotency_key": 3, "payment_id": [], "amount": 0, "currency": 6}),
            vec![
                "amount not-positive",
                "currency invalid-type",
                "idempotency_key invalid-type",
                "order_id invalid-type",
                "payment_id invalid-type",
                "status invalid-type",
            ],
        ),
    ] {
        let mut body = json!({"order_id": CHOSEN, "status": "paid"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        shop.notify(&body).await.assert_faults(&faults);
    }
    for (snake, camel) in [
        ("order_id", "orderId"),
        ("payment_id", "paymentId"),
        ("payment_status", "paymentStatus"),
        ("idempotency_key", "idempotencyKey"),
    ] {
        let twice = format!(r#"{{"{snake}":null,"{camel}":null}}"#);
        shop.notify_text(PATH, twice).await.assert_faults(&[&format!("{snake} duplicate")]);
    }
    assert_eq!(shop.store.events_stored(), 0);
}

#[actix_web::test]
async fn a_notice_may_name_what_it_does_not_know_by_null() {
    let shop = Shop::open();
    let nulls = ["payment_status", "idempotency_key", "payment_id", "amount", "currency"];
    let mut body = json!({"order_id": CHOSEN, "status": "paid"});
    body.as_object_mut().unwrap().extend(nulls.map(|name| (name.to_owned(), Value::Null)));
    assert_eq!(shop.notify(&body).await.status, 202);
}

#[actix_web::test]
async fn what_is_signed_but_no_json_is_malformed() {
    let shop = Shop::open();
    for body in ["", "{", "order_id=1", "{\"order_id\":01}", "{}{}", "{\"x\":\"\\ud800\"}"] {
        shop.notify_text(PATH, body).await.assert_problem(400, "malformed-json");
    }
    shop.notify_text(PATH, b"{\"x\":\"\xff\"}".to_vec()).await.assert_problem(400, "malformed-json");
    for body in ["[]", "null", "1"] {
        shop.notify_text(PATH, body).await.assert_problem(422, "validation-failed");
    }
    assert_eq!(shop.store.events_stored(), 0);
}

#[actix_web::test]
async fn the_signature_is_looked_at_before_the_body() {
    let shop = Shop::open();
    for body in ["{", "{}", ""] {
        let unsigned = TestRequest::post().uri(PATH).set_payload(body);
        shop.send(unsigned).await.assert_problem(401, "missing-signature");
    }
}

#[actix_web::test]
async fn a_notice_may_be_256_kib_long_and_no_longer() {
    let shop = Shop::open();
    let of = |len: usize| {
        let start = format!(r#"{{"order_id":"{CHOSEN}","status":"paid","x":""#);
        format!("{start}{}\"}}", "x".repeat(len - start.len() - 2))
    };
    shop.notify_text(PATH, of(256 * 1024 + 1)).await.assert_problem(413, "body-too-large");
    assert_eq!(shop.store.events_stored(), 0);
    assert_eq!(shop.notify_text(PATH, of(256 * 1024)).await.status, 202);
}

#[actix_web::test]
async fn a_compressed_notice_is_not_taken() {
    let shop = Shop::open();
    let request = TestRequest::post().uri(PATH).insert_header(("content-encoding", "gzip")).set_payload("x");
    shop.send(request).await.assert_problem(415, "unsupported-media-type");
}
