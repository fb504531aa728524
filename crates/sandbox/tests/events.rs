//! The list of events.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{KEY, Merchant, Stand, code, id, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[actix_web::test]
async fn an_event_in_the_list_is_the_one_that_was_sent() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    let mut body = ticket();
    body["metadata"] =
        json!({ "tiny": 1.234_567_890_123_456_7e-300, "third": 0.1 + 0.2, "big": u64::MAX, "é": "\u{7f}" });
    let charge = stand.create(&body).await;
    stand.pay(&code(&charge), "success").await;
    stand.settled(&code(&charge), "COMPLETED").await;
    let mut sent: Vec<Value> = merchant.received(3).await.iter().map(|one| one.json()["event"].clone()).collect();
    let (_, page) = stand.call(KEY, Method::GET, "/events", &Value::Null).await;
    sent.reverse();
    assert_eq!(page["data"], json!(sent));
    assert_eq!(page["pagination"]["total"], 3);
    for event in &sent {
        let path = format!("/events/{}", id(event));
        assert_eq!(stand.call(KEY, Method::GET, &path, &Value::Null).await.1["data"], *event);
        assert_eq!(event["data"]["metadata"], body["metadata"]);
    }
    let path = format!("/events/{}", id(&charge));
    assert_eq!(stand.call(KEY, Method::GET, &path, &Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stand.call("nobody", Method::GET, "/events", &Value::Null).await.0, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn events_are_paged_both_ways() {
    let stand = Stand::open(None, |_| {});
    for _ in 0..5 {
        stand.create(&ticket()).await;
    }
    let (mut path, mut seen) = ("/events?limit=2".to_owned(), Vec::new());
    loop {
        let (_, page) = stand.call(KEY, Method::GET, &path, &Value::Null).await;
        seen.extend(page["data"].as_array().unwrap().iter().map(id));
        let Some(next) = page["pagination"]["next_uri"].as_str() else { break };
        path = next.strip_prefix(&stand.url).unwrap().to_owned();
    }
    assert_eq!(seen.len(), 5);
    let (_, all) = stand.call(KEY, Method::GET, "/events?order=asc", &Value::Null).await;
    let all: Vec<_> = all["data"].as_array().unwrap().iter().rev().map(id).collect();
    assert_eq!(seen, all);
    let (_, before) =
        stand.call(KEY, Method::GET, &format!("/events?limit=2&ending_before={}", seen[3]), &Value::Null).await;
    let before: Vec<_> = before["data"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(before, seen[1..3]);
}
