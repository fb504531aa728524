//! Checkouts of orders: opened by the buyer, or made by the merchant.

use std::time::Duration;

use domain::{
    ChargeNews, CheckoutStatus, CreateCheckout, CreateCheckoutReply, Email, ExpireCheckout, IdempotencyKey, JobStatus,
    OpenOrderCheckout, OrderId, OrderStatus, PAYMENT_GRACE, PlaceOrder, Rejection, Task,
};

use crate::shop::{CHECKOUT_TTL, Notice, ORDER_TTL, Shop, eur, merchant, usd};

fn created(reply: Result<CreateCheckoutReply, Rejection>) -> domain::Checkout {
    match reply.unwrap() {
        CreateCheckoutReply::Created(checkout) => *checkout,
        CreateCheckoutReply::Replayed(checkout) => panic!("it was there before: {checkout:?}"),
    }
}

fn replayed(reply: Result<CreateCheckoutReply, Rejection>) -> domain::Checkout {
    match reply.unwrap() {
        CreateCheckoutReply::Replayed(checkout) => *checkout,
        CreateCheckoutReply::Created(checkout) => panic!("it was not there before: {checkout:?}"),
    }
}

fn email(address: &str) -> Email {
    Email::parse(address).unwrap()
}

/// An order of two at 5 USD, bought by a@example.com from a merchant with a name.
fn shop_with_order() -> (Shop, OrderId) {
    let mut shop = Shop::new();
    let mut create = shop.create_product(usd("5"), 10);
    create.merchant_id = merchant("theatre");
    let product_id = shop.ask(create).unwrap().id;
    let place = PlaceOrder { email: Some(email("a@example.com")), ..shop.place_items(&[(product_id, 2)]) };
    let order_id = shop.ask(place).unwrap().id;
    (shop, order_id)
}

#[test]
fn an_order_gets_a_checkout_for_its_total_and_the_job_of_its_charge() {
    let (mut shop, order_id) = shop_with_order();
    let open = shop.open_checkout(order_id);
    let checkout = created(shop.ask(open.clone()));
    assert_eq!((checkout.id, checkout.money, checkout.order_id), (open.id, usd("10"), Some(order_id)));
    assert_eq!((checkout.merchant_id, checkout.email), (merchant("theatre"), Some(email("a@example.com"))));
    assert_eq!((checkout.status, checkout.expires_at), (CheckoutStatus::Pending, shop.now() + CHECKOUT_TTL));
    let job = shop.books.jobs().get(open.job_id).unwrap();
    assert_eq!((job.task, job.status, job.run_at), (Task::CreateCharge(open.id), JobStatus::Ready, shop.now()));
    assert_eq!(shop.order_row(order_id).checkout_id, Some(open.id));
}

#[test]
fn whoever_pays_may_give_another_address() {
    let (mut shop, order_id) = shop_with_order();
    let open = OpenOrderCheckout { email: Some(email("b@example.com")), ..shop.open_checkout(order_id) };
    assert_eq!(created(shop.ask(open)).email, Some(email("b@example.com")));
}

#[test]
fn the_open_checkout_is_given_again_and_so_is_the_answer_to_the_same_command() {
    let (mut shop, order_id) = shop_with_order();
    let first = shop.open_checkout(order_id);
    let checkout = created(shop.ask(first.clone()));
    shop.wait(CHECKOUT_TTL.checked_sub(Duration::from_secs(1)).unwrap());
    let second = shop.open_checkout(order_id);
    assert_eq!(replayed(shop.ask_in_vain(second)), checkout);
    assert_eq!(created(shop.ask_in_vain(first)), checkout);
}

#[test]
fn a_command_that_is_decided_again_later_answers_with_its_own_checkout_whatever_was_opened_since() {
    let (mut shop, order_id) = shop_with_order();
    let first = shop.open_checkout(order_id);
    let checkout = created(shop.ask(first.clone()));
    shop.wait(CHECKOUT_TTL);
    let second = shop.open_checkout(order_id);
    shop.ask(second.clone()).unwrap();
    assert_eq!(created(shop.ask_in_vain(first)), checkout);
    assert_eq!(shop.order_row(order_id).checkout_id, Some(second.id));
}

#[test]
fn a_checkout_whose_time_is_up_is_followed_by_a_new_one_whether_or_not_somebody_has_expired_it() {
    for is_reaped in [false, true] {
        let (mut shop, order_id) = shop_with_order();
        let first = shop.open_checkout(order_id);
        shop.ask(first.clone()).unwrap();
        shop.wait(CHECKOUT_TTL);
        if is_reaped {
            shop.ask(ExpireCheckout { checkout_id: first.id }).unwrap();
        }
        let second = shop.open_checkout(order_id);
        assert_eq!(created(shop.ask(second.clone())).id, second.id);
        assert_eq!(shop.order_row(order_id).checkout_id, Some(second.id));
    }
}

