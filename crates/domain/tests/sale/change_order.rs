//! What the seller and the clock do to orders, and what that does to stock and money.

use std::time::Duration;

use domain::{ChangeOrderStatus, ExpireOrder, HoldStatus, ORDER_GRACE, OrderId, OrderStatus, ProductId, Rejection};

use crate::shop::{HOLD_TTL, Notice, ORDER_TTL, Shop, usd};

/// A shop and an order of two of ten in the given state.
fn order_that_is(state: &str) -> (Shop, ProductId, OrderId) {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 10);
    let order_id = shop.order(&[(product_id, 2)]);
    let (status, payment_status) = state.split_once('/').unwrap();
    let (first, second) = (shop.checkout(order_id, usd("10")), shop.checkout(order_id, usd("10")));
    match payment_status {
        "underpaid" => drop(shop.underpay(first, "tx-1", usd("4"))),
        "paid" => drop(shop.confirm(first, "tx-1", usd("10"))),
        "overpaid" => {
            shop.confirm(first, "tx-1", usd("10"));
            shop.confirm(second, "tx-2", usd("10"));
        }
        _ => {}
    }
    match status {
        "completed" => drop(shop.change(order_id, OrderStatus::Completed).unwrap()),
        "cancelled" if payment_status == "failed" => drop(shop.tell(order_id, Notice::FAILED)),
        "cancelled" => drop(shop.change(order_id, OrderStatus::Cancelled).unwrap()),
        "expired" => {
            shop.wait(ORDER_TTL);
            shop.ask(ExpireOrder { order_id }).unwrap();
        }
        "refunded" => {
            shop.confirm(first, "tx-1", usd("10"));
            shop.change(order_id, OrderStatus::Refunded).unwrap();
        }
        _ => {}
    }
    if matches!(status, "cancelled" | "expired" | "refunded") && payment_status.starts_with("refund") {
        shop.underpay(second, "tx-2", usd("4"));
    }
    if payment_status == "refunded" {
        shop.change(order_id, OrderStatus::Refunded).unwrap();
    }
    assert_eq!(shop.state(order_id), state);
    (shop, product_id, order_id)
}

/// What the seller may make of an order: its state, what is asked for, and its state afterwards. Everything that isn't
/// written here is refused.
const ALLOWED: [(&str, &str, &str); 12] = [
    ("pending/unpaid", "completed", "completed/unpaid"),
    ("pending/unpaid", "cancelled", "cancelled/unpaid"),
    ("pending/underpaid", "completed", "completed/underpaid"),
    ("pending/underpaid", "cancelled", "cancelled/refund_due"),
    ("paid/paid", "completed", "completed/paid"),
    ("paid/paid", "refunded", "refunded/refunded"),
    ("paid/overpaid", "completed", "completed/overpaid"),
    ("paid/overpaid", "refunded", "refunded/refunded"),
    ("completed/overpaid", "refunded", "completed/paid"),
    ("cancelled/refund_due", "refunded", "cancelled/refunded"),
    ("expired/refund_due", "refunded", "expired/refunded"),
    ("refunded/refund_due", "refunded", "refunded/refunded"),
];

/// Available, held and sold of ten, of which the order is for two.
fn stock_while(status: OrderStatus) -> (u32, u32, u32) {
    match status {
        OrderStatus::Pending => (8, 2, 0),
        OrderStatus::Paid | OrderStatus::Completed => (8, 0, 2),
        OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Refunded => (10, 0, 0),
    }
}

const STATES: [&str; 17] = [
    "pending/unpaid",
    "pending/underpaid",
    "paid/paid",
    "paid/overpaid",
    "completed/unpaid",
    "completed/underpaid",
    "completed/paid",
    "completed/overpaid",
    "cancelled/unpaid",
    "cancelled/failed",
    "cancelled/refund_due",
    "cancelled/refunded",
    "expired/unpaid",
    "expired/refund_due",
    "expired/refunded",
    "refunded/refunded",
    "refunded/refund_due",
];

#[test]
fn the_seller_changes_an_order_as_written_here_and_no_other_way() {
    for state in STATES {
        for &to in OrderStatus::ALL {
            let (mut shop, product_id, order_id) = order_that_is(state);
            let from = shop.order_row(order_id).status;
            let outcome = shop.ask(ChangeOrderStatus { order_id, to });
            match ALLOWED.iter().find(|row| (row.0, row.1) == (state, to.as_str())) {
                Some((_, _, after)) => {
                    assert_eq!(*outcome.unwrap(), *shop.order_row(order_id));
                    assert_eq!(shop.state(order_id), *after, "{state} -> {to}");
                    assert_eq!(shop.stock(product_id), stock_while(shop.order_row(order_id).status), "{state} -> {to}");
                    assert_eq!(shop.order_row(order_id).updated_at, shop.now());
                }
                None => assert_eq!(outcome, Err(Rejection::InvalidTransition { from, to }), "{state} -> {to}"),
            }
        }
    }
}

