//! What is broken by hand is found, on both databases, and nothing else is.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use adapters::Store;
use domain::{
    AuditSubject, ChangeOrderStatus, ChargeNews, CheckoutId, EventId, HoldId, Issue, IssueCode, OrderId, OrderStatus,
    PaymentOutcome, PlaceHold, ProductId, Repair, RepairReply, RepairStock, StockCount, Timestamp,
};
use ports::{AuditTrailFilter, Clock, PageRequest, execute};
use testkit::builders::{
    attach_charge, attach_charge_to_order, charge_code, create_checkout, create_product, open_checkout, order_of_hold,
    order_of_items, order_paid, paid_event, payment_notice, place_hold, quantity, reported, usd,
};
use testkit::stores::TestStore;
use uuid::Uuid;

/// A shop in which a bit of everything has happened, and nothing is wrong.
struct Shop {
    test: TestStore,
    is_postgres: bool,
    product: ProductId,
    active_hold: HoldId,
    /// Ordered by a hold, and paid by a notice.
    hold: HoldId,
    paid_order: OrderId,
    /// Ordered, and paid through a checkout.
    order: OrderId,
    checkout: CheckoutId,
    event: EventId,
    /// Nobody has paid these.
    pending_order: OrderId,
    charged: CheckoutId,
    chargeless: CheckoutId,
}

impl Shop {
    async fn open(test: TestStore, is_postgres: bool) -> Self {
        let create = create_product(50);
        let product = test.decide(create).await.unwrap().id;
        let active_hold = test.decide(place_hold(product, 1)).await.unwrap().id;
        let hold = test.decide(place_hold(product, 2)).await.unwrap().id;
        let paid_order = test.decide(order_of_hold(hold)).await.unwrap().id;
        test.decide(order_paid(paid_order)).await.unwrap();
        let order = test.decide(order_of_items(&[(product, 2)])).await.unwrap().id;
        let (opened, code) = (open_checkout(order), charge_code());
        test.decide(opened.clone()).await.unwrap();
        test.decide(attach_charge_to_order(&opened, &code)).await.unwrap();
        let event = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
        test.decide(event.clone()).await.unwrap();
        let pending_order = test.decide(order_of_items(&[(product, 3)])).await.unwrap().id;
        let (charged, chargeless) = (create_checkout(), create_checkout());
        test.decide(charged.clone()).await.unwrap();
        test.decide(attach_charge(&charged, &charge_code())).await.unwrap();
        test.decide(chargeless.clone()).await.unwrap();
        let shop = Self {
            test,
            is_postgres,
            product,
            active_hold,
            hold,
            paid_order,
            order,
            checkout: opened.id,
            event: event.id,
            pending_order,
            charged: charged.id,
            chargeless: chargeless.id,
        };
        assert_eq!(shop.issues().await, []);
        shop
    }

    async fn both() -> [Self; 2] {
        [Self::open(TestStore::postgres(), true).await, Self::open(TestStore::sqlite(), false).await]
    }

