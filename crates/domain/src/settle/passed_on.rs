//! What a checkout passes on to the order that it pays.

use std::cmp::Ordering;

use super::order::{Receipt, Received, receive};
use super::{Case, Settlement, checkout};
use crate::{
    ChargeReport, Checkout, CheckoutStatus, Currency, EventReport, Money, Order, PaymentStatus, Product, Reason,
    Reported, Timestamp, Transaction,
};

/// Passes what an event brought to a checkout on to its order.
pub(super) fn pass_on(
    case: &Case<'_>,
    checkout: &Checkout,
    order: &Order,
    settlement: &mut Settlement,
    now: Timestamp,
) {
    let EventReport::Charge(report) = &case.event.report else { return };
    let Some(received) = received(checkout, order, report, settlement) else { return };
    let came_minor = told_minor(report, order.total.currency());
    let received = match measured(received, came_minor, checkout, order) {
        Ok(received) => beside_earlier(received, new_minor(settlement, report, order), order),
        Err(reason) => {
            settlement.reason = settlement.reason.or(Some(reason));
            return;
        }
    };
    let recorded = settlement.transactions.first().map(|row| &row.provider_transaction_id);
    let movement = recorded.or(report.payments.first().map(|payment| &payment.provider_transaction_id));
    let Some(receipt) = receive(order, &case.products, received, movement.map(String::as_str), now) else {
        settlement.reason = Some(Reason::StockBroken);
        return;
    };
    settlement.reason = settlement.reason.or(receipt.reason);
    settlement.order = receipt.order;
    settlement.products = receipt.products;
}

/// What a new order receives from a checkout that was made for it, and settled, before it was there. `None` if that is
/// nothing.
pub(crate) fn receive_earlier(
    checkout: &Checkout,
    movements: &[&Transaction],
    order: &Order,
    products: &[&Product],
    now: Timestamp,
) -> Option<Receipt> {
    let came_minor = sum_minor(movements.iter().map(|row| row.money), order.total.currency());
    let received = match checkout.status {
        CheckoutStatus::Completed => Received::All,
        CheckoutStatus::Unresolved => match checkout.failure_reason? {
            Reason::Overpaid => Received::More,
            Reason::Underpaid => Received::Some,
            Reason::Delayed | Reason::Multiple => compared(came_minor?, checkout.money),
            _ => return None,
        },
        CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => {
            return None;
        }
    };
    let received = measured(received, came_minor, checkout, order).ok()?;
    let received = beside_earlier(received, came_minor.unwrap_or(0), order);
    let movement = movements.first().map(|row| row.provider_transaction_id.as_str());
    receive(order, products, received, movement, now)
}

/// What an order receives through its checkout, if it receives anything.
fn received(checkout: &Checkout, order: &Order, report: &ChargeReport, settlement: &Settlement) -> Option<Received> {
    let has_moved = !settlement.transactions.is_empty();
    let after = settlement.checkout.as_ref().map_or(checkout.status, |changed| changed.status);
    let is_settled_anew = after != checkout.status;
    // What the checkout now counts as paid may have reached the order long since.
    let is_old_news = !is_settled_anew || (was_passed_on(checkout) && !order.payment_status.is_unpaid());
    if !has_moved && is_old_news {
        return None;
    }
    match after {
        // Whoever resolves a charge forgives what is missing. What is too much is still there.
        CheckoutStatus::Completed if is_settled_anew => match told(checkout, report) {
            Some(Received::More) => Some(Received::More),
            Some(Received::Some | Received::All) | None => Some(Received::All),
        },
        // The checkout had been paid before, and more has come.
        CheckoutStatus::Completed => Some(Received::More),
        CheckoutStatus::Unresolved => match settlement.reason? {
            Reason::Overpaid => Some(Received::More),
            Reason::Underpaid => Some(Received::Some),
            // How much came isn't told yet: the news that tells it follows.
            Reason::Delayed | Reason::Multiple if report.payments.is_empty() => None,
            Reason::Delayed | Reason::Multiple => told(checkout, report),
            // Whether that money counts, a person decides.
            _ => None,
        },
        CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => None,
    }
}

/// Whether what came for a checkout that isn't resolved was told to its order.
const fn was_passed_on(checkout: &Checkout) -> bool {
    matches!(checkout.failure_reason, Some(Reason::Overpaid | Reason::Underpaid | Reason::Delayed | Reason::Multiple))
}

/// How much the event's payments are together, measured against what was asked.
fn told(checkout: &Checkout, report: &ChargeReport) -> Option<Received> {
    match checkout::mismatch(checkout, report) {
        None => Some(Received::All),
        Some(Reason::Overpaid) => Some(Received::More),
        Some(Reason::Underpaid) => Some(Received::Some),
        Some(_) => None,
    }
}

/// A checkout may have asked for another sum than its order costs: it was made before the order. Then what came is
/// measured against the order itself; where that isn't told, what the checkout asked for is.
fn measured(
    received: Received,
    came_minor: Option<i64>,
    checkout: &Checkout,
    order: &Order,
) -> Result<Received, Reason> {
    if checkout.money.currency() != order.total.currency() {
        return Err(Reason::CurrencyMismatch);
    }
    if checkout.money == order.total {
        return Ok(received);
    }
    Ok(match (came_minor, received) {
        (Some(came_minor), _) => compared(came_minor, order.total),
        (None, Received::Some) => Received::Some,
        (None, Received::All | Received::More) => compared(checkout.money.minor(), order.total),
    })
}

/// An order that had some of its money, and now gets all of it from elsewhere, has more than all.
fn beside_earlier(received: Received, new_minor: i64, order: &Order) -> Received {
    let is_paid_anew = order.payment_status == PaymentStatus::Underpaid && new_minor >= order.total.minor();
    if is_paid_anew && received == Received::All { Received::More } else { received }
}

/// What came just now, and what the provider forgives.
fn new_minor(settlement: &Settlement, report: &ChargeReport, order: &Order) -> i64 {
    let moved = settlement.transactions.iter().map(|row| row.money);
    sum_minor(moved, order.total.currency()).map_or(0, |sum| sum.saturating_add(report.tolerance.under_minor))
}

/// The event's payments together, if all of them are told.
fn told_minor(report: &ChargeReport, currency: Currency) -> Option<i64> {
    let told: Option<Vec<Money>> = report.payments.iter().map(|payment| amount(payment.amount)).collect();
    sum_minor(told?.into_iter(), currency)
}

const fn amount(reported: Reported) -> Option<Money> {
    match reported {
        Reported::Amount(money) => Some(money),
        Reported::Missing | Reported::Unreadable => None,
    }
}

/// The sum in minor units; `None` of nothing, and of what isn't in the currency.
fn sum_minor(mut amounts: impl Iterator<Item = Money>, currency: Currency) -> Option<i64> {
    let first = amounts.next()?;
    let sum = amounts.try_fold(first, Money::checked_add)?;
    (sum.currency() == currency).then_some(sum.minor())
}

fn compared(came_minor: i64, with: Money) -> Received {
    match came_minor.cmp(&with.minor()) {
        Ordering::Less => Received::Some,
        Ordering::Equal => Received::All,
        Ordering::Greater => Received::More,
    }
}
