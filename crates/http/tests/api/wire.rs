use std::time::{Duration, Instant};

use crate::server::Server;
use crate::shop::Shop;
use crate::store::{AMPLE, Trouble};

const JSON: &str = "Content-Type: application/json\r\n";

fn post(headers: &str, body: &str) -> String {
    format!("POST /checkout HTTP/1.1\r\nHost: shop.test:8080\r\n{headers}\r\n{body}")
}

fn chunked(size: usize) -> String {
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    post(&format!("{JSON}Transfer-Encoding: chunked\r\n"), &format!("{}0\r\n\r\n", chunk.repeat(size / 0x1000)))
}

#[actix_web::test]
async fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let answer = server.exchange(post(&format!("{JSON}Content-Length: 65537\r\n"), ""), 1).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("body-too-large") && answer.contains("x-request-id: "), "{answer}");
    server.stop().await;
}

#[actix_web::test]
async fn a_client_that_sends_far_too_much_still_hears_why_it_is_refused() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let size = 1024 * 1024;
    let request = post(&format!("{JSON}Content-Length: {size}\r\n"), &"x".repeat(size));
    let answer = server.exchange(request, 1).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    server.stop().await;
}

#[actix_web::test]
async fn a_chunked_body_is_counted_while_it_comes() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let answer = server.exchange(chunked(80 * 1024), 1).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let answer = server.exchange(chunked(60 * 1024), 1).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("malformed-json"), "{answer}");
    assert_eq!(shop.store.checkouts_stored(), 0);
    server.stop().await;
}

#[actix_web::test]
async fn a_chunked_body_is_read_whole() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let chunks = "c\r\n{\"amount\":1,\r\n11\r\n\"email\":\"a@b.co\"}\r\n0\r\n\r\n";
    let answer = server.exchange(post(&format!("{JSON}Transfer-Encoding: chunked\r\n"), chunks), 1).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    server.stop().await;
}

/// Asking for more answers than come waits until the server closes the connection, or for a long time.
#[actix_web::test]
async fn a_chunked_body_that_never_ends_does_not_hold_its_connection() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    for path in ["/nope", "/checkout", "/webhook"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: shop.test:8080\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n");
        let began = Instant::now();
        let answer = server.exchange(format!("{head}fffff\r\n{}", "x".repeat(300 * 1024)), 2).await;
        assert!(answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");
        assert!(began.elapsed() < AMPLE, "{path}: the connection was still open");
    }
    server.stop().await;
}

#[actix_web::test]
async fn a_chunked_body_that_ends_leaves_its_connection_open() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let chunks = "1c\r\n{\"amount\":1,\"email\":\"a@b.c\"}\r\n0\r\n\r\n";
    let request = post(&format!("{JSON}Transfer-Encoding: chunked\r\n"), chunks);
    let answers = server.exchange(request.repeat(2), 2).await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{answers}");
    server.stop().await;
}

#[actix_web::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let shop = Shop::hurried(Duration::from_millis(100));
    let server = Server::start(&shop);
    let answer = server.exchange(post(&format!("{JSON}Content-Length: 30\r\n"), "{\"amount\":"), 1).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request-timeout"), "{answer}");
    assert_eq!(shop.store.checkouts_stored(), 0);
    server.stop().await;
}

#[actix_web::test]
async fn a_connection_outlives_its_errors() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let bad = post(&format!("{JSON}Content-Length: 1\r\n"), "{");
    let good = post(&format!("{JSON}Content-Length: 29\r\n"), "{\"amount\":1,\"email\":\"a@b.co\"}");
    let answers = server.exchange(format!("{bad}{good}"), 2).await;
    assert!(answers.starts_with("HTTP/1.1 400 ") && answers.contains("HTTP/1.1 201 "), "{answers}");
    server.stop().await;
}

#[actix_web::test]
async fn a_panic_or_a_time_out_is_answered_on_the_wire_too() {
    for (trouble, start) in [(Trouble::Panics, "HTTP/1.1 500 "), (Trouble::Stuck, "HTTP/1.1 503 ")] {
        let shop = Shop::hurried(Duration::from_millis(100));
        shop.store.has(trouble);
        let server = Server::start(&shop);
        let get = "GET /checkouts HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\n\r\n";
        let answer = server.exchange(get, 1).await;
        assert!(answer.starts_with(start), "{answer}");
        assert!(answer.contains("x-request-id: mine\r\n") && answer.contains("application/problem+json"), "{answer}");
        server.stop().await;
    }
}

#[actix_web::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let head = "HEAD /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = server.exchange(head, 1).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(answer.to_lowercase().contains("content-length: "), "{answer}");
    server.stop().await;
}

#[actix_web::test]
async fn without_a_host_nothing_is_changed() {
    let shop = Shop::open();
    let server = Server::start(&shop);
    let answer = server.exchange("POST /checkout HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 1).await;
    assert!(answer.contains(" 403 ") && answer.contains("foreign-host"), "{answer}");
    server.stop().await;
}