#[test]
fn an_order_that_was_given_back_and_paid_again_is_given_back_again() {
    let (mut shop, product_id, order_id) = order_that_is("refunded/refund_due");
    shop.change(order_id, OrderStatus::Refunded).unwrap();
    assert_eq!(shop.state(order_id), "refunded/refunded");
    assert_eq!(shop.stock(product_id), (10, 0, 0), "its stock came back only once");
}

#[test]
fn no_order_is_changed_that_is_not_there() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    assert_eq!(shop.change(order_id, OrderStatus::Completed), Err(Rejection::OrderNotFound));
    assert_eq!(shop.ask(ExpireOrder { order_id }), Err(Rejection::OrderNotFound));
}

#[test]
fn a_pending_order_expires_when_its_time_is_up_not_before_and_once() {
    // Once some of its money was seen, it has longer.
    for (state, time_to_live, after) in
        [("pending/unpaid", ORDER_TTL, "expired/unpaid"), ("pending/underpaid", ORDER_GRACE, "expired/refund_due")]
    {
        let (mut shop, product_id, order_id) = order_that_is(state);
        shop.wait(time_to_live.checked_sub(Duration::from_secs(1)).unwrap());
        assert_eq!(shop.ask_in_vain(ExpireOrder { order_id }).unwrap().status, OrderStatus::Pending);
        shop.wait(Duration::from_secs(1));
        let expired = shop.ask(ExpireOrder { order_id }).unwrap();
        assert_eq!((shop.state(order_id).as_str(), shop.stock(product_id)), (after, (10, 0, 0)));
        shop.wait(Duration::from_secs(1));
        assert_eq!(shop.ask_in_vain(ExpireOrder { order_id }), Ok(expired));
    }
}

#[test]
fn an_order_that_is_not_pending_does_not_expire() {
    for state in STATES.into_iter().filter(|state| !state.starts_with("pending")) {
        let (mut shop, _, order_id) = order_that_is(state);
        shop.wait(ORDER_TTL);
        shop.ask_in_vain(ExpireOrder { order_id }).unwrap();
        assert_eq!(shop.state(order_id), state);
    }
}

#[test]
fn every_item_of_an_order_comes_back_and_is_sold_together() {
    let mut shop = Shop::new();
    let (seat, drink) = (shop.product("5", 10), shop.product("1", 10));
    let order_id = shop.order(&[(seat, 2), (drink, 3)]);
    shop.tell(order_id, Notice::paid("13"));
    assert_eq!((shop.stock(seat), shop.stock(drink)), ((8, 0, 2), (7, 0, 3)));
    shop.change(order_id, OrderStatus::Refunded).unwrap();
    assert_eq!((shop.stock(seat), shop.stock(drink)), ((10, 0, 0), (10, 0, 0)));
}

#[test]
fn late_money_takes_all_of_an_orders_stock_again_or_none() {
    let mut shop = Shop::new();
    let (seat, drink) = (shop.product("5", 2), shop.product("1", 3));
    let order_id = shop.order(&[(seat, 2), (drink, 3)]);
    let checkout_id = shop.checkout(order_id, usd("13"));
    shop.wait(ORDER_TTL);
    shop.ask(ExpireOrder { order_id }).unwrap();
    shop.order(&[(drink, 1)]);
    shop.confirm(checkout_id, "tx-1", usd("13"));
    assert_eq!(shop.state(order_id), "expired/refund_due");
    assert_eq!((shop.stock(seat), shop.stock(drink)), ((2, 0, 0), (2, 1, 0)));
}

#[test]
fn late_money_takes_its_stock_from_holds_whose_time_is_up() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 2);
    let order_id = shop.order(&[(product_id, 2)]);
    shop.wait(ORDER_TTL);
    shop.ask(ExpireOrder { order_id }).unwrap();
    let hold_id = shop.hold(product_id, 2);
    shop.wait(HOLD_TTL);
    shop.tell(order_id, Notice::paid("10"));
    assert_eq!(shop.state(order_id), "paid/paid");
    assert_eq!((shop.stock(product_id), shop.hold_row(hold_id).status), ((0, 0, 2), HoldStatus::Expired));
}

#[test]
fn late_money_finds_nothing_left_where_others_still_hold_it() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 2);
    let order_id = shop.order(&[(product_id, 2)]);
    shop.wait(ORDER_TTL);
    shop.ask(ExpireOrder { order_id }).unwrap();
    let hold_id = shop.hold(product_id, 1);
    shop.wait(HOLD_TTL.checked_sub(Duration::from_secs(1)).unwrap());
    shop.tell(order_id, Notice::paid("10"));
    assert_eq!(shop.state(order_id), "expired/refund_due");
    assert_eq!((shop.stock(product_id), shop.hold_row(hold_id).status), ((1, 1, 0), HoldStatus::Active));
}
