//! What is broken by hand is found, on both databases, and nothing else is.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod repairs;
mod shop;

use std::time::Duration;

use domain::{
    ChangeOrderStatus, ChargeNews, CheckoutId, IssueCode, OrderId, OrderStatus, PaymentOutcome, Repair, Timestamp,
};
use ports::Clock;
use shop::{Shop, counts};
use testkit::builders::{
    attach_charge, charge_code, create_checkout, order_of_items, order_paid, paid_event, payment_notice, place_hold,
    reported, usd,
};
use uuid::Uuid;

/// Breaks something on both databases, and sees what is found.
async fn assert_found(sql: impl Fn(&Shop) -> String, expected: &[IssueCode]) {
    for shop in Shop::both().await {
        let sql = sql(&shop);
        shop.break_it(&sql);
        assert_eq!(shop.codes().await, expected.iter().copied().collect(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_counts_of_stock_are_found() {
    use IssueCode::{HeldStockMismatch, Oversold, SoldStockMismatch};
    let set = |what: &'static str| {
        move |shop: &Shop| format!("UPDATE products SET {what} WHERE id = {}", shop.id(shop.product.as_uuid()))
    };
    assert_found(set("held_stock = held_stock + 1"), &[HeldStockMismatch]).await;
    assert_found(set("sold_stock = sold_stock - 1"), &[SoldStockMismatch]).await;
    assert_found(
        set("total_stock = 2, held_stock = 1, sold_stock = 1"),
        &[Oversold, HeldStockMismatch, SoldStockMismatch],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_and_orders_that_do_not_belong_together_are_found() {
    use IssueCode::{
        HoldWithoutOrder, OrderHoldMismatch, OrderTotalMismatch, SoldStockMismatch, TransactionWithoutOrder,
    };
    assert_found(
        |shop| format!("UPDATE orders SET hold_id = NULL WHERE id = {}", shop.id(shop.paid_order.as_uuid())),
        &[HoldWithoutOrder],
    )
    .await;
    assert_found(
        |shop| {
            let (hold, order) = (shop.id(shop.hold.as_uuid()), shop.id(shop.order.as_uuid()));
            format!("UPDATE holds SET order_id = {order} WHERE id = {hold}")
        },
        &[HoldWithoutOrder, OrderHoldMismatch],
    )
    .await;
    assert_found(
        |shop| {
            let order = shop.id(shop.paid_order.as_uuid());
            let off = if shop.is_postgres { "" } else { "PRAGMA foreign_keys = OFF; " };
            format!("{off}DELETE FROM order_items WHERE order_id = {order}; DELETE FROM orders WHERE id = {order}")
        },
        &[HoldWithoutOrder, SoldStockMismatch, TransactionWithoutOrder],
    )
    .await;
    assert_found(
        |shop| {
            let order = shop.id(shop.order.as_uuid());
            format!("UPDATE order_items SET price_minor = price_minor + 1 WHERE order_id = {order}")
        },
        &[OrderTotalMismatch],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_do_not_show_their_money_are_found() {
    use IssueCode::{OrderMoneyIgnored, OrderMoneyMissing, OrderStatusMismatch};
    let set = |what: &'static str, order: fn(&Shop) -> OrderId| {
        move |shop: &Shop| format!("UPDATE orders SET {what} WHERE id = {}", shop.id(order(shop).as_uuid()))
    };
    let unpaid = &[OrderMoneyIgnored, OrderStatusMismatch];
    assert_found(set("payment_status = 'unpaid'", |shop| shop.paid_order), unpaid).await;
    assert_found(set("payment_status = 'unpaid'", |shop| shop.order), unpaid).await;
    assert_found(set("payment_status = 'paid'", |shop| shop.pending_order), &[OrderMoneyMissing, OrderStatusMismatch])
        .await;
    let received = &[IssueCode::OrderReceivedMismatch];
    assert_found(set("received_minor = received_minor + 1", |shop| shop.order), received).await;
    assert_found(
        |shop| {
            let checkout = shop.id(shop.checkout.as_uuid());
            format!("UPDATE checkouts SET received_minor = received_minor - 1 WHERE id = {checkout}")
        },
        &[IssueCode::CheckoutReceivedMismatch],
    )
    .await;
    assert_found(set("status = 'completed', payment_status = 'unpaid'", |shop| shop.order), &[OrderMoneyIgnored]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_lost_or_booked_wrongly_is_found() {
    use IssueCode::{
        CheckoutMoneyIgnored, CheckoutReceivedMismatch, CheckoutWithoutTransaction, MovementShared, OrderMoneyMissing,
        OrderReceivedMismatch, PaymentNotRecorded, TransactionMismatch, TransactionWithoutOrder,
    };
    assert_found(
        |shop| format!("DELETE FROM transactions WHERE checkout_id = {}", shop.id(shop.checkout.as_uuid())),
        &[OrderReceivedMismatch, CheckoutReceivedMismatch, PaymentNotRecorded, CheckoutWithoutTransaction],
    )
    .await;
    assert_found(
        |shop| format!("DELETE FROM transactions WHERE order_id = {}", shop.id(shop.paid_order.as_uuid())),
        &[OrderMoneyMissing, OrderReceivedMismatch, PaymentNotRecorded],
    )
    .await;
    assert_found(
        |shop| {
            let order = shop.id(shop.paid_order.as_uuid());
            format!("UPDATE transactions SET currency = 'EUR' WHERE order_id = {order}")
        },
        &[TransactionMismatch, OrderReceivedMismatch],
    )
    .await;
    assert_found(
        |shop| {
            let (checkout, order) = (shop.id(shop.checkout.as_uuid()), shop.id(shop.paid_order.as_uuid()));
            format!("UPDATE transactions SET order_id = {order} WHERE checkout_id = {checkout}")
        },
        &[TransactionMismatch, OrderReceivedMismatch],
    )
    .await;
    assert_found(
        |shop| {
            let (nobody, order) = (shop.id(Uuid::from_u128(7)), shop.id(shop.paid_order.as_uuid()));
            format!("UPDATE transactions SET order_id = {nobody} WHERE order_id = {order}")
        },
        &[TransactionWithoutOrder, OrderMoneyMissing, OrderReceivedMismatch, PaymentNotRecorded],
    )
    .await;
    assert_found(
        |shop| {
            let checkout = shop.id(shop.checkout.as_uuid());
            format!("UPDATE checkouts SET status = 'FAILED', completed_at = NULL WHERE id = {checkout}")
        },
        &[CheckoutMoneyIgnored],
    )
    .await;
    assert_found(
        |shop| {
            let (checkout, order) = (shop.id(shop.checkout.as_uuid()), shop.id(shop.paid_order.as_uuid()));
            format!(
                "UPDATE transactions SET provider = 'coinbase', provider_transaction_id = (SELECT t.provider_transaction_id \
                FROM transactions AS t WHERE t.checkout_id = {checkout}) WHERE order_id = {order} AND checkout_id IS NULL"
            )
        },
        &[MovementShared, PaymentNotRecorded],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkouts_that_nobody_sees_to_are_found() {
    let without = |kind: &'static str, checkout: fn(&Shop) -> CheckoutId| {
        move |shop: &Shop| {
            let checkout = shop.id(checkout(shop).as_uuid());
            format!("DELETE FROM jobs WHERE kind = '{kind}' AND subject_id = {checkout}")
        }
    };
    assert_found(without("create_charge", |shop| shop.chargeless), &[IssueCode::ChargeJobMissing]).await;
    assert_found(without("poll_charge", |shop| shop.charged), &[IssueCode::PollJobMissing]).await;
    assert_found(without("create_charge", |shop| shop.charged), &[]).await;
    assert_found(without("poll_charge", |shop| shop.checkout), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_waits_for_what_is_there_is_found_and_replayed() {
    for shop in Shop::both().await {
        let event = shop.id(shop.event.as_uuid());
        shop.break_it(&format!(
            "UPDATE events SET verdict = 'waiting', processed_at = NULL, waiting_for = subject, checkout_id = NULL, \
            order_id = NULL WHERE id = {event}"
        ));
        let [issue] = &shop.issues().await[..] else { panic!("one thing is wrong") };
        assert_eq!((issue.code, issue.repair), (IssueCode::EventNotApplied, Some(Repair::ReplayEvent(shop.event))));
        let stored = shop.test.store.events.event(shop.event).await.unwrap().unwrap();
        shop.test.decide(domain::ReplayEvent::of(&stored)).await.unwrap();
        assert_eq!(shop.issues().await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_has_ended_in_time_is_found_with_what_ends_it() {
    for shop in Shop::both().await {
        shop.test.clock.advance(Duration::from_secs(3 * 3600));
        let repairs: Vec<Repair> = shop.issues().await.into_iter().filter_map(|issue| issue.repair).collect();
        assert!(repairs.contains(&Repair::ExpireHold(shop.active_hold)), "{repairs:?}");
        assert!(repairs.contains(&Repair::ExpireOrder(shop.pending_order)), "{repairs:?}");
        assert!(repairs.contains(&Repair::ExpireCheckout(shop.chargeless)), "{repairs:?}");
        assert_eq!(repairs.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_waits_for_a_person_is_no_fault() {
    for shop in Shop::both().await {
        let test = &shop.test;
        // Late money for what is sold out, money that was given back, an amount that is wrong, a checkout that is unresolved.
        test.decide(ChangeOrderStatus { order_id: shop.pending_order, to: OrderStatus::Cancelled }).await.unwrap();
        let left = counts(&test.store).await[0];
        let left = u64::try_from(left.total - left.held - left.sold).unwrap();
        test.decide(place_hold(shop.product, left)).await.unwrap();
        test.decide(order_paid(shop.pending_order)).await.unwrap();
        let mut again = payment_notice(shop.paid_order, PaymentOutcome::Paid);
        again.payment_id = None;
        test.decide(testkit::builders::notified(shop.paid_order, again, "again")).await.unwrap();
        let mut short = payment_notice(shop.pending_order, PaymentOutcome::Paid);
        short.amount = Some(domain::BareAmount::parse("1").unwrap());
        test.decide(testkit::builders::notified(shop.pending_order, short, "short")).await.unwrap();
        let (create, code) = (create_checkout(), charge_code());
        test.decide(create.clone()).await.unwrap();
        test.decide(attach_charge(&create, &code)).await.unwrap();
        test.decide(paid_event(&code, ChargeNews::Confirmed, usd("29.99"), usd("1"))).await.unwrap();
        test.decide(reported(&charge_code(), testkit::builders::report(ChargeNews::Confirmed))).await.unwrap();
        test.clock.advance(Duration::from_secs(3601));
        let codes = shop.codes().await;
        assert!(codes.iter().all(|code| !code.is_finding()), "{codes:?}");
        for code in [
            IssueCode::RefundDue,
            IssueCode::OrderOverpaid,
            IssueCode::CheckoutUnresolved,
            IssueCode::EventRejected,
            IssueCode::EventWaiting,
        ] {
            assert!(codes.contains(&code), "{code}: {codes:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_at_both_ends_are_counted_and_end_the_walk() {
    for shop in Shop::both().await {
        for id in [Uuid::nil(), Uuid::max()] {
            let place = domain::PlaceOrder {
                id: OrderId::from_uuid(id),
                is_id_chosen: true,
                ..order_of_items(&[(shop.product, 1)])
            };
            shop.test.decide(place).await.unwrap();
        }
        let ids = async |after| -> Vec<OrderId> {
            let page = shop.test.store.audit.order_accounts(after, 100).await.unwrap();
            page.into_iter().map(|account| account.id).collect()
        };
        let all = ids(None).await;
        assert_eq!((all.len(), all[0].as_uuid(), all[4].as_uuid()), (5, Uuid::nil(), Uuid::max()));
        assert_eq!(ids(all.last().copied()).await, []);
        assert_eq!(shop.issues().await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_books_stay_sound_as_time_goes_by() {
    for shop in Shop::both().await {
        for days in [1, 4, 30] {
            shop.test.clock.advance(Duration::from_secs(days * 24 * 3600));
            let codes = shop.codes().await;
            assert!(codes.iter().all(|code| !code.is_finding()), "after {days} days more: {codes:?}");
        }
        assert!(shop.test.clock.now() > Timestamp::from_unix_us(0));
    }
}
