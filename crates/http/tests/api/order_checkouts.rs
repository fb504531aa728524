use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::json;

use crate::fleeting_ports::code_of;
use crate::shop::Shop;

fn uri_of(order: &str) -> String {
    format!("/api/orders/{order}/checkout")
}

#[actix_web::test]
async fn an_order_gets_a_checkout_for_its_total_and_the_same_one_again_while_it_is_open() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 3).await;
    let opened = shop.post(&uri_of(&order), &json!({"email": "a@b.co"})).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let id = opened.body["id"].as_str().unwrap();
    assert_eq!(opened.header("location"), Some(&*format!("/checkouts/{id}")));
    assert_eq!((&opened.body["amount"], &opened.body["currency"]), (&json!("30.00"), &json!("USD")));
    assert_eq!((&opened.body["order_id"], &opened.body["email"]), (&json!(order), &json!("a@b.co")));
    assert!(opened.body["hosted_url"].as_str().unwrap().starts_with("http://pay.test/"));
    assert_eq!(shop.get(&format!("/checkouts/{id}")).await.body, opened.body);
    for again in
        [TestRequest::post().uri(&uri_of(&order)), TestRequest::post().uri(&uri_of(&order)).set_json(json!({}))]
    {
        let again = shop.send(again).await;
        assert_eq!((again.status, &again.body), (200, &opened.body));
        assert_eq!((again.header("idempotent-replayed"), again.header("location")), (None, None));
    }
    assert_eq!(shop.store.checkouts_stored(), 1);
    shop.store.clock.turn(Duration::from_secs(3600));
    let later = shop.send(TestRequest::post().uri(&uri_of(&order))).await;
    assert_eq!(later.status, 201, "the first one can't be paid any more");
    assert_ne!(later.body["id"], opened.body["id"]);
}

#[actix_web::test]
async fn a_checkout_that_is_paid_pays_its_order_which_then_gets_no_other() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let order = shop.make_order(&product, 2).await;
    let opened = shop.send(TestRequest::post().uri(&uri_of(&order))).await;
    assert_eq!((opened.status, &opened.body["email"]), (201, &json!(null)));
    let code = code_of(opened.body["id"].as_str().unwrap().parse().unwrap());
    let webhook = TestRequest::post().uri("/webhook").insert_header(("x-signature", "good"));
    let told = shop.send(webhook.set_payload(format!("e1 {code} confirmed"))).await;
    assert_eq!((told.status, &*told.text), (200, r#"{"received":true,"event_id":"e1","verdict":"applied"}"#));
    assert_eq!(shop.status_of_order(&order).await, ["paid", "paid"]);
    assert_eq!(shop.get(&format!("/api/orders/{order}")).await.body["payment_id"], "0xe1");
    assert_eq!(shop.stock(&product).await, [5, 3, 0, 2]);
    shop.send(TestRequest::post().uri(&uri_of(&order))).await.assert_problem(409, "order-not-pending");
    let ledger = shop.get(&format!("/api/transactions?order_id={order}")).await;
    assert_eq!((&ledger.body["total"], &ledger.body["items"][0]["checkout_id"]), (&json!(1), &opened.body["id"]));
}

#[actix_web::test]
async fn an_order_that_is_not_pending_gets_no_checkout() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "cancelled"})).await;
    shop.send(TestRequest::post().uri(&uri_of(&order))).await.assert_problem(409, "order-not-pending");
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn the_address_must_be_one_if_it_is_given() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    for (email, fault) in [(json!("nobody"), "email invalid-email"), (json!(1), "email invalid-type")] {
        shop.post(&uri_of(&order), &json!({"email": email})).await.assert_faults(&[fault]);
    }
    shop.post_text(&uri_of(&order), "{").await.assert_problem(400, "malformed-json");
    assert_eq!(shop.store.checkouts_stored(), 0);
}

#[actix_web::test]
async fn a_checkout_for_an_order_asks_for_what_the_order_costs() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 2).await;
    let buyers = |amount: &str| json!({"amount": amount, "email": "a@b.co", "order_id": order});
    let merchants = |amount: &str, key: &str| {
        let mut body = json!({"merchant_id": "default", "idempotency_key": key, "order_id": order});
        body["amount"] = json!(amount);
        body
    };
    shop.post("/checkout", &buyers("19.99")).await.assert_faults(&["amount amount-mismatch"]);
    shop.post("/checkouts", &merchants("20.01", "k1")).await.assert_faults(&["amount amount-mismatch"]);
    assert_eq!(shop.store.checkouts_stored(), 0);
    assert_eq!(shop.post("/checkout", &buyers("20")).await.status, 201);
    assert_eq!(shop.post("/checkouts", &merchants("20.00", "k2")).await.status, 201);
    shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "completed"})).await;
    shop.post("/checkout", &buyers("20")).await.assert_problem(409, "order-not-pending");
    shop.post("/checkouts", &merchants("20", "k3")).await.assert_problem(409, "order-not-pending");
}

#[actix_web::test]
async fn without_the_gateway_an_order_still_gets_its_checkout() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    *shop.gateway.failure.lock().unwrap() = Some(ports::GatewayError::Unauthorized);
    let opened = shop.send(TestRequest::post().uri(&uri_of(&order))).await;
    assert_eq!((opened.status, &opened.body["charge_code"]), (201, &json!(null)));
}
