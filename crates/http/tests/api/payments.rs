use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::fleeting_ports::{SECRETS, sign};
use crate::shop::Shop;

const CHOSEN: &str = "7b0c9d9e-2f6a-4c1b-9a53-0c1d2e3f4a5b";
const PATHS: [&str; 4] =
    ["/api/payments/webhook", "/api/webhooks/payment", "/api/webhooks/payments", "/api/payment-webhook"];

#[actix_web::test]
async fn a_payment_pays_its_order_and_shows_in_the_ledger() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let order = shop.make_order(&product, 2).await;
    let body = json!({"payment_id": "pay_1", "order_id": order, "status": "success", "idempotency_key": "k1",
        "amount": 20.00, "currency": "USD"});
    let told = shop.notify(&body).await;
    let expected = json!({
        "message": "The event was applied to the order.",
        "idempotency_key": "k1",
        "payment_id": "pay_1",
        "order_id": order,
        "order_status": "paid",
        "verdict": "applied",
    });
    assert_eq!((told.status, &told.body), (200, &expected));
    assert_eq!(shop.status_of_order(&order).await, ["paid", "paid"]);
    assert_eq!(shop.get(&format!("/api/orders/{order}")).await.body["payment_id"], "pay_1");
    assert_eq!(shop.stock(&product).await, [5, 3, 0, 2]);
    let ledger = shop.get(&format!("/api/transactions?order_id={order}")).await.body;
    let row = &ledger["items"][0];
    assert_eq!((&ledger["total"], &row["checkout_id"], &row["provider"]), (&json!(1), &Value::Null, &json!("generic")));
    assert_eq!((&row["provider_transaction_id"], &row["amount"]), (&json!("pay_1"), &json!("20.00")));
}

#[actix_web::test]
async fn every_path_and_both_spellings_and_words_will_do() {
    let shop = Shop::open();
    let product = shop.make_product(50).await;
    for path in PATHS {
        for (word, status) in [
            ("success", "paid"),
            ("paid", "paid"),
            ("failed", "cancelled"),
            ("cancelled", "cancelled"),
            ("canceled", "cancelled"),
        ] {
            for name in ["status", "payment_status", "paymentStatus"] {
                let order = shop.make_order(&product, 1).await;
                let told = shop.notify_text(path, json!({"orderId": order, name: word}).to_string()).await;
                assert_eq!((told.status, &told.body["order_status"]), (200, &json!(status)), "{path} {name} {word}");
                shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "refunded"})).await;
            }
        }
    }
}

#[actix_web::test]
async fn the_same_notice_again_gets_the_first_answer_and_changes_nothing() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    let first =
        shop.notify(&json!({"order_id": order, "status": "paid", "idempotency_key": "k1", "amount": "10"})).await;
    let before = shop.get(&format!("/api/orders/{order}")).await.body;
    let again = r#"{"idempotencyKey":"k1","amount":10.00,"status":"success","orderId":"ID","unknown":[]}"#;
    let again = shop.notify_text(PATHS[1], again.replace("ID", &order)).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(shop.get(&format!("/api/orders/{order}")).await.body, before);
    assert_eq!((shop.store.events_stored(), &shop.get("/api/transactions").await.body["total"]), (1, &json!(1)));
    for other in [
        json!({"order_id": order, "status": "failed", "idempotency_key": "k1", "amount": "10"}),
        json!({"order_id": order, "status": "paid", "idempotency_key": "k1"}),
        json!({"order_id": CHOSEN, "status": "paid", "idempotency_key": "k1", "amount": "10"}),
        json!({"order_id": order, "status": "paid", "idempotency_key": "k1", "amount": "10", "payment_id": 7}),
    ] {
        shop.notify(&other).await.assert_problem(422, "idempotency-key-reused");
    }
    assert_eq!(
        (shop.store.events_stored(), shop.status_of_order(&order).await),
        (1, ["paid", "paid"].map(str::to_owned))
    );
}

