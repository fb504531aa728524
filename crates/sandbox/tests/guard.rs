//! What strangers try.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{Stand, code, ticket};
use reqwest::{Method, StatusCode};
use serde_json::Value;

#[actix_web::test]
async fn another_sites_page_changes_nothing() {
    let stand = Stand::open(None, |_| {});
    let made = stand.create(&ticket()).await;
    let port = stand.url.rsplit(':').next().unwrap().to_owned();
    let calls = ["/_control/reset".to_owned(), format!("/pay/{}/simulate", code(&made))];
    for path in &calls {
        for (name, value) in [
            ("Origin", "https://evil.example"),
            ("Origin", "http://127.0.0.1.evil.example"),
            ("Origin", "null"),
            ("Origin", ""),
            ("Sec-Fetch-Site", "cross-site"),
        ] {
            let answer = stand.raw(Method::POST, path).header(name, value).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {name}: {value}");
        }
    }
    assert_eq!(harness::statuses(&stand.charge(&code(&made)).await), ["NEW"]);
    let own = format!("http://127.0.0.1:{port}");
    let answer = stand.raw(Method::POST, &calls[1]).header("Origin", own).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

#[actix_web::test]
async fn a_strangers_name_that_is_pointed_here_reads_no_secrets() {
    let stand = Stand::open(None, |_| {});
    for host in ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", "localhost.evil.example:80"] {
        let request = stand.raw(Method::GET, "/_control/merchants").header("Host", host);
        let answer = request.header("X-Forwarded-Host", "localhost").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{host}");
    }
    for host in ["localhost:8090", "sandbox:8090", "sandbox", "[::1]:8090", "sandbox.shop.svc.cluster.local"] {
        let answer = stand.raw(Method::GET, "/_control/merchants").header("Host", host).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{host}");
    }
}

#[actix_web::test]
async fn a_request_id_is_the_callers_if_it_is_a_sane_one() {
    let stand = Stand::open(None, |_| {});
    let long = "x".repeat(129);
    for (given, is_kept) in [("abc-1.2_3:4", true), ("a b", false), ("<script>", false), (long.as_str(), false)] {
        let answer = stand.raw(Method::GET, "/nowhere").header("X-Request-Id", given).send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(id == given, is_kept, "{given}");
        assert!(!id.is_empty());
    }
}

#[actix_web::test]
async fn a_body_beyond_the_limit_is_an_invalid_request() {
    let stand = Stand::open(None, |_| {});
    let body = format!("{{\"name\":\"{}\"}}", "x".repeat(64 * 1024));
    for path in ["/charges", "/checkouts", "/invoices", "/_control/merchants", "/_control/clock/advance"] {
        let answer = stand.request(Method::POST, path).body(body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        let error: Value = harness::json_of(answer).await;
        assert!(error["error"]["message"].as_str().unwrap().contains("65536"), "{error}");
    }
}

#[actix_web::test]
async fn an_address_without_its_last_slash_leads_to_the_page_and_nowhere_else() {
    let stand = Stand::open(None, |_| {}).mounted(|_| {}, "/sandbox").await;
    let answer = stand.raw(Method::GET, "").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.headers()["location"], "sandbox/");
    for path in ["//evil.example", "/%2F%2Fevil.example", "/%5Cevil.example"] {
        let answer = stand.raw(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
