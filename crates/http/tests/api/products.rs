use serde_json::{Value, json};

use crate::shop::Shop;

const NOWHERE: &str = "/api/products/01900000-0000-7000-8000-00000000ffff";

fn seat(changes: &Value) -> Value {
    let mut body = json!({"name": "Seat", "price": "29.99", "total_stock": 5});
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[actix_web::test]
async fn a_product_is_offered_and_shown_with_every_field() {
    let shop = Shop::open();
    let body =
        json!({"name": "Seat 1", "description": "Row A\nleft", "price": 29.99, "currency": "EUR", "total_stock": 5});
    let made = shop.post("/api/products", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.header("location"), Some(&*format!("/api/products/{id}")));
    let expected = json!({
        "id": id,
        "merchant_id": "default",
        "name": "Seat 1",
        "description": "Row A\nleft",
        "price": "29.99",
        "currency": "EUR",
        "total_stock": 5,
        "available_stock": 5,
        "held_stock": 0,
        "sold_stock": 0,
        "created_at": "2025-06-15T15:06:40.000000Z",
        "updated_at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(made.body, expected);
    let shown = shop.get(&format!("/api/products/{id}")).await;
    assert_eq!((shown.status, &shown.body), (200, &expected));
    let listed = shop.get("/api/products").await;
    assert_eq!((&listed.body["items"], &listed.body["total"]), (&json!([expected]), &json!(1)));
}

#[actix_web::test]
async fn every_field_is_there_and_null_when_empty() {
    let shop = Shop::open();
    let made =
        shop.post("/api/products", &json!({"name": "Seat", "price": "1", "description": null, "quantity": 0})).await;
    let fields = [
        "available_stock",
        "created_at",
        "currency",
        "description",
        "held_stock",
        "id",
        "merchant_id",
        "name",
        "price",
        "sold_stock",
        "total_stock",
        "updated_at",
    ];
    assert_eq!((made.status, made.fields()), (201, fields.to_vec()));
    assert_eq!((&made.body["description"], &made.body["currency"]), (&Value::Null, &json!("USD")));
    assert_eq!((&made.body["price"], &made.body["total_stock"]), (&json!("1.00"), &json!(0)));
}

#[actix_web::test]
async fn the_total_goes_by_three_names_but_one_at_a_time() {
    let shop = Shop::open();
    for name in ["total_stock", "totalStock", "quantity"] {
        let made = shop.post("/api/products", &json!({"name": "Seat", "price": "1", name: 1_000_000_000})).await;
        assert_eq!((made.status, &made.body["total_stock"]), (201, &json!(1_000_000_000)), "{name}");
    }
    for both in [r#""total_stock":1,"quantity":1"#, r#""totalStock":1,"total_stock":1"#, r#""quantity":1,"quantity":1"#]
    {
        let answer = shop.post_text("/api/products", format!(r#"{{"name":"Seat","price":1,{both}}}"#)).await;
        answer.assert_faults(&["total_stock duplicate"]);
    }
}

#[actix_web::test]
async fn every_faulty_field_is_named_whether_a_product_is_made_or_changed() {
    let shop = Shop::open();
    let uri = format!("/api/products/{}", shop.make_product(7).await);
    let (long, huge) = ("x".repeat(256), "x".repeat(5001));
    let cases = [
        (json!({"name": null}), vec!["name required"]),
        (json!({"name": ""}), vec!["name empty"]),
        (json!({"name": long}), vec!["name too-long"]),
        (json!({"name": "a\u{0}"}), vec!["name control-character"]),
        (json!({"name": 1}), vec!["name invalid-type"]),
        (json!({"description": huge}), vec!["description too-long"]),
        (json!({"description": "\u{0}"}), vec!["description control-character"]),
        (json!({"description": ["a"]}), vec!["description invalid-type"]),
        (json!({"price": null}), vec!["price required"]),
        (json!({"price": 0}), vec!["price not-positive"]),
        (json!({"price": -1}), vec!["price not-positive"]),
        (json!({"price": "abc"}), vec!["price not-a-number"]),
        (json!({"price": "1,5"}), vec!["price not-a-number"]),
        (json!({"price": true}), vec!["price invalid-type"]),
        (json!({"price": 1_000_000_000.5}), vec!["price too-large"]),
        (json!({"price": "0.001", "currency": "USD"}), vec!["price too-precise"]),
        (json!({"price": "1.5", "currency": "JPY"}), vec!["price too-precise"]),
        (json!({"currency": "XXX"}), vec!["currency unknown-currency"]),
        (json!({"currency": "usd"}), vec!["currency unknown-currency"]),
        (json!({"currency": 840}), vec!["currency invalid-type"]),
        (json!({"total_stock": null}), vec!["total_stock required"]),
        (json!({"total_stock": -1}), vec!["total_stock out-of-range"]),
        (json!({"total_stock": 1_000_000_001}), vec!["total_stock out-of-range"]),
        (json!({"total_stock": 9_223_372_036_854_775_808_u64}), vec!["total_stock out-of-range"]),
        (json!({"total_stock": 1.5}), vec!["total_stock not-an-integer"]),
        (json!({"total_stock": 5.0}), vec!["total_stock not-an-integer"]),
        (json!({"total_stock": "5"}), vec!["total_stock invalid-type"]),
        (json!({"total_stock": true}), vec!["total_stock invalid-type"]),
        (
            json!({"name": 1, "description": 2, "price": -1, "currency": 3, "total_stock": "x"}),
            vec![
                "currency invalid-type",
                "description invalid-type",
                "name invalid-type",
                "price not-positive",
                "total_stock invalid-type",
            ],
        ),
    ];
    for (changes, faults) in cases {
        shop.post("/api/products", &seat(&changes)).await.assert_faults(&faults);
        shop.put(&uri, &seat(&changes)).await.assert_faults(&faults);
    }
    shop.post("/api/products", &seat(&json!({"price": 0.001}))).await.assert_faults(&["price too-precise"]);
    shop.post_text("/api/products", r#"{"name":"a","price":1,"total_stock":1e3}"#)
        .await
        .assert_faults(&["total_stock not-an-integer"]);
    shop.post("/api/products", &json!({})).await.assert_faults(&[
        "name required",
        "price required",
        "total_stock required",
    ]);
    shop.post_text("/api/products", "{").await.assert_problem(400, "malformed-json");
    assert_eq!(shop.get("/api/products").await.body["total"], 1);
    assert_eq!(shop.stock(uri.rsplit('/').next().unwrap()).await, [7, 7, 0, 0]);
}

#[actix_web::test]
async fn a_product_is_replaced_but_keeps_its_currency_unless_another_is_told() {
    let shop = Shop::open();
    let id = shop.make_product_at("100", "JPY", 5).await;
    let uri = format!("/api/products/{id}");
    shop.store.clock.turn(std::time::Duration::from_secs(1));
    let changed = shop.put(&uri, &json!({"name": "Chair", "price": 250, "totalStock": 9})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!((&changed.body["name"], &changed.body["total_stock"]), (&json!("Chair"), &json!(9)));
    assert_eq!((&changed.body["price"], &changed.body["currency"]), (&json!("250"), &json!("JPY")));
    assert_eq!(changed.body["created_at"], "2025-06-15T15:06:40.000000Z");
    assert_eq!(changed.body["updated_at"], "2025-06-15T15:06:41.000000Z");
    assert_eq!(shop.get(&uri).await.body, changed.body, "a node's own write shows in its next read");
    shop.put(&uri, &seat(&json!({"price": "2.5"}))).await.assert_faults(&["price too-precise"]);
    let dollars = shop.put(&uri, &seat(&json!({"price": "2.5", "currency": "USD"}))).await;
    assert_eq!((&dollars.body["price"], &dollars.body["currency"]), (&json!("2.50"), &json!("USD")));
}

#[actix_web::test]
async fn the_total_goes_no_lower_than_what_is_held_and_sold() {
    let shop = Shop::open();
    let id = shop.make_product(10).await;
    let order = shop.make_order(&id, 3).await;
    assert_eq!(shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "completed"})).await.status, 200);
    shop.make_hold(&id, 2).await;
    let uri = format!("/api/products/{id}");
    shop.put(&uri, &seat(&json!({"total_stock": 4}))).await.assert_problem(409, "stock-in-use");
    assert_eq!(shop.stock(&id).await, [10, 5, 2, 3]);
    assert_eq!(shop.put(&uri, &seat(&json!({"total_stock": 5}))).await.status, 200);
    assert_eq!(shop.stock(&id).await, [5, 0, 2, 3]);
}

#[actix_web::test]
async fn a_deleted_product_is_gone_for_everybody_but_its_orders() {
    let shop = Shop::open();
    let id = shop.make_product(5).await;
    let uri = format!("/api/products/{id}");
    let order = shop.make_order(&id, 1).await;
    shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "completed"})).await;
    let deleted = shop.delete(&uri).await;
    assert_eq!((deleted.status, &*deleted.text), (204, ""));
    shop.get(&uri).await.assert_problem(404, "not-found");
    shop.delete(&uri).await.assert_problem(404, "not-found");
    shop.put(&uri, &seat(&json!({}))).await.assert_problem(404, "not-found");
    assert_eq!(shop.get("/api/products").await.body["total"], 0);
    assert_eq!(shop.get(&format!("/api/orders/{order}")).await.body["product_id"], json!(id));
}

#[actix_web::test]
async fn a_product_that_holds_or_pending_orders_use_is_not_deleted() {
    let shop = Shop::open();
    let (held, ordered) = (shop.make_product(5).await, shop.make_product(5).await);
    let (hold, token) = shop.make_hold(&held, 1).await;
    let order = shop.make_order(&ordered, 1).await;
    for id in [&held, &ordered] {
        shop.delete(&format!("/api/products/{id}")).await.assert_problem(409, "product-in-use");
        assert_eq!(shop.stock(id).await, [5, 4, 1, 0]);
    }
    let release = actix_web::test::TestRequest::delete().uri(&format!("/api/holds/{hold}"));
    assert_eq!(shop.send(release.insert_header(("x-hold-token", token))).await.status, 204);
    shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "cancelled"})).await;
    for id in [&held, &ordered] {
        assert_eq!(shop.delete(&format!("/api/products/{id}")).await.status, 204);
    }
}