#[actix_web::test]
async fn without_a_key_the_bytes_are_the_key() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    let body = json!({"order_id": order, "status": "paid", "payment_id": 98}).to_string();
    let first = shop.notify_text(PATHS[0], body.clone()).await;
    let key = first.body["idempotency_key"].as_str().unwrap();
    assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    assert_eq!(first.body["payment_id"], "98");
    assert_eq!(shop.notify_text(PATHS[0], body.clone()).await.body, first.body);
    let other = shop.notify_text(PATHS[0], format!("{body} ")).await;
    assert_eq!(
        (&other.body["verdict"], &other.body["order_status"]),
        (&json!("stale"), &json!("paid")),
        "the same payment"
    );
    assert_eq!(shop.get("/api/transactions").await.body["total"], 1);
}

#[actix_web::test]
async fn a_failed_payment_calls_off_a_pending_order_and_no_other() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let order = shop.make_order(&product, 2).await;
    let failed = shop.notify(&json!({"order_id": order, "status": "failed"})).await;
    assert_eq!((failed.status, &failed.body["order_status"]), (200, &json!("cancelled")));
    assert_eq!(
        (shop.status_of_order(&order).await, shop.stock(&product).await),
        (["cancelled", "failed"].map(str::to_owned), [5, 5, 0, 0])
    );
    let paid = shop.make_order(&product, 1).await;
    shop.notify(&json!({"order_id": paid, "status": "paid"})).await;
    let stale = shop.notify(&json!({"order_id": paid, "status": "failed"})).await;
    assert_eq!(
        (stale.status, &stale.body["verdict"], &stale.body["order_status"]),
        (200, &json!("stale"), &json!("paid"))
    );
    assert_eq!(stale.body["message"], "The event came too late and changed nothing.");
    assert_eq!(shop.stock(&product).await, [5, 4, 0, 1]);
}

#[actix_web::test]
async fn money_that_is_not_the_orders_pays_nothing_and_is_kept_for_the_operator() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let order = shop.make_order(&product, 1).await;
    for (number, changes, reason) in [
        (1, json!({"amount": "9.99"}), "amount-mismatch"),
        (2, json!({"amount": 10.01}), "amount-mismatch"),
        (3, json!({"amount": "10", "currency": "EUR"}), "currency-mismatch"),
        (4, json!({"currency": "EUR"}), "currency-mismatch"),
        (5, json!({"amount": "10.001"}), "amount-mismatch"),
    ] {
        let mut body = json!({"order_id": order, "status": "paid"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let told = shop.notify(&body).await;
        assert_eq!((told.status, &told.body["verdict"]), (200, &json!("rejected")), "{body}");
        assert_eq!((&told.body["reason"], &told.body["order_status"]), (&json!(reason), &json!("pending")), "{body}");
        assert_eq!(shop.store.events_stored(), number);
    }
    assert_eq!(
        (shop.status_of_order(&order).await, shop.stock(&product).await),
        (["pending", "unpaid"].map(str::to_owned), [5, 4, 1, 0])
    );
    assert_eq!(shop.get("/api/transactions").await.body["total"], 0);
}

#[actix_web::test]
async fn a_notice_waits_for_its_order_and_pays_it_if_it_tells_the_amount() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let notice = json!({"order_id": CHOSEN, "status": "paid", "idempotency_key": "k1", "amount": "10"});
    for _ in 0..2 {
        let told = shop.notify(&notice).await;
        assert_eq!(
            (told.status, &told.body["verdict"], &told.body["order_status"]),
            (202, &json!("waiting"), &Value::Null)
        );
        assert_eq!((&told.body["order_id"], &told.body["payment_id"]), (&json!(CHOSEN), &Value::Null));
        let fields = ["idempotency_key", "message", "order_id", "order_status", "payment_id", "verdict"];
        assert_eq!(told.fields(), fields);
    }
    let items = json!([{"product_id": product, "quantity": 1}]);
    let placed = shop.post("/api/orders", &json!({"customer_id": 1, "items": items, "order_id": CHOSEN})).await;
    assert_eq!((placed.status, &placed.body["status"]), (201, &json!("paid")));
    assert_eq!((placed.body["payment_status"].as_str(), placed.body["payment_id"].as_str()), (Some("paid"), None));
    assert_eq!(shop.stock(&product).await, [5, 4, 0, 1]);
    let again = shop.notify(&notice).await;
    assert_eq!(
        (again.status, &again.body["verdict"], &again.body["order_status"]),
        (200, &json!("applied"), &json!("paid"))
    );
}

