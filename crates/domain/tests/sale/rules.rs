//! What must be true of all rows at any time, and of every step from some rows to others.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;

use domain::{
    ChargeNews, ChargeReport, Checkout, CheckoutStatus, Event, EventReport, HoldStatus, Order, OrderStatus,
    PaymentOutcome, PaymentStatus, ProductId, Quantity, Reason, Reported, StockShare, Subject, Transaction, Verdict,
};

use crate::rows::Rows;

/// Everything that holds of rows whatever came before.
pub(crate) fn check(rows: &Rows) {
    stock_adds_up(rows);
    holds_become_one_order_each(rows);
    orders_add_up(rows);
    movements_are_recorded_once(rows);
    told_money_is_recorded(rows);
    sums_are_those_of_the_ledger(rows);
    nothing_waits_for_what_is_there(rows);
}

fn stock_adds_up(rows: &Rows) {
    let (mut held, mut sold) = (BTreeMap::new(), BTreeMap::new());
    let count = |counts: &mut BTreeMap<ProductId, u32>, id: ProductId, quantity: Quantity| {
        *counts.entry(id).or_default() += quantity.get();
    };
    for hold in rows.holds.values().filter(|hold| hold.status == HoldStatus::Active) {
        count(&mut held, hold.product_id, hold.quantity);
    }
    for order in rows.orders.values() {
        let counts = match order.status {
            OrderStatus::Pending => &mut held,
            OrderStatus::Paid | OrderStatus::Completed => &mut sold,
            OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Refunded => continue,
        };
        order.items.iter().for_each(|item| count(counts, item.product_id, item.quantity));
    }
    for product in rows.products.values() {
        let stock = product.stock;
        assert_eq!(stock.held(), held.get(&product.id).copied().unwrap_or(0), "held of {product:?}");
        assert_eq!(stock.sold(), sold.get(&product.id).copied().unwrap_or(0), "sold of {product:?}");
        assert_eq!(stock.total(), stock.available() + stock.held() + stock.sold(), "{product:?}");
        assert!(product.deleted_at.is_none() || stock.held() == 0, "deleted while in use: {product:?}");
    }
}

fn holds_become_one_order_each(rows: &Rows) {
    for hold in rows.holds.values() {
        assert_eq!(hold.status == HoldStatus::Active, hold.ended_at.is_none(), "{hold:?}");
        assert_eq!(hold.status == HoldStatus::Converted, hold.order_id.is_some(), "{hold:?}");
        let orders: Vec<_> = rows.orders.values().filter(|order| order.hold_id == Some(hold.id)).collect();
        assert_eq!(orders.iter().map(|order| order.id).collect::<Vec<_>>(), Vec::from_iter(hold.order_id), "{hold:?}");
        for order in orders {
            let items: Vec<_> = order.items.iter().map(|item| (item.product_id, item.quantity)).collect();
            assert_eq!(items, [(hold.product_id, hold.quantity)]);
            assert!(hold.ended_at < Some(hold.expires_at), "an expired hold was converted: {hold:?}");
        }
    }
    let from_holds = rows.orders.values().filter_map(|order| order.hold_id);
    assert!(from_holds.into_iter().all(|id| rows.holds.contains_key(&id)));
}

fn orders_add_up(rows: &Rows) {
    use OrderStatus::{Cancelled, Completed, Expired, Paid, Pending, Refunded};
    for order in rows.orders.values() {
        let mut sum_minor = 0;
        for item in &order.items {
            let of_product = order.items.iter().filter(|other| other.product_id == item.product_id);
            assert_eq!(of_product.count(), 1, "a product twice: {order:?}");
            assert_eq!(item.price_at_purchase.checked_mul(item.quantity), Some(item.line_total), "{order:?}");
            assert_eq!(item.line_total.currency(), order.total.currency(), "{order:?}");
            assert_eq!(rows.products[&item.product_id].merchant_id, order.merchant_id, "{order:?}");
            sum_minor += item.line_total.minor();
        }
        assert_eq!(order.total.minor(), sum_minor, "{order:?}");
        let money: &[&str] = match order.status {
            Pending => &["unpaid", "underpaid"],
            Paid => &["paid", "overpaid"],
            Completed => &["unpaid", "underpaid", "paid", "overpaid"],
            Cancelled | Expired => &["unpaid", "failed", "refund_due", "refunded"],
            Refunded => &["refunded", "refund_due"],
        };
        assert!(money.contains(&order.payment_status.as_str()), "{order:?}");
        assert!(order.payment_id.is_none() || has_been_paid(order), "{order:?}");
    }
    for checkout in rows.checkouts.values() {
        assert_eq!(checkout.status == CheckoutStatus::Completed, checkout.completed_at.is_some(), "{checkout:?}");
    }
}

fn has_been_paid(order: &Order) -> bool {
    match order.payment_status {
        PaymentStatus::Paid | PaymentStatus::Overpaid | PaymentStatus::RefundDue | PaymentStatus::Refunded => true,
        PaymentStatus::Unpaid | PaymentStatus::Failed | PaymentStatus::Underpaid => false,
    }
}

