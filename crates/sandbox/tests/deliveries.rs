//! The log of deliveries, and the order in which endpoints get their turn.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::time::Duration;

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use harness::{Merchant, Silence, Stand, code, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn list(stand: &Stand, query: &str) -> Vec<Value> {
    stand.control(Method::GET, &format!("deliveries?{query}"), &Value::Null).await.as_array().unwrap().clone()
}

#[actix_web::test]
async fn deliveries_are_filtered_and_paged() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.pay_delay = Duration::from_secs(60));
    let first = code(&stand.create(&ticket()).await);
    stand.pay(&first, "success").await;
    stand.control(Method::PUT, "faults", &json!({ "webhooks": { "drop": 1 } })).await;
    let second = code(&stand.create(&ticket()).await);
    stand.pay(&second, "success").await;
    stand.delivered(4).await;
    let all = list(&stand, "").await;
    let ids: Vec<_> = all.iter().map(|one| one["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b) && ids.len() == 4);
    for (query, expected) in [
        (format!("charge={first}"), &all[2..]),
        (format!("charge={}", first.to_lowercase()), &all[2..]),
        ("state=dropped".to_owned(), &all[..2]),
        ("state=delivered&limit=1".to_owned(), &all[2..3]),
        (format!("charge={second}&state=delivered"), &[]),
        (format!("before={}", ids[1]), &all[2..]),
        (format!("before={}&charge={second}&state=dropped", ids[0]), &all[1..2]),
        (format!("before={}", ids[3]), &[]),
        ("charge=&state=&before=&limit=".to_owned(), &all[..]),
    ] {
        assert_eq!(list(&stand, &query).await, expected, "{query}");
    }
    for wrong in ["limit=0", "limit=501", "limit=x", "state=lost", "before=x"] {
        let (status, _) = stand.call("", Method::GET, &format!("/_control/deliveries?{wrong}"), &Value::Null).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    for nowhere in ["0", "99", "-1", "x", "9223372036854775808"] {
        for (method, end) in [(Method::GET, ""), (Method::POST, "/redeliver")] {
            let (status, _) =
                stand.call("", method, &format!("/_control/deliveries/{nowhere}{end}"), &Value::Null).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{nowhere}{end}");
        }
    }
}

#[actix_web::test]
async fn a_delivery_can_be_sent_again_with_a_new_envelope_and_a_new_three_days() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.charge_ttl = Duration::from_secs(31_536_000));
    stand.create(&ticket()).await;
    let delivery = stand.delivered(1).await.remove(0);
    stand.advance(86_400 * 10).await;
    merchant.will_answer(&[500]);
    let again = stand.control(Method::POST, &format!("deliveries/{}/redeliver", delivery["id"]), &Value::Null).await;
    assert_eq!((&again["state"], &again["id"]), (&json!("waiting"), &delivery["id"]));
    let arrived = merchant.received(3).await;
    assert_eq!(arrived[0].json()["event"], arrived[2].json()["event"]);
    assert_ne!(arrived[0].json()["id"], arrived[2].json()["id"]);
    let done = stand.deliveries_when("state=delivered", |listed| listed.len() == 1).await;
    assert_eq!(done[0]["attempts"], 3);
    let detail = stand.control(Method::GET, &format!("deliveries/{}", delivery["id"]), &Value::Null).await;
    for (one, arrived) in detail["attempt_log"].as_array().unwrap().iter().zip(&arrived) {
        assert_eq!(one["request"]["body"], json!(std::str::from_utf8(&arrived.body).unwrap()));
    }
}

#[actix_web::test]
async fn endpoints_that_never_answer_leave_room_for_one_that_does() {
    let (first, second, merchant) = (Silence::open(), Silence::open(), Merchant::open());
    let stand = Stand::open(None, |_| {});
    for url in [&first.url, &second.url] {
        stand.control(Method::POST, "merchants/1/endpoints", &json!({ "url": url })).await;
    }
    for _ in 0..70 {
        stand.create(&ticket()).await;
    }
    first.holds(64).await;
    second.holds(64).await;
    stand.add_merchant("other", &[&merchant.url]).await;
    stand.call("other", Method::POST, "/charges", &ticket()).await;
    merchant.received(1).await;
    let tried = list(&stand, "limit=500").await.into_iter().filter(|one| one["attempts"] != 0);
    let tried: Vec<_> = tried.map(|one| one["endpoint_url"].clone()).collect();
    assert!(tried.iter().all(|url| *url == merchant.url), "the silent ones still hold all their places: {tried:?}");
    first.hang_up();
    second.hang_up();
}

