//! What news of a charge does to its checkout.

use crate::{
    ChargeNews, ChargeReport, Checkout, CheckoutStatus, Event, Money, Reason, Reported, ReportedPayment, Subject,
    Timestamp, Transaction, TransactionStatus, Verdict,
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
    is_recorded: impl Fn(&str) -> bool,
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
            money_came(checkout, event, report, mismatch, is_recorded, now)
        }
        ChargeNews::Held(reason) => {
            let held = held_for(checkout, report, reason);
            money_came(checkout, event, report, Some(held), is_recorded, now)
        }
        ChargeNews::Resolved => money_came(checkout, event, report, None, is_recorded, now),
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
    is_recorded: impl Fn(&str) -> bool,
    now: Timestamp,
) -> CheckoutSettlement {
    let to = if held.is_some() { CheckoutStatus::Unresolved } else { CheckoutStatus::Completed };
    // Money for what is paid already pays nothing: it waits for a person.
    let pays = held.is_none() && checkout.status != CheckoutStatus::Completed;
    let status = if pays { TransactionStatus::Completed } else { TransactionStatus::Unresolved };
    let transactions = new_movements(checkout, event, report, status, is_recorded, now);
    let detected_at = checkout.detected_at.or_else(|| Some(first_seen(checkout, report)));
    if let Some(changed) = checkout.become_status(to, held, now) {
        let checkout = Some(Checkout { detected_at, ..changed });
        return CheckoutSettlement { verdict: Verdict::Applied, reason: held, checkout, transactions };
    }
    if transactions.is_empty() {
        return CheckoutSettlement::stale();
    }
    let reason = match checkout.status {
        CheckoutStatus::Completed => Some(Reason::PaidAgain),
        CheckoutStatus::Pending
        | CheckoutStatus::Failed
        | CheckoutStatus::Expired
        | CheckoutStatus::Canceled
        | CheckoutStatus::Unresolved => held,
    };
    // What is against it is what is against all that has come by now.
    let is_held_anew =
        checkout.status == CheckoutStatus::Unresolved && held.is_some() && checkout.failure_reason != held;
    let checkout = is_held_anew.then(|| Checkout { failure_reason: held, updated_at: now, ..checkout.clone() });
    CheckoutSettlement { verdict: Verdict::Applied, reason, checkout, transactions }
}

/// What a confirmed charge has against it: it must ask for the checkout's amount, and so much must have come, give or
/// take what the provider tolerates.
pub(super) fn mismatch(checkout: &Checkout, report: &ChargeReport) -> Option<Reason> {
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

fn new_movements(
    checkout: &Checkout,
    event: &Event,
    report: &ChargeReport,
    status: TransactionStatus,
    is_recorded: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Vec<Transaction> {
    let mut movements: Vec<Transaction> = Vec::new();
    for payment in &report.payments {
        let named_twice =
            movements.iter().any(|other| other.provider_transaction_id == payment.provider_transaction_id);
        if named_twice || speaks_of_earlier(checkout, event, payment) || is_recorded(&payment.provider_transaction_id) {
            continue;
        }
        let Some(money) = amount_moved(checkout, report, payment) else { continue };
        movements.push(Transaction {
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
        });
    }
    movements
}

/// Whether a payment stands for those that were told before. News of money that name no payment have one that is called after
/// its charge; once there was news of money, it is about that.
fn speaks_of_earlier(checkout: &Checkout, event: &Event, payment: &ReportedPayment) -> bool {
    let is_unnamed = match &event.subject {
        Some(Subject::Charge(code)) => payment.provider_transaction_id == code.as_str(),
        Some(Subject::Order(_)) | None => false,
    };
    let had_money = match checkout.status {
        CheckoutStatus::Completed | CheckoutStatus::Unresolved => true,
        CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => false,
    };
    is_unnamed && had_money
}

/// A payment whose amount isn't told is what its charge asks for; one that can't be read gets no row, and its
/// checkout's reason says so.
fn amount_moved(checkout: &Checkout, report: &ChargeReport, payment: &ReportedPayment) -> Option<Money> {
    match (payment.amount, report.asked) {
        (Reported::Amount(amount), _) | (Reported::Missing, Reported::Amount(amount)) => Some(amount),
        (Reported::Missing, Reported::Missing) => Some(checkout.money),
        (Reported::Unreadable, _) | (Reported::Missing, Reported::Unreadable) => None,
    }
}