#[actix_web::test]
async fn the_list_tells_what_can_be_had() {
    let shop = Shop::open();
    let (plenty, gone) = (shop.make_product(5).await, shop.make_product(1).await);
    shop.make_hold(&gone, 1).await;
    for (query, ids) in [
        ("", json!([gone, plenty])),
        ("?in_stock=true", json!([plenty])),
        ("?inStock=false", json!([gone])),
        ("?in_stock=", json!([gone, plenty])),
        ("?page=2&page_size=1", json!([plenty])),
    ] {
        let list = shop.get(&format!("/api/products{query}")).await;
        let found: Vec<&Value> = list.body["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
        assert_eq!(json!(found), ids, "{query}");
    }
    for (query, fault) in
        [("in_stock=yes", "in_stock unknown-value"), ("in_stock=true&inStock=true", "in_stock duplicate")]
    {
        shop.get(&format!("/api/products?{query}")).await.assert_faults(&[fault]);
    }
    shop.get("/api/products?page=501&in_stock=x").await.assert_faults(&["in_stock unknown-value"]);
    let deep = shop.get("/api/products?page=501").await;
    deep.assert_faults(&["page too-deep"]);
    assert!(deep.text.contains("in_stock"), "{}", deep.text);
}

#[actix_web::test]
async fn what_names_no_product_is_not_found() {
    let shop = Shop::open();
    for uri in [NOWHERE, "/api/products/42", "/api/products/%00", "/api/products/x"] {
        shop.get(uri).await.assert_problem(404, "not-found");
        shop.delete(uri).await.assert_problem(404, "not-found");
        shop.put(uri, &seat(&json!({}))).await.assert_problem(404, "not-found");
    }
}