    /// An id as the database writes it.
    fn id(&self, id: Uuid) -> String {
        if self.is_postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    fn break_it(&self, sql: &str) {
        let unchecked = if self.is_postgres { "SET session_replication_role = replica; " } else { "" };
        self.test.execute_sql(&format!("{unchecked}{sql}"));
    }

    /// All that is wrong, read in pages of two so that pages meet.
    async fn issues(&self) -> Vec<Issue> {
        let (audit, now) = (&self.test.store.audit, self.test.clock.now());
        let mut issues: Vec<Issue> = counts(&self.test.store).await.iter().flat_map(StockCount::issues).collect();
        let mut after = None;
        while let page = audit.hold_accounts(after, 2, now).await.unwrap()
            && page.last.is_some()
        {
            after = page.last;
            issues.extend(page.accounts.iter().filter_map(|account| account.issue(now)));
        }
        let mut after = None;
        while let page = audit.order_accounts(after, 2).await.unwrap()
            && !page.is_empty()
        {
            after = page.last().map(|account| account.id);
            issues.extend(page.iter().flat_map(|account| account.issues(now)));
        }
        let mut after = None;
        while let page = audit.transaction_accounts(after, 2).await.unwrap()
            && !page.is_empty()
        {
            after = page.last().map(|account| account.movement.id);
            issues.extend(page.iter().flat_map(domain::TransactionAccount::issues));
        }
        let mut before = None;
        while let page = audit.checkout_accounts(before, 2).await.unwrap()
            && !page.is_empty()
        {
            before = page.last().map(|account| account.id);
            issues.extend(page.iter().flat_map(|account| account.issues(now)));
        }
        let mut before = None;
        while let page = audit.event_accounts(before, 2).await.unwrap()
            && !page.is_empty()
        {
            before = page.last().map(|account| account.id);
            issues.extend(page.iter().filter_map(|account| account.issue(now)));
        }
        issues
    }

    async fn codes(&self) -> BTreeSet<IssueCode> {
        self.issues().await.into_iter().map(|issue| issue.code).collect()
    }
}

async fn counts(store: &Store) -> Vec<StockCount> {
    let mut counts: Vec<StockCount> = Vec::new();
    loop {
        let more = store.audit.stock_counts(counts.last().map(|count| count.product_id), 2).await.unwrap();
        if more.is_empty() {
            return counts;
        }
        counts.extend(more);
    }
}

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

/// The repair that the count of the one product asks for.
async fn repair_of(store: &Store) -> RepairStock {
    let issues = counts(store).await[0].issues();
    let Some(Repair::Stock(repair)) = issues.first().and_then(|issue| issue.repair) else { panic!("{issues:?}") };
    repair
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_repaired_once_and_the_repair_is_written_down() {
    for shop in Shop::both().await {
        let (test, product) = (&shop.test, shop.id(shop.product.as_uuid()));
        let before = test.store.products.product(shop.product).await.unwrap().unwrap();
        shop.break_it(&format!("UPDATE products SET held_stock = 9, sold_stock = 0 WHERE id = {product}"));
        let repair = repair_of(&test.store).await;
        // The sale goes on before the repair comes.
        test.decide(place_hold(shop.product, 5)).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        let RepairReply::Repaired(repaired) = test.decide(repair).await.unwrap() else { panic!("not repaired") };
        let stock = repaired.stock;
        assert_eq!((stock.held(), stock.sold()), (before.stock.held() + 5, before.stock.sold()));
        assert_eq!(shop.issues().await, []);
        assert_eq!(test.decide(repair).await, Ok(RepairReply::Outdated));
        assert_eq!(test.store.products.product(shop.product).await.unwrap().unwrap(), *repaired);
        let of_product = AuditTrailFilter { subject_id: Some(shop.product.as_uuid()) };
        let trail =
            test.store.audit_trail.audit_trail(of_product, PageRequest { page: 1, page_size: 10 }).await.unwrap();
        let entry = &trail.items[0];
        assert_eq!((entry.subject, entry.command.as_str()), (AuditSubject::Product, "RepairStock"));
        let changes: Vec<(&str, Option<&str>, Option<&str>)> =
            entry.changes.iter().map(|c| (c.field.as_str(), c.from.as_deref(), c.to.as_deref())).collect();
        assert_eq!(changes, [("held_stock", Some("14"), Some("9")), ("sold_stock", Some("0"), Some("4"))]);
        // And broken once more, it is repaired once more.
        shop.break_it(&format!("UPDATE products SET held_stock = held_stock - 1 WHERE id = {product}"));
        let again = repair_of(&test.store).await;
        assert_eq!(again.after_repairs, 1);
        assert!(matches!(test.decide(again).await, Ok(RepairReply::Repaired(_))));
        assert_eq!(shop.issues().await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_counted_and_does_not_fit_into_the_total_is_left_to_a_person() {
    for shop in Shop::both().await {
        let product = shop.id(shop.product.as_uuid());
        shop.break_it(&format!(
            "UPDATE products SET total_stock = 3, held_stock = 0, sold_stock = 0 WHERE id = {product}"
        ));
        let issues = shop.issues().await;
        assert_eq!(issues.len(), 3);
        assert!(issues.iter().all(|issue| issue.repair.is_none()), "{issues:?}");
    }
}

/// Buys and lets go on a node, as fast as it answers, until told to stop.
async fn buy(node: Store, product_id: ProductId, stop: tokio::sync::watch::Receiver<bool>) -> u32 {
    let mut bought = 0;
    while !*stop.borrow() {
        let place = PlaceHold { quantity: quantity(1), ..place_hold(product_id, 1) };
        let Ok(Ok(hold)) = execute(&*node.ledger, place).await else { continue };
        let Ok(Ok(order)) = execute(&*node.ledger, order_of_hold(hold.id)).await else { continue };
        let paid = execute(&*node.ledger, order_paid(order.id)).await;
        bought += u32::from(paid.is_ok());
    }
    bought
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_repaired_exactly_while_two_nodes_sell_it_and_two_repair_it() {
    for shop in Shop::both().await {
        let (test, product) = (&shop.test, shop.id(shop.product.as_uuid()));
        test.execute_sql(&format!("UPDATE products SET total_stock = 1000000 WHERE id = {product}"));
        let nodes = [test.second_node(), test.second_node()];
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let buyers: Vec<_> =
            nodes.iter().map(|node| tokio::spawn(buy(node.clone(), shop.product, stopped.clone()))).collect();
        for round in 0..5 {
            test.execute_sql(&format!(
                "UPDATE products SET held_stock = held_stock + 7, sold_stock = sold_stock + {round} WHERE id = {product}"
            ));
            let repair = repair_of(&nodes[0]).await;
            let (one, other) = tokio::join!(execute(&*nodes[0].ledger, repair), execute(&*nodes[1].ledger, repair));
            let replies = [one.unwrap().unwrap(), other.unwrap().unwrap()];
            let repaired = replies.iter().filter(|reply| matches!(reply, RepairReply::Repaired(_))).count();
            assert_eq!((repaired, replies.contains(&RepairReply::Outdated)), (1, true), "{replies:?}");
            assert_eq!(counts(&test.store).await[0].issues(), []);
        }
        stop.send_replace(true);
        for buyer in buyers {
            assert!(buyer.await.unwrap() > 0, "nothing was sold meanwhile");
        }
        assert_eq!(counts(&test.store).await[0].issues(), []);
        for node in nodes {
            node.stop().await;
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
