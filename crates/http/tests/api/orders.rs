use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::shop::Shop;

const CHOSEN: &str = "7b0c9d9e-2f6a-4c1b-9a53-0c1d2e3f4a5b";
const NOBODYS: &str = "01900000-0000-7000-8000-00000000ffff";

#[actix_web::test]
async fn a_hold_becomes_an_order_that_is_shown_with_every_field() {
    let shop = Shop::open();
    let product = shop.make_product_at("29.99", "EUR", 5).await;
    let (hold, token) = shop.make_hold(&product, 2).await;
    let body =
        json!({"hold_id": hold, "hold_token": token, "customer_id": "c-1", "email": "a@b.co", "order_id": CHOSEN});
    let placed = shop.post("/api/orders", &body).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    assert_eq!(placed.header("location"), Some(&*format!("/api/orders/{CHOSEN}")));
    let expected = json!({
        "id": CHOSEN,
        "order_id": CHOSEN,
        "hold_id": hold,
        "customer_id": "c-1",
        "email": "a@b.co",
        "items": [{"product_id": product, "quantity": 2, "price_at_purchase": "29.99", "line_total": "59.98"}],
        "product_id": product,
        "quantity": 2,
        "total_amount": "59.98",
        "total_price": "59.98",
        "currency": "EUR",
        "status": "pending",
        "payment_status": "unpaid",
        "payment_id": null,
        "amount_received": "0.00",
        "amount_missing": "59.98",
        "amount_excess": "0.00",
        "amount_refunded": "0.00",
        "expires_at": "2025-06-15T16:06:40.000000Z",
        "created_at": "2025-06-15T15:06:40.000000Z",
        "updated_at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(placed.body, expected);
    assert_eq!(shop.get(&format!("/api/orders/{CHOSEN}")).await.body, expected);
    assert_eq!(shop.get("/api/orders").await.body["items"], json!([expected]));
    assert_eq!(shop.stock(&product).await, [5, 3, 2, 0]);
}

#[actix_web::test]
async fn an_order_of_several_items_names_no_single_product() {
    let shop = Shop::open();
    let (a, b) = (shop.make_product_at("0.10", "USD", 5).await, shop.make_product_at("19.95", "USD", 5).await);
    let items = json!([{"product_id": a, "quantity": 3}, {"productId": b, "quantity": 1}]);
    let placed = shop.post("/api/orders", &json!({"customerId": 42, "products": items})).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let fields = [
        "amount_excess",
        "amount_missing",
        "amount_received",
        "amount_refunded",
        "created_at",
        "currency",
        "customer_id",
        "email",
        "expires_at",
        "hold_id",
        "id",
        "items",
        "order_id",
        "payment_id",
        "payment_status",
        "status",
        "total_amount",
        "total_price",
        "updated_at",
    ];
    assert_eq!(placed.fields(), fields);
    let lines = json!([
        {"product_id": a, "quantity": 3, "price_at_purchase": "0.10", "line_total": "0.30"},
        {"product_id": b, "quantity": 1, "price_at_purchase": "19.95", "line_total": "19.95"},
    ]);
    assert_eq!((&placed.body["items"], &placed.body["total_amount"]), (&lines, &json!("20.25")));
    for field in ["hold_id", "email", "payment_id"] {
        assert_eq!(placed.body[field], Value::Null, "{field}");
    }
    assert_eq!((shop.stock(&a).await, shop.stock(&b).await), ([5, 2, 3, 0], [5, 4, 1, 0]));
}

#[actix_web::test]
async fn a_customer_is_named_as_the_client_named_them() {
    let shop = Shop::open();
    let product = shop.make_product(10).await;
    let items = json!([{"product_id": product, "quantity": 1}]);
    for customer in [json!("c-1"), json!("42"), json!(42), json!(-7), json!(i64::MAX)] {
        let placed = shop.post("/api/orders", &json!({"customer_id": customer, "items": items})).await;
        assert_eq!((placed.status, &placed.body["customer_id"]), (201, &customer));
        let shown = shop.get(&format!("/api/orders/{}", placed.body["id"].as_str().unwrap())).await;
        assert_eq!(shown.body["customer_id"], customer);
    }
}

#[actix_web::test]
async fn the_price_of_an_order_stays_what_it_was() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let order = shop.make_order(&product, 2).await;
    shop.put(&format!("/api/products/{product}"), &json!({"name": "Seat", "price": 99, "total_stock": 5})).await;
    let shown = shop.get(&format!("/api/orders/{order}")).await;
    assert_eq!(
        (&shown.body["items"][0]["price_at_purchase"], &shown.body["total_amount"]),
        (&json!("10.00"), &json!("20.00"))
    );
}

#[actix_web::test]
async fn a_hold_is_used_once_and_then_names_its_order() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let (hold, token) = shop.make_hold(&product, 1).await;
    let order = shop.post("/api/orders", &json!({"holdId": hold, "holdToken": token})).await;
    assert_eq!(order.status, 201, "{}", order.text);
    let again = shop.post("/api/orders", &json!({"hold_id": hold})).await;
    again.assert_problem(409, "hold-already-used");
    assert_eq!(again.body["order_id"], order.body["id"]);
    assert_eq!((shop.store.orders_stored(), shop.stock(&product).await), (1, [5, 4, 1, 0]));
}