/// Offering a second page while money is on its way to the first invites the buyer to pay twice.
#[test]
fn while_a_payment_is_under_way_its_checkout_stays_the_open_one() {
    let (mut shop, order_id) = shop_with_order();
    let first = shop.open_checkout(order_id);
    shop.ask(first.clone()).unwrap();
    shop.attach(first.id, first.job_id);
    let seen = shop.news(first.id, ChargeNews::Pending, &[]);
    shop.ask(seen).unwrap();
    shop.wait(CHECKOUT_TTL + PAYMENT_GRACE.checked_sub(Duration::from_secs(1)).unwrap());
    let second = shop.open_checkout(order_id);
    assert_eq!(replayed(shop.ask_in_vain(second)).id, first.id);
    shop.wait(Duration::from_secs(1));
    let third = shop.open_checkout(order_id);
    assert_eq!(created(shop.ask(third.clone())).id, third.id);
}

#[test]
fn a_buyer_whose_charge_failed_tries_again_with_a_new_one() {
    let (mut shop, order_id) = shop_with_order();
    let first = shop.open_checkout(order_id);
    shop.ask(first.clone()).unwrap();
    shop.attach(first.id, first.job_id);
    let failed = shop.news(first.id, ChargeNews::Expired, &[]);
    shop.ask(failed).unwrap();
    assert_eq!(shop.checkout_row(first.id).status, CheckoutStatus::Failed);
    assert_eq!(shop.state(order_id), "pending/unpaid");
    let second = shop.open_checkout(order_id);
    assert_eq!(created(shop.ask(second.clone())).id, second.id);
    shop.attach(second.id, second.job_id);
    shop.confirm(second.id, "tx-1", usd("10"));
    assert_eq!(shop.state(order_id), "paid/paid");
    shop.confirm(first.id, "tx-2", usd("10"));
    assert_eq!(shop.state(order_id), "paid/overpaid", "the failed one was paid too, late");
}

#[test]
fn an_order_that_does_not_wait_for_money_gets_no_checkout() {
    for to in [OrderStatus::Completed, OrderStatus::Cancelled, OrderStatus::Expired, OrderStatus::Refunded] {
        let (mut shop, order_id) = shop_with_order();
        match to {
            OrderStatus::Expired => {
                shop.wait(ORDER_TTL);
                shop.ask(domain::ExpireOrder { order_id }).unwrap();
            }
            OrderStatus::Refunded => {
                shop.tell(order_id, Notice::paid("10"));
                let open = shop.open_checkout(order_id);
                assert_eq!(shop.ask(open), Err(Rejection::OrderNotPending), "it is paid");
                shop.change(order_id, to).unwrap();
            }
            _ => drop(shop.change(order_id, to).unwrap()),
        }
        assert_eq!(shop.order_row(order_id).status, to);
        let open = shop.open_checkout(order_id);
        assert_eq!(shop.ask(open), Err(Rejection::OrderNotPending), "{to}");
        let create = shop.create_checkout(order_id, usd("10"));
        assert_eq!(shop.ask(create), Err(Rejection::OrderNotPending), "{to}");
    }
}

#[test]
fn an_unknown_order_is_not_opened_but_a_merchant_may_ask_for_its_payment_before() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let open = shop.open_checkout(order_id);
    assert_eq!(shop.ask(open), Err(Rejection::OrderNotFound));
    let create = shop.create_checkout(order_id, usd("10"));
    assert_eq!(created(shop.ask(create)).order_id, Some(order_id));
}

#[test]
fn a_merchant_asks_for_exactly_what_a_known_order_costs() {
    let (mut shop, order_id) = shop_with_order();
    for money in [usd("9.99"), usd("10.01"), eur("10")] {
        let create = shop.create_checkout(order_id, money);
        assert_eq!(shop.ask(create), Err(Rejection::AmountNotOrders), "{money:?}");
    }
    let create = shop.create_checkout(order_id, usd("10"));
    created(shop.ask(create));
}

#[test]
fn a_request_that_is_repeated_is_answered_even_when_the_order_is_no_longer_pending() {
    let (mut shop, order_id) = shop_with_order();
    let idempotency_key = Some(IdempotencyKey::parse("key-1").unwrap());
    let create =
        CreateCheckout { idempotency_key: idempotency_key.clone(), ..shop.create_checkout(order_id, usd("10")) };
    let checkout = created(shop.ask(create.clone()));
    shop.tell(order_id, Notice::paid("10"));
    let same = CreateCheckout { idempotency_key: idempotency_key.clone(), ..shop.create_checkout(order_id, usd("10")) };
    assert_eq!(replayed(shop.ask_in_vain(same)), checkout);
    let other = CreateCheckout { idempotency_key, ..shop.create_checkout(order_id, usd("11")) };
    assert_eq!(shop.ask(other), Err(Rejection::IdempotencyKeyReused));
    assert_eq!(created(shop.ask_in_vain(create)), checkout);
}
