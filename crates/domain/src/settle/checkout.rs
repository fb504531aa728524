//! What news of a charge does to its checkout.

use std::cmp::Ordering;

use super::movements::{Movements, is_close, new_movements, sum_minor, told_minor};
use crate::{
    ChargeNews, ChargeReport, Checkout, CheckoutStatus, Event, Money, Reason, Reported, Timestamp, Transaction, Verdict,
};

/// What an event does to its checkout.
pub(super) struct CheckoutSettlement {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
    /// The checkout as it is from now on, if it changed.
    pub(super) checkout: Option<Checkout>,
    /// Movements of money that weren't recorded before.
    pub(super) transactions: Vec<Transaction>,
}

impl CheckoutSettlement {
    fn stale() -> Self {
        Self { verdict: Verdict::Stale, reason: None, checkout: None, transactions: Vec::new() }
    }

    fn applied(checkout: Option<Checkout>) -> Self {
        Self { verdict: Verdict::Applied, reason: None, checkout, transactions: Vec::new() }
    }
}

pub(super) fn settle(
    checkout: &Checkout,
    event: &Event,
    report: &ChargeReport,
    recorded: impl Fn(&str) -> Option<Money>,
    now: Timestamp,
) -> CheckoutSettlement {
    match report.news {
        ChargeNews::Created if checkout.status == CheckoutStatus::Pending => CheckoutSettlement::applied(None),
        ChargeNews::Created => CheckoutSettlement::stale(),
        ChargeNews::Pending => payment_seen(checkout, report, now),
        ChargeNews::Expired => nothing_came(checkout, CheckoutStatus::Failed, Reason::Expired, now),
        ChargeNews::Canceled => nothing_came(checkout, CheckoutStatus::Canceled, Reason::Canceled, now),
        ChargeNews::Confirmed => {
            let mismatch = mismatch(checkout, report);
            money_came(checkout, event, report, mismatch, recorded, now)
        }
        ChargeNews::Held(reason) => {
            let held = held_for(checkout, report, reason);
            money_came(checkout, event, report, Some(held), recorded, now)
        }
        ChargeNews::Resolved => money_came(checkout, event, report, None, recorded, now),
        ChargeNews::Unknown => CheckoutSettlement {
            verdict: Verdict::Rejected,
            reason: Some(Reason::UnknownEventType),
            checkout: None,
            transactions: Vec::new(),
        },
    }
}

/// Why money is held back. The provider says how it compares with its charge; that counts only if the charge is for this
/// checkout, and what came can be measured against it.
fn held_for(checkout: &Checkout, report: &ChargeReport, reason: Reason) -> Reason {
    match (reason, mismatch(checkout, report)) {
        (
            Reason::Underpaid | Reason::Overpaid | Reason::Delayed | Reason::Multiple,
            Some(mismatch @ (Reason::AmountMismatch | Reason::CurrencyMismatch | Reason::AmountUnreadable)),
        ) => mismatch,
        _ => reason,
    }
}

fn payment_seen(checkout: &Checkout, report: &ChargeReport, now: Timestamp) -> CheckoutSettlement {
    let is_settled = match checkout.status {
        CheckoutStatus::Completed | CheckoutStatus::Unresolved => true,
        CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => false,
    };
    if is_settled || checkout.detected_at.is_some() {
        return CheckoutSettlement::stale();
    }
    let detected_at = Some(first_seen(checkout, report));
    CheckoutSettlement::applied(Some(Checkout { detected_at, updated_at: now, ..checkout.clone() }))
}

/// Providers tell whole seconds, and have clocks of their own: nothing was seen before it was asked for.
fn first_seen(checkout: &Checkout, report: &ChargeReport) -> Timestamp {
    report.occurred_at.max(checkout.created_at)
}

fn nothing_came(checkout: &Checkout, to: CheckoutStatus, reason: Reason, now: Timestamp) -> CheckoutSettlement {
    match checkout.become_status(to, Some(reason), now) {
        Some(changed) => CheckoutSettlement::applied(Some(changed)),
        None => CheckoutSettlement::stale(),
    }
}

/// Money is there: as asked (`held` is `None`) or not.
fn money_came(
    checkout: &Checkout,
    event: &Event,
    report: &ChargeReport,
    held: Option<Reason>,
    recorded: impl Fn(&str) -> Option<Money>,
    now: Timestamp,
) -> CheckoutSettlement {
    let Movements { rows, fall_short } = new_movements(checkout, event, report, recorded, now);
    let came_minor = sum_minor(rows.iter().map(|row| row.money), checkout);
    let received_minor = checkout.received_minor.saturating_add(came_minor);
    // Of news that bring nothing new, what they list tells how much they know.
    let known_minor = if rows.is_empty() { told_minor(checkout, report) } else { received_minor };
    let moved = match held {
        None => checkout.become_status(CheckoutStatus::Completed, None, now),
        Some(reason) => checkout
            .become_status(CheckoutStatus::Unresolved, held, now)
            .or_else(|| outweighs(checkout, reason, known_minor).then(|| held_for_another(checkout, reason, now))),
    };
    let after = Checkout { received_minor, ..moved.unwrap_or_else(|| checkout.clone()) };
    let counted_minor = counted_minor(&after, report).max(checkout.counted_minor);
    let after = Checkout { counted_minor, ..after };
    if after == *checkout && rows.is_empty() {
        let reason = fall_short.then_some(Reason::AmountMismatch);
        return CheckoutSettlement { reason, ..CheckoutSettlement::stale() };
    }
    let reason = reason_for(checkout, &after, held, &rows);
    let detected_at = checkout.detected_at.or_else(|| Some(first_seen(checkout, report)));
    let changed = (after != *checkout).then_some(Checkout { detected_at, updated_at: now, ..after });
    CheckoutSettlement { verdict: Verdict::Applied, reason, checkout: changed, transactions: rows }
}

