//! Orders and checkouts from before they knew what came for them: the migration works it out.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use domain::{ChangeOrderStatus, ChargeNews, Checkout, CreateCheckout, Order, OrderId, OrderStatus, Reason};
use ports::{CheckoutFilter, OrderFilter, PageRequest};
use testkit::builders::{
    attach_charge, charge_code, create_checkout, create_product, order_of_items, order_paid, paid_event, usd,
};
use testkit::stores::TestStore;

const PAGE: PageRequest = PageRequest { page: 1, page_size: 100 };

/// The sums that the migration makes, without the columns that it adds.
fn back_fill(migration: &str) -> String {
    let (_, updates) = migration.split_once("UPDATE checkouts").unwrap();
    format!("UPDATE checkouts{updates}")
}

/// What comes for an order through a checkout of its own.
async fn pay(test: &TestStore, order_id: OrderId, news: ChargeNews, paid: &str) {
    let create = CreateCheckout { order_id: Some(order_id), money: usd("59.98"), ..create_checkout() };
    let code = charge_code();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &code)).await.unwrap();
    test.decide(paid_event(&code, news, usd("59.98"), usd(paid))).await.unwrap();
}

async fn stored(test: &TestStore) -> (Vec<Order>, Vec<Checkout>) {
    let orders = test.store.orders.orders(OrderFilter::default(), PAGE).await.unwrap().items;
    let checkouts = test.store.checkouts.checkouts(CheckoutFilter::default(), PAGE).await.unwrap().items;
    (orders, checkouts)
}

async fn works_out_the_sums(test: &TestStore, migration: &str) {
    let product = test.decide(create_product(20)).await.unwrap();
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(test.decide(order_of_items(&[(product.id, 2)])).await.unwrap().id);
    }
    pay(test, orders[0], ChargeNews::Held(Reason::Underpaid), "20.00").await;
    pay(test, orders[0], ChargeNews::Held(Reason::HeldByProvider), "5.00").await;
    pay(test, orders[1], ChargeNews::Confirmed, "59.98").await;
    pay(test, orders[2], ChargeNews::Held(Reason::Overpaid), "70.00").await;
    test.decide(order_paid(orders[3])).await.unwrap();
    test.decide(ChangeOrderStatus { order_id: orders[3], to: OrderStatus::Refunded }).await.unwrap();

    let before = stored(test).await;
    let received: Vec<i64> = before.0.iter().map(|order| order.received_minor).filter(|minor| *minor > 0).collect();
    assert_eq!(received.iter().sum::<i64>(), 2500 + 5998 + 7000 + 5998);
    test.execute_sql("UPDATE orders SET counted_minor = 0, refunded_minor = 0, received_minor = 0");
    test.execute_sql("UPDATE checkouts SET received_minor = 0, counted_minor = 0");
    assert_ne!(stored(test).await, before);
    test.execute_sql(&back_fill(migration));
    assert_eq!(stored(test).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_from_before_are_worked_out_on_postgres() {
    let migration = include_str!("../../../migrations/postgres/2026-11-25-000100_received_money/up.sql");
    works_out_the_sums(&TestStore::postgres(), migration).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_from_before_are_worked_out_on_sqlite() {
    let migration = include_str!("../../../migrations/sqlite/2026-11-25-000100_received_money/up.sql");
    works_out_the_sums(&TestStore::sqlite(), migration).await;
}
