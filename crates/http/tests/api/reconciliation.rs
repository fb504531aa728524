use std::time::Duration;

use domain::Stock;
use serde_json::json;

use crate::shop::Shop;
use crate::store::Trouble;

const URI: &str = "/api/admin/reconciliation";
const CHOSEN: &str = "7b0c9d9e-2f6a-4c1b-9a53-0c1d2e3f4a5b";

#[actix_web::test]
async fn books_that_add_up_are_ok() {
    let shop = Shop::open();
    let product = shop.make_product(9).await;
    shop.make_product(0).await;
    shop.make_hold(&product, 1).await;
    shop.make_order(&product, 2).await;
    let sold = shop.make_order(&product, 3).await;
    assert_eq!(shop.notify(&json!({"order_id": sold, "status": "paid"})).await.status, 200);
    let answer = shop.get(URI).await;
    let checked_at = "2025-06-15T15:06:40.000000Z";
    let expected = json!({"ok": true, "checked_at": checked_at, "products": 2, "findings": [], "attention": []});
    assert_eq!((answer.status, &answer.body), (200, &expected));
}

#[actix_web::test]
async fn a_product_whose_stock_does_not_add_up_is_found_with_both_sides() {
    let shop = Shop::open();
    let product = shop.make_product(9).await;
    shop.make_hold(&product, 1).await;
    shop.make_order(&product, 2).await;
    let sold = shop.make_order(&product, 3).await;
    shop.notify(&json!({"order_id": sold, "status": "paid"})).await;
    shop.store.change_product_elsewhere(&product, |product| product.stock = Stock::from_parts(5, 4, 1).unwrap());
    let answer = shop.get(URI).await;
    let finding = |code: &str| {
        json!({
            "code": code,
            "product_id": product,
            "total_stock": 5,
            "held_stock": 4,
            "sold_stock": 1,
            "active_holds": 1,
            "pending_orders": 2,
            "sold_orders": 3,
        })
    };
    assert_eq!((answer.status, &answer.body["ok"]), (200, &json!(false)));
    let findings = ["oversold", "held-stock-mismatch", "sold-stock-mismatch"].map(finding);
    assert_eq!(answer.body["findings"], json!(findings));
}

#[actix_web::test]
async fn money_that_waits_for_a_person_is_named_and_no_fault() {
    let shop = Shop::open();
    let product = shop.make_product(1).await;
    let order = shop.make_order(&product, 1).await;
    shop.put(&format!("/api/orders/{order}/status"), &json!({"status": "cancelled"})).await;
    shop.make_hold(&product, 1).await;
    shop.notify(&json!({"order_id": order, "status": "paid"})).await;
    shop.notify(&json!({"order_id": order, "status": "paid", "amount": 1})).await;
    shop.notify(&json!({"order_id": CHOSEN, "status": "paid"})).await;
    let shortly = shop.get(URI).await;
    assert_eq!(shortly.body["attention"].as_array().unwrap().len(), 2, "{}", shortly.text);
    shop.store.clock.turn(Duration::from_secs(3601));
    let answer = shop.get(URI).await;
    assert_eq!((answer.status, &answer.body["ok"], &answer.body["findings"]), (200, &json!(true), &json!([])));
    assert_eq!(answer.body["checked_at"], "2025-06-15T16:06:41.000000Z");
    let (since, attention) = ("2025-06-15T15:06:40.000000Z", &answer.body["attention"]);
    let expected = json!([
        {"code": "refund-due", "order_id": order, "payment_status": "refund_due", "since": since},
        {"code": "event-rejected", "event_id": attention[1]["event_id"], "reason": "amount-mismatch", "since": since},
        {"code": "event-waiting", "event_id": attention[2]["event_id"]},
    ]);
    assert_eq!(*attention, expected);
    assert!(attention[1]["event_id"].is_string() && attention[2]["event_id"].is_string());
}

#[actix_web::test]
async fn books_that_cannot_be_read_are_not_called_ok() {
    let shop = Shop::open();
    shop.store.has(Trouble::Unavailable);
    shop.get(URI).await.assert_problem(503, "unavailable");
    shop.store.has(Trouble::Corrupt);
    shop.get(URI).await.assert_problem(500, "internal-error");
}
