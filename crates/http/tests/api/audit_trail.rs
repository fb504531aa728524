use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::shop::Shop;

const URI: &str = "/api/admin/audit-trail";

#[actix_web::test]
async fn a_change_says_who_asked_for_it_by_which_request() {
    let shop = Shop::open();
    let product = shop.make_product(3).await;
    let body = json!({"customer_id": "c1", "items": [{"product_id": product, "quantity": 1}]});
    let request = TestRequest::post().uri("/api/orders").insert_header(("x-request-id", "req-7"));
    let order = shop.send(request.set_json(&body)).await;
    assert_eq!(order.status, 201, "{}", order.text);
    let id = order.body["id"].as_str().unwrap();
    let listed = shop.get(&format!("{URI}?subject_id={id}")).await;
    assert_eq!((listed.status, &listed.body["total"]), (200, &json!(1)), "{}", listed.text);
    let entry = &listed.body["items"][0];
    let expected = json!({
        "id": entry["id"],
        "subject": "order",
        "subject_id": id,
        "changes": [
            {"field": "status", "from": null, "to": "pending"},
            {"field": "payment_status", "from": null, "to": "unpaid"},
        ],
        "actor": "anonymous",
        "command": "PlaceOrder",
        "event_id": null,
        "request_id": "req-7",
        "at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(entry, &expected);
}

#[actix_web::test]
async fn what_a_webhook_changed_names_its_event_and_its_sender() {
    let shop = Shop::open();
    let product = shop.make_product(3).await;
    let body = json!({"customer_id": "c1", "items": [{"product_id": product, "quantity": 1}]});
    let id = shop.post("/api/orders", &body).await.body["id"].as_str().unwrap().to_owned();
    shop.notify(&json!({"order_id": id, "status": "paid", "idempotency_key": "k1"})).await;
    let listed = shop.get(&format!("{URI}?subjectId={id}&page_size=100")).await;
    let paid: &Value =
        listed.body["items"].as_array().unwrap().iter().find(|row| row["command"] == "RecordEvent").unwrap();
    let event = &shop.get("/api/admin/events").await.body["items"][0]["id"];
    assert_eq!((&paid["actor"], &paid["event_id"]), (&json!("provider:generic"), event));
}

#[actix_web::test]
async fn only_ids_name_what_was_changed() {
    let shop = Shop::open();
    shop.get(&format!("{URI}?subject_id=7")).await.assert_faults(&["subject_id invalid-uuid"]);
    assert_eq!(shop.get(URI).await.body["items"], json!([]));
}
