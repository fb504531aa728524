use domain::MerchantId;
use serde_json::{Value, json};

use crate::shop::Shop;

#[actix_web::test]
async fn an_order_is_of_a_hold_or_of_items() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let (hold, _) = shop.make_hold(&product, 1).await;
    let items = json!([{"product_id": product, "quantity": 1}]);
    for (body, fault) in [
        (json!({}), "items required"),
        (json!({"hold_id": null, "items": null, "customer_id": 1}), "items required"),
        (json!({"hold_id": hold, "items": items, "customer_id": 1}), "items conflicting"),
        (json!({"holdId": hold, "products": items}), "items conflicting"),
        (json!({"items": items}), "customer_id required"),
        (json!({"items": items, "customer_id": null}), "customer_id required"),
    ] {
        shop.post("/api/orders", &body).await.assert_faults(&[fault]);
    }
    assert_eq!((shop.store.orders_stored(), shop.stock(&product).await), (0, [5, 4, 1, 0]));
}

#[actix_web::test]
async fn every_faulty_field_of_an_order_is_named() {
    let shop = Shop::open();
    let (hold, _) = shop.make_hold(&shop.make_product(5).await, 1).await;
    let long = "x".repeat(256);
    for (changes, faults) in [
        (json!({"hold_id": "42"}), vec!["hold_id invalid-uuid"]),
        (json!({"hold_id": 42}), vec!["hold_id invalid-type"]),
        (json!({"hold_token": 42}), vec!["hold_token invalid-type"]),
        (json!({"customer_id": ""}), vec!["customer_id empty"]),
        (json!({"customer_id": long}), vec!["customer_id too-long"]),
        (json!({"customer_id": "a\u{0}"}), vec!["customer_id control-character"]),
        (json!({"customer_id": 1.5}), vec!["customer_id invalid-type"]),
        (json!({"customer_id": true}), vec!["customer_id invalid-type"]),
        (json!({"customer_id": 9_223_372_036_854_775_808_u64}), vec!["customer_id out-of-range"]),
        (json!({"email": "nobody"}), vec!["email invalid-email"]),
        (json!({"email": 1}), vec!["email invalid-type"]),
        (json!({"order_id": "42"}), vec!["order_id invalid-uuid"]),
        (json!({"order_id": 42}), vec!["order_id invalid-type"]),
        (
            json!({"hold_id": 1, "hold_token": 2, "customer_id": {}, "email": "x", "order_id": "y"}),
            vec![
                "customer_id invalid-type",
                "email invalid-email",
                "hold_id invalid-type",
                "hold_token invalid-type",
                "order_id invalid-uuid",
            ],
        ),
    ] {
        let mut body = json!({"hold_id": hold});
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        shop.post("/api/orders", &body).await.assert_faults(&faults);
    }
    for (snake, camel) in [
        ("hold_id", "holdId"),
        ("hold_token", "holdToken"),
        ("items", "products"),
        ("customer_id", "customerId"),
        ("order_id", "orderId"),
    ] {
        let twice = format!(r#"{{"{snake}":null,"{camel}":null}}"#);
        shop.post_text("/api/orders", twice).await.assert_faults(&[&format!("{snake} duplicate")]);
    }
    shop.post_text("/api/orders", "{").await.assert_problem(400, "malformed-json");
    assert_eq!(shop.store.orders_stored(), 0);
}

#[actix_web::test]
async fn every_faulty_item_is_named_by_its_place() {
    let shop = Shop::open();
    let product = shop.make_product(5000).await;
    let other = shop.make_product(5000).await;
    let of = |quantity: Value| json!({"product_id": product, "quantity": quantity});
    let good = json!({"product_id": other, "quantity": 1});
    for (items, faults) in [
        (json!([]), vec!["items required"]),
        (json!({}), vec!["items invalid-type"]),
        (json!("x"), vec!["items invalid-type"]),
        (json!([1]), vec!["items[0] invalid-type"]),
        (json!([[product, 1]]), vec!["items[0] invalid-type"]),
        (json!([null]), vec!["items[0] invalid-type"]),
        (json!([{}]), vec!["items[0].product_id required", "items[0].quantity required"]),
        (json!([good, of(json!(0))]), vec!["items[1].quantity out-of-range"]),
        (json!([good, of(json!(-1))]), vec!["items[1].quantity out-of-range"]),
        (json!([good, of(json!(1_000_000_001))]), vec!["items[1].quantity out-of-range"]),
        (json!([good, of(json!(9_223_372_036_854_775_808_u64))]), vec!["items[1].quantity out-of-range"]),
        (json!([good, of(json!(1.5))]), vec!["items[1].quantity not-an-integer"]),
        (json!([good, of(json!("1"))]), vec!["items[1].quantity invalid-type"]),
        (json!([{"product_id": "42", "quantity": 1}]), vec!["items[0].product_id invalid-uuid"]),
        (json!([{"product_id": 42, "quantity": 1}]), vec!["items[0].product_id invalid-type"]),
        (json!([good, good]), vec!["items[1].product_id product-twice"]),
        (
            json!([good, of(json!(0)), 7, good]),
            vec!["items[1].quantity out-of-range", "items[2] invalid-type", "items[3].product_id product-twice"],
        ),
    ] {
        let answer = shop.post("/api/orders", &json!({"customer_id": 1, "items": items})).await;
        answer.assert_faults(&faults);
    }
    let twice = format!(r#"{{"customer_id":1,"items":[{{"product_id":"{product}","productId":"{product}"}}]}}"#);
    shop.post_text("/api/orders", twice).await.assert_faults(&["items[0].product_id duplicate"]);
    let all = json!({"email": "x", "items": [{"quantity": 1}]});
    let faults = ["customer_id required", "email invalid-email", "items[0].product_id required"];
    shop.post("/api/orders", &all).await.assert_faults(&faults);
    assert_eq!((shop.store.orders_stored(), shop.stock(&product).await), (0, [5000, 5000, 0, 0]));
}

#[actix_web::test]
async fn an_order_has_at_most_a_hundred_items() {
    let shop = Shop::open();
    let mut items = Vec::new();
    for _ in 0..101 {
        items.push(json!({"product_id": shop.make_product(1).await, "quantity": 1}));
    }
    shop.post("/api/orders", &json!({"customer_id": 1, "items": items})).await.assert_faults(&["items too-many"]);
    let placed = shop.post("/api/orders", &json!({"customer_id": 1, "items": items[..100]})).await;
    assert_eq!((placed.status, &placed.body["total_amount"]), (201, &json!("1000.00")));
}

#[actix_web::test]
async fn items_that_do_not_go_together_are_no_order() {
    let shop = Shop::open();
    let (dollars, euros) = (shop.make_product(5).await, shop.make_product_at("1", "EUR", 5).await);
    let foreign = shop.make_product(5).await;
    shop.store.change_product_elsewhere(&foreign, |product| product.merchant_id = MerchantId::parse("m2").unwrap());
    let dear = shop.make_product_at("1000000000", "USD", 5).await;
    for (others, fault) in [
        (vec![&euros], "items mixed-currencies"),
        (vec![&foreign], "items mixed-merchants"),
        (vec![&dear], "items too-large"),
    ] {
        let ids = std::iter::once(&dollars).chain(others);
        let items: Vec<Value> = ids.map(|id| json!({"product_id": id, "quantity": 1})).collect();
        shop.post("/api/orders", &json!({"customer_id": 1, "items": items})).await.assert_faults(&[fault]);
    }
    let line = json!({"customer_id": 1, "items": [{"product_id": dear, "quantity": 1_000_000_000}]});
    shop.post("/api/orders", &line).await.assert_faults(&["items too-large"]);
    let (hold, _) = shop.make_hold(&dear, 2).await;
    shop.post("/api/orders", &json!({"hold_id": hold})).await.assert_faults(&["items too-large"]);
    assert_eq!((shop.store.orders_stored(), shop.stock(&dollars).await), (0, [5, 5, 0, 0]));
}
