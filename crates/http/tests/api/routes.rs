use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::shop::Shop;

#[actix_web::test]
async fn what_leads_nowhere_is_not_found() {
    let shop = Shop::open();
    for uri in ["/", "/nowhere", "/checkouts/", "/checkouts/a/b", "/api", "//checkouts", "/checkouts/1/pay/x"] {
        shop.get(uri).await.assert_problem(404, "not-found");
        shop.send(TestRequest::post().uri(uri)).await.assert_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn another_method_is_told_which_ones_there_are() {
    let shop = Shop::open();
    for (method, uri, allow) in [
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
