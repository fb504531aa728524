//! What goes wrong with webhooks on request.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{Arrived, KEY, Merchant, SECRET, Stand, code, signature, signed_with, statuses, ticket};
use reqwest::{Method, StatusCode};
use sandbox::FaultPlan;
use serde_json::{Value, json};

async fn set(stand: &Stand, seed: u64, webhooks: Value) {
    stand.control(Method::PUT, "faults", &json!({ "seed": seed, "webhooks": webhooks })).await;
}

async fn detail(stand: &Stand, delivery: &Value) -> Value {
    stand.control(Method::GET, &format!("deliveries/{}", delivery["id"]), &Value::Null).await
}

#[actix_web::test]
async fn a_duplicate_is_the_same_event_in_another_envelope() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    set(&stand, 1, json!({ "duplicate": 1 })).await;
    stand.create(&ticket()).await;
    let bodies: Vec<_> = merchant.received(2).await.iter().map(Arrived::json).collect();
    assert_eq!(bodies[0]["event"], bodies[1]["event"]);
    assert_ne!(bodies[0]["id"], bodies[1]["id"]);
    let listed = stand.delivered(2).await;
    assert!(listed.iter().all(|one| one["fault"] == "duplicate" && one["state"] == "delivered"));
}

#[actix_web::test]
async fn a_dropped_webhook_never_arrives_unless_it_is_sent_again() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.charge_ttl = std::time::Duration::from_secs(31_536_000));
    set(&stand, 1, json!({ "drop": 1 })).await;
    stand.create(&ticket()).await;
    let dropped = stand.delivered(1).await.remove(0);
    assert_eq!((&dropped["state"], &dropped["fault"]), (&json!("dropped"), &json!("drop")));
    assert_eq!((&dropped["attempts"], &dropped["next_attempt_at"]), (&json!(0), &Value::Null));
    stand.control(Method::DELETE, "faults", &Value::Null).await;
    stand.advance(86_400).await;
    let charge = stand.create(&ticket()).await;
    let arrived = merchant.received(1).await;
    assert_eq!(arrived[0].json()["event"]["data"]["id"], charge["id"]);
    stand.control(Method::POST, &format!("deliveries/{}/redeliver", dropped["id"]), &Value::Null).await;
    let arrived = merchant.received(2).await;
    assert_eq!(arrived[1].json()["event"]["id"], dropped["event_id"]);
    assert!(stand.delivered(2).await.iter().all(|one| one["state"] == "delivered"));
}

#[actix_web::test]
async fn a_delay_holds_up_the_later_events_of_its_charge_too() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.charge_ttl = std::time::Duration::from_secs(31_536_000));
    stand.control(Method::POST, "clock/freeze", &Value::Null).await;
    set(&stand, 5, json!({ "delay": 1, "delay_ms_max": 3_600_000 })).await;
    let charge = code(&stand.create(&ticket()).await);
    stand.control(Method::DELETE, "faults", &Value::Null).await;
    stand.pay(&charge, "success").await;
    let other = code(&stand.create(&ticket()).await);
    let first = merchant.received(1).await;
    assert_eq!(first[0].json()["event"]["data"]["code"], json!(other));
    let waiting = stand.deliveries_when("state=waiting", |listed| listed.len() == 2).await;
    assert_eq!((&waiting[1]["fault"], &waiting[0]["fault"]), (&json!("delay"), &Value::Null));
    assert_eq!(waiting[0]["next_attempt_at"], waiting[1]["next_attempt_at"]);
    stand.advance(3_600).await;
    let kinds: Vec<_> = merchant.received(4).await[1..].iter().map(Arrived::kind).collect();
    assert_eq!(kinds, ["charge:created", "charge:pending", "charge:confirmed"]);
}

#[actix_web::test]
async fn what_is_held_back_is_overtaken_by_a_later_event_though_the_clock_stands() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    stand.control(Method::POST, "clock/freeze", &Value::Null).await;
    set(&stand, 1, json!({ "reorder": 1 })).await;
    let charge = code(&stand.create(&ticket()).await);
    stand.control(Method::DELETE, "faults", &Value::Null).await;
    stand.pay(&charge, "success").await;
    let kinds: Vec<_> = merchant.received(2).await.iter().map(Arrived::kind).collect();
    assert_eq!(kinds, ["charge:pending", "charge:created"]);
    set(&stand, 1, json!({ "reorder": 1 })).await;
    stand.create(&ticket()).await;
    stand.advance(11).await;
    merchant.received(3).await;
}

#[actix_web::test]
async fn a_wrong_signature_is_nobodys_and_an_old_one_that_of_the_secret_before() {
    let merchant = Merchant::open();
    let stand = Stand::open(None, |_| {});
    let other = stand.add_merchant("other", &[&merchant.url]).await;
    let path = format!("merchants/{}/rotate-secret", other["id"]);
    stand.control(Method::POST, &path, &json!({ "webhook_secret": "newer" })).await;
    for (fault, place) in [("wrong_secret", 0), ("old_secret", 1)] {
        set(&stand, 1, json!({ fault: 1 })).await;
        stand.call("other", Method::POST, "/charges", &ticket()).await;
        let arrived = merchant.received(place + 1).await.remove(place);
        let signed = |secret: &str| arrived.signature == signed_with(secret, &arrived.body);
        assert!(!signed("newer") && !signed(SECRET));
        assert_eq!(signed("secret-of-other"), fault == "old_secret");
        let delivery = stand.delivered(place + 1).await.remove(0);
        let log = detail(&stand, &delivery).await["attempt_log"][0].clone();
        assert_eq!(log["fault"], fault);
        assert_eq!(log["request"]["headers"]["X-CC-Webhook-Signature"], json!(arrived.signature));
    }
}

