use actix_web::test::TestRequest;
use serde_json::json;

use crate::answer::Answer;
use crate::fleeting_ports::code_of;
use crate::shop::Shop;

async fn deliver(shop: &Shop, uri: &str, body: &str) -> Answer {
    let request = TestRequest::post().uri(uri).insert_header(("x-signature", "good"));
    shop.send(request.set_payload(body.to_owned())).await
}

#[actix_web::test]
async fn an_event_is_taken_once_and_its_payment_shows_in_the_ledger() {
    let shop = Shop::open();
    let created = shop.post("/checkout", &json!({"amount": "12.5", "email": "a@b.co"})).await;
    let id = created.body["id"].as_str().unwrap();
    let event = format!("e1 {} confirmed", code_of(id.parse().unwrap()));
    let first = deliver(&shop, "/webhook", &event).await;
    assert_eq!((first.status, &*first.text), (200, r#"{"received":true,"event_id":"e1","verdict":"applied"}"#));
    let again = deliver(&shop, "/api/webhooks/coinbase", &event).await;
    assert_eq!((again.status, &again.body["verdict"]), (200, &json!("duplicate")));
    assert_eq!(shop.get(&format!("/checkouts/{id}")).await.body["status"], "COMPLETED");

    let list = shop.get(&format!("/api/transactions?checkout_id={id}&status=COMPLETED")).await;
    assert_eq!(list.body["total"], 1);
    let transaction = &list.body["items"][0];
    let expected = json!({
        "id": transaction["id"],
        "checkout_id": id,
        "order_id": null,
        "provider": "fake",
        "provider_transaction_id": "0xe1",
        "event_type": "charge:confirmed",
        "status": "COMPLETED",
        "email": "a@b.co",
        "amount": "12.50",
        "currency": "USD",
        "occurred_at": "2025-06-15T15:06:40.000000Z",
        "recorded_at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(*transaction, expected);
    assert_eq!(shop.get("/api/transactions?status=UNRESOLVED").await.body["total"], 0);
}

#[actix_web::test]
async fn the_reason_of_a_verdict_is_told_where_there_is_one() {
    let shop = Shop::open();
    let answer = deliver(&shop, "/webhook", "e1 CODE strange").await;
    assert_eq!(
        answer.body,
        json!({"received": true, "event_id": "e1", "verdict": "rejected", "reason": "unknown-event-type"})
    );
    assert_eq!(deliver(&shop, "/webhook", "e2 CODE confirmed").await.body["verdict"], "waiting");
}

#[actix_web::test]
async fn what_is_not_signed_is_not_taken() {
    let shop = Shop::open();
    let request = || TestRequest::post().uri("/webhook").set_payload("e1 CODE confirmed");
    let missing = shop.send(request()).await;
    missing.assert_problem(401, "missing-signature");
    assert!(missing.header("www-authenticate").is_some());
    let wrong = shop.send(request().insert_header(("x-signature", "bad"))).await;
    wrong.assert_problem(401, "invalid-signature");
    let empty = shop.send(request().insert_header(("x-signature", ""))).await;
    empty.assert_problem(401, "invalid-signature");
    for second in ["bad", "good"] {
        let twice = request().append_header(("x-signature", "good")).append_header(("x-signature", second));
        shop.send(twice).await.assert_problem(401, "invalid-signature");
    }
    assert_eq!(shop.store.events_stored(), 0);
}

#[actix_web::test]
async fn a_signed_body_that_makes_no_sense_is_malformed() {
    let shop = Shop::open();
    let answer = deliver(&shop, "/webhook", "e1").await;
    answer.assert_problem(400, "malformed-webhook");
    assert!(!answer.text.contains("three words"));
    assert_eq!(deliver(&shop, "/webhook", "").await.status, 400);
    assert_eq!(shop.store.events_stored(), 0);
}

#[actix_web::test]
async fn a_webhook_may_be_longer_than_other_bodies_but_not_endless() {
    let shop = Shop::open();
    let of = |len: usize| format!("e1 CODE {}", "x".repeat(len - 8));
    assert_eq!(deliver(&shop, "/webhook", &of(256 * 1024)).await.status, 200);
    deliver(&shop, "/webhook", &of(256 * 1024 + 1)).await.assert_problem(413, "body-too-large");
    assert_eq!(shop.store.events_stored(), 1);
}
