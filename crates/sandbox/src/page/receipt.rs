//! What has arrived.

use super::escape::text;
use super::summary::shown;
use crate::charge::Charge;
use crate::charge::payment::Payment;

/// All payments of a charge; nothing if there are none.
pub(super) fn render(charge: &Charge) -> String {
    let several = charge.payments.len() > 1;
    let receipts = charge.payments.iter().enumerate().map(|(place, payment)| {
        let title = if several {
            format!("<h3>Payment {} of {}</h3>\n", place + 1, charge.payments.len())
        } else {
            String::new()
        };
        title + &receipt(charge, payment)
    });
    receipts.collect()
}

fn receipt(charge: &Charge, payment: &Payment) -> String {
    let asked = match charge.due_in(payment.coin) {
        Some(due) if due != payment.crypto => row("Asked for", "", &shown(due)),
        _ => String::new(),
    };
    format!(
        "<dl class=\"receipt\">\n{asked}{paid}{worth}{network}{hash}</dl>\n",
        paid = row("Received", "", &shown(payment.crypto)),
        worth = row("Worth", "", &shown(payment.local)),
        network = row("Network", "", payment.coin.title()),
        hash = row("Transaction", " class=\"hash\"", &payment.transaction_id),
    )
}

/// `attributes` are HTML, the rest is text.
pub(super) fn row(name: &str, attributes: &str, value: &str) -> String {
    format!("<div{attributes}><dt>{}</dt><dd dir=\"auto\">{}</dd></div>\n", text(name), text(value))
}
