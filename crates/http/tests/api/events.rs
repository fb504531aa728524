use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::shop::Shop;

const URI: &str = "/api/admin/events";
/// An order that isn't there.
const CHOSEN: &str = "01900000-0000-7000-8000-00000000000c";

async fn deliver(shop: &Shop, body: &str) -> Answer {
    let request = TestRequest::post().uri("/webhook").insert_header(("x-signature", "good"));
    shop.send(request.set_payload(body.to_owned())).await
}

async fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let answer = shop.get(&format!("{URI}{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_inbox_is_listed_newest_first_and_filtered() {
    let shop = Shop::open();
    deliver(&shop, "e1 CODE strange").await;
    deliver(&shop, "e2 CODE confirmed").await;
    shop.notify(&json!({"order_id": CHOSEN, "status": "paid", "idempotency_key": "k1"})).await;
    let ids =
        |items: Vec<Value>| items.iter().map(|item| item["event_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(listed(&shop, "").await), ["k1", "e2", "e1"]);
    assert_eq!(ids(listed(&shop, "?page=2&page_size=2").await), ["e1"]);
    assert_eq!(ids(listed(&shop, "?verdict=waiting").await), ["k1", "e2"]);
    assert_eq!(ids(listed(&shop, "?provider=generic").await), ["k1"]);
    assert_eq!(ids(listed(&shop, "?verdict=waiting&provider=fake").await), ["e2"]);
    assert_eq!(ids(listed(&shop, "?verdict=applied&provider=").await), [""; 0]);
}

#[actix_web::test]
async fn an_event_tells_what_became_of_it_in_words_and_has_its_body() {
    let shop = Shop::open();
    let body = format!(r#"{{"order_id":"{CHOSEN}","status":"paid","idempotency_key":"k1"}}"#);
    shop.notify_text("/api/payments/webhook", body.clone()).await;
    let item = listed(&shop, "").await.remove(0);
    let id = item["id"].as_str().unwrap();
    let expected = json!({
        "id": id,
        "provider": "generic",
        "event_id": "k1",
        "event_type": "payment.paid",
        "subject": CHOSEN,
        "subject_kind": "order",
        "verdict": "waiting",
        "reason": null,
        "explanation": "It waits for its order, which isn't there yet, and is applied as soon as it is.",
        "checkout_id": null,
        "order_id": null,
        "order_status": null,
        "received_at": "2025-06-15T15:06:40.000000Z",
        "processed_at": null,
    });
    assert_eq!(item, expected);
    let mut whole = expected;
    whole["raw"] = json!(body);
    whole["raw_base64"] = Value::Null;
    assert_eq!(shop.get(&format!("{URI}/{id}")).await.body, whole);

    deliver(&shop, "e1 CODE strange").await;
    let rejected = listed(&shop, "?verdict=rejected").await.remove(0);
    assert_eq!((&rejected["subject"], &rejected["subject_kind"]), (&json!("CODE"), &json!("charge")));
    assert_eq!(rejected["reason"], "unknown-event-type");
    let words = rejected["explanation"].as_str().unwrap();
    assert!(words.starts_with("Events of its type are not known here, and it changed nothing."), "{words}");
}

#[actix_web::test]
async fn a_body_that_is_no_text_is_shown_in_base64() {
    let shop = Shop::open();
    deliver(&shop, "e1 CODE confirmed").await;
    let id = listed(&shop, "").await[0]["id"].as_str().unwrap().to_owned();
    shop.store.change_event_elsewhere(&id, |event| event.raw = vec![0xff, 0x00, 0x01]);
    let answer = shop.get(&format!("{URI}/{id}")).await;
    assert_eq!((&answer.body["raw"], &answer.body["raw_base64"]), (&Value::Null, &json!("/wAB")));
}

async fn replay(shop: &Shop, id: &Value) -> Answer {
    let uri = format!("{URI}/{}/replay", id.as_str().unwrap());
    shop.send(TestRequest::post().uri(&uri)).await
}

#[actix_web::test]
async fn a_dead_event_is_replayed_once_what_it_is_about_is_there_and_moves_its_money_once() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let told = json!({"order_id": CHOSEN, "status": "paid", "amount": "20", "idempotency_key": "k1"});
    assert_eq!(shop.notify(&told).await.status, 202);
    let id = listed(&shop, "").await.remove(0)["id"].clone();
    let waiting = replay(&shop, &id).await;
    assert_eq!((waiting.status, &waiting.body["verdict"]), (200, &json!("waiting")));
    shop.store.clock.turn(domain::LONGEST_WAIT);
    let expire = domain::ExpireEvent { id: id.as_str().unwrap().parse().unwrap() };
    ports::execute(&*shop.store, expire).await.unwrap().unwrap();
    let dead = replay(&shop, &id).await;
    assert_eq!((&dead.body["verdict"], &dead.body["reason"]), (&json!("dead"), &json!("waited-too-long")));
    let words = dead.body["explanation"].as_str().unwrap();
    assert!(words.starts_with("What it is about didn't come within seven days, so that it was given up."), "{words}");

    let items = json!([{"product_id": product, "quantity": 2}]);
    let placed = shop.post("/api/orders", &json!({"order_id": CHOSEN, "customer_id": 1, "items": items})).await;
    assert_eq!((placed.status, &placed.body["status"]), (201, &json!("pending")), "{}", placed.text);
    let applied = replay(&shop, &id).await;
    assert_eq!(
        (applied.status, &applied.body["verdict"], &applied.body["reason"]),
        (200, &json!("applied"), &Value::Null)
    );
    assert_eq!((&applied.body["order_id"], &applied.body["order_status"]), (&json!(CHOSEN), &json!("paid")));
    assert!(applied.body["raw"].is_string());
    assert_eq!(shop.status_of_order(CHOSEN).await, ["paid", "paid"]);
    assert_eq!(replay(&shop, &id).await.body, applied.body, "what was applied stays as it is");
    assert_eq!(shop.stock(&product).await, [5, 3, 0, 2]);
    let ledger = shop.get(&format!("/api/transactions?order_id={CHOSEN}")).await;
    assert_eq!(ledger.body["total"], 1);
}

#[actix_web::test]
async fn a_rejected_event_stays_rejected_when_it_is_replayed() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let order = shop.make_order(&product, 1).await;
    shop.notify(&json!({"order_id": order, "status": "paid", "amount": 1})).await;
    let id = listed(&shop, "?verdict=rejected").await.remove(0)["id"].clone();
    let answer = replay(&shop, &id).await;
    assert_eq!((answer.status, &answer.body["reason"]), (200, &json!("amount-mismatch")));
    assert_eq!(shop.status_of_order(&order).await, ["pending", "unpaid"]);
}

#[actix_web::test]
async fn a_foreign_page_replays_nothing() {
    let shop = Shop::open();
    let uri = format!("{URI}/{CHOSEN}/replay");
    let foreign = TestRequest::post().uri(&uri).insert_header(("origin", "https://evil.example"));
    assert_eq!(shop.send(foreign).await.status, 403);
    assert_eq!(shop.send_bare(TestRequest::post().uri(&uri)).await.status, 403);
}

#[actix_web::test]
async fn an_event_that_is_not_there_is_not_found() {
    let shop = Shop::open();
    for id in [CHOSEN, "e1", "1"] {
        shop.get(&format!("{URI}/{id}")).await.assert_problem(404, "not-found");
        replay(&shop, &json!(id)).await.assert_problem(404, "not-found");
    }
}
