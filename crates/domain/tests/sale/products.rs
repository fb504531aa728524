//! Products: offered, said anew, offered no more.

use std::time::Duration;

use domain::{
    AmountError, BareAmount, DeleteProduct, Description, OrderStatus, ProductId, ProductName, Rejection, UpdateProduct,
};

use crate::shop::{HOLD_TTL, Shop, eur, update, usd};

#[test]
fn a_new_product_has_all_of_its_stock_free_and_asking_again_changes_nothing() {
    let mut shop = Shop::new();
    let create = shop.create_product(usd("5"), 7);
    let product = shop.ask(create.clone()).unwrap();
    assert_eq!(shop.stock(product.id), (7, 0, 0));
    assert_eq!((product.created_at, product.updated_at, product.deleted_at), (shop.now(), shop.now(), None));
    shop.wait(Duration::from_secs(1));
    assert_eq!(shop.ask_in_vain(create), Ok(product));
}

#[test]
fn an_update_says_everything_anew_but_what_was_sold() {
    let mut shop = Shop::new();
    let id = shop.product("5", 7);
    let order_id = shop.order(&[(id, 2)]);
    shop.change(order_id, OrderStatus::Completed).unwrap();
    shop.hold(id, 1);
    let before = shop.product_row(id).clone();
    shop.wait(Duration::from_secs(1));
    let update = UpdateProduct {
        id,
        name: ProductName::parse("Seat").unwrap(),
        description: Some(Description::parse("Row A").unwrap()),
        price: BareAmount::parse("6.50").unwrap(),
        currency: Some("EUR".parse().unwrap()),
        total_stock: 9,
    };
    let product = shop.ask(update.clone()).unwrap();
    assert_eq!((product.name, product.description), (update.name, update.description));
    assert_eq!(product.price, eur("6.5"));
    assert_eq!(shop.stock(id), (6, 1, 2));
    assert_eq!((product.created_at, product.updated_at), (before.created_at, shop.now()));
    assert_eq!(shop.order_row(order_id).total, usd("10"), "what was bought before keeps its price");
}

#[test]
fn a_price_keeps_the_currency_that_the_product_has_unless_another_is_told() {
    let mut shop = Shop::new();
    let create = shop.create_product(eur("5"), 1);
    let product = *shop.ask(create).unwrap();
    let dearer = UpdateProduct { price: BareAmount::parse("7").unwrap(), ..update(&product) };
    assert_eq!(shop.ask(dearer).unwrap().price, eur("7"));
}

#[test]
fn a_price_that_the_currency_does_not_have_is_refused() {
    let mut shop = Shop::new();
    let id = shop.product("5", 1);
    let priced = |shop: &Shop, price: &str, code: &str| UpdateProduct {
        price: BareAmount::parse(price).unwrap(),
        currency: Some(code.parse().unwrap()),
        ..update(shop.product_row(id))
    };
    let too_fine = priced(&shop, "1.001", "USD");
    assert_eq!(shop.ask(too_fine), Err(Rejection::InvalidPrice(AmountError::TooPrecise)));
    let too_fine = priced(&shop, "1.5", "JPY");
    assert_eq!(shop.ask(too_fine), Err(Rejection::InvalidPrice(AmountError::TooPrecise)));
    let just_right = priced(&shop, "150.00", "JPY");
    assert_eq!(shop.ask(just_right).unwrap().price.minor(), 150);
}

#[test]
fn a_total_goes_down_to_what_is_spoken_for_and_no_further() {
    let mut shop = Shop::new();
    let id = shop.product("5", 10);
    let order_id = shop.order(&[(id, 2)]);
    shop.change(order_id, OrderStatus::Completed).unwrap();
    shop.order(&[(id, 1)]);
    shop.hold(id, 3);
    let total = |shop: &Shop, total_stock| UpdateProduct { total_stock, ..update(shop.product_row(id)) };
    let too_low = total(&shop, 5);
    assert_eq!(shop.ask(too_low), Err(Rejection::StockInUse));
    let lowest = total(&shop, 6);
    shop.ask(lowest).unwrap();
    assert_eq!(shop.stock(id), (0, 4, 2));
}

#[test]
fn expired_holds_are_not_in_the_way_of_a_lower_total_or_of_deleting() {
    let mut shop = Shop::new();
    let id = shop.product("5", 10);
    shop.hold(id, 6);
    shop.wait(HOLD_TTL);
    let lower = UpdateProduct { total_stock: 5, ..update(shop.product_row(id)) };
    shop.ask(lower).unwrap();
    assert_eq!(shop.stock(id), (5, 0, 0));
    shop.hold(id, 2);
    shop.wait(HOLD_TTL);
    shop.ask(DeleteProduct { id }).unwrap();
    assert_eq!(shop.stock(id), (5, 0, 0));
}

#[test]
fn a_higher_total_leaves_expired_holds_to_whoever_needs_them() {
    let mut shop = Shop::new();
    let id = shop.product("5", 10);
    shop.hold(id, 6);
    shop.wait(HOLD_TTL);
    let higher = UpdateProduct { total_stock: 12, ..update(shop.product_row(id)) };
    shop.ask(higher).unwrap();
    assert_eq!(shop.stock(id), (6, 6, 0));
}

#[test]
fn a_product_is_not_deleted_while_somebody_may_still_buy_it() {
    let mut shop = Shop::new();
    let id = shop.product("5", 10);
    let hold_id = shop.hold(id, 1);
    assert_eq!(shop.ask(DeleteProduct { id }), Err(Rejection::ProductInUse));
    let place = shop.place_from_hold(hold_id);
    let order_id = shop.ask(place).unwrap().id;
    assert_eq!(shop.ask(DeleteProduct { id }), Err(Rejection::ProductInUse));
    shop.change(order_id, OrderStatus::Completed).unwrap();
    shop.ask(DeleteProduct { id }).unwrap();
    assert_eq!(shop.product_row(id).deleted_at, Some(shop.now()));
}

#[test]
fn what_is_deleted_or_was_never_there_can_neither_be_changed_nor_had() {
    let mut shop = Shop::new();
    let deleted = shop.product("5", 10);
    let gone = shop.product_row(deleted).clone();
    shop.ask(DeleteProduct { id: deleted }).unwrap();
    let unknown = ProductId::from_uuid(shop.uuid());
    for id in [deleted, unknown] {
        assert_eq!(shop.ask(DeleteProduct { id }), Err(Rejection::ProductNotFound));
        assert_eq!(shop.ask(UpdateProduct { id, ..update(&gone) }), Err(Rejection::ProductNotFound));
        let place = shop.place_hold(id, 1);
        assert_eq!(shop.ask(place), Err(Rejection::ProductNotFound));
        let place = shop.place_items(&[(id, 1)]);
        assert_eq!(shop.ask(place), Err(Rejection::ProductNotFound));
    }
}

#[test]
fn a_refund_gives_stock_back_to_a_deleted_product_too() {
    let mut shop = Shop::new();
    let id = shop.product("5", 10);
    let order_id = shop.order(&[(id, 2)]);
    let checkout_id = shop.checkout(order_id, usd("10"));
    shop.confirm(checkout_id, "tx-1", usd("10"));
    shop.ask(DeleteProduct { id }).unwrap();
    shop.change(order_id, OrderStatus::Refunded).unwrap();
    assert_eq!(shop.stock(id), (10, 0, 0));
}
