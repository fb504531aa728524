//! What the tests of products, holds, orders and payments share.

use adapters::Store;
use domain::{
    CreateProduct, Decide, Hold, HoldId, Order, OrderId, OrderStatus, PaymentStatus, Product, ProductId, Rejection,
    StockCount,
};
use ports::{PageRequest, execute};

use crate::builders::create_product;
use crate::stores::TestStore;

/// All that a test has made.
pub(super) const ALL: PageRequest = PageRequest { page: 1, page_size: 100 };

/// Offers a product of which there are so many.
pub(super) async fn offer(test: &TestStore, total: u32) -> ProductId {
    offer_as(test, create_product(total)).await
}

pub(super) async fn offer_as(test: &TestStore, create: CreateProduct) -> ProductId {
    test.decide(create).await.unwrap().id
}

/// Decides a command on one of several nodes.
pub(super) async fn on<C: Decide + Send>(node: &Store, command: C) -> Result<C::Reply, Rejection> {
    match execute(&*node.ledger, command).await {
        Ok(reply) => reply,
        Err(error) => panic!("the store failed: {error}"),
    }
}

pub(super) async fn product(test: &TestStore, id: ProductId) -> Product {
    test.store.products.product(id).await.unwrap().unwrap()
}

pub(super) async fn hold(test: &TestStore, id: HoldId) -> Hold {
    test.store.holds.hold(id).await.unwrap().unwrap()
}

pub(super) async fn order(test: &TestStore, id: OrderId) -> Order {
    test.store.orders.order(id).await.unwrap().unwrap()
}

/// Where an order stands, and its money.
pub(super) async fn standing(test: &TestStore, id: OrderId) -> (OrderStatus, PaymentStatus) {
    let order = order(test, id).await;
    (order.status, order.payment_status)
}

/// What is available, held and sold of a product, after a look at whether all that is stored adds up.
pub(super) async fn stock(test: &TestStore, id: ProductId) -> (u32, u32, u32) {
    assert_adds_up(test).await;
    let stock = product(test, id).await.stock;
    (stock.available(), stock.held(), stock.sold())
}

/// Counts all products anew, a few at a time, and compares the counts with their rows.
pub(super) async fn assert_adds_up(test: &TestStore) {
    for count in counts(test).await {
        let stock = product(test, count.product_id).await.stock;
        let row = (i64::from(stock.total()), i64::from(stock.held()), i64::from(stock.sold()));
        assert_eq!((count.total, count.held, count.sold), row, "{count:?}");
        assert_eq!(count.held, count.in_active_holds + count.in_pending_orders, "{count:?}");
        assert_eq!(count.sold, count.in_sold_orders, "{count:?}");
        assert!(count.held + count.sold <= count.total, "{count:?}");
    }
}

/// The counts of all products, in the order of their ids.
pub(super) async fn counts(test: &TestStore) -> Vec<StockCount> {
    let mut counts: Vec<StockCount> = Vec::new();
    loop {
        let after = counts.last().map(|count| count.product_id);
        let more = test.store.audit.stock_counts(after, 3).await.unwrap();
        if more.is_empty() {
            assert!(counts.is_sorted_by_key(|count| count.product_id));
            return counts;
        }
        counts.extend(more);
    }
}
