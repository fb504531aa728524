use std::time::Duration;

use serde_json::json;

use crate::shop::Shop;

#[actix_web::test]
async fn a_seller_completes_cancels_and_refunds() {
    let shop = Shop::open();
    let product = shop.make_product(10).await;
    let turn = async |order: &str, status: &str| {
        let answer = shop.put(&format!("/api/orders/{order}/status"), &json!({"status": status})).await;
        assert_eq!((answer.status, &answer.body["id"]), (200, &json!(order)), "{}", answer.text);
        assert_eq!(shop.get(&format!("/api/orders/{order}")).await.body, answer.body);
        (answer.body["status"].clone(), answer.body["payment_status"].clone())
    };
    let completed = shop.make_order(&product, 1).await;
    assert_eq!(turn(&completed, "completed").await, (json!("completed"), json!("unpaid")));
    assert_eq!(shop.stock(&product).await, [10, 9, 0, 1]);
    for word in ["cancelled", "canceled"] {
        let order = shop.make_order(&product, 2).await;
        assert_eq!(turn(&order, word).await, (json!("cancelled"), json!("unpaid")));
        assert_eq!(shop.stock(&product).await, [10, 9, 0, 1]);
    }
    let refunded = shop.make_order(&product, 3).await;
    assert_eq!(shop.notify(&json!({"order_id": refunded, "status": "paid"})).await.status, 200);
    assert_eq!(shop.stock(&product).await, [10, 6, 0, 4]);
    assert_eq!(turn(&refunded, "refunded").await, (json!("refunded"), json!("refunded")));
    assert_eq!(shop.stock(&product).await, [10, 9, 0, 1]);
}

#[actix_web::test]
async fn what_the_state_machine_does_not_allow_is_a_conflict_that_says_from_where_to_where() {
    let shop = Shop::open();
    let product = shop.make_product(10).await;
    let order = shop.make_order(&product, 1).await;
    let uri = format!("/api/orders/{order}/status");
    for to in ["pending", "paid", "expired", "refunded"] {
        let answer = shop.put(&uri, &json!({"status": to})).await;
        answer.assert_problem(409, "invalid-transition");
        assert_eq!(answer.body["detail"], format!("The order is pending, and from there it can't become {to}."));
    }
    assert_eq!(shop.put(&uri, &json!({"status": "completed"})).await.status, 200);
    for (word, to) in [("completed", "completed"), ("cancelled", "cancelled"), ("canceled", "cancelled")] {
        let answer = shop.put(&uri, &json!({"status": word})).await;
        answer.assert_problem(409, "invalid-transition");
        assert_eq!(answer.body["detail"], format!("The order is completed, and from there it can't become {to}."));
    }
    assert_eq!(shop.stock(&product).await, [10, 9, 0, 1]);
}

#[actix_web::test]
async fn a_word_that_is_no_status_is_a_fault() {
    let shop = Shop::open();
    let order = shop.make_order(&shop.make_product(5).await, 1).await;
    let uri = format!("/api/orders/{order}/status");
    for (body, fault) in [
        (json!({"status": "shipped"}), "status unknown-value"),
        (json!({"status": "Completed"}), "status unknown-value"),
        (json!({"status": ""}), "status unknown-value"),
        (json!({"status": 1}), "status invalid-type"),
        (json!({"status": null}), "status required"),
        (json!({}), "status required"),
    ] {
        shop.put(&uri, &body).await.assert_faults(&[fault]);
    }
    let empty = shop.send(actix_web::test::TestRequest::put().uri(&uri)).await;
    empty.assert_problem(400, "malformed-json");
    assert_eq!(shop.status_of_order(&order).await, ["pending", "unpaid"]);
}

#[actix_web::test]
async fn money_that_came_too_late_is_noted_as_given_back() {
    let shop = Shop::open();
    let product = shop.make_product(1).await;
    let order = shop.make_order(&product, 1).await;
    let uri = format!("/api/orders/{order}/status");
    assert_eq!(shop.put(&uri, &json!({"status": "cancelled"})).await.status, 200);
    shop.make_hold(&product, 1).await;
    shop.store.clock.turn(Duration::from_secs(1));
    let late = shop.notify(&json!({"order_id": order, "status": "success"})).await;
    assert_eq!((&late.body["verdict"], &late.body["reason"]), (&json!("applied"), &json!("no-stock-left")));
    assert_eq!(shop.status_of_order(&order).await, ["cancelled", "refund_due"]);
    assert_eq!(shop.put(&uri, &json!({"status": "refunded"})).await.status, 200);
    assert_eq!(shop.status_of_order(&order).await, ["cancelled", "refunded"]);
}
