//! Checkouts, and the charges that their pages make.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{KEY, Merchant, Stand, id};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn create(stand: &Stand, body: &Value) -> Value {
    let (status, made) = stand.call(KEY, Method::POST, "/checkouts", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["data"].clone()
}

fn mug() -> Value {
    json!({ "name": "Mug <b>", "description": "Blue", "pricing_type": "fixed_price",
        "local_price": { "amount": "12.00", "currency": "USD" }, "requested_info": ["email", "name", "email"] })
}

#[actix_web::test]
async fn a_checkout_is_made_read_changed_and_deleted() {
    let stand = Stand::open(None, |_| {});
    let made = create(&stand, &mug()).await;
    assert_eq!((&made["resource"], &made["local_price"]["amount"]), (&json!("checkout"), &json!("12.00")));
    assert_eq!(made["requested_info"], json!(["email", "name"]));
    assert_eq!(made["hosted_url"], json!(format!("{}/checkout/{}", stand.url, id(&made))));
    let path = format!("/checkouts/{}", id(&made));
    assert_eq!(stand.call(KEY, Method::GET, &path, &Value::Null).await.1["data"], made);
    let (status, changed) = stand.call(KEY, Method::PUT, &path, &json!({ "name": "Cup" })).await;
    assert_eq!((status, &changed["data"]["name"]), (StatusCode::OK, &json!("Cup")));
    for same in ["description", "local_price", "requested_info", "created_at", "pricing_type"] {
        assert_eq!(changed["data"][same], made[same], "{same}");
    }
    let (status, _) = stand.call(KEY, Method::PUT, &path, &json!({ "pricing_type": "free" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (_, free) = stand.call(KEY, Method::PUT, &path, &json!({ "pricing_type": "no_price" })).await;
    assert!(free["data"].get("local_price").is_none());
    let (status, gone) = stand.call(KEY, Method::DELETE, &path, &Value::Null).await;
    assert_eq!((status, &gone["data"]["id"]), (StatusCode::OK, &made["id"]));
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        assert_eq!(stand.call(KEY, method, &path, &Value::Null).await.0, StatusCode::NOT_FOUND);
    }
    let (_, page) = stand.call(KEY, Method::GET, "/checkouts", &Value::Null).await;
    assert_eq!((&page["pagination"]["total"], &page["data"]), (&json!(0), &json!([])));
}

#[actix_web::test]
async fn a_checkout_without_a_name_or_with_odd_questions_is_refused() {
    let stand = Stand::open(None, |_| {});
    for (field, value, kind) in [
        ("name", Value::Null, "param_required"),
        ("local_price", Value::Null, "param_required"),
        ("requested_info", json!(["age"]), "validation_error"),
        ("requested_info", json!("name"), "validation_error"),
        ("name", json!("x".repeat(101)), "validation_error"),
    ] {
        let mut body = mug();
        body[field] = value;
        let (status, refused) = stand.call(KEY, Method::POST, "/checkouts", &body).await;
        assert_eq!((status, &refused["error"]["type"]), (StatusCode::BAD_REQUEST, &json!(kind)), "{field}");
    }
}

#[actix_web::test]
async fn its_page_asks_and_makes_a_charge_with_the_answers() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {}).mounted(|_| {}, "/sandbox").await;
    let checkout = create(&stand, &mug()).await;
    let page = stand.client.get(checkout["hosted_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.headers().contains_key("content-security-policy"));
    let page = page.text().await.unwrap();
    assert!(page.contains("name=\"name\"") && page.contains("name=\"email\"") && page.contains("Mug &lt;b&gt;"));
    assert!(!page.contains("<b>") && !page.contains("form-error\""));

    let form = |body: &'static str| {
        let form = stand.client.post(checkout["hosted_url"].as_str().unwrap()).body(body);
        form.header("Content-Type", "application/x-www-form-urlencoded").send()
    };
    for (body, what) in [("name=Ann", "email"), ("email=a%40b.c&name=++", "name"), ("", "name")] {
        let refused = form(body).await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let page = refused.text().await.unwrap();
        assert!(page.contains("role=\"alert\"") && page.contains(what), "{page}");
    }
    assert!(merchant.arrived().is_empty());
    let answer = form("name=Ann+%3Cscript%3E&email=a%40b.c&other=1").await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let code = place.strip_prefix("../pay/").unwrap();
    let charge = stand.charge(code).await;
    assert_eq!(charge["metadata"], json!({ "name": "Ann <script>", "email": "a@b.c" }));
    assert_eq!(charge["checkout"], json!({ "id": checkout["id"] }));
    assert_eq!(charge["pricing"]["local"]["amount"], "12.00");
    assert_eq!(merchant.received(1).await[0].json()["event"]["data"], charge);
    let elsewhere = stand.client.get(format!("{}/checkout/x/{place}", stand.url)).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    let there = stand.client.get(charge["hosted_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(there.status(), StatusCode::OK);
}

#[actix_web::test]
async fn a_page_of_a_checkout_that_is_gone_says_so() {
    let stand = Stand::open(None, |_| {});
    let checkout = create(&stand, &mug()).await;
    stand.call(KEY, Method::DELETE, &format!("/checkouts/{}", id(&checkout)), &Value::Null).await;
    let url = checkout["hosted_url"].as_str().unwrap();
    let page = stand.client.get(url).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(stand.client.post(url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}
