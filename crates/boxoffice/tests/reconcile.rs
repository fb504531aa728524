//! `boxoffice reconcile`, from the command line, on both databases.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::process::{Command, Output};

use adapters::SystemClock;
use domain::{ChargeNews, OrderId, OrderStatus, ProductId};
use ports::Clock;
use serde_json::{Value, json};
use testkit::builders::{
    attach_charge, charge_code, create_checkout, create_product, order_of_items, order_paid, paid_event, place_hold,
    usd,
};
use testkit::stores::TestStore;

/// Runs the program to its end: how it ended, and what it printed.
fn run(test: &TestStore, options: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, .. } = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
        .arg("reconcile")
        .args(options)
        .env("DATABASE_URL", test.database_url().unwrap())
        .output()
        .unwrap();
    (status.code(), String::from_utf8(stdout).unwrap())
}

fn report(test: &TestStore, options: &[&str]) -> (Option<i32>, Value) {
    let (code, printed) = run(test, &[&["--no-gateway", "--json"], options].concat());
    (code, serde_json::from_str(&printed).unwrap())
}

/// A product with a paid order, a pending one and a hold; all of it now, since the program goes by the system's clock.
async fn shop(test: &TestStore) -> (ProductId, OrderId) {
    test.clock.set(SystemClock.now());
    let product = test.decide(create_product(10)).await.unwrap().id;
    test.decide(place_hold(product, 1)).await.unwrap();
    let paid = test.decide(order_of_items(&[(product, 2)])).await.unwrap().id;
    test.decide(order_paid(paid)).await.unwrap();
    let pending = test.decide(order_of_items(&[(product, 3)])).await.unwrap().id;
    (product, pending)
}

fn id_in(test: &TestStore, id: uuid::Uuid) -> String {
    let is_sqlite = test.database_url().unwrap().starts_with("sqlite");
    if is_sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
}

#[tokio::test]
async fn books_that_add_up_end_with_0_and_broken_ones_with_1_until_they_are_repaired() {
    for test in [TestStore::postgres(), TestStore::sqlite()] {
        let (product, _) = shop(&test).await;
        let (code, sound) = report(&test, &[]);
        assert_eq!(
            (code, &sound["ok"], &sound["findings"], &sound["gateway"]),
            (Some(0), &json!(true), &json!([]), &json!(null))
        );
        assert_eq!(sound["counted"]["orders"], 2);

        let set = format!("UPDATE products SET held_stock = 1 WHERE id = {}", id_in(&test, product.as_uuid()));
        test.execute_sql(&set);
        let (code, broken) = report(&test, &[]);
        assert_eq!((code, &broken["ok"]), (Some(1), &json!(false)));
        let finding = &broken["findings"][0];
        assert_eq!((&finding["code"], &finding["product_id"]), (&json!("held-stock-mismatch"), &json!(product)));
        assert_eq!((&finding["repairable"], &finding["repaired"]), (&json!(true), &json!(false)));
        assert_eq!(report(&test, &[]).1["counts"], json!({"held-stock-mismatch": 1}), "looking changes nothing");

        let (code, printed) = run(&test, &["--no-gateway", "--repair"]);
        assert_eq!(code, Some(0), "{printed}");
        assert!(printed.contains(&format!("repaired: held-stock-mismatch product {product}")), "{printed}");
        assert!(printed.contains("the books add up") && printed.contains("1 repaired"), "{printed}");
        let stock = test.store.products.product(product).await.unwrap().unwrap().stock;
        assert_eq!((stock.held(), stock.sold()), (4, 2));
        assert_eq!(report(&test, &["--repair"]).1["counts"], json!({}));
    }
}

#[tokio::test]
async fn what_is_overdue_and_what_waits_for_nothing_is_repaired_by_the_command() {
    for test in [TestStore::postgres(), TestStore::sqlite()] {
        let (_, pending) = shop(&test).await;
        let (create, code) = (create_checkout(), charge_code());
        let told = paid_event(&code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
        test.decide(told.clone()).await.unwrap();
        test.decide(create.clone()).await.unwrap();
        test.decide(attach_charge(&create, &code)).await.unwrap();
        let (order, event) = (id_in(&test, pending.as_uuid()), id_in(&test, told.id.as_uuid()));
        test.execute_sql(&format!("UPDATE orders SET expires_at = {} WHERE id = {order}", yesterday(&test)));
        test.execute_sql(&format!(
            "UPDATE events SET verdict = 'waiting', processed_at = NULL, waiting_for = subject, checkout_id = NULL WHERE id = {event}"
        ));
        let (code, found) = report(&test, &[]);
        assert_eq!(code, Some(1));
        assert_eq!(found["counts"], json!({"event-not-applied": 1, "order-overdue": 1}));
        let (code, repaired) = report(&test, &["--repair"]);
        assert_eq!((code, &repaired["repaired"]), (Some(0), &found["counts"]));
        assert_eq!(report(&test, &[]).1["counts"], json!({}));
        let order = test.store.orders.order(pending).await.unwrap().unwrap();
        assert_eq!(order.status, OrderStatus::Expired);
    }
}

fn yesterday(test: &TestStore) -> String {
    let is_sqlite = test.database_url().unwrap().starts_with("sqlite");
    if is_sqlite { "created_at - 86400000000".to_owned() } else { "created_at - interval '1 day'".to_owned() }
}

#[tokio::test]
async fn a_database_or_a_gateway_that_cannot_be_reached_is_told_of() {
    let test = TestStore::sqlite();
    shop(&test).await;
    let output = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
        .args(["reconcile", "--database-url", "sqlite:/nowhere/at/all.db"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    // Nobody listens on port 1: the built-in sandbox of no server.
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &charge_code())).await.unwrap();
    let (code, printed) = run(&test, &["--bind", "127.0.0.1:1"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("the gateway was asked about 1 checkouts: 1 unanswered"), "{printed}");
    let (code, printed) = run(&test, &["--gateway", "fake"]);
    assert_eq!(code, Some(0));
    assert!(printed.contains("the gateway was not asked"), "{printed}");
}
