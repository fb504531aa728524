//! The clock that can be stopped and set forward.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::time::Duration;

use chrono::DateTime;
use harness::{Arrived, KEY, Merchant, Stand, code, statuses, ticket};
use reqwest::{Method, StatusCode};
use sandbox::Retry;
use serde_json::{Value, json};

async fn freeze(stand: &Stand) -> Value {
    stand.control(Method::POST, "clock/freeze", &Value::Null).await
}

fn ms(time: &Value) -> i64 {
    DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap().timestamp_millis()
}

#[actix_web::test]
async fn while_the_clock_stands_nothing_moves() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500]);
    let stand = Stand::open(Some(&merchant), |config| {
        config.pay_delay = Duration::from_millis(1);
        config.charge_ttl = Duration::from_millis(2);
        config.retry.first = Duration::from_millis(1);
    });
    let clock = freeze(&stand).await;
    let (paid, open) = (code(&stand.create(&ticket()).await), code(&stand.create(&ticket()).await));
    stand.pay(&paid, "success").await;
    // One of the three failed and is tried again by the clock only.
    merchant.received(3).await;
    stand.deliveries_when("state=delivered", |listed| listed.len() == 2).await;
    for _ in 0..20 {
        assert_eq!(stand.control(Method::GET, "clock", &Value::Null).await["now"], clock["now"]);
    }
    assert_eq!(statuses(&stand.charge(&paid).await), ["NEW", "PENDING"]);
    assert_eq!(statuses(&stand.charge(&open).await), ["NEW"]);
    assert_eq!(merchant.arrived().len(), 3);
    stand.control(Method::POST, "clock/resume", &Value::Null).await;
    stand.settled(&paid, "COMPLETED").await;
    stand.settled(&open, "EXPIRED").await;
    merchant.received(6).await;
}

#[actix_web::test]
async fn an_hour_forward_expires_what_nobody_paid() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    let charge = code(&stand.create(&ticket()).await);
    stand.advance(3_500).await;
    assert_eq!(statuses(&stand.charge(&charge).await), ["NEW"]);
    stand.advance(101).await;
    stand.settled(&charge, "EXPIRED").await;
    let kinds: Vec<_> = merchant.received(2).await.iter().map(Arrived::kind).collect();
    assert_eq!(kinds, ["charge:created", "charge:failed"]);
}

#[actix_web::test]
async fn an_hour_that_is_over_is_over_at_once() {
    let stand = Stand::open(None, |_| {});
    freeze(&stand).await;
    for _ in 0..10 {
        let charge = code(&stand.create(&ticket()).await);
        let ((), answer) = futures_util::future::join(stand.advance(3_601), stand.charge(&charge)).await;
        assert_eq!(answer["code"], charge);
        assert_eq!(stand.pay(&charge, "success").await.status(), StatusCode::BAD_REQUEST);
        let cancel = format!("/charges/{charge}/cancel");
        assert_eq!(stand.call(KEY, Method::POST, &cancel, &Value::Null).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(statuses(&stand.settled(&charge, "EXPIRED").await), ["NEW", "EXPIRED"]);
    }
}

#[actix_web::test]
async fn a_webhook_nobody_takes_is_tried_for_three_days_at_most_an_hour_apart() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500; 200]);
    let stand = Stand::open(Some(&merchant), |config| {
        config.retry = Retry::default();
        config.charge_ttl = Duration::from_secs(31_536_000);
    });
    let started = freeze(&stand).await;
    stand.create(&ticket()).await;
    let mut pauses = Vec::new();
    let last = loop {
        let attempts = pauses.len() + 1;
        let listed = stand.deliveries_when("", |listed| listed[0]["attempts"] == attempts).await;
        let Some(next) = listed[0]["next_attempt_at"].as_str() else { break listed[0].clone() };
        let pause_s = (ms(&json!(next)) - ms(&listed[0]["last_attempt_at"])) / 1_000;
        pauses.push(pause_s);
        stand.advance(pause_s.unsigned_abs()).await;
    };
    assert_eq!(pauses[..12], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048]);
    assert!(pauses[12..].iter().all(|pause_s| *pause_s == 3_600));
    assert_eq!((pauses.len(), &last["attempts"], &last["state"]), (82, &json!(83), &json!("failed")));
    assert!(ms(&last["last_attempt_at"]) - ms(&started["now"]) <= 3 * 86_400_000);
    stand.advance(86_400 * 30).await;
    assert_eq!(merchant.arrived().len(), 83);
    let detail = stand.control(Method::GET, &format!("deliveries/{}", last["id"]), &Value::Null).await;
    let numbers: Vec<_> = detail["attempt_log"].as_array().unwrap().iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, (1..=83).map(Value::from).collect::<Vec<_>>());
}

#[actix_web::test]
async fn the_clock_outlives_a_restart_and_runs_on_from_where_it_stands() {
    let stand = Stand::open(None, |_| {});
    freeze(&stand).await;
    stand.advance(86_400).await;
    let before = stand.control(Method::GET, "clock", &Value::Null).await;
    let charge = code(&stand.create(&ticket()).await);
    let stand = stand.restarted(|_| {}).await;
    let after = stand.control(Method::GET, "clock", &Value::Null).await;
    assert_eq!((&after["now"], &after["is_frozen"]), (&before["now"], &json!(true)));
    let running = stand.control(Method::POST, "clock/resume", &Value::Null).await;
    assert_eq!(running["is_frozen"], false);
    assert!((86_300_000..=86_400_000).contains(&running["ahead_ms"].as_i64().unwrap()));
    assert!(ms(&running["now"]) >= ms(&before["now"]));
    let stand = stand.restarted(|_| {}).await;
    let later = stand.control(Method::GET, "clock", &Value::Null).await;
    assert_eq!(later["ahead_ms"], running["ahead_ms"]);
    assert_eq!(statuses(&stand.charge(&charge).await), ["NEW"]);
    stand.control(Method::POST, "reset", &Value::Null).await;
    assert_eq!(stand.control(Method::GET, "clock", &Value::Null).await["ahead_ms"], 0);
}

#[actix_web::test]
async fn a_step_of_the_clock_is_between_a_second_and_a_year() {
    let stand = Stand::open(None, |_| {});
    for wrong in [json!(0), json!(-1), json!(31_536_001), json!(1.5), json!("60"), Value::Null, json!(u64::MAX)] {
        let body = json!({ "seconds": wrong });
        let (status, _) = stand.call("", Method::POST, "/_control/clock/advance", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    for _ in 0..60 {
        stand.advance(31_536_000).await;
    }
    let charge = code(&stand.create(&ticket()).await);
    stand.pay(&charge, "success").await;
    let charge = stand.settled(&charge, "COMPLETED").await;
    assert!(charge["created_at"].as_str().unwrap() > "2085");
}
