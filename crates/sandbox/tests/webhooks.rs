//! Webhooks: what they look like, and that they arrive.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::collections::BTreeSet;
use std::time::Duration;

use harness::{Arrived, Merchant, Stand, signature, statuses, ticket};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[actix_web::test]
async fn a_webhook_is_signed_compact_sorted_json() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    stand.create(&ticket()).await;
    let arrived = merchant.received(1).await.remove(0);
    assert_eq!(arrived.signature, signature(&arrived.body));
    assert_eq!(arrived.content_type, "application/json");
    let text = std::str::from_utf8(&arrived.body).unwrap();
    assert!(
        text.starts_with("{\"attempt_number\":1,\"event\":{\"api_version\":\"2018-03-22\",\"created_at\":\""),
        "{text}"
    );
    assert_eq!(arrived.json().to_string(), text);
    let keys: Vec<_> = arrived.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["attempt_number", "event", "id", "scheduled_for"]);
}

#[actix_web::test]
async fn a_webhook_is_sent_until_it_is_taken() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500, 302, 404, 204]);
    let stand = Stand::open(Some(&merchant), |_| {});
    stand.create(&ticket()).await;
    let bodies: Vec<_> = merchant.received(4).await.iter().map(Arrived::json).collect();
    let of =
        |pointer: &str| bodies.iter().map(|body| body.pointer(pointer).unwrap().to_string()).collect::<BTreeSet<_>>();
    assert_eq!(of("/event/id").len(), 1);
    assert_eq!(of("/id").len(), 4);
    assert_eq!(of("/attempt_number"), ["1", "2", "3", "4"].map(str::to_owned).into());

    let delivery = stand.delivered(1).await.remove(0);
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(4)));
    assert!(delivery["next_attempt_at"].is_null());
    let detail = stand.control(Method::GET, &format!("deliveries/{}", delivery["id"]), &json!(null)).await;
    let log: Vec<_> = detail["attempt_log"].as_array().unwrap().clone();
    let seen: Vec<_> = log.iter().map(|one| (one["number"].clone(), one["status_code"].clone())).collect();
    assert_eq!(seen, [(1, 500), (2, 302), (3, 404), (4, 204)].map(|(a, s)| (json!(a), json!(s))));
    for (one, arrived) in log.iter().zip(merchant.arrived()) {
        assert_eq!(one["request"]["body"], json!(std::str::from_utf8(&arrived.body).unwrap()));
        assert_eq!(one["request"]["headers"]["X-CC-Webhook-Signature"], json!(arrived.signature));
    }
}

#[actix_web::test]
async fn a_retry_that_becomes_due_while_the_worker_looks_around_is_not_missed() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500; 400]);
    let stand = Stand::open(Some(&merchant), |config| {
        config.retry.first = Duration::from_millis(1);
        config.retry.longest = Duration::from_millis(2);
    });
    stand.create(&ticket()).await;
    merchant.received(401).await;
    assert_eq!(stand.delivered(1).await[0]["attempts"], 401);
}

#[actix_web::test]
async fn what_was_under_way_goes_on_after_a_restart() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500, 500]);
    // So far away that neither the confirmation nor the second attempt can happen before the restart.
    let stand = Stand::open(Some(&merchant), |config| {
        config.pay_delay = Duration::from_secs(2);
        config.retry.first = Duration::from_secs(2);
    });
    let before = stand.create(&ticket()).await;
    let code = before["code"].as_str().unwrap();
    assert_eq!(stand.pay(code, "success").await.status(), StatusCode::ACCEPTED);
    merchant.received(2).await;

    let stand = stand.restarted(|config| config.pay_delay = Duration::from_secs(3_600)).await;
    let pending = stand.charge(code).await;
    assert_eq!((&pending["id"], &pending["addresses"]), (&before["id"], &before["addresses"]));
    assert_eq!(statuses(&pending), ["NEW", "PENDING"]);
    assert_eq!(statuses(&stand.settled(code, "COMPLETED").await), ["NEW", "PENDING", "COMPLETED"]);
    let kinds: BTreeSet<_> = merchant.received(5).await[2..].iter().map(Arrived::kind).collect();
    assert_eq!(kinds, ["charge:confirmed", "charge:created", "charge:pending"].map(str::to_owned).into());
}

#[actix_web::test]
async fn a_receiver_that_fails_one_charge_does_not_hold_up_the_others() {
    let merchant = Merchant::open();
    merchant.will_answer(&[500]);
    let stand = Stand::open(Some(&merchant), |config| {
        config.retry.first = Duration::from_secs(3_600);
    });
    stand.create(&ticket()).await;
    merchant.received(1).await;
    for _ in 0..40 {
        let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
        stand.pay(&code, "success").await;
    }
    let arrived = merchant.received(1 + 40 * 3).await;
    for kind in ["charge:pending", "charge:confirmed"] {
        assert_eq!(arrived.iter().filter(|one| one.kind() == kind).count(), 40);
    }
    for charge in arrived.iter().map(|one| one.json()["event"]["data"]["id"].take()).collect::<Vec<_>>() {
        let own: Vec<_> = arrived.iter().filter(|one| one.json()["event"]["data"]["id"] == charge).collect();
        let steps: Vec<_> = own.iter().map(|one| statuses(&one.json()["event"]["data"]).len()).collect();
        assert!(steps.is_sorted(), "{steps:?}");
    }
}
