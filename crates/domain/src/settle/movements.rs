//! What an event adds to the ledger.

use crate::{
    ChargeNews, ChargeReport, Checkout, CheckoutStatus, Event, Money, Reason, Reported, ReportedPayment, Subject,
    Timestamp, Tolerance, Transaction, TransactionStatus,
};

/// What an event adds to the ledger.
pub(super) struct Movements {
    /// Movements of money that weren't recorded before.
    pub(super) rows: Vec<Transaction>,
    /// Whether the payments that it names are less than an earlier event had told of without naming any.
    pub(super) fall_short: bool,
}

/// The payments of an event that aren't in the ledger yet. News of a charge list all payments that had come by then.
///
/// An event that tells of money and names no payment is recorded under the charge's code. Payments that are named later are
/// that money, as far as it goes: only what they come to beyond it is added.
pub(super) fn new_movements(
    checkout: &Checkout,
    event: &Event,
    report: &ChargeReport,
    recorded: impl Fn(&str) -> Option<Money>,
    now: Timestamp,
) -> Movements {
    let code = match &event.subject {
        Some(Subject::Charge(code)) => code.as_str(),
        Some(Subject::Order(_)) | None => "",
    };
    let mut unnamed_minor = recorded(code).map_or(0, Money::minor);
    let mut sum_minor = elsewhere_minor(checkout, report, code, &recorded);
    let (mut rows, mut names, mut has_named): (Vec<Transaction>, Vec<&str>, bool) = (Vec::new(), Vec::new(), false);
    for payment in &report.payments {
        let name = payment.provider_transaction_id.as_str();
        if names.contains(&name) {
            continue;
        }
        names.push(name);
        let known = recorded(name);
        if name == code && (known.is_some() || had_money(checkout)) {
            sum_minor = sum_minor.saturating_add(known.map_or(0, Money::minor));
            unnamed_minor = 0;
            continue;
        }
        let Some(money) = amount_moved(checkout, report, payment) else { continue };
        has_named = true;
        if money.currency() == checkout.money.currency() {
            sum_minor = sum_minor.saturating_add(money.minor());
        }
        let added_minor = match known {
            Some(row) => row.minor(),
            None => money.minor().saturating_sub(unnamed_minor).max(0),
        };
        unnamed_minor = unnamed_minor.saturating_sub(money.minor().saturating_sub(added_minor)).max(0);
        let is_new = known.is_none() && added_minor > 0;
        let Some(money) = Money::from_minor(added_minor, money.currency()).ok().filter(|_| is_new) else { continue };
        let status = status(checkout, report, money, sum_minor);
        rows.push(movement(checkout, event, payment, money, status, now));
    }
    let fall_short = has_named && rows.is_empty() && unnamed_minor > report.tolerance.under_minor;
    Movements { rows, fall_short }
}

/// What is in the ledger of this checkout that the event doesn't list. Nothing, as a rule.
fn elsewhere_minor(
    checkout: &Checkout,
    report: &ChargeReport,
    code: &str,
    recorded: impl Fn(&str) -> Option<Money>,
) -> i64 {
    let mut names: Vec<&str> = report.payments.iter().map(|payment| payment.provider_transaction_id.as_str()).collect();
    names.push(code);
    names.sort_unstable();
    names.dedup();
    let listed = names.iter().filter_map(|name| recorded(name));
    let listed_minor = sum_minor(listed, checkout);
    checkout.received_minor.saturating_sub(listed_minor).max(0)
}

/// The sum of what is in the checkout's currency, in minor units.
pub(super) fn sum_minor(amounts: impl Iterator<Item = Money>, checkout: &Checkout) -> i64 {
    amounts
        .filter(|money| money.currency() == checkout.money.currency())
        .fold(0, |sum, money| sum.saturating_add(money.minor()))
}

/// How much an event's payments are together.
pub(super) fn told_minor(checkout: &Checkout, report: &ChargeReport) -> i64 {
    sum_minor(report.payments.iter().filter_map(|payment| amount_moved(checkout, report, payment)), checkout)
}

/// Whether there was money before, so that news that name no payment are about that.
fn had_money(checkout: &Checkout) -> bool {
    let is_unreadable = matches!(checkout.failure_reason, Some(Reason::AmountUnreadable | Reason::CurrencyMismatch));
    checkout.status == CheckoutStatus::Completed || checkout.received_minor > 0 || is_unreadable
}

/// A payment whose amount isn't told is what its charge asks for, unless the provider says that it is less. One that can't
/// be read gets no row, and its checkout's reason says so.
fn amount_moved(checkout: &Checkout, report: &ChargeReport, payment: &ReportedPayment) -> Option<Money> {
    let is_less = report.news == ChargeNews::Held(Reason::Underpaid);
    match (payment.amount, report.asked) {
        (Reported::Missing, _) if is_less => None,
        (Reported::Amount(amount), _) | (Reported::Missing, Reported::Amount(amount)) => Some(amount),
        (Reported::Missing, Reported::Missing) => Some(checkout.money),
        (Reported::Unreadable, _) | (Reported::Missing, Reported::Unreadable) => None,
    }
}

/// A movement is COMPLETED if with it exactly what was asked for is there: that depends on nothing that is heard before or
/// after.
fn status(checkout: &Checkout, report: &ChargeReport, money: Money, sum_minor: i64) -> TransactionStatus {
    let is_of_checkout = match report.asked {
        Reported::Amount(asked) => asked == checkout.money,
        Reported::Missing => true,
        Reported::Unreadable => false,
    };
    let is_exact = is_close(sum_minor, checkout.money, report.tolerance);
    if is_of_checkout && is_exact && money.currency() == checkout.money.currency() {
        TransactionStatus::Completed
    } else {
        TransactionStatus::Unresolved
    }
}

/// Whether the provider takes so much for exactly what was asked.
pub(super) fn is_close(came_minor: i64, asked: Money, tolerance: Tolerance) -> bool {
    let missing_minor = asked.minor().saturating_sub(came_minor);
    missing_minor <= tolerance.under_minor && missing_minor >= -tolerance.over_minor
}

fn movement(
    checkout: &Checkout,
    event: &Event,
    payment: &ReportedPayment,
    money: Money,
    status: TransactionStatus,
    now: Timestamp,
) -> Transaction {
    Transaction {
        id: payment.record,
        checkout_id: Some(checkout.id),
        order_id: checkout.order_id,
        provider: event.key.provider,
        provider_transaction_id: payment.provider_transaction_id.clone(),
        event_type: event.event_type.clone(),
        status,
        email: checkout.email.clone(),
        money,
        occurred_at: payment.occurred_at,
        recorded_at: now,
    }
}
