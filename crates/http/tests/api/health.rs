use actix_web::test::TestRequest;
use serde_json::json;

use crate::shop::Shop;
use crate::store::Trouble;

#[actix_web::test]
async fn a_node_that_works_says_so() {
    let shop = Shop::open();
    for uri in ["/health", "/health/ready"] {
        let answer = shop.get(uri).await;
        assert_eq!(answer.status, 200);
        let checks = json!({"accepting": "ok", "database": "ok", "jobs": "ok", "migrations": "ok"});
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(answer.body, json!({"status": "ok", "version": version, "checks": checks}));
        let head = shop.send(TestRequest::default().method(actix_web::http::Method::HEAD).uri(uri)).await;
        assert_eq!(head.status, 200);
    }
}

#[actix_web::test]
async fn without_its_database_a_node_is_alive_but_not_ready() {
    let shop = Shop::open();
    shop.store.has(Trouble::Unavailable);
    let answer = shop.get("/health").await;
    assert_eq!((answer.status, &answer.body["status"]), (503, &json!("unavailable")));
    assert_eq!(answer.body["checks"]["database"], "unavailable");
    assert_eq!(answer.body["checks"]["jobs"], "ok");
    assert!(answer.header("retry-after").is_some());
    let live = shop.get("/health/live").await;
    assert_eq!((live.status, &live.body["status"], &live.body["checks"]), (200, &json!("ok"), &json!({})));
}

#[actix_web::test]
async fn a_node_that_stops_is_not_ready() {
    let shop = Shop::open();
    shop.api.health.stopping();
    let answer = shop.get("/health/ready").await;
    assert_eq!((answer.status, &answer.body["checks"]["accepting"]), (503, &json!("unavailable")));
    assert_eq!(shop.get("/health/live").await.status, 200);
}