#[actix_web::test]
async fn a_notice_that_waited_without_an_amount_never_pays() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let notice = json!({"order_id": CHOSEN, "status": "paid"});
    assert_eq!(shop.notify(&notice).await.status, 202);
    let items = json!([{"product_id": product, "quantity": 1}]);
    let placed = shop.post("/api/orders", &json!({"customer_id": 1, "items": items, "order_id": CHOSEN})).await;
    assert_eq!((placed.status, &placed.body["status"]), (201, &json!("pending")));
    let again = shop.notify(&notice).await;
    assert_eq!((again.status, &again.body["verdict"]), (200, &json!("rejected")));
    assert_eq!((&again.body["reason"], &again.body["order_status"]), (&json!("amount-missing"), &json!("pending")));
}

#[actix_web::test]
async fn too_many_notices_for_an_order_that_does_not_come_are_stored_dead() {
    let shop = Shop::open();
    let notice = |number: usize| json!({"order_id": CHOSEN, "status": "paid", "idempotency_key": format!("k{number}")});
    for number in 0..domain::MAX_WAITING_PER_SUBJECT {
        assert_eq!(shop.notify(&notice(number)).await.status, 202);
    }
    let told = shop.notify(&notice(1000)).await;
    assert_eq!((told.status, &told.body["verdict"]), (200, &json!("dead")));
    assert_eq!((&told.body["reason"], &told.body["order_status"]), (&json!("too-many-waiting"), &Value::Null));
    assert_eq!(shop.store.events_stored(), domain::MAX_WAITING_PER_SUBJECT + 1);
}

#[actix_web::test]
async fn only_those_who_know_a_secret_are_believed() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    let body = json!({"order_id": order, "status": "paid"}).to_string();
    let right = sign(SECRETS[0], body.as_bytes());
    for path in PATHS {
        let request = || TestRequest::post().uri(path).set_payload(body.clone());
        let unsigned = shop.send(request()).await;
        unsigned.assert_problem(401, "missing-signature");
        assert!(unsigned.header("www-authenticate").is_some());
        let foreign = sign("another secret", body.as_bytes());
        let of_other_bytes = sign(SECRETS[0], format!("{body} ").as_bytes());
        for wrong in ["", "bad", &right[1..], &foreign, &of_other_bytes] {
            let answer = shop.send(request().insert_header(("x-signature", wrong))).await;
            answer.assert_problem(401, "invalid-signature");
        }
        let twice = request().append_header(("x-signature", &*right)).append_header(("x-signature", &*right));
        shop.send(twice).await.assert_problem(401, "invalid-signature");
        let coinbases = request().insert_header(("x-cc-webhook-signature", &*right));
        shop.send(coinbases).await.assert_problem(401, "missing-signature");
    }
    assert_eq!(
        (shop.store.events_stored(), shop.status_of_order(&order).await),
        (0, ["pending", "unpaid"].map(str::to_owned))
    );
    let old = TestRequest::post().uri(PATHS[0]).insert_header(("x-signature", sign(SECRETS[1], body.as_bytes())));
    let told = shop.send(old.set_payload(body)).await;
    assert_eq!((told.status, &told.body["order_status"]), (200, &json!("paid")), "secrets are changed without a gap");
}
