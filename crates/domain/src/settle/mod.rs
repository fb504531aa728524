//! One function decides what payments do, however late, often or out of order they are told.

mod checkout;
mod movements;
mod notice;
mod order;
mod passed_on;

use crate::{
    Checkout, Event, EventReport, Money, Order, Product, Reason, Timestamp, Transaction, TransactionStatus, Verdict,
};

pub(crate) use self::order::{returned, sold};
pub(crate) use self::passed_on::receive_earlier;

/// An event and what it is about, as far as it is known.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The checkout whose charge the event names.
    pub checkout: Option<&'a Checkout>,
    /// The order that the event names, or that the checkout pays.
    pub order: Option<&'a Order>,
    /// The products of the order.
    pub products: Vec<&'a Product>,
    /// What came.
    pub event: &'a Event,
    /// Whether it came before what it is about was known.
    pub has_waited: bool,
}

/// What an event does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What became of the event.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't tell.
    pub reason: Option<Reason>,
    /// The checkout as it is from now on, if it changed.
    pub checkout: Option<Checkout>,
    /// The order as it is from now on, if it changed.
    pub order: Option<Order>,
    /// The products whose stock changed.
    pub products: Vec<Product>,
    /// Movements of money that weren't recorded before.
    pub transactions: Vec<Transaction>,
}

impl Settlement {
    /// Nothing but a verdict.
    const fn only(verdict: Verdict, reason: Option<Reason>) -> Self {
        Self { verdict, reason, checkout: None, order: None, products: Vec::new(), transactions: Vec::new() }
    }
}

/// Decides what an event does to its checkout and its order, in whatever order events come and however often.
///
/// Where things stand follows from sums, not from what was heard first: what is in the ledger, how much of it counts, and
/// what was asked. Money outweighs everything else: a confirmed payment completes a checkout that had failed, expired or
/// been called off, and pays its order if there is stock left; nothing takes COMPLETED back. `recorded` tells how much of a
/// movement of money, by the provider's id, is already in the ledger for this checkout, or for this order where there is no
/// checkout.
#[must_use]
pub fn settle(case: &Case<'_>, recorded: impl Fn(&str) -> Option<Money>, now: Timestamp) -> Settlement {
    match (&case.event.report, case.checkout, case.order) {
        (EventReport::Charge(report), Some(checkout), order) => {
            let settled = checkout::settle(checkout, case.event, report, recorded, now);
            let mut settlement = Settlement {
                verdict: settled.verdict,
                reason: settled.reason,
                checkout: settled.checkout,
                order: None,
                products: Vec::new(),
                transactions: settled.transactions,
            };
            if let Some(order) = order {
                passed_on::pass_on(case, checkout, order, &mut settlement, now);
            }
            settlement
        }
        (EventReport::Payment(notice), _, Some(order)) => notice::settle(case, order, notice, recorded, now),
        (EventReport::Charge(_), None, _) | (EventReport::Payment(_), _, None) => {
            Settlement::only(Verdict::Waiting, None)
        }
    }
}

/// What a movement of money that went straight to an order settled.
const fn transaction_status(pays: bool) -> TransactionStatus {
    if pays { TransactionStatus::Completed } else { TransactionStatus::Unresolved }
}

#[cfg(test)]
mod tests;