#[actix_web::test]
async fn a_stale_body_has_the_type_of_its_event_and_the_charge_as_it_was_before() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.pay_delay = std::time::Duration::from_secs(60));
    set(&stand, 1, json!({ "stale_body": 1 })).await;
    let charge = code(&stand.create(&ticket()).await);
    merchant.received(1).await;
    stand.pay(&charge, "success").await;
    let arrived = merchant.received(2).await.remove(1);
    let body = arrived.json();
    assert_eq!(body["event"]["type"], "charge:pending");
    assert_eq!(statuses(&body["event"]["data"]), ["NEW"]);
    assert_eq!(arrived.signature, signature(&arrived.body));
    assert_eq!(body.to_string().as_bytes(), arrived.body, "still compact and sorted");
    let listed = stand.delivered(2).await;
    let logs = [detail(&stand, &listed[0]).await, detail(&stand, &listed[1]).await];
    assert_eq!(logs[0]["attempt_log"][0]["fault"], "stale_body");
    assert_eq!(logs[0]["attempt_log"][0]["request"]["body"], json!(std::str::from_utf8(&arrived.body).unwrap()));
    assert_eq!(logs[1]["attempt_log"][0]["fault"], Value::Null, "a first event has nothing to be stale with");
    let events = stand.call(KEY, Method::GET, "/events?limit=1", &Value::Null).await.1;
    assert_eq!(statuses(&events["data"][0]["data"]), ["NEW", "PENDING"], "the event itself is right");
}

/// The faults that befall twelve charges of each of two merchants.
async fn weather(stand: &Stand, seed: u64) -> Vec<(Value, Value)> {
    stand.add_merchant(&format!("other-{seed}"), &["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"]).await;
    weather_of(stand, seed).await
}

async fn weather_of(stand: &Stand, seed: u64) -> Vec<(Value, Value)> {
    set(stand, seed, json!({ "drop": 0.5, "duplicate": 0.5, "delay": 0.3 })).await;
    let before = stand.control(Method::GET, "deliveries?limit=1", &Value::Null).await[0]["id"].as_i64().unwrap_or(0);
    for _ in 0..12 {
        for key in [KEY.to_owned(), format!("other-{seed}")] {
            stand.call(&key, Method::POST, "/charges", &ticket()).await;
        }
    }
    let listed = stand.control(Method::GET, "deliveries?limit=500", &Value::Null).await;
    let new = listed.as_array().unwrap().iter().filter(|one| one["id"].as_i64().unwrap() > before);
    new.map(|one| (one["event_type"].clone(), one["fault"].clone())).collect()
}

#[actix_web::test]
async fn the_same_seed_and_calls_meet_the_same_faults() {
    let stand = Stand::open(None, |config| config.webhook_url = Some("http://127.0.0.1:9/".parse().unwrap()));
    let first = weather(&stand, 42).await;
    assert!(first.len() >= 36, "{}", first.len());
    assert_eq!(weather_of(&stand, 42).await, first, "after they were set again");
    stand.control(Method::POST, "reset", &Value::Null).await;
    assert_eq!(weather(&stand, 42).await, first, "after a reset");
    stand.control(Method::POST, "reset", &Value::Null).await;
    assert_ne!(weather(&stand, 43).await, first, "from another seed");
}

#[actix_web::test]
async fn faults_come_from_the_configuration_or_stay_as_they_were() {
    let stand = Stand::open(None, |config| {
        config.faults = Some(FaultPlan::from_json(r#"{"seed":7,"webhooks":{"drop":0.25}}"#).unwrap());
    });
    let plan = stand.control(Method::GET, "faults", &Value::Null).await;
    assert_eq!((&plan["seed"], &plan["webhooks"]["drop"]), (&json!(7), &json!(0.25)));
    set(&stand, 8, json!({ "delay": 1 })).await;
    let stand = stand.restarted(|config| config.faults = None).await;
    assert_eq!(stand.control(Method::GET, "faults", &Value::Null).await["seed"], 8);
    stand.control(Method::DELETE, "faults", &Value::Null).await;
    let plan = stand.restarted(|_| {}).await.control(Method::GET, "faults", &Value::Null).await;
    assert_eq!((&plan["seed"], &plan["webhooks"]["delay"]), (&json!(0), &json!(0.0)));
}

#[actix_web::test]
async fn a_plan_that_is_none_is_refused_and_changes_nothing() {
    let stand = Stand::open(None, |_| {});
    set(&stand, 8, json!({})).await;
    for plan in
        ["", "[]", "7", r#"{"webhooks":{"drop":2}}"#, r#"{"sead":1}"#, r#"{"api":{"cut":"1"}}"#, r#"{"seed":-1}"#]
    {
        let answer = stand.raw(Method::PUT, "/_control/faults").body(plan).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{plan}");
    }
    assert_eq!(stand.control(Method::GET, "faults", &Value::Null).await["seed"], 8);
}
