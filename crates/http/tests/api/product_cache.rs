use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::Stock;
use serde_json::json;

use crate::answer::Answer;
use crate::server::Server;
use crate::shop::Shop;

async fn ask(shop: &Shop, id: &str, header: (&'static str, &str)) -> Answer {
    shop.send(TestRequest::get().uri(&format!("/api/products/{id}")).insert_header(header)).await
}

#[actix_web::test]
async fn a_product_that_is_known_is_not_sent_again() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let first = shop.get(&format!("/api/products/{id}")).await;
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34, "{tag}");
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = ask(&shop, &id, ("if-none-match", &known)).await;
        assert_eq!((answer.status, &*answer.text), (304, ""), "{known}");
        assert_eq!((answer.header("etag"), answer.header("cache-control")), (Some(tag), Some("no-cache")));
        assert_eq!(answer.header("content-type"), None);
    }
    for other in ["\"other\"", tag.trim_matches('"'), ""] {
        let answer = ask(&shop, &id, ("if-none-match", other)).await;
        assert_eq!((answer.status, answer.header("etag")), (200, Some(tag)), "{other}");
        assert_eq!(answer.body, first.body);
    }
}

#[actix_web::test]
async fn a_product_that_changed_has_another_tag() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let uri = format!("/api/products/{id}");
    let tag = shop.get(&uri).await.header("etag").unwrap().to_owned();
    shop.make_hold(&id, 1).await;
    let changed = ask(&shop, &id, ("if-none-match", &tag)).await;
    assert_eq!((changed.status, &changed.body["available_stock"]), (200, &json!(4)));
    assert_ne!(changed.header("etag"), Some(&*tag));
}

#[actix_web::test]
async fn head_is_answered_like_get() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let uri = format!("/api/products/{id}");
    let tag = shop.get(&uri).await.header("etag").unwrap().to_owned();
    let head = || TestRequest::default().method(Method::HEAD).uri(&uri);
    let answer = shop.send(head()).await;
    assert_eq!((answer.status, answer.header("etag")), (200, Some(&*tag)));
    assert_eq!(shop.send(head().insert_header(("if-none-match", tag))).await.status, 304);
    let lost = TestRequest::default().method(Method::HEAD).uri("/api/products/42");
    assert_eq!(shop.send(lost).await.status, 404);
}

#[actix_web::test]
async fn what_another_node_did_shows_later_or_to_those_who_insist() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let uri = format!("/api/products/{id}");
    assert_eq!(shop.get(&uri).await.body["available_stock"], 5);
    shop.store.change_product_elsewhere(&id, |product| product.stock = Stock::from_parts(5, 2, 1).unwrap());
    assert_eq!(shop.get(&uri).await.body["available_stock"], 5, "from the cache");
    for header in [("cache-control", "max-age=0"), ("pragma", "no-cache")] {
        assert_eq!(ask(&shop, &id, header).await.body["available_stock"], 5, "{header:?}");
    }
    let fresh = ask(&shop, &id, ("cache-control", "max-age=0, No-Cache")).await;
    assert_eq!((&fresh.body["available_stock"], &fresh.body["sold_stock"]), (&json!(2), &json!(1)));
    assert_eq!(shop.get(&uri).await.body, fresh.body, "the cache learns from it");
}

#[actix_web::test]
async fn a_product_that_another_node_deleted_is_gone_for_those_who_insist() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    assert_eq!(shop.get(&format!("/api/products/{id}")).await.status, 200);
    shop.store.change_product_elsewhere(&id, |product| product.deleted_at = Some(product.created_at));
    let gone = ask(&shop, &id, ("cache-control", "no-cache")).await;
    gone.assert_problem(404, "not-found");
    assert_eq!((gone.header("etag"), gone.header("cache-control")), (None, Some("no-store")));
}

#[actix_web::test]
async fn what_this_node_stored_shows_in_its_next_read() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let uri = format!("/api/products/{id}");
    for taken in 1..=5 {
        assert_eq!(shop.get(&uri).await.body["held_stock"], taken - 1);
        shop.make_hold(&id, 1).await;
        assert_eq!(shop.get(&uri).await.body["held_stock"], taken);
    }
}

#[actix_web::test]
async fn a_304_and_a_204_have_no_body_on_the_wire() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let server = Server::start(&shop);
    let exchange = async |method: &str, header: &str| {
        let head = format!("{method} /api/products/{id} HTTP/1.1\r\nHost: shop.test:8080\r\nConnection: close\r\n");
        server.exchange(format!("{head}{header}\r\n"), 1).await
    };
    let unchanged = exchange("GET", "If-None-Match: *\r\n").await;
    assert!(unchanged.starts_with("HTTP/1.1 304 ") && unchanged.ends_with("\r\n\r\n"), "{unchanged}");
    assert!(unchanged.contains("etag: \""), "{unchanged}");
    let deleted = exchange("DELETE", "").await;
    assert!(deleted.starts_with("HTTP/1.1 204 ") && deleted.ends_with("\r\n\r\n"), "{deleted}");
    server.stop().await;
}
