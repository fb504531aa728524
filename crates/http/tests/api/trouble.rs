use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::json;

use crate::shop::Shop;
use crate::store::Trouble;

#[actix_web::test]
async fn trouble_with_the_store_is_told_without_its_secrets() {
    for (trouble, status, code, retry_after) in [
        (Trouble::Overloaded, 503, "overloaded", Some("1")),
        (Trouble::Unavailable, 503, "unavailable", Some("2")),
        (Trouble::Internal, 500, "internal-error", None),
    ] {
        let shop = Shop::open();
        shop.store.has(trouble);
        let id = "01900000-0000-7000-8000-000000000000";
        for (uri, body) in [
            ("/checkouts", json!({"merchant_id": "m1", "amount": 1, "idempotency_key": "k1"})),
            ("/api/products", json!({"name": "Seat", "price": 1, "total_stock": 1})),
            ("/api/holds", json!({"product_id": id, "quantity": 1})),
            ("/api/orders", json!({"hold_id": id})),
            (&format!("/api/orders/{id}/checkout"), json!({})),
        ] {
            let answer = shop.post(uri, &body).await;
            answer.assert_problem(status, code);
            assert_eq!(answer.header("retry-after"), retry_after, "{trouble:?} {uri}");
        }
        let notice = shop.notify(&json!({"order_id": id, "status": "paid"})).await;
        notice.assert_problem(status, code);
    }
    for (trouble, status, code) in
        [(Trouble::Unavailable, 503, "unavailable"), (Trouble::Corrupt, 500, "internal-error")]
    {
        let shop = Shop::open();
        shop.store.has(trouble);
        let id = "01900000-0000-7000-8000-000000000000";
        for uri in [
            "/checkouts",
            &format!("/checkouts/{id}"),
            "/api/transactions",
            "/api/products",
            &format!("/api/products/{id}"),
            &format!("/api/holds/{id}"),
            "/api/orders",
            &format!("/api/orders/{id}"),
        ] {
            let answer = shop.get(uri).await;
            answer.assert_problem(status, code);
            assert!(!answer.text.contains("db7") && !answer.text.contains("row 7"), "{}", answer.text);
        }
    }
}

#[actix_web::test]
async fn a_panic_is_an_internal_error_and_the_next_request_is_served() {
    let shop = Shop::open();
    shop.store.has(Trouble::Panics);
    let request = TestRequest::get().uri("/checkouts").insert_header(("x-request-id", "mine"));
    let answer = shop.send(request).await;
    answer.assert_problem(500, "internal-error");
    assert_eq!(answer.header("x-request-id"), Some("mine"));
    assert!(!answer.text.contains("a bug"));
    *shop.store.trouble.lock().unwrap() = None;
    assert_eq!(shop.get("/checkouts").await.status, 200);
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let shop = Shop::hurried(Duration::from_millis(50));
    shop.store.has(Trouble::Stuck);
    let answer = shop.get("/checkouts").await;
    answer.assert_problem(503, "timed-out");
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}
