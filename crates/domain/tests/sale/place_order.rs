//! Orders, from a hold or straight from the stock: all of it or nothing.

use std::time::Duration;

use domain::{
    BareAmount, CustomerId, Email, ExpireHold, HoldId, HoldStatus, OrderSource, OrderStatus, PaymentStatus, PlaceOrder,
    ProductId, Rejection, ReleaseHold, TokenCheck, UpdateProduct,
};

use crate::shop::{HOLD_TTL, ORDER_TTL, Shop, eur, merchant, update, usd};

#[test]
fn an_order_takes_over_the_stock_of_its_hold() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let hold_id = shop.hold(product_id, 2);
    let place = PlaceOrder {
        customer_id: Some(CustomerId::from_number(42)),
        email: Some(Email::parse("a@example.com").unwrap()),
        ..shop.place_from_hold(hold_id)
    };
    let order = shop.ask(place.clone()).unwrap();
    assert_eq!((order.id, order.hold_id, order.total), (place.id, Some(hold_id), usd("10")));
    assert_eq!((order.customer_id, order.email), (place.customer_id, place.email));
    assert_eq!((order.status, order.payment_status), (OrderStatus::Pending, PaymentStatus::Unpaid));
    assert_eq!((order.created_at, order.expires_at), (shop.now(), shop.now() + ORDER_TTL));
    assert_eq!(shop.stock(product_id), (8, 2, 0), "it stays held");
    let hold = shop.hold_row(hold_id);
    assert_eq!((hold.status, hold.order_id, hold.ended_at), (HoldStatus::Converted, Some(order.id), Some(shop.now())));
}

#[test]
fn an_order_costs_what_its_products_cost_when_it_is_placed() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let hold_id = shop.hold(product_id, 2);
    let dearer = UpdateProduct { price: BareAmount::parse("7").unwrap(), ..update(shop.product_row(product_id)) };
    shop.ask(dearer).unwrap();
    let place = shop.place_from_hold(hold_id);
    let order = shop.ask(place).unwrap();
    assert_eq!((order.items[0].price_at_purchase, order.total), (usd("7"), usd("14")));
    let cheaper = UpdateProduct { price: BareAmount::parse("1").unwrap(), ..update(shop.product_row(product_id)) };
    shop.ask(cheaper).unwrap();
    assert_eq!(shop.order_row(order.id).total, usd("14"));
}

#[test]
fn a_hold_is_ordered_without_a_token_but_not_with_a_wrong_one() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let hold_id = shop.hold(product_id, 2);
    let wrong = shop.place(OrderSource::Hold { hold_id, token: TokenCheck::Wrong });
    assert_eq!(shop.ask(wrong), Err(Rejection::WrongHoldToken));
    let not_shown = shop.place(OrderSource::Hold { hold_id, token: TokenCheck::NotShown });
    shop.ask(not_shown).unwrap();
    let wrong = shop.place(OrderSource::Hold { hold_id, token: TokenCheck::Wrong });
    assert_eq!(shop.ask(wrong), Err(Rejection::WrongHoldToken), "a wrong token doesn't learn what became of the hold");
}

#[test]
fn what_is_no_active_hold_is_not_ordered() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let unknown = HoldId::from_uuid(shop.uuid());
    let place = shop.place_from_hold(unknown);
    assert_eq!(shop.ask(place), Err(Rejection::HoldNotFound));
    let released = shop.hold(product_id, 1);
    shop.ask(ReleaseHold { hold_id: released, token: TokenCheck::Right }).unwrap();
    let place = shop.place_from_hold(released);
    assert_eq!(shop.ask(place), Err(Rejection::HoldReleased));
    let used = shop.hold(product_id, 1);
    let place = shop.place_from_hold(used);
    let order_id = shop.ask(place).unwrap().id;
    let place = shop.place_from_hold(used);
    assert_eq!(shop.ask(place), Err(Rejection::HoldAlreadyUsed { order_id }));
}

#[test]
fn an_expired_hold_is_refused_whether_or_not_somebody_has_expired_it() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let hold_id = shop.hold(product_id, 1);
    let in_time = shop.hold(product_id, 1);
    shop.wait(HOLD_TTL.checked_sub(Duration::from_secs(1)).unwrap());
    let place = shop.place_from_hold(in_time);
    shop.ask(place).unwrap();
    shop.wait(Duration::from_secs(1));
    let place = shop.place_from_hold(hold_id);
    assert_eq!(shop.ask(place.clone()), Err(Rejection::HoldExpired));
    shop.ask(ExpireHold { hold_id }).unwrap();
    assert_eq!(shop.ask(place), Err(Rejection::HoldExpired));
}

#[test]
fn items_are_taken_from_what_is_free() {
    let mut shop = Shop::new();
    let (seat, drink) = (shop.product("5", 10), shop.product("1.50", 4));
    let order_id = shop.order(&[(seat, 2), (drink, 3)]);
    let order = shop.order_row(order_id);
    assert_eq!((order.total, order.hold_id), (usd("14.50"), None));
    let lines: Vec<_> = order.items.iter().map(|item| (item.product_id, item.line_total)).collect();
    assert_eq!(lines, [(seat, usd("10")), (drink, usd("4.50"))]);
    assert_eq!((shop.stock(seat), shop.stock(drink)), ((8, 2, 0), (1, 3, 0)));
}