fn movements_are_recorded_once(rows: &Rows) {
    let mut movements = HashSet::new();
    for row in rows.transactions.values() {
        let payee = row.payee().unwrap_or_else(|| panic!("money for nobody: {row:?}"));
        assert!(movements.insert((payee, &row.provider_transaction_id)), "recorded twice: {row:?}");
        if let Some(checkout) = row.checkout_id.map(|id| &rows.checkouts[&id]) {
            assert_eq!(row.order_id, checkout.order_id, "{row:?}");
        }
    }
}

/// Every payment that an event told of is in the ledger, unless the event has a verdict that says why not. What was told
/// without a name may stand for some that are named.
fn told_money_is_recorded(rows: &Rows) {
    for event in rows.events.values().filter(|event| matches!(event.verdict, Verdict::Applied | Verdict::Stale)) {
        match &event.report {
            EventReport::Charge(report) => {
                let Some(checkout) = event.checkout_id.map(|id| &rows.checkouts[&id]) else { continue };
                told_payments_are_recorded(rows, event, checkout, report);
            }
            EventReport::Payment(notice) if notice.outcome == PaymentOutcome::Paid => {
                let movement = notice.movement(&event.key);
                let of_order = |row: &&Transaction| row.checkout_id.is_none() && row.order_id == event.order_id;
                let mut of_order = rows.transactions.values().filter(of_order);
                assert!(of_order.any(|row| row.provider_transaction_id == movement), "{movement} vanished: {event:?}");
            }
            EventReport::Payment(_) => {}
        }
    }
}

fn told_payments_are_recorded(rows: &Rows, event: &Event, checkout: &Checkout, report: &ChargeReport) {
    let code = checkout.charge_code.as_ref().map_or("", domain::ChargeCode::as_str);
    let recorded = |name: &str| {
        let of_checkout = |row: &&Transaction| row.checkout_id == Some(checkout.id);
        rows.transactions.values().filter(of_checkout).find(|row| row.provider_transaction_id == name)
    };
    let has_unnamed = recorded(code).is_some();
    let mut told_minor = 0;
    for payment in &report.payments {
        let Reported::Amount(money) = payment.amount else { continue };
        if money.currency() == checkout.money.currency() {
            told_minor += money.minor();
        }
        let row = recorded(&payment.provider_transaction_id).map(|row| row.money);
        assert!(has_unnamed || row == Some(money), "{payment:?} vanished: {event:?}");
    }
    let is_reported = event.reason == Some(Reason::AmountMismatch);
    assert!(told_minor <= checkout.received_minor || is_reported, "{checkout:?} doesn't know of {event:?}");
}

/// The sums of checkouts and orders are those of the ledger, and their states are those of the sums.
fn sums_are_those_of_the_ledger(rows: &Rows) {
    let sum_minor = |currency, is_of: &dyn Fn(&Transaction) -> bool| -> i64 {
        let of = rows.transactions.values().filter(|row| row.money.currency() == currency && is_of(row));
        of.map(|row| row.money.minor()).sum()
    };
    for checkout in rows.checkouts.values() {
        let came_minor = sum_minor(checkout.money.currency(), &|row| row.checkout_id == Some(checkout.id));
        assert_eq!(checkout.received_minor, came_minor, "{checkout:?}");
        assert!(checkout.counted_minor <= checkout.received_minor.max(checkout.money.minor()), "{checkout:?}");
    }
    for order in rows.orders.values() {
        let currency = order.total.currency();
        assert_eq!(order.received_minor, sum_minor(currency, &|row| row.order_id == Some(order.id)), "{order:?}");
        assert!((0..=order.received_minor).contains(&order.refunded_minor), "{order:?}");
        assert!((0..=order.received_minor).contains(&order.excess_minor()), "{order:?}");
        let through = rows.checkouts.values().filter(|checkout| checkout.order_id == Some(order.id));
        let of_currency = through.filter(|checkout| checkout.money.currency() == currency);
        let counted_minor = of_currency.map(|checkout| checkout.counted_minor).sum::<i64>()
            + sum_minor(currency, &|row| row.order_id == Some(order.id) && row.checkout_id.is_none());
        if order.refunded_minor == 0 && order.payment_status != PaymentStatus::Refunded {
            assert_eq!(order.counted_minor, counted_minor, "{order:?}");
        }
        payment_status_is_that_of_the_sums(rows, order);
    }
}

