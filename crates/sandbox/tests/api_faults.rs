//! What goes wrong with API calls on request, and Coinbase's rate limits.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::time::{Duration, Instant};

use harness::{KEY, Stand, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn set(stand: &Stand, seed: u64, api: Value) {
    stand.control(Method::PUT, "faults", &json!({ "seed": seed, "api": api })).await;
}

async fn total(stand: &Stand) -> u64 {
    stand.control(Method::GET, "", &Value::Null).await["counts"]["charges"].as_u64().unwrap()
}

#[actix_web::test]
async fn too_many_requests_say_when_to_come_again() {
    let stand = Stand::open(None, |_| {});
    set(&stand, 1, json!({ "rate_limited": 1 })).await;
    let answer = stand.request(Method::GET, "/charges").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(harness::json_of(answer).await["error"]["type"], "rate_limit_exceeded");
    assert_eq!(stand.call("nobody", Method::GET, "/charges", &Value::Null).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(total(&stand).await, 0, "the control API has no bad days");
}

#[actix_web::test]
async fn some_errors_come_before_the_work_and_some_after() {
    let stand = Stand::open(None, |_| {});
    set(&stand, 1, json!({ "error": 1 })).await;
    for _ in 0..20 {
        let (status, body) = stand.call(KEY, Method::POST, "/charges", &ticket()).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body["error"]["type"], "internal_server_error");
    }
    assert!((3..=17).contains(&total(&stand).await), "{}", total(&stand).await);
}

#[actix_web::test]
async fn a_slow_answer_is_late_and_right() {
    let stand = Stand::open(None, |_| {});
    set(&stand, 1, json!({ "slow": 1, "slow_ms_max": 200 })).await;
    let start = Instant::now();
    for _ in 0..6 {
        assert_eq!(stand.call(KEY, Method::POST, "/charges", &ticket()).await.0, StatusCode::CREATED);
    }
    assert!(start.elapsed() > Duration::from_millis(200), "{:?}", start.elapsed());
    assert_eq!(total(&stand).await, 6);
}

#[actix_web::test]
async fn a_cut_answer_breaks_off_after_the_work() {
    let stand = Stand::open(None, |_| {});
    set(&stand, 1, json!({ "cut": 1 })).await;
    let answer = stand.request(Method::POST, "/charges").body(ticket().to_string()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let error = answer.bytes().await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(total(&stand).await, 1);
}

#[actix_web::test]
async fn the_same_seed_and_calls_meet_the_same_bad_days() {
    async fn days(stand: &Stand, seed: u64) -> Vec<u16> {
        set(stand, seed, json!({ "error": 0.3, "rate_limited": 0.3 })).await;
        let mut days = Vec::new();
        for _ in 0..30 {
            for path in ["/charges", "/events"] {
                days.push(stand.call(KEY, Method::GET, path, &Value::Null).await.0.as_u16());
            }
        }
        days
    }
    let stand = Stand::open(None, |_| {});
    let first = days(&stand, 1).await;
    assert_eq!(days(&stand, 1).await, first);
    stand.control(Method::POST, "reset", &Value::Null).await;
    assert_eq!(days(&stand, 1).await, first);
    assert_ne!(days(&stand, 2).await, first);
    for status in [200, 429, 500] {
        assert!(first.contains(&status), "{status}");
    }
}

#[actix_web::test]
async fn a_minute_of_the_sandboxs_clock_has_25_creations_and_200_other_calls_for_each_key() {
    let stand = Stand::open(None, |_| {});
    stand.add_merchant("other", &[]).await;
    stand.control(Method::POST, "clock/freeze", &Value::Null).await;
    stand.control(Method::PUT, "rate-limits", &json!({ "enabled": true })).await;
    for minute in 0..2 {
        for (method, path, most) in [(Method::POST, "/charges", 25), (Method::GET, "/charges", 200)] {
            let body = if method == Method::POST { ticket() } else { Value::Null };
            for nth in 0..most {
                let (status, _) = stand.call(KEY, method.clone(), path, &body).await;
                assert!(status.is_success(), "minute {minute}, {method} {nth}");
            }
            let refused = stand.request(method.clone(), path).body(body.to_string()).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(refused.headers()["retry-after"], "60");
        }
        stand.advance(59).await;
        assert_eq!(stand.call(KEY, Method::GET, "/events", &Value::Null).await.0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(stand.call("other", Method::GET, "/events", &Value::Null).await.0, StatusCode::OK);
        stand.advance(1).await;
    }
}

#[actix_web::test]
async fn rate_limits_outlive_a_restart_and_the_configuration_outweighs_them() {
    let stand = Stand::open(None, |_| {});
    for wrong in [json!({}), json!({ "enabled": 1 }), json!([])] {
        let (status, _) = stand.call("", Method::PUT, "/_control/rate-limits", &wrong).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    stand.control(Method::PUT, "rate-limits", &json!({ "enabled": true })).await;
    let stand = stand.restarted(|_| {}).await;
    assert_eq!(stand.control(Method::GET, "rate-limits", &Value::Null).await["enabled"], true);
    let stand = stand.restarted(|config| config.rate_limits = Some(false)).await;
    assert_eq!(stand.control(Method::GET, "rate-limits", &Value::Null).await["enabled"], false);
}