#[test]
fn where_one_item_is_short_nothing_is_taken_from_any() {
    let mut shop = Shop::new();
    let (seat, drink, poster) = (shop.product("5", 10), shop.product("1.50", 4), shop.product("9", 2));
    // The first is short too, but has an expired hold; that isn't touched either.
    shop.hold(seat, 10);
    shop.wait(HOLD_TTL);
    let place = shop.place_items(&[(seat, 2), (drink, 4), (poster, 3)]);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock));
    let place = shop.place_items(&[(seat, 2), (drink, 4), (poster, 2)]);
    shop.ask(place).unwrap();
    assert_eq!((shop.stock(seat), shop.stock(drink), shop.stock(poster)), ((8, 2, 0), (0, 4, 0), (0, 2, 0)));
}

#[test]
fn expired_holds_make_room_for_items_that_are_short_and_only_those() {
    let mut shop = Shop::new();
    let (seat, drink) = (shop.product("5", 3), shop.product("1.50", 4));
    let (of_seat, of_drink) = (shop.hold(seat, 2), shop.hold(drink, 2));
    shop.wait(HOLD_TTL);
    shop.order(&[(seat, 2), (drink, 2)]);
    assert_eq!(shop.hold_row(of_seat).status, HoldStatus::Expired);
    assert_eq!(shop.hold_row(of_drink).status, HoldStatus::Active);
}

#[test]
fn an_order_is_of_known_products_of_one_merchant_in_one_currency_each_once() {
    let mut shop = Shop::new();
    let seat = shop.product("5", 10);
    let create = shop.create_product(eur("5"), 10);
    let in_euros = shop.ask(create).unwrap().id;
    let mut create = shop.create_product(usd("5"), 10);
    create.merchant_id = merchant("another");
    let anothers = shop.ask(create).unwrap().id;
    let unknown = ProductId::from_uuid(shop.uuid());
    for (items, expected) in [
        (&[][..], Rejection::NoItems),
        (&[(seat, 1), (unknown, 1)], Rejection::ProductNotFound),
        (&[(unknown, 1)], Rejection::ProductNotFound),
        (&[(seat, 1), (seat, 2)], Rejection::ProductTwice),
        (&[(seat, 1), (in_euros, 1)], Rejection::MixedCurrencies),
        (&[(seat, 1), (anothers, 1)], Rejection::MixedMerchants),
        (&[(seat, 11), (in_euros, 1)], Rejection::MixedCurrencies),
        (&[(seat, 11)], Rejection::InsufficientStock),
    ] {
        let place = shop.place_items(items);
        assert_eq!(shop.ask(place), Err(expected), "{items:?}");
    }
    let place = shop.place_items(&[(anothers, 1)]);
    assert_eq!(shop.ask(place).unwrap().merchant_id, merchant("another"), "an order is of its products' merchant");
}

#[test]
fn a_total_that_cannot_be_asked_for_is_refused_whether_it_fits_64_bits_or_not() {
    let mut shop = Shop::new();
    let (dear, cent) = (shop.product("1000000000", 1_000_000_000), shop.product("0.01", 1_000_000_000));
    let too_much = Err(Rejection::TotalTooLarge);
    for items in [&[(dear, 2)][..], &[(dear, 1_000_000_000)], &[(dear, 1), (cent, 1)]] {
        let place = shop.place_items(items);
        assert_eq!(shop.ask(place), too_much, "{items:?}");
    }
    let hold_id = shop.hold(dear, 2);
    let place = shop.place_from_hold(hold_id);
    assert_eq!(shop.ask(place), too_much);
    let mut create = shop.create_product(domain::Money::parse("1000000000", domain::Currency::BTC).unwrap(), 1000);
    create.name = domain::ProductName::parse("Treasure").unwrap();
    let treasure = shop.ask(create).unwrap().id;
    let place = shop.place_items(&[(treasure, 1000)]);
    assert_eq!(shop.ask(place), too_much, "10^20 satoshis don't fit 64 bits");
    shop.order(&[(dear, 1)]);
    shop.order(&[(cent, 1_000_000_000)]);
}

#[test]
fn an_id_that_a_client_chose_is_used_once() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let place = shop.place_items(&[(product_id, 1)]);
    shop.ask(place.clone()).unwrap();
    assert_eq!(shop.ask(place.clone()), Err(Rejection::OrderExists));
    let hold_id = shop.hold(product_id, 1);
    let from_hold = PlaceOrder { id: place.id, ..shop.place_from_hold(hold_id) };
    assert_eq!(shop.ask(from_hold), Err(Rejection::OrderExists));
    assert_eq!(shop.hold_row(hold_id).status, HoldStatus::Active);
}

#[test]
fn an_order_whose_id_is_ours_is_placed_once_however_often_it_is_decided() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let place = PlaceOrder { is_id_chosen: false, ..shop.place_items(&[(product_id, 1)]) };
    let order = shop.ask(place.clone()).unwrap();
    shop.wait(Duration::from_secs(1));
    assert_eq!(shop.ask_in_vain(place), Ok(order));
    assert_eq!(shop.stock(product_id), (9, 1, 0));
}