fn payment_status_is_that_of_the_sums(rows: &Rows, order: &Order) {
    let total_minor = order.total.minor();
    let mut through = rows.checkouts.values().filter(|checkout| checkout.order_id == Some(order.id));
    // The provider says that it was too little or too much, and doesn't list it.
    let is_untold = rows.events.values().any(|event| {
        let is_held =
            |report: &ChargeReport| matches!(report.news, ChargeNews::Held(Reason::Underpaid | Reason::Overpaid));
        let is_of_order = event.checkout_id.is_some_and(|id| rows.checkouts[&id].order_id == Some(order.id));
        is_of_order && matches!(&event.report, EventReport::Charge(report) if is_held(report))
    });
    let is_right = match order.payment_status {
        PaymentStatus::Unpaid | PaymentStatus::Failed => order.counted_minor == 0,
        PaymentStatus::Underpaid => {
            order.counted_minor < total_minor && (order.counted_minor > 0 || is_untold) && order.missing_minor() > 0
        }
        // Less is enough where it was resolved.
        PaymentStatus::Paid => {
            order.counted_minor == total_minor
                || (order.counted_minor < total_minor
                    && through.any(|checkout| checkout.status == CheckoutStatus::Completed))
        }
        PaymentStatus::Overpaid => order.counted_minor > total_minor || is_untold,
        PaymentStatus::RefundDue => order.counted_minor > 0 || is_untold,
        PaymentStatus::Refunded => order.counted_minor == 0 || is_untold,
    };
    assert!(is_right, "{order:?}");
}

fn nothing_waits_for_what_is_there(rows: &Rows) {
    for event in rows.events.values() {
        assert_eq!(event.verdict == Verdict::Waiting, event.processed_at.is_none(), "{event:?}");
        let is_there = match event.waiting_for() {
            None => false,
            Some(Subject::Order(id)) => rows.orders.contains_key(id),
            Some(Subject::Charge(code)) => {
                rows.checkouts.values().any(|checkout| checkout.charge_code.as_ref() == Some(code))
            }
        };
        assert!(!is_there, "it waits for nothing: {event:?}");
    }
}

/// Everything that holds of a step. Commands that apply several events at once may take several steps of the status
/// tables at once.
pub(crate) fn check_step(before: &Rows, after: &Rows) {
    for (id, was) in &before.holds {
        let is = &after.holds[id];
        let moves = (was.status, is.status);
        assert!(was == is || moves.0.may_become(moves.1), "a hold that ended changed: {was:?} -> {is:?}");
        assert_eq!((was.product_id, was.quantity, was.expires_at), (is.product_id, is.quantity, is.expires_at));
    }
    for (id, was) in &before.orders {
        let is = &after.orders[id];
        assert!(leads_to(was.status, is.status, OrderStatus::successors), "{was:?} -> {is:?}");
        assert!(leads_to(was.payment_status, is.payment_status, PaymentStatus::successors), "{was:?} -> {is:?}");
        assert_eq!((&was.items, was.total, was.hold_id), (&is.items, is.total, is.hold_id), "an order was rewritten");
        assert!(was == is || is.updated_at >= was.updated_at);
        assert!(
            was.received_minor <= is.received_minor && was.refunded_minor <= is.refunded_minor,
            "{was:?} -> {is:?}"
        );
        let is_given_back = was.refunded_minor < is.refunded_minor || is.payment_status == PaymentStatus::Refunded;
        assert!(was.counted_minor <= is.counted_minor || is_given_back, "{was:?} -> {is:?}");
        assert!(was.expires_at <= is.expires_at, "{was:?} -> {is:?}");
        if was.status.stock_share() == StockShare::None && is.status.stock_share() != StockShare::None {
            assert_eq!(is.status, OrderStatus::Paid, "only late money takes stock again");
        }
    }
    for (id, was) in &before.checkouts {
        let is = &after.checkouts[id];
        assert!(leads_to(was.status, is.status, CheckoutStatus::successors), "{was:?} -> {is:?}");
        assert!(was.received_minor <= is.received_minor && was.counted_minor <= is.counted_minor, "{was:?} -> {is:?}");
        assert!(was.charge_code.is_none() || was.charge_code == is.charge_code, "a charge was replaced: {is:?}");
    }
    for (id, was) in &before.events {
        let is = &after.events[id];
        let is_decided_anew = was.verdict != Verdict::Applied
            && is.verdict != Verdict::Waiting
            && (was.verdict == is.verdict || was.verdict.may_become(is.verdict));
        assert!(was == is || is_decided_anew, "{was:?} -> {is:?}");
    }
    for (id, was) in &before.transactions {
        assert_eq!(Some(was), after.transactions.get(id), "the ledger is append-only");
    }
    for (id, was) in &before.products {
        assert!(was.deleted_at.is_none() || was.deleted_at == after.products[id].deleted_at, "it was deleted");
    }
}

/// Whether the table leads from one state to the other, in any number of steps.
fn leads_to<S: Copy + Debug + Eq + 'static>(from: S, to: S, successors: fn(S) -> &'static [S]) -> bool {
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(state) = seen.get(next).copied().filter(|_| !seen.contains(&to)) {
        let news: Vec<S> = successors(state).iter().copied().filter(|state| !seen.contains(state)).collect();
        seen.extend(news);
        next += 1;
    }
    seen.contains(&to)
}
