//! What becomes of charges, and what the merchant hears of it.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::time::Duration;

use harness::{Arrived, Merchant, Stand, json_of, statuses, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn paid(merchant: &Merchant, stand: &Stand, outcome: &str, end: &str) -> (Value, Vec<Arrived>) {
    let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
    let answer = stand.pay(&code, outcome).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(json_of(answer).await["data"]["code"], json!(code));
    let charge = stand.settled(&code, end).await;
    let expected = if ["failure", "delayed"].contains(&outcome) { 2 } else { 3 };
    (charge, merchant.received(expected).await)
}

fn kinds(arrived: &[Arrived]) -> Vec<String> {
    arrived.iter().map(Arrived::kind).collect()
}

fn payment(charge: &Value) -> (&str, &str, &str) {
    assert_eq!(charge["payments"].as_array().unwrap().len(), 1);
    let payment = &charge["payments"][0];
    let text = |value: &'static str| payment.pointer(value).unwrap().as_str().unwrap();
    (text("/status"), text("/value/local/amount"), text("/value/crypto/amount"))
}

#[actix_web::test]
async fn success_is_created_pending_confirmed() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    let (charge, arrived) = paid(&merchant, &stand, "success", "COMPLETED").await;
    assert_eq!(kinds(&arrived), ["charge:created", "charge:pending", "charge:confirmed"]);
    let charges: Vec<_> = arrived.iter().map(|one| one.json()["event"]["data"].take()).collect();
    assert_eq!(statuses(&charges[0]), ["NEW"]);
    assert_eq!(charges[0]["payments"], json!([]));
    assert_eq!(statuses(&charges[1]), ["NEW", "PENDING"]);
    assert_eq!(payment(&charges[1]), ("PENDING", "29.99", "0.00046678"));
    assert!(charges[1].get("confirmed_at").is_none());
    assert_eq!(statuses(&charges[2]), ["NEW", "PENDING", "COMPLETED"]);
    assert_eq!(payment(&charges[2]), ("CONFIRMED", "29.99", "0.00046678"));
    assert!(charges[2]["confirmed_at"].is_string());
    assert_eq!(charges[2], charge);
    assert_eq!(charge["timeline"][1]["payment"]["transaction_id"], charge["payments"][0]["transaction_id"]);
}

#[actix_web::test]
async fn failure_is_an_expiry_without_payment() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    let (charge, arrived) = paid(&merchant, &stand, "failure", "EXPIRED").await;
    assert_eq!(kinds(&arrived), ["charge:created", "charge:failed"]);
    assert_eq!(statuses(&charge), ["NEW", "EXPIRED"]);
    assert_eq!(charge["payments"], json!([]));
    let again = stand.pay(charge["code"].as_str().unwrap(), "success").await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json_of(again).await["error"]["type"], "invalid_request");
}

#[actix_web::test]
async fn too_little_and_too_much_fail_with_a_context() {
    for (outcome, context, local, crypto) in
        [("underpaid", "UNDERPAID", "14.99", "0.00023339"), ("overpaid", "OVERPAID", "44.99", "0.00070017")]
    {
        let merchant = Merchant::open();
        let stand = Stand::open(Some(&merchant), |_| {});
        let (charge, arrived) = paid(&merchant, &stand, outcome, "UNRESOLVED").await;
        assert_eq!(kinds(&arrived), ["charge:created", "charge:pending", "charge:failed"]);
        assert_eq!(statuses(&charge), ["NEW", "PENDING", "UNRESOLVED"]);
        assert_eq!(charge["timeline"][2]["context"], context);
        assert_eq!(payment(&charge), ("CONFIRMED", local, crypto));
        assert!(charge.get("confirmed_at").is_none());
    }
}

#[actix_web::test]
async fn a_late_payment_is_delayed_and_can_be_resolved() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    let (charge, arrived) = paid(&merchant, &stand, "delayed", "UNRESOLVED").await;
    assert_eq!(kinds(&arrived), ["charge:created", "charge:delayed"]);
    assert_eq!(statuses(&charge), ["NEW", "EXPIRED", "PENDING", "UNRESOLVED"]);
    assert_eq!(charge["timeline"][3]["context"], "DELAYED");
    assert_eq!(payment(&charge).0, "CONFIRMED");
    let path = format!("/charges/{}/resolve", charge["code"].as_str().unwrap());
    let resolved = stand.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(statuses(&json_of(resolved).await["data"]).last().unwrap(), "RESOLVED");
    assert_eq!(merchant.received(3).await[2].kind(), "charge:resolved");
    let again = stand.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn an_unpaid_charge_expires_by_itself() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| {
        config.charge_ttl = Duration::from_millis(50);
    });
    let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
    let charge = stand.settled(&code, "EXPIRED").await;
    assert_eq!(statuses(&charge), ["NEW", "EXPIRED"]);
    assert_eq!(kinds(&merchant.received(2).await), ["charge:created", "charge:failed"]);
}

#[actix_web::test]
async fn many_payments_at_once_are_one() {
    let stand = Stand::open(None, |config| config.pay_delay = Duration::from_secs(3_600));
    let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
    let calls = ["success", "success", "underpaid", "success"].map(|outcome| stand.pay(&code, outcome));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
    }
    let charge = stand.charge(&code).await;
    assert_eq!(statuses(&charge), ["NEW", "PENDING"]);
    assert_eq!(charge["payments"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_payment_may_come_without_a_body_and_not_with_a_bad_one() {
    let stand = Stand::open(None, |_| {});
    let code = stand.create(&ticket()).await["code"].as_str().unwrap().to_owned();
    let path = format!("/_control/charges/{code}/pay");
    for body in ["{\"outcome\":\"perhaps\"}", "{", "7"] {
        let answer = stand.raw(Method::POST, &path).body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
    }
    let foreign = stand.raw(Method::POST, &path).header("Sec-Fetch-Site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let answer = stand.raw(Method::POST, &path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    stand.settled(&code, "COMPLETED").await;
}
