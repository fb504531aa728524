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
    let expected = json!({
        "ok": true,
        "checked_at": checked_at,
        "finished_at": checked_at,
        "products": 2,
        "counted": {"products": 2, "holds": 1, "orders": 2, "transactions": 1, "checkouts": 0, "events": 1},
        "findings": [],
        "attention": [],
        "counts": {},
        "repaired": {},
        "gateway": null,
    });
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
    let finding = |(code, message): (&str, &str)| {
        json!({
            "code": code,
            "message": message,
            "product_id": product,
            "total_stock": 5,
            "held_stock": 4,
            "sold_stock": 1,
            "active_holds": 1,
            "pending_orders": 2,
            "sold_orders": 3,
            "repairable": false,
            "repaired": false,
        })
    };
    assert_eq!((answer.status, &answer.body["ok"]), (200, &json!(false)));
    let findings = [
        ("oversold", "More of the product is in holds and orders than there is."),
        ("held-stock-mismatch", "The product's held stock isn't what its active holds and pending orders add up to."),
        ("sold-stock-mismatch", "The product's sold stock isn't what its paid and completed orders add up to."),
    ];
    assert_eq!(answer.body["findings"], json!(findings.map(finding)));
    let counts = json!({"oversold": 1, "held-stock-mismatch": 1, "sold-stock-mismatch": 1});
    assert_eq!((&answer.body["counts"], &answer.body["repaired"]), (&counts, &json!({})));
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
        {
            "code": "refund-due",
            "message": "The order's money is to be given back.",
            "order_id": order,
            "payment_status": "refund_due",
            "since": since,
            "repairable": false,
            "repaired": false,
        },
        {
            "code": "event-rejected",
            "message": "The event could not be applied. It tells of money.",
            "order_id": order,
            "event_id": attention[1]["event_id"],
            "reason": "amount-mismatch",
            "since": since,
            "repairable": false,
            "repaired": false,
        },
        {
            "code": "event-waiting",
            "message": "The event waits for something that hasn't come for an hour.",
            "event_id": attention[2]["event_id"],
            "since": since,
            "repairable": false,
            "repaired": false,
        },
        {
            "code": "hold-overdue",
            "message": "The hold's time is up, and nobody has given its stock back.",
            "hold_id": attention[3]["hold_id"],
            "since": "2025-06-15T15:08:40.000000Z",
            "repairable": true,
            "repaired": false,
        },
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

#[actix_web::test]
async fn the_gateway_is_asked_when_that_is_wanted_and_understood() {
    let shop = Shop::open();
    assert_eq!(shop.get(&format!("{URI}?gateway=false")).await.body["gateway"], json!(null));
    let asked = shop.get(&format!("{URI}?gateway=true")).await;
    let nothing = json!({"asked": 0, "unanswered": 0, "left_out": 0, "stopped": null});
    assert_eq!((asked.status, &asked.body["gateway"]), (200, &nothing));
    shop.get(&format!("{URI}?gateway=perhaps")).await.assert_problem(422, "validation-failed");
}
