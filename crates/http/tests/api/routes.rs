use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::shop::Shop;

#[actix_web::test]
async fn what_leads_nowhere_is_not_found() {
    let shop = Shop::open();
    for uri in [
        "/",
        "/nowhere",
        "/checkouts/",
        "/checkouts/a/b",
        "/api",
        "//checkouts",
        "/checkouts/1/pay/x",
        "/products",
        "/api/products/",
        "/api/holds/a/b",
        "/api/orders/a/items",
        "/api/orders/a/status/x",
        "/api/payments",
        "/api/webhooks",
        "/api/admin",
    ] {
        shop.get(uri).await.assert_problem(404, "not-found");
        shop.send(TestRequest::post().uri(uri)).await.assert_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn another_method_is_told_which_ones_there_are() {
    let shop = Shop::open();
    for (method, uri, allow) in [
        (Method::PATCH, "/api/products", "GET, HEAD, POST"),
        (Method::POST, "/api/products/01900000-0000-7000-8000-000000000000", "GET, HEAD, PUT, DELETE"),
        (Method::GET, "/api/holds", "POST"),
        (Method::PUT, "/api/holds/01900000-0000-7000-8000-000000000000", "GET, HEAD, DELETE"),
        (Method::DELETE, "/api/orders", "GET, HEAD, POST"),
        (Method::PUT, "/api/orders/01900000-0000-7000-8000-000000000000", "GET, HEAD"),
        (Method::POST, "/api/orders/01900000-0000-7000-8000-000000000000/status", "PUT"),
        (Method::GET, "/api/orders/01900000-0000-7000-8000-000000000000/checkout", "POST"),
        (Method::GET, "/api/payments/webhook", "POST"),
        (Method::PUT, "/api/webhooks/payment", "POST"),
        (Method::GET, "/api/webhooks/payments", "POST"),
        (Method::HEAD, "/api/payment-webhook", "POST"),
        (Method::PUT, "/api/webhook-endpoints", "GET, HEAD, POST"),
        (Method::POST, "/api/webhook-endpoints/01900000-0000-7000-8000-000000000000", "GET, HEAD, PUT, DELETE"),
        (Method::GET, "/api/webhook-endpoints/01900000-0000-7000-8000-000000000000/rotate-secret", "POST"),
        (Method::GET, "/api/webhook-endpoints/01900000-0000-7000-8000-000000000000/enable", "POST"),
        (Method::GET, "/api/webhook-endpoints/01900000-0000-7000-8000-000000000000/test", "POST"),
        (Method::POST, "/api/webhook-endpoints/01900000-0000-7000-8000-000000000000/deliveries", "GET, HEAD"),
        (Method::GET, "/api/webhook-endpoints/01900000-0000-7000-8000-000000000000/recover", "POST"),
        (Method::POST, "/api/deliveries", "GET, HEAD"),
        (Method::DELETE, "/api/deliveries/01900000-0000-7000-8000-000000000000", "GET, HEAD"),
        (Method::GET, "/api/deliveries/01900000-0000-7000-8000-000000000000/redeliver", "POST"),
        (Method::POST, "/api/admin/events", "GET, HEAD"),
        (Method::DELETE, "/api/admin/events/01900000-0000-7000-8000-000000000000", "GET, HEAD"),
        (Method::GET, "/api/admin/events/01900000-0000-7000-8000-000000000000/replay", "POST"),
        (Method::POST, "/api/admin/jobs", "GET, HEAD"),
        (Method::GET, "/api/admin/jobs/01900000-0000-7000-8000-000000000000/retry", "POST"),
        (Method::POST, "/api/admin/reconciliation", "GET, HEAD"),
        (Method::GET, "/checkout", "POST"),
        (Method::DELETE, "/checkouts", "GET, HEAD, POST"),
        (Method::PUT, "/checkouts/01900000-0000-7000-8000-000000000000", "GET, HEAD"),
        (Method::GET, "/checkouts/01900000-0000-7000-8000-000000000000/pay", "POST"),
        (Method::GET, "/webhook", "POST"),
        (Method::GET, "/api/webhooks/coinbase", "POST"),
        (Method::POST, "/api/transactions", "GET, HEAD"),
        (Method::POST, "/health", "GET, HEAD"),
        (Method::OPTIONS, "/health", "GET, HEAD"),
        (Method::PATCH, "/health/live", "GET, HEAD"),
    ] {
        let answer = shop.send(TestRequest::default().method(method.clone()).uri(uri)).await;
        answer.assert_problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {uri}");
    }
}

#[actix_web::test]
async fn a_sane_request_id_comes_back_and_any_other_is_replaced() {
    let shop = Shop::open();
    for uri in ["/health/live", "/nowhere", "/checkout"] {
        let request = |id: &str| TestRequest::get().uri(uri).insert_header(("x-request-id", id));
        assert_eq!(shop.send(request("Req_1.2-3")).await.header("x-request-id"), Some("Req_1.2-3"));
        for bad in ["", "a b", "<script>", &"x".repeat(129)] {
            let answer = shop.send(request(bad)).await;
            let id: uuid::Uuid = answer.header("x-request-id").unwrap().parse().unwrap();
            assert_eq!(id.get_version_num(), 7, "{bad}");
        }
    }
    assert_ne!(shop.get("/nowhere").await.header("x-request-id"), shop.get("/nowhere").await.header("x-request-id"));
}