#[actix_web::test]
async fn a_reset_forgets_what_is_under_way_and_the_worker_goes_on_at_once() {
    let (silence, merchant) = (Silence::open(), Merchant::open());
    let stand = Stand::open(Some(&merchant), |_| {});
    stand.control(Method::POST, "merchants/1/endpoints", &json!({ "url": silence.url })).await;
    stand.create(&ticket()).await;
    silence.holds(1).await;
    merchant.received(1).await;
    stand.control(Method::POST, "reset", &Value::Null).await;
    silence.hang_up();
    assert_eq!(list(&stand, "").await, Vec::<Value>::new());
    stand.create(&ticket()).await;
    merchant.received(2).await;
    assert_eq!(stand.delivered(1).await.len(), 1);
    let counts = stand.control(Method::GET, "", &Value::Null).await["counts"].clone();
    assert_eq!(counts, json!({ "charges": 1, "checkouts": 0, "invoices": 0, "events": 1, "deliveries_waiting": 0 }));
}

fn without_events(config: &mut sandbox::Config) {
    let mut file = SqliteConnection::establish(&config.database.to_string_lossy()).unwrap();
    sql_query("PRAGMA busy_timeout = 5000").execute(&mut file).unwrap();
    sql_query("DELETE FROM resources WHERE kind = 'event'").execute(&mut file).unwrap();
}

#[actix_web::test]
async fn a_delivery_whose_event_is_gone_is_given_up_and_holds_nobody_up() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500]);
    let stand = Stand::open(Some(&merchant), |config| config.retry.first = Duration::from_secs(1_800));
    stand.create(&ticket()).await;
    stand.deliveries_when("", |listed| listed[0]["attempts"] == 1).await;
    let stand = stand.restarted(without_events).await;
    stand.advance(1_801).await;
    let failed = stand.deliveries_when("state=failed", |listed| listed.len() == 1).await;
    assert_eq!(failed[0]["error"], "event-gone");
    let detail = stand.control(Method::GET, &format!("deliveries/{}", failed[0]["id"]), &Value::Null).await;
    assert_eq!(detail["attempt_log"][0]["request"]["body"], Value::Null);
    let path = format!("/_control/deliveries/{}/redeliver", failed[0]["id"]);
    assert_eq!(stand.call("", Method::POST, &path, &Value::Null).await.0, StatusCode::BAD_REQUEST);
    stand.create(&ticket()).await;
    merchant.received(2).await;
}

#[actix_web::test]
async fn charges_that_are_kept_make_room_for_new_ones_once_they_are_finished() {
    let stand = Stand::open(None, |config| config.charges_kept = 2);
    let (first, second) = (code(&stand.create(&ticket()).await), code(&stand.create(&ticket()).await));
    let (status, body) = stand.call(harness::KEY, Method::POST, "/charges", &ticket()).await;
    assert_eq!((status, &body["error"]["type"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limit_exceeded")));
    stand.pay(&first, "success").await;
    stand.settled(&first, "COMPLETED").await;
    stand.create(&ticket()).await;
    let (status, _) = stand.call(harness::KEY, Method::GET, &format!("/charges/{first}"), &Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    stand.charge(&second).await;
    let counts = stand.control(Method::GET, "", &Value::Null).await["counts"].clone();
    assert_eq!(counts["charges"], 2);
}

#[actix_web::test]
async fn many_short_runs_leave_no_more_deliveries_than_are_kept() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.deliveries_kept = 10);
    for _ in 0..8 {
        stand.control(Method::PUT, "faults", &json!({})).await;
        for _ in 0..20 {
            stand.create(&ticket()).await;
        }
    }
    merchant.received(160).await;
    let left = stand.deliveries_when("limit=500", |listed| listed.iter().all(|one| one["state"] != "waiting")).await;
    assert!(left.len() <= 10 + 60, "{}", left.len());
}