fn held_for_another(checkout: &Checkout, reason: Reason, now: Timestamp) -> Checkout {
    Checkout { failure_reason: Some(reason), updated_at: now, ..checkout.clone() }
}

/// Whether another reason takes the place of the one for which a checkout is unresolved: that of news which know of more
/// money, or a better one for the same. So it doesn't matter which is heard first.
fn outweighs(checkout: &Checkout, reason: Reason, known_minor: i64) -> bool {
    let rank = |reason| match reason {
        Reason::HeldByProvider => 1,
        Reason::AmountUnreadable => 2,
        Reason::CurrencyMismatch => 3,
        Reason::AmountMismatch => 4,
        Reason::Delayed => 5,
        Reason::Multiple => 6,
        Reason::Underpaid => 7,
        Reason::Overpaid => 8,
        Reason::Expired
        | Reason::Canceled
        | Reason::PaidAgain
        | Reason::AmountMissing
        | Reason::NoStockLeft
        | Reason::StockBroken
        | Reason::UnknownEventType
        | Reason::MissingSubject
        | Reason::TooManyWaiting
        | Reason::WaitedTooLong => 0,
    };
    let is_better = match known_minor.cmp(&checkout.received_minor) {
        Ordering::Less => false,
        Ordering::Equal => rank(reason) > checkout.failure_reason.map_or(0, rank),
        Ordering::Greater => checkout.failure_reason != Some(reason),
    };
    is_better && checkout.status == CheckoutStatus::Unresolved
}

/// How much of what came counts towards what was asked.
fn counted_minor(checkout: &Checkout, report: &ChargeReport) -> i64 {
    let close_minor = if is_close(checkout.received_minor, checkout.money, report.tolerance) {
        checkout.money.minor()
    } else {
        checkout.received_minor
    };
    match (checkout.status, checkout.failure_reason) {
        (CheckoutStatus::Completed, _) | (CheckoutStatus::Unresolved, Some(Reason::Delayed | Reason::Multiple)) => {
            close_minor
        }
        // The provider knows best how far off it is.
        (CheckoutStatus::Unresolved, Some(Reason::Underpaid | Reason::Overpaid)) => checkout.received_minor,
        // Whether that money counts, a person decides.
        (
            CheckoutStatus::Unresolved
            | CheckoutStatus::Pending
            | CheckoutStatus::Failed
            | CheckoutStatus::Expired
            | CheckoutStatus::Canceled,
            _,
        ) => 0,
    }
}

/// What is against the money, if anything.
fn reason_for(before: &Checkout, after: &Checkout, held: Option<Reason>, rows: &[Transaction]) -> Option<Reason> {
    match (before.status, after.status) {
        (CheckoutStatus::Completed, _) => {
            // Money for what is paid already pays nothing: it waits for a person. The rest of what the merchant had forgiven
            // is none of that.
            let is_foreign = rows.iter().any(|row| row.money.currency() != after.money.currency());
            (is_foreign || after.counted_minor > after.money.minor()).then_some(Reason::PaidAgain)
        }
        (
            CheckoutStatus::Pending
            | CheckoutStatus::Failed
            | CheckoutStatus::Expired
            | CheckoutStatus::Canceled
            | CheckoutStatus::Unresolved,
            _,
        ) => held,
    }
}

/// What a confirmed charge has against it: it must ask for the checkout's amount, and so much must have come, give or
/// take what the provider tolerates.
fn mismatch(checkout: &Checkout, report: &ChargeReport) -> Option<Reason> {
    let expected = checkout.money;
    match report.asked {
        Reported::Unreadable => return Some(Reason::AmountUnreadable),
        Reported::Amount(asked) if asked.currency() != expected.currency() => return Some(Reason::CurrencyMismatch),
        Reported::Amount(asked) if asked != expected => return Some(Reason::AmountMismatch),
        Reported::Missing | Reported::Amount(_) => {}
    }
    let mut sum_minor: i64 = 0;
    let mut is_told = !report.payments.is_empty();
    for payment in &report.payments {
        match payment.amount {
            Reported::Missing => is_told = false,
            Reported::Unreadable => return Some(Reason::AmountUnreadable),
            Reported::Amount(amount) if amount.currency() != expected.currency() => {
                return Some(Reason::CurrencyMismatch);
            }
            Reported::Amount(amount) => sum_minor = sum_minor.saturating_add(amount.minor()),
        }
    }
    let missing_minor = expected.minor() - sum_minor;
    if !is_told {
        None
    } else if missing_minor > report.tolerance.under_minor {
        Some(Reason::Underpaid)
    } else if missing_minor < -report.tolerance.over_minor {
        Some(Reason::Overpaid)
    } else {
        None
    }
}
