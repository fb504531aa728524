//! What a checkout passes on to the order that it pays.

use super::order::{Arrival, Receipt, Word, receive};
use super::{Case, Settlement};
use crate::{Checkout, CheckoutStatus, EventReport, Order, Product, Reason, Timestamp, Transaction};

/// Passes what an event brought to a checkout on to its order.
pub(super) fn pass_on(
    case: &Case<'_>,
    checkout: &Checkout,
    order: &Order,
    settlement: &mut Settlement,
    now: Timestamp,
) {
    let EventReport::Charge(report) = &case.event.report else { return };
    let after = settlement.checkout.as_ref().unwrap_or(checkout);
    let arrival = arrival(Some(checkout), after, settlement.transactions.iter(), order);
    if is_foreign(checkout, order) && is_news(checkout, after, &settlement.transactions) {
        settlement.reason = settlement.reason.or(Some(Reason::CurrencyMismatch));
    }
    let is_seen_first = checkout.detected_at.is_none() && after.detected_at.is_some();
    let recorded = settlement.transactions.first().map(|row| &row.provider_transaction_id);
    let movement = recorded.or(report.payments.first().map(|payment| &payment.provider_transaction_id));
    let receipt = receive(order, &case.products, arrival, movement.map(String::as_str), now);
    settlement.reason = settlement.reason.or(receipt.reason);
    settlement.products = receipt.products;
    let received = receipt.order.unwrap_or_else(|| order.clone());
    let waiting = if is_seen_first { received.with_payment_seen(now) } else { received };
    settlement.order = (waiting != *order).then_some(waiting);
}

/// What a new order receives from a checkout that was made for it, and settled, before it was there.
pub(crate) fn receive_earlier(
    checkout: &Checkout,
    movements: &[&Transaction],
    order: &Order,
    products: &[&Product],
    now: Timestamp,
) -> Receipt {
    let arrival = arrival(None, checkout, movements.iter().copied(), order);
    let movement = movements.first().map(|row| row.provider_transaction_id.as_str());
    receive(order, products, arrival, movement, now)
}

/// What came for the order between two states of its checkout; from nothing if there is no state before.
fn arrival<'a>(
    before: Option<&Checkout>,
    after: &Checkout,
    movements: impl Iterator<Item = &'a Transaction>,
    order: &Order,
) -> Arrival {
    let of_order = movements.map(|row| row.money).filter(|money| money.currency() == order.total.currency());
    let received_minor = of_order.fold(0_i64, |sum, money| sum.saturating_add(money.minor()));
    if is_foreign(after, order) {
        return Arrival { received_minor, counted_minor: 0, word: Word::Nothing };
    }
    let counted_before_minor = before.map_or(0, |before| before.counted_minor);
    let counted_minor = after.counted_minor.saturating_sub(counted_before_minor);
    let stood = before.map(|before| (before.status, before.failure_reason));
    let is_settled_anew = stood != Some((after.status, after.failure_reason));
    let word = if is_settled_anew { word(after, order) } else { Word::Nothing };
    Arrival { received_minor, counted_minor, word }
}

/// What is said of the money of a checkout beside its sum.
fn word(checkout: &Checkout, order: &Order) -> Word {
    // A checkout that was made before its order may have asked for another sum: then what came is measured against the order.
    let is_for_all = checkout.money == order.total
        || (checkout.received_minor == 0 && checkout.money.minor() >= order.total.minor());
    let shows_too_much = checkout.counted_minor > checkout.money.minor();
    match (checkout.status, checkout.failure_reason) {
        // Whoever resolves a charge forgives what is missing. What is too much is still there.
        (CheckoutStatus::Completed, _) if is_for_all => Word::All,
        (CheckoutStatus::Unresolved, Some(Reason::Overpaid)) if is_for_all && !shows_too_much => Word::More,
        (CheckoutStatus::Unresolved, Some(Reason::Underpaid)) if checkout.counted_minor == 0 => Word::Some,
        (
            CheckoutStatus::Completed
            | CheckoutStatus::Unresolved
            | CheckoutStatus::Pending
            | CheckoutStatus::Failed
            | CheckoutStatus::Expired
            | CheckoutStatus::Canceled,
            _,
        ) => Word::Nothing,
    }
}

fn is_foreign(checkout: &Checkout, order: &Order) -> bool {
    checkout.money.currency() != order.total.currency()
}

fn is_news(before: &Checkout, after: &Checkout, movements: &[Transaction]) -> bool {
    let is_money = match after.status {
        CheckoutStatus::Completed | CheckoutStatus::Unresolved => true,
        CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => false,
    };
    !movements.is_empty() || (is_money && after.status != before.status)
}