#[actix_web::test]
async fn a_hold_that_is_not_there_not_theirs_or_over_becomes_no_order() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let (hold, _) = shop.make_hold(&product, 1).await;
    let (released, token) = shop.make_hold(&product, 1).await;
    shop.post("/api/orders", &json!({"hold_id": NOBODYS})).await.assert_problem(404, "not-found");
    for wrong in ["", "0", &token] {
        let body = json!({"hold_id": hold, "hold_token": wrong});
        shop.post("/api/orders", &body).await.assert_problem(403, "wrong-hold-token");
    }
    let release = TestRequest::delete().uri(&format!("/api/holds/{released}")).insert_header(("x-hold-token", token));
    assert_eq!(shop.send(release).await.status, 204);
    shop.post("/api/orders", &json!({"hold_id": released})).await.assert_problem(409, "hold-released");
    shop.store.clock.turn(Duration::from_secs(120));
    shop.post("/api/orders", &json!({"hold_id": hold})).await.assert_problem(409, "hold-expired");
    assert_eq!(shop.store.orders_stored(), 0);
}

#[actix_web::test]
async fn a_token_in_a_header_opens_nothing() {
    let shop = Shop::open();
    let (hold, _) = shop.make_hold(&shop.make_product(5).await, 1).await;
    let order = TestRequest::post().uri("/api/orders").insert_header(("x-hold-token", "wrong"));
    let placed = shop.send(order.set_json(json!({"hold_id": hold}))).await;
    assert_eq!(placed.status, 201, "only the body's token counts, and it is optional");
}

#[actix_web::test]
async fn one_item_that_cannot_be_had_takes_nothing_from_the_others() {
    let shop = Shop::open();
    let (plenty, few) = (shop.make_product(5).await, shop.make_product(1).await);
    let of = |a: &str, b: &str| {
        let items = [a, b].map(|id| json!({"product_id": id, "quantity": 2}));
        json!({"customer_id": 1, "items": items})
    };
    shop.post("/api/orders", &of(&plenty, &few)).await.assert_problem(409, "insufficient-stock");
    shop.post("/api/orders", &of(&plenty, NOBODYS)).await.assert_problem(404, "not-found");
    let deleted = shop.make_product(5).await;
    assert_eq!(shop.delete(&format!("/api/products/{deleted}")).await.status, 204);
    shop.post("/api/orders", &of(&plenty, &deleted)).await.assert_problem(404, "not-found");
    assert_eq!((shop.stock(&plenty).await, shop.stock(&few).await), ([5, 5, 0, 0], [1, 1, 0, 0]));
    assert_eq!(shop.store.orders_stored(), 0);
}

#[actix_web::test]
async fn a_chosen_id_names_one_order() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let body = json!({"customer_id": 1, "order_id": CHOSEN, "items": [{"product_id": product, "quantity": 1}]});
    assert_eq!(shop.post("/api/orders", &body).await.status, 201);
    shop.post("/api/orders", &body).await.assert_problem(409, "order-exists");
    let (hold, _) = shop.make_hold(&product, 1).await;
    shop.post("/api/orders", &json!({"hold_id": hold, "orderId": CHOSEN})).await.assert_problem(409, "order-exists");
    assert_eq!(shop.stock(&product).await, [5, 3, 2, 0]);
    assert_eq!(shop.get(&format!("/api/holds/{hold}")).await.body["status"], "active");
}

#[actix_web::test]
async fn the_list_is_narrowed_by_status_and_customer() {
    let shop = Shop::open();
    let product = shop.make_product(5).await;
    let place = async |customer: Value| {
        let items = json!([{"product_id": product, "quantity": 1}]);
        let placed = shop.post("/api/orders", &json!({"customer_id": customer, "items": items})).await;
        placed.body["id"].as_str().unwrap().to_owned()
    };
    let (first, second, third) = (place(json!(42)).await, place(json!("42")).await, place(json!("x&y")).await);
    shop.put(&format!("/api/orders/{second}/status"), &json!({"status": "canceled"})).await;
    for (query, ids) in [
        ("", json!([third, second, first])),
        ("?status=pending", json!([third, first])),
        ("?status=cancelled", json!([second])),
        ("?status=canceled", json!([second])),
        ("?status=paid", json!([])),
        ("?customer_id=42", json!([second, first])),
        ("?customerId=42&status=pending", json!([first])),
        ("?customer_id=x%26y", json!([third])),
        ("?customer_id=&status=", json!([third, second, first])),
    ] {
        let list = shop.get(&format!("/api/orders{query}")).await;
        let found: Vec<&Value> = list.body["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
        assert_eq!(json!(found), ids, "{query}");
    }
    for (query, fault) in [
        ("status=PENDING", "status unknown-value"),
        ("customer_id=%00", "customer_id control-character"),
        ("customer_id=1&customerId=1", "customer_id duplicate"),
        ("page=501", "page too-deep"),
    ] {
        shop.get(&format!("/api/orders?{query}")).await.assert_faults(&[fault]);
    }
    assert!(shop.get("/api/orders?page=501").await.text.contains("status or customer_id"));
}

#[actix_web::test]
async fn what_names_no_order_is_not_found() {
    let shop = Shop::open();
    for id in [NOBODYS, "42", "%00"] {
        shop.get(&format!("/api/orders/{id}")).await.assert_problem(404, "not-found");
        let status = json!({"status": "completed"});
        shop.put(&format!("/api/orders/{id}/status"), &status).await.assert_problem(404, "not-found");
        let checkout = TestRequest::post().uri(&format!("/api/orders/{id}/checkout"));
        shop.send(checkout).await.assert_problem(404, "not-found");
    }
}
