use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::shop::Shop;

/// A body with all that `POST /checkouts` needs, and `changes`; a change to `"absent"` takes the field out.
fn merchant_body(changes: &Value) -> Value {
    let mut body = json!({"merchant_id": "m1", "amount": "29.99", "currency": "USD", "idempotency_key": "k1"});
    for (name, value) in changes.as_object().unwrap() {
        if value == "absent" {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

#[actix_web::test]
async fn every_faulty_field_is_named_with_what_is_wrong_and_nothing_is_stored() {
    let shop = Shop::open();
    let long = "x".repeat(256);
    let cases = [
        (json!({"merchant_id": "absent"}), vec!["merchant_id required"]),
        (json!({"merchant_id": null}), vec!["merchant_id required"]),
        (json!({"merchant_id": ""}), vec!["merchant_id empty"]),
        (json!({"merchant_id": long}), vec!["merchant_id too-long"]),
        (json!({"merchant_id": "a\u{0}b"}), vec!["merchant_id control-character"]),
        (json!({"merchant_id": 7}), vec!["merchant_id invalid-type"]),
        (json!({"merchant_id": "absent", "merchantId": 7}), vec!["merchant_id invalid-type"]),
        (json!({"amount": "absent"}), vec!["amount required"]),
        (json!({"amount": null}), vec!["amount required"]),
        (json!({"amount": 0}), vec!["amount not-positive"]),
        (json!({"amount": -5}), vec!["amount not-positive"]),
        (json!({"amount": 0.001}), vec!["amount too-precise"]),
        (json!({"amount": "0.5", "currency": "JPY"}), vec!["amount too-precise"]),
        (json!({"amount": "1000000000.01"}), vec!["amount too-large"]),
        (json!({"amount": "NaN"}), vec!["amount not-a-number"]),
        (json!({"amount": ""}), vec!["amount not-a-number"]),
        (json!({"amount": "1,5"}), vec!["amount not-a-number"]),
        (json!({"amount": true}), vec!["amount invalid-type"]),
        (json!({"amount": [1]}), vec!["amount invalid-type"]),
        (json!({"amount": {"value": 1}}), vec!["amount invalid-type"]),
        (json!({"currency": "XXX"}), vec!["currency unknown-currency"]),
        (json!({"currency": "usd"}), vec!["currency unknown-currency"]),
        (json!({"currency": ""}), vec!["currency unknown-currency"]),
        (json!({"currency": 840}), vec!["currency invalid-type"]),
        (json!({"idempotency_key": "absent"}), vec!["idempotency_key required"]),
        (json!({"idempotency_key": ""}), vec!["idempotency_key empty"]),
        (json!({"idempotency_key": long}), vec!["idempotency_key too-long"]),
        (json!({"email": "nobody"}), vec!["email invalid-email"]),
        (json!({"email": ""}), vec!["email invalid-email"]),
        (json!({"email": ["a@b.co"]}), vec!["email invalid-type"]),
        (json!({"order_id": "42"}), vec!["order_id invalid-uuid"]),
        (json!({"order_id": 42}), vec!["order_id invalid-type"]),
        (json!({"metadata": []}), vec!["metadata invalid-type"]),
        (json!({"metadata": "{}"}), vec!["metadata invalid-type"]),
        (json!({"metadata": {"a": "x".repeat(8192)}}), vec!["metadata too-long"]),
        (json!({"metadata": {"a": "\u{0}"}}), vec!["metadata control-character"]),
        (
            json!({"merchant_id": 1, "amount": 0.001, "currency": false, "idempotency_key": "", "email": "x",
                "order_id": "y", "metadata": 1}),
            vec![
                "currency invalid-type",
                "email invalid-email",
                "idempotency_key empty",
                "merchant_id invalid-type",
                "metadata invalid-type",
                "order_id invalid-uuid",
            ],
        ),
        (json!({"amount": 0.001, "email": "x"}), vec!["amount too-precise", "email invalid-email"]),
    ];
    for (changes, faults) in cases {
        let answer = shop.post("/checkouts", &merchant_body(&changes)).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), faults, "{changes}");
    }
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn a_buyers_checkout_needs_an_amount_and_an_address() {
    let shop = Shop::open();
    let answer = shop.post("/checkout", &json!({})).await;
    answer.assert_problem(422, "validation-failed");
    assert_eq!(answer.faults(), ["amount required", "email required"]);
    let answer = shop.post("/checkout", &json!({"amount": 5, "email": "x", "order_id": "y"})).await;
    assert_eq!(answer.faults(), ["email invalid-email", "order_id invalid-uuid"]);
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn numbers_beyond_all_floats_are_wrong_values_and_not_malformed() {
    let shop = Shop::open();
    for (body, faults) in [
        (r#"{"amount": 1e400, "email": "a@b.co"}"#, vec!["amount too-large"]),
        (r#"{"amount": 1e-400, "email": "a@b.co"}"#, vec!["amount too-precise"]),
        (r#"{"amount": 5, "email": 1e400}"#, vec!["email invalid-type"]),
    ] {
        let answer = shop.post_text("/checkout", body).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), faults, "{body}");
    }
    let answer = shop
        .post_text("/checkouts", r#"{"merchant_id":"m","idempotency_key":"k","amount":1,"metadata":{"a":1e400}}"#)
        .await;
    assert_eq!(answer.faults(), ["metadata number-out-of-range"]);
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn a_field_given_twice_is_refused_in_whatever_spelling() {
    let shop = Shop::open();
    for body in [
        r#"{"email":"a@b.co","amount":1,"order_id":null,"orderId":null}"#,
        r#"{"email":"a@b.co","amount":1,"orderId":null,"orderId":null}"#,
    ] {
        let answer = shop.post_text("/checkout", body).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), ["order_id duplicate"], "{body}");
    }
    let answer = shop.post_text("/checkout", r#"{"email":"a@b.co","amount":1,"amount":1}"#).await;
    assert_eq!(answer.faults(), ["amount duplicate"]);
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn what_is_no_json_is_malformed() {
    let shop = Shop::open();
    let deep = format!(r#"{{"amount":1,"email":"a@b.co","x":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
    let deep_metadata = format!(r#"{{"metadata":{}1{}}}"#, r#"{"a":"#.repeat(6_000), "}".repeat(6_000));
    let unclosed = "[".repeat(60_000);
    for body in [
        &b"{"[..],
        b"",
        b"{\"amount\":NaN,\"email\":\"a@b.co\"}",
        b"{\"amount\":Infinity}",
        b"{\"amount\":1,\"email\":\"a@b.co\"} x",
        b"{\"amount\":1,\"email\":\"a@b.co\"}{}",
        b"{\"amount\":01,\"email\":\"a@b.co\"}",
        b"{\"amount\":1,\"email\":\"\xff\"}",
        b"{\"amount\":1,\"email\":\"a@b.co\",\"x\":\"\xff\"}",
        b"{\"amount\":1,\"email\":\"\\ud800\"}",
        b"{\"amount\":1,\"email\":\"a@b.co\",\"x\":\"\\udfff\"}",
        b"{\"amount\":1,\"email\":\"a@b.co\",}",
        b"{\"amount\":1,\"email\":\"a\n@b.co\"}",
        b"\xef\xbb\xbf{}",
        b"amount=1&email=a@b.co",
        deep.as_bytes(),
        deep_metadata.as_bytes(),
        unclosed.as_bytes(),
    ] {
        shop.post_text("/checkout", body).await.assert_problem(400, "malformed-json");
        shop.post_text("/checkouts", body).await.assert_problem(400, "malformed-json");
    }
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn json_that_is_no_object_is_invalid() {
    let shop = Shop::open();
    for body in ["[]", "null", "1", "\"x\"", "true", "[1,\"a@b.co\",null,null]"] {
        shop.post_text("/checkout", body).await.assert_problem(422, "validation-failed");
    }
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn a_body_must_be_said_to_be_json() {
    let shop = Shop::open();
    let body = r#"{"amount":1,"email":"a@b.co"}"#;
    let send = async |content_type: Option<&str>| {
        let request = TestRequest::post().uri("/checkout").set_payload(body);
        match content_type {
            Some(content_type) => shop.send(request.insert_header(("content-type", content_type))).await,
            None => shop.send(request).await,
        }
    };
    for refused in [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json; charset=iso-8859-1"),
        Some("text/json"),
        Some("application/jsonx"),
        Some("nonsense"),
        None,
    ] {
        send(refused).await.assert_problem(415, "unsupported-media-type");
    }
    assert_eq!(shop.store.checkouts_stored(), 0);
    for taken in ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"] {
        assert_eq!(send(Some(taken)).await.status, 201, "{taken}");
    }
}

#[actix_web::test]
async fn a_compressed_body_is_not_taken() {
    let shop = Shop::open();
    for uri in ["/checkout", "/webhook"] {
        let request = TestRequest::post().uri(uri).insert_header(("content-encoding", "gzip")).set_json(json!({}));
        shop.send(request).await.assert_problem(415, "unsupported-media-type");
    }
}

#[actix_web::test]
async fn a_body_over_64_kib_is_too_large_and_one_of_64_kib_is_not() {
    let shop = Shop::open();
    let of = |len: usize| {
        let start = r#"{"amount":1,"email":"a@b.co","x":""#;
        format!("{start}{}\"}}", "x".repeat(len - start.len() - 2))
    };
    shop.post_text("/checkout", of(64 * 1024 + 1)).await.assert_problem(413, "body-too-large");
    assert_eq!(shop.store.checkouts_stored(), 0);
    assert_eq!(shop.post_text("/checkout", of(64 * 1024)).await.status, 201);
}
