//! How far a payment's confirmation is.

use serde_json::{Value, json};

use super::escape::text;
use super::summary::shown;
use crate::charge::payment::Payment;
use crate::clock::Timestamp;

/// A payment as the open page follows it.
pub(super) fn to_wire(payment: &Payment, now: Timestamp) -> Value {
    json!({
        "network": payment.coin.key(),
        "amount": payment.crypto,
        "confirmations": payment.confirmations(now),
        "confirmations_required": payment.coin.confirmations_required(),
    })
}

/// One bar for each payment, in their order: the script finds them by it.
pub(super) fn render(payments: &[Payment], now: Timestamp) -> String {
    let bars: String = payments.iter().enumerate().map(|(place, payment)| bar(place, payment, now)).collect();
    format!("<div class=\"confirming\">\n{bars}</div>\n")
}

fn bar(place: usize, payment: &Payment, now: Timestamp) -> String {
    let required = payment.coin.confirmations_required();
    let done = payment.confirmations(now).min(required);
    let unit = if required == 1 { "confirmation" } else { "confirmations" };
    format!(
        "<div class=\"confirmation\"><p id=\"confirmation-{place}\"><span>{amount}</span> <span class=\"digits\">\
         <span data-confirmations=\"{place}\">{done}</span> of {required} {unit}</span></p>\
         <progress data-bar=\"{place}\" aria-labelledby=\"confirmation-{place}\" max=\"{required}\" value=\"{done}\">\
         </progress></div>\n",
        amount = text(&shown(payment.crypto)),
    )
}
