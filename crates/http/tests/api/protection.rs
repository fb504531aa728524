use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::{App, HttpResponse, test, web};
use http_api::{Access, HostRule, RequestShell};
use serde_json::json;

use crate::shop::{HERE, Shop};
use crate::store::AMPLE;

fn with_front() -> Shop {
    let origins = vec!["https://front.test".to_owned()];
    Shop::with(Access { hosts: HostRule::Listed(vec![HERE.to_owned()]), origins }, AMPLE)
}

fn checkout() -> TestRequest {
    TestRequest::post().uri("/checkout").set_json(json!({"amount": 1, "email": "a@b.co"}))
}

#[actix_web::test]
async fn a_request_to_a_foreign_host_changes_nothing() {
    let shop = Shop::open();
    for host in ["evil.test", "shop.test", "shop.test:80"] {
        shop.send_bare(checkout().insert_header(("host", host))).await.assert_problem(403, "foreign-host");
    }
    shop.send_bare(checkout()).await.assert_problem(403, "foreign-host");
    let unknown_path = TestRequest::delete().uri("/nowhere").insert_header(("host", "evil.test"));
    shop.send_bare(unknown_path).await.assert_problem(403, "foreign-host");
    assert_eq!(shop.store.checkouts_stored(), 0);
    assert_eq!(shop.send_bare(checkout().insert_header(("host", "SHOP.test:8080"))).await.status, 201);
    assert_eq!(shop.send_bare(TestRequest::get().uri("/checkouts").insert_header(("host", "x"))).await.status, 200);
}

#[actix_web::test]
async fn a_foreign_page_changes_nothing() {
    let shop = with_front();
    for origin in ["https://evil.test", "null", "http://shop.test", "https://front.test.evil.test", ""] {
        let answer = shop.send(checkout().insert_header(("origin", origin))).await;
        answer.assert_problem(403, "foreign-origin");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    assert_eq!(shop.store.checkouts_stored(), 0);
    for origin in ["http://shop.test:8080", "https://shop.test:8080", "https://front.test"] {
        assert_eq!(shop.send(checkout().insert_header(("origin", origin))).await.status, 201, "{origin}");
    }
}

#[actix_web::test]
async fn listed_pages_may_read_answers_and_their_headers() {
    let shop = with_front();
    for request in [checkout(), TestRequest::get().uri("/nowhere")] {
        let answer = shop.send(request.insert_header(("origin", "https://front.test"))).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://front.test"));
        assert_eq!(answer.header("vary"), Some("Origin"));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert_eq!(exposed, "ETag, Idempotent-Replayed, Location, Retry-After, X-Request-Id");
    }
    let answer = shop.get("/nowhere").await;
    assert_eq!((answer.header("vary"), answer.header("access-control-allow-origin")), (Some("Origin"), None));
    assert_eq!(Shop::open().get("/nowhere").await.header("vary"), None);
}

#[actix_web::test]
async fn only_listed_pages_are_told_what_they_may_send() {
    let shop = with_front();
    let ask = |origin: &str| {
        let request = TestRequest::default().method(Method::OPTIONS).uri("/checkouts");
        request.insert_header(("origin", origin)).insert_header(("access-control-request-method", "POST"))
    };
    let listed = shop.send(ask("https://front.test")).await;
    assert_eq!((listed.status, &*listed.text), (204, ""));
    assert_eq!(listed.header("access-control-allow-origin"), Some("https://front.test"));
    assert_eq!(listed.header("access-control-allow-methods"), Some("GET, HEAD, POST, PUT, DELETE"));
    let headers = listed.header("access-control-allow-headers").unwrap();
    let expected =
        "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, X-Hold-Token, X-Request-Id";
    assert_eq!(headers, expected);
    shop.send(ask("https://evil.test")).await.assert_problem(405, "method-not-allowed");
}

#[actix_web::test]
async fn the_guard_covers_what_else_is_mounted_and_leaves_all_headers_alone_but_the_id_that_is_logged() {
    let shop = Shop::open();
    let guest = web::scope("/guest").route(
        "/page",
        web::post().to(|| async {
            HttpResponse::Ok()
                .insert_header(("x-request-id", "its-own"))
                .insert_header(("cache-control", "max-age=5"))
                .body("hello")
        }),
    );
    let app = App::new()
        .wrap(RequestShell::new(&shop.api.access, shop.api.ids.clone(), shop.api.request_timeout))
        .configure(|cfg| shop.api.configure(cfg))
        .service(guest);
    let app = test::init_service(app).await;
    let call = async |uri: &str, host: &'static str| {
        let request = TestRequest::post().uri(uri).insert_header(("host", host)).to_request();
        test::call_service(&app, request).await
    };
    let taken = call("/guest/page", HERE).await;
    assert_eq!(taken.status(), 200);
    assert_eq!(taken.headers().get("x-request-id").unwrap(), "01900000-0000-7000-8000-000000000000");
    assert_eq!(taken.headers().get("cache-control").unwrap(), "max-age=5");
    assert_eq!(call("/guest/page", "evil.test").await.status(), 403);
    let lost = call("/guest/nowhere", HERE).await;
    assert_eq!(lost.status(), 404);
    assert_eq!(lost.headers().get("content-type").unwrap(), "application/problem+json");
}
