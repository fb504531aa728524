//! Coinbase's paths, as a client library sees them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{KEY, Stand, json_of, statuses, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const CHARGE_FIELDS: [&str; 33] = [
    "id",
    "resource",
    "code",
    "name",
    "description",
    "pricing_type",
    "pricing",
    "addresses",
    "metadata",
    "checkout",
    "hosted_url",
    "redirect_url",
    "cancel_url",
    "redirects",
    "created_at",
    "expires_at",
    "timeline",
    "payments",
    "exchange_rates",
    "local_exchange_rates",
    "payment_threshold",
    "fee_rate",
    "fees_settled",
    "pwcb_only",
    "offchain_eligible",
    "organization_name",
    "support_email",
    "logo_url",
    "brand_color",
    "brand_logo_url",
    "/pricing/settlement/amount",
    "/addresses/usdc",
    "/redirects/will_redirect_after_success",
];

async fn refusal(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    assert!(answer.headers().contains_key("x-request-id"));
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body = json_of(answer).await;
    assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    (status, body["error"]["type"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn a_new_charge_has_every_field() {
    let stand = Stand::open(None, |_| {});
    let charge = stand.create(&ticket()).await;
    for field in CHARGE_FIELDS {
        let pointer = if field.starts_with('/') { field.to_owned() } else { format!("/{field}") };
        assert!(charge.pointer(&pointer).is_some_and(|value| !value.is_null()), "{field}");
    }
    assert_eq!(charge["resource"], "charge");
    assert_eq!(charge["metadata"], ticket()["metadata"]);
    assert_eq!(charge["pricing"]["local"], json!({ "amount": "29.99", "currency": "USD" }));
    assert_eq!(charge["pricing"]["usdc"], json!({ "amount": "29.990000", "currency": "USDC" }));
    assert_eq!(charge["pricing"]["bitcoin"], json!({ "amount": "0.00046678", "currency": "BTC" }));
    assert_eq!(statuses(&charge), ["NEW"]);
    assert_eq!(charge["payments"], json!([]));
    assert!(charge.get("confirmed_at").is_none());
    let code = charge["code"].as_str().unwrap();
    assert_eq!(charge["hosted_url"], format!("{}/pay/{code}", stand.url));
    assert_eq!(stand.charge(code).await, charge);
    assert_eq!(stand.charge(charge["id"].as_str().unwrap()).await, charge);
}

#[actix_web::test]
async fn a_missing_version_is_warned_about_and_otherwise_there_are_no_warnings() {
    let stand = Stand::open(None, |_| {});
    let with = json_of(stand.request(Method::GET, "/charges").send().await.unwrap()).await;
    assert!(with.get("warnings").is_none());
    let without = stand.raw(Method::GET, "/charges").header("X-CC-Api-Key", KEY).send().await.unwrap();
    assert!(json_of(without).await["warnings"][0].is_string());
}

#[actix_web::test]
async fn a_body_on_a_get_is_ignored() {
    let stand = Stand::open(None, |_| {});
    let answer = stand.request(Method::GET, "/charges").body("[]").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[actix_web::test]
async fn without_the_right_key_nothing_is_shown_or_made() {
    let stand = Stand::open(None, |_| {});
    let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
    let calls = [
        (Method::GET, "/charges".to_owned()),
        (Method::POST, "/charges".to_owned()),
        (Method::GET, format!("/charges/{code}")),
        (Method::POST, format!("/charges/{code}/cancel")),
        (Method::POST, format!("/charges/{code}/resolve")),
    ];
    for (method, path) in calls {
        let none = stand.raw(method.clone(), &path).send().await.unwrap();
        assert_eq!(refusal(none).await, (401, "authentication_error".to_owned()), "{path}");
        let wrong = stand.raw(method, &path).header("X-CC-Api-Key", "guess").send().await.unwrap();
        assert_eq!(refusal(wrong).await, (401, "authentication_error".to_owned()), "{path}");
    }
}

#[actix_web::test]
async fn unknown_paths_methods_and_charges_are_not_found() {
    let stand = Stand::open(None, |_| {});
    let calls = [
        (Method::POST, "/"),
        (Method::GET, "/nothing/here"),
        (Method::GET, "/charges/"),
        (Method::GET, "/checkouts/"),
        (Method::GET, "/events/"),
        (Method::GET, "/charges/a/b"),
        (Method::PATCH, "/checkouts/x"),
        (Method::GET, "/_control/nothing"),
        (Method::GET, "/assets/../secret"),
        (Method::DELETE, "/charges"),
        (Method::PUT, "/charges/ABCDEFGH"),
        (Method::GET, "/charges/ABCDEFGH"),
        (Method::POST, "/charges/ABCDEFGH/cancel"),
        (Method::GET, "/charges/ABCDEFGH/cancel"),
        (Method::GET, "/charges/%ff%00"),
        (Method::POST, "/_control/charges/ABCDEFGH/pay"),
        (Method::GET, "/pay/ABCDEFGH/status"),
    ];
    for (method, path) in calls {
        let answer = stand.request(method, path).send().await.unwrap();
        assert_eq!(refusal(answer).await, (404, "not_found".to_owned()), "{path}");
    }
}

#[actix_web::test]
async fn bad_bodies_are_told_in_the_shape_of_the_wire() {
    let stand = Stand::open(None, |_| {});
    let mut unpriced = ticket();
    unpriced["pricing_type"] = Value::Null;
    let mut free = ticket();
    free["local_price"]["amount"] = json!("0");
    let cases = [
        ("{".to_owned(), "invalid_request"),
        (String::new(), "invalid_request"),
        (format!("{{\"name\":\"{}\"}}", "x".repeat(70_000)), "invalid_request"),
        (unpriced.to_string(), "param_required"),
        (free.to_string(), "validation_error"),
    ];
    for (body, kind) in cases {
        let answer = stand.request(Method::POST, "/charges").body(body).send().await.unwrap();
        assert_eq!(refusal(answer).await, (400, kind.to_owned()));
    }
    let paging = stand.request(Method::GET, "/charges?limit=101").send().await.unwrap();
    assert_eq!(refusal(paging).await, (400, "invalid_request".to_owned()));
    let cursor = stand.request(Method::GET, "/charges?starting_after=nobody").send().await.unwrap();
    assert_eq!(refusal(cursor).await, (400, "invalid_request".to_owned()));
}

#[actix_web::test]
async fn a_sane_request_id_comes_back_and_another_is_replaced() {
    let stand = Stand::open(None, |_| {});
    for (sent, kept) in [("order-7.a", true), ("<script>", false)] {
        let answer = stand.raw(Method::GET, "/health").header("X-Request-Id", sent).send().await.unwrap();
        assert_eq!(answer.headers()["x-request-id"] == sent, kept);
    }
}

#[actix_web::test]
async fn a_charge_is_canceled_once() {
    let stand = Stand::open(None, |_| {});
    let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
    let path = format!("/charges/{code}/cancel");
    let first = json_of(stand.request(Method::POST, &path).send().await.unwrap()).await;
    assert_eq!(statuses(&first["data"]), ["NEW", "CANCELED"]);
    let second = stand.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(refusal(second).await, (400, "invalid_request".to_owned()));
    assert_eq!(stand.pay(&code, "success").await.status(), StatusCode::BAD_REQUEST);
}
