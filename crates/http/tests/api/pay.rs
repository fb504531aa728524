use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::test::TestRequest;
use ports::SimulatedOutcome::{Delayed, Success, Underpaid};
use ports::{ChargeStage, GatewayError};
use serde_json::json;

use crate::fleeting_ports::code_of;
use crate::shop::Shop;

#[actix_web::test]
async fn a_payment_is_played_without_a_body_or_as_the_body_says() {
    let shop = Shop::open();
    let id = shop.make_checkout("m1", "k1").await;
    let uri = format!("/checkouts/{id}/pay");
    let bare = shop.send(TestRequest::post().uri(&uri)).await;
    assert_eq!(bare.status, 202, "{}", bare.text);
    assert_eq!((&bare.body["id"], &bare.body["status"]), (&json!(id), &json!("PENDING")));
    for body in [json!({}), json!({"outcome": null}), json!({"outcome": "underpaid"}), json!({"outcome": "delayed"})] {
        assert_eq!(shop.post(&uri, &body).await.status, 202, "{body}");
    }
    assert_eq!(*shop.gateway.played.lock().unwrap(), [Success, Success, Success, Underpaid, Delayed]);
}

#[actix_web::test]
async fn an_outcome_that_nobody_knows_is_refused() {
    let shop = Shop::open();
    let uri = format!("/checkouts/{}/pay", shop.make_checkout("m1", "k1").await);
    for (outcome, fault) in [(json!("maybe"), "outcome unknown-value"), (json!(1), "outcome invalid-type")] {
        let answer = shop.post(&uri, &json!({"outcome": outcome})).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), [fault]);
    }
    shop.post_text(&uri, "[]").await.assert_problem(422, "validation-failed");
    shop.post_text(&uri, "{").await.assert_problem(400, "malformed-json");
    let text = TestRequest::post().uri(&uri).insert_header(("content-type", "text/plain")).set_payload("x");
    shop.send(text).await.assert_problem(415, "unsupported-media-type");
    assert!(shop.gateway.played.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn real_money_and_finished_checkouts_are_conflicts() {
    let shop = Shop::open();
    let id = shop.make_checkout("m1", "k1").await;
    let pay = || TestRequest::post().uri(&format!("/checkouts/{id}/pay"));
    assert_eq!(shop.send(pay()).await.status, 202);
    let event = format!("e1 {} confirmed", code_of(id.parse().unwrap()));
    let webhook = TestRequest::post().uri("/webhook").insert_header(("x-signature", "good")).set_payload(event);
    assert_eq!(shop.send(webhook).await.status, 200);
    shop.send(pay()).await.assert_problem(409, "checkout-finished");
    shop.gateway.is_real.store(true, Ordering::Relaxed);
    shop.send(pay()).await.assert_problem(409, "gateway-not-simulated");
}

#[actix_web::test]
async fn a_charge_that_is_finished_is_a_conflict_and_its_news_is_recorded_at_once() {
    for (stage, news, status) in [
        (ChargeStage::Ended, "expired", "FAILED"),
        (ChargeStage::Over, "confirmed", "COMPLETED"),
        (ChargeStage::Over, "dreamt", "PENDING"),
    ] {
        let shop = Shop::open();
        let id = shop.make_checkout("m1", "k1").await;
        let pay = || TestRequest::post().uri(&format!("/checkouts/{id}/pay"));
        assert_eq!(shop.send(pay()).await.status, 202);
        shop.gateway.is_late.store(true, Ordering::Relaxed);
        *shop.gateway.told.lock().unwrap() = Some((stage, Some(news)));
        shop.send(pay()).await.assert_problem(409, "checkout-finished");
        assert_eq!(shop.get(&format!("/checkouts/{id}")).await.body["status"], status, "{news}");
        assert_eq!(shop.store.events_stored(), 1);
        shop.send(pay()).await.assert_problem(409, "checkout-finished");
        assert_eq!(shop.store.events_stored(), 1, "it was the same news");
    }
}

#[actix_web::test]
async fn a_refusal_of_a_charge_that_is_not_finished_changes_nothing() {
    let shop = Shop::open();
    let id = shop.make_checkout("m1", "k1").await;
    let pay = || TestRequest::post().uri(&format!("/checkouts/{id}/pay"));
    assert_eq!(shop.send(pay()).await.status, 202);
    shop.gateway.is_late.store(true, Ordering::Relaxed);
    shop.send(pay()).await.assert_problem(409, "charge-not-found");
    *shop.gateway.told.lock().unwrap() = Some((ChargeStage::Open, None));
    assert_eq!(shop.send(pay()).await.status, 202);
    *shop.gateway.told.lock().unwrap() = Some((ChargeStage::Paying, Some("pending")));
    let paying = shop.send(pay()).await;
    assert_eq!((paying.status, &paying.body["status"]), (202, &json!("PENDING")));
    assert!(paying.body["detected_at"].is_string(), "{}", paying.text);
}

#[actix_web::test]
async fn a_gateway_in_trouble_is_told_with_the_time_to_come_again() {
    let shop = Shop::open();
    let uri = format!("/checkouts/{}/pay", shop.make_checkout("m1", "k1").await);
    assert_eq!(shop.send(TestRequest::post().uri(&uri)).await.status, 202);
    let limited = GatewayError::RateLimited { retry_after: Some(Duration::from_millis(7500)) };
    for (failure, seconds) in [(limited, "8"), (GatewayError::Unavailable("10.0.0.7 refused".to_owned()), "5")] {
        *shop.gateway.failure.lock().unwrap() = Some(failure);
        let answer = shop.send(TestRequest::post().uri(&uri)).await;
        answer.assert_problem(503, "gateway-unavailable");
        assert_eq!(answer.header("retry-after"), Some(seconds));
        assert!(!answer.text.contains("10.0.0.7"));
    }
}
