//! Several merchants in one sandbox.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::collections::BTreeSet;
use std::time::Duration;

use harness::{KEY, Merchant, SECRET, Silence, Stand, code, id, signed_with, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn checkout() -> Value {
    json!({ "name": "Mug", "pricing_type": "no_price" })
}

fn invoice() -> Value {
    json!({ "business_name": "Opera", "customer_email": "a@example.com",
        "local_price": { "amount": "5", "currency": "USD" } })
}

#[actix_web::test]
async fn merchants_see_nothing_of_each_other() {
    let stand = Stand::open(None, |_| {});
    stand.add_merchant("other", &[]).await;
    let mut foreign = Vec::new();
    for (path, body) in [("charges", ticket()), ("checkouts", checkout()), ("invoices", invoice())] {
        for key in [KEY, "other"] {
            let (status, made) = stand.call(key, Method::POST, &format!("/{path}"), &body).await;
            assert_eq!(status, StatusCode::CREATED, "{made}");
            if key == KEY {
                foreign.push((path, made["data"].clone()));
            }
        }
    }
    let events = stand.call(KEY, Method::GET, "/events", &Value::Null).await.1;
    foreign.push(("events", events["data"][0].clone()));
    for (path, one) in &foreign {
        let one = id(one);
        let (_, page) = stand.call("other", Method::GET, &format!("/{path}"), &Value::Null).await;
        let listed: Vec<_> = page["data"].as_array().unwrap().iter().map(id).collect();
        assert!(!listed.contains(&one) && !listed.is_empty());
        assert_eq!(page["pagination"]["total"], json!(listed.len()), "{path}");
        for cursor in ["starting_after", "ending_before"] {
            let (status, _) = stand.call("other", Method::GET, &format!("/{path}?{cursor}={one}"), &Value::Null).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {cursor}");
        }
        let (status, _) = stand.call("other", Method::GET, &format!("/{path}/{one}"), &Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let named = |path: &str| id(&foreign.iter().find(|(kind, _)| *kind == path).unwrap().1);
    let (charge, checkout, invoice) = (named("charges"), named("checkouts"), named("invoices"));
    for (method, path) in [
        (Method::POST, format!("/charges/{charge}/cancel")),
        (Method::POST, format!("/charges/{charge}/resolve")),
        (Method::PUT, format!("/checkouts/{checkout}")),
        (Method::DELETE, format!("/checkouts/{checkout}")),
        (Method::PUT, format!("/invoices/{invoice}/void")),
        (Method::POST, format!("/invoices/{invoice}/resolve")),
    ] {
        let (status, _) = stand.call("other", method, &path, &Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(stand.charge(&charge).await["timeline"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn each_merchants_events_go_to_all_its_endpoints_with_its_own_signature() {
    let (own, first, second) = (Merchant::open(), Merchant::open(), Merchant::open());
    let stand = Stand::open(Some(&own), |_| {});
    stand.add_merchant("other", &[&first.url, &second.url]).await;
    stand.create(&ticket()).await;
    let (_, made) = stand.call("other", Method::POST, "/charges", &ticket()).await;
    assert_eq!(made["data"]["organization_name"], "other");
    stand.delivered(3).await;
    for (merchant, secret) in [(&own, SECRET), (&first, "secret-of-other"), (&second, "secret-of-other")] {
        let arrived = merchant.arrived();
        assert_eq!(arrived.len(), 1);
        assert_eq!(arrived[0].signature, signed_with(secret, &arrived[0].body));
    }
    let event = |merchant: &Merchant| merchant.arrived()[0].json()["event"].clone();
    assert_eq!(event(&first), event(&second));
    assert_eq!(event(&first)["data"]["id"], made["data"]["id"]);
    assert_ne!(event(&own), event(&first));
}

#[actix_web::test]
async fn a_removed_endpoint_gets_nothing_more() {
    let (kept, gone) = (Merchant::open(), Merchant::open());
    gone.will_answer(&[500; 50]);
    let stand = Stand::open(Some(&kept), |config| config.retry.first = Duration::from_secs(3_600));
    let endpoint = stand.control(Method::POST, "merchants/1/endpoints", &json!({ "url": gone.url })).await;
    stand.create(&ticket()).await;
    gone.received(1).await;
    stand.deliveries_when("state=waiting", |listed| listed.len() == 1 && listed[0]["attempts"] == 1).await;
    let removed = stand.control(Method::DELETE, &format!("endpoints/{}", endpoint["id"]), &Value::Null).await;
    assert_eq!(removed["url"], json!(gone.url));
    let failed = stand.deliveries_when("state=failed", |listed| listed.len() == 1).await;
    assert_eq!(failed[0]["error"], "endpoint-removed");
    stand.create(&ticket()).await;
    kept.received(2).await;
    stand.advance(4_000).await;
    stand.delivered(3).await;
    assert_eq!(gone.arrived().len(), 1);
    let path = format!("/_control/deliveries/{}/redeliver", failed[0]["id"]);
    assert_eq!(stand.call("", Method::POST, &path, &Value::Null).await.0, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn what_is_under_way_to_an_endpoint_that_is_removed_waits_for_nothing() {
    let silence = Silence::open();
    let stand = Stand::open(None, |_| {});
    let endpoint = stand.control(Method::POST, "merchants/1/endpoints", &json!({ "url": silence.url })).await;
    stand.create(&ticket()).await;
    silence.holds(1).await;
    stand.control(Method::DELETE, &format!("endpoints/{}", endpoint["id"]), &Value::Null).await;
    silence.hang_up();
    let ended = stand.deliveries_when("", |listed| listed[0]["attempts"] == 1).await;
    assert_eq!((&ended[0]["state"], &ended[0]["next_attempt_at"]), (&json!("failed"), &Value::Null));
}

#[actix_web::test]
async fn a_rotated_secret_signs_from_now_on_and_a_reset_brings_the_configured_one_back() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.shows_secrets = true);
    let rotated =
        stand.control(Method::POST, "merchants/1/rotate-secret", &json!({ "webhook_secret": "new-secret" })).await;
    assert_eq!(
        (&rotated["webhook_secret"], &rotated["previous_webhook_secret"]),
        (&json!("new-secret"), &json!(SECRET))
    );
    stand.create(&ticket()).await;
    let arrived = merchant.received(1).await;
    assert_eq!(arrived[0].signature, signed_with("new-secret", &arrived[0].body));
    let made_up = stand.control(Method::POST, "merchants/1/rotate-secret", &Value::Null).await;
    assert_eq!(made_up["previous_webhook_secret"], "new-secret");
    assert!(made_up["webhook_secret"].as_str().unwrap().len() >= 32);
    stand.control(Method::POST, "reset", &Value::Null).await;
    stand.create(&ticket()).await;
    let arrived = merchant.received(2).await;
    assert_eq!(arrived[1].signature, signed_with(SECRET, &arrived[1].body));
}

#[actix_web::test]
async fn the_configured_merchants_secrets_are_shown_only_if_the_configuration_says_so() {
    for shows in [false, true] {
        let stand = Stand::open(None, |_| {});
        let stand = if shows { stand.restarted(|config| config.shows_secrets = true).await } else { stand };
        stand.add_merchant("other", &[]).await;
        let merchants = stand.control(Method::GET, "merchants", &Value::Null).await;
        assert_eq!((merchants[0]["api_key"] == KEY, merchants[0]["webhook_secret"] == SECRET), (shows, shows));
        assert_eq!(merchants[0]["previous_webhook_secret"].is_string(), shows);
        assert_eq!(merchants[1]["webhook_secret"], "secret-of-other");
        let path = "/_control/merchants/1/rotate-secret";
        let (status, _) = stand.call("", Method::POST, path, &Value::Null).await;
        assert_eq!(status == StatusCode::OK, shows, "{status}");
        let overview = stand.control(Method::GET, "", &Value::Null).await;
        assert_eq!(overview["secrets_shown"], shows);
        assert!(!overview.to_string().contains(SECRET) && !overview.to_string().contains(KEY));
    }
}

#[actix_web::test]
async fn merchants_and_endpoints_are_limited_and_theirs_alone() {
    let stand = Stand::open(None, |_| {});
    stand.add_merchant("other", &[]).await;
    let refused = |path: &'static str, body: Value| {
        let stand = &stand;
        async move {
            let (status, body) = stand.call("", Method::POST, &format!("/_control/{path}"), &body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {body}");
        }
    };
    for taken in [KEY, "other"] {
        refused("merchants", json!({ "api_key": taken })).await;
    }
    for wrong in [json!("with space"), json!("é"), json!("a\nb"), json!("x".repeat(201)), json!(7)] {
        refused("merchants", json!({ "webhook_secret": wrong })).await;
    }
    for url in ["", "/x", "ftp://a/", "javascript:x", "http://", "mailto:a@b"] {
        refused("merchants/2/endpoints", json!({ "url": url })).await;
    }
    for port in 1..=10 {
        let body = json!({ "url": format!("http://127.0.0.1:{port}/") });
        stand.control(Method::POST, "merchants/2/endpoints", &body).await;
        if port == 1 {
            refused("merchants/2/endpoints", body).await;
        }
    }
    refused("merchants/2/endpoints", json!({ "url": "http://127.0.0.1:11/" })).await;
    let (status, _) =
        stand.call("", Method::POST, "/_control/merchants/9/endpoints", &json!({ "url": "http://a/" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // At once: none of them may be lost from what is in memory.
    let more = (3..=100).map(|_| stand.control(Method::POST, "merchants", &Value::Null));
    let made: Vec<_> = futures_util::future::join_all(more).await;
    let keys: BTreeSet<_> = made.iter().map(|one| one["api_key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 98);
    for key in keys {
        assert_eq!(stand.call(key, Method::GET, "/charges", &Value::Null).await.0, StatusCode::OK);
    }
    refused("merchants", Value::Null).await;
}

#[actix_web::test]
async fn merchants_outlive_a_restart_and_a_changed_configuration_holds() {
    let (before, after) = (Merchant::open(), Merchant::open());
    before.will_answer(&[500; 50]);
    let stand = Stand::open(Some(&before), |config| config.retry.first = Duration::from_secs(3_600));
    let other = stand.add_merchant("other", &["http://127.0.0.1:9/hook"]).await;
    let charge = stand.create(&ticket()).await;
    before.received(1).await;
    stand.deliveries_when("state=waiting", |listed| listed.len() == 1 && listed[0]["attempts"] == 1).await;
    assert_eq!(stand.call(KEY, Method::GET, "/charges", &Value::Null).await.0, StatusCode::OK);

    let stand = stand.restarted_with(&after.url, "changed-key", "changed secret").await;
    assert_eq!(stand.call(KEY, Method::GET, "/charges", &Value::Null).await.0, StatusCode::UNAUTHORIZED);
    let path = format!("/charges/{}", code(&charge));
    assert_eq!(stand.call("changed-key", Method::GET, &path, &Value::Null).await.0, StatusCode::OK);
    let merchants = stand.control(Method::GET, "merchants", &Value::Null).await;
    assert_eq!(merchants[1]["id"], other["id"]);
    assert_eq!(merchants[1]["endpoints"][0]["url"], "http://127.0.0.1:9/hook");
    assert_eq!(stand.call("other", Method::GET, "/charges", &Value::Null).await.0, StatusCode::OK);
    stand.advance(4_000).await;
    let arrived = after.received(1).await;
    assert_eq!(arrived[0].signature, signed_with("changed secret", &arrived[0].body));
    assert_eq!(arrived[0].json()["event"]["data"]["id"], charge["id"]);
}
