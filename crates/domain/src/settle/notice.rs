//! What a payment backend's own notice does to the order that it names.

use super::order::{Arrival, Word, receive, returned};
use super::{Case, Settlement, transaction_status};
use crate::{
    Currency, Money, Order, OrderStatus, PaymentId, PaymentNotice, PaymentOutcome, PaymentStatus, Reason, Timestamp,
    Transaction, Verdict,
};

pub(super) fn settle(
    case: &Case<'_>,
    order: &Order,
    notice: &PaymentNotice,
    recorded: impl Fn(&str) -> Option<Money>,
    now: Timestamp,
) -> Settlement {
    match notice.outcome {
        PaymentOutcome::Failed => payment_failed(case, order, now),
        PaymentOutcome::Paid => match amount(case, order, notice) {
            Ok(money) => payment_came(case, order, notice, money, recorded, now),
            Err(reason) => Settlement::only(Verdict::Rejected, Some(reason)),
        },
    }
}

fn payment_failed(case: &Case<'_>, order: &Order, now: Timestamp) -> Settlement {
    if order.status != OrderStatus::Pending {
        return Settlement::only(Verdict::Stale, None);
    }
    let Some((order, products)) = called_off(order, case, PaymentStatus::Failed, now) else {
        return Settlement::only(Verdict::Rejected, Some(Reason::StockBroken));
    };
    Settlement { order: Some(order), products, ..Settlement::only(Verdict::Applied, None) }
}

fn called_off(
    order: &Order,
    case: &Case<'_>,
    payment_status: PaymentStatus,
    now: Timestamp,
) -> Option<(Order, Vec<crate::Product>)> {
    let products = returned(order, &case.products, now)?;
    let cancelled = order.become_status(OrderStatus::Cancelled, now)?;
    Some((cancelled.with_money_left_over(payment_status, now), products))
}

/// The sum that the notice tells of, if it is the order's.
fn amount(case: &Case<'_>, order: &Order, notice: &PaymentNotice) -> Result<Money, Reason> {
    // Whoever chose the order's id after the event came chose its price and currency, too: what wasn't told then isn't
    // taken from the order now.
    let untold = if case.has_waited { Currency::USD } else { order.total.currency() };
    if notice.currency.unwrap_or(untold) != order.total.currency() {
        return Err(Reason::CurrencyMismatch);
    }
    match &notice.amount {
        None if case.has_waited => Err(Reason::AmountMissing),
        None => Ok(order.total),
        Some(amount) => match amount.in_currency(order.total.currency()) {
            Ok(money) if money == order.total => Ok(money),
            Ok(_) | Err(_) => Err(Reason::AmountMismatch),
        },
    }
}

fn payment_came(
    case: &Case<'_>,
    order: &Order,
    notice: &PaymentNotice,
    money: Money,
    recorded: impl Fn(&str) -> Option<Money>,
    now: Timestamp,
) -> Settlement {
    let movement = notice.movement(&case.event.key);
    if recorded(movement).is_some() {
        return Settlement::only(Verdict::Stale, None);
    }
    let arrival = Arrival { received_minor: money.minor(), counted_minor: money.minor(), word: Word::Nothing };
    let payment_id = notice.payment_id.as_ref().map(PaymentId::as_str);
    let receipt = receive(order, &case.products, arrival, payment_id, now);
    if receipt.reason == Some(Reason::StockBroken) {
        return Settlement::only(Verdict::Rejected, receipt.reason);
    }
    let transaction = Transaction {
        id: notice.record,
        checkout_id: None,
        order_id: Some(order.id),
        provider: case.event.key.provider,
        provider_transaction_id: movement.to_owned(),
        event_type: case.event.event_type.clone(),
        status: transaction_status(receipt.reason.is_none()),
        email: order.email.clone(),
        money,
        occurred_at: case.event.received_at,
        recorded_at: now,
    };
    Settlement {
        verdict: Verdict::Applied,
        reason: receipt.reason,
        checkout: None,
        order: receipt.order,
        products: receipt.products,
        transactions: vec![transaction],
    }
}
