//! What an event does to a checkout over 10.

use domain::{Case, ChargeNews, Checkout, CheckoutStatus, Currency, Event, Money, Reason, Reported, Sum, settle};

use super::scene::{at, checkout, news, usd};
use super::{head, reason, row};

const EXPLANATION: &str = "
## What an event does to its checkout

The checkout asks for 10.00. What it received before came as the payment `a`. \"Counts\" is how much of what it received counts towards
what was asked. Each event lists all payments that had come by then, as providers do.

";

/// A checkout by its name in the table, with what it received before.
fn states() -> Vec<(&'static str, Checkout)> {
    use CheckoutStatus::{Canceled, Completed, Expired, Failed, Pending, Unresolved};
    vec![
        ("PENDING", checkout(Pending, None, 0)),
        ("FAILED", checkout(Failed, Some(Reason::Expired), 0)),
        ("EXPIRED", checkout(Expired, Some(Reason::Expired), 0)),
        ("CANCELED", checkout(Canceled, Some(Reason::Canceled), 0)),
        ("UNRESOLVED underpaid, a: 4.00", checkout(Unresolved, Some(Reason::Underpaid), 400)),
        ("UNRESOLVED overpaid, a: 15.00", checkout(Unresolved, Some(Reason::Overpaid), 1500)),
        ("UNRESOLVED delayed, nothing listed", checkout(Unresolved, Some(Reason::Delayed), 0)),
        ("UNRESOLVED delayed, a: 10.00", checkout(Unresolved, Some(Reason::Delayed), 1000)),
        ("UNRESOLVED held-by-provider, a: 10.00", checkout(Unresolved, Some(Reason::HeldByProvider), 1000)),
        ("COMPLETED, a: 10.00", checkout(Completed, None, 1000)),
        ("COMPLETED, resolved, a: 4.00", checkout(Completed, None, 400)),
    ]
}

/// An event by its name in the table, for a checkout whose payment `a` was so much.
fn events(before: &Checkout) -> Vec<(String, Event)> {
    use ChargeNews::{Canceled, Confirmed, Created, Expired, Held, Pending, Resolved, Unknown};
    let (asked, euros) = (Reported::Amount(usd(1000)), Money::from_minor(1000, "EUR".parse().unwrap()).unwrap());
    let amount = |minor| Reported::Amount(usd(minor));
    let a = before.received_minor;
    let earlier = if a > 0 { vec![("a", amount(a))] } else { Vec::new() };
    let rest = [&earlier[..], &[("b", amount((1000 - a).max(0).max(if a >= 1000 { 1000 } else { 1 })))]].concat();
    let with = |minor| if a > 0 { earlier.clone() } else { vec![("b", amount(minor))] };
    let more = [&earlier[..], &[("b", amount(1000)), ("c", amount(1000))]].concat();
    let mut events = vec![
        ("created", news(Created, asked, &[])),
        ("payment seen", news(Pending, asked, &[])),
        ("expired, nobody paid", news(Expired, asked, &[])),
        ("called off, nobody paid", news(Canceled, asked, &[])),
        ("confirmed, all of it", news(Confirmed, asked, &rest)),
        ("confirmed, what had come or 4.00", news(Confirmed, asked, &with(400))),
        ("confirmed, much more", news(Confirmed, asked, &more)),
        ("confirmed, no payment named", news(Confirmed, asked, &[("CHARGE", Reported::Missing)])),
        ("held: underpaid, what had come or 4.00", news(Held(Reason::Underpaid), asked, &with(400))),
        ("held: overpaid, what had come or 15.00", news(Held(Reason::Overpaid), asked, &with(1500))),
        ("held: delayed, nothing listed", news(Held(Reason::Delayed), asked, &[])),
        ("held: delayed, what had come or 10.00", news(Held(Reason::Delayed), asked, &with(1000))),
        ("held: multiple, with the rest", news(Held(Reason::Multiple), asked, &rest)),
        ("held: held-by-provider, with the rest", news(Held(Reason::HeldByProvider), asked, &rest)),
        ("resolved, what had come or 4.00", news(Resolved, asked, &with(400))),
        ("resolved, no payment named", news(Resolved, asked, &[("CHARGE", Reported::Missing)])),
        ("confirmed, the charge asks for 1.00", news(Confirmed, amount(100), &with(100))),
        ("confirmed, 10.00 EUR", news(Confirmed, Reported::Missing, &[("b", Reported::Amount(euros))])),
        ("confirmed, unreadable", news(Confirmed, asked, &[("b", Reported::Unreadable)])),
        ("of an unknown type", news(Unknown, asked, &[])),
    ];
    events.drain(..).map(|(name, event)| (name.to_owned(), event)).collect()
}

pub(super) fn section() -> String {
    let mut text = EXPLANATION.to_owned();
    head(
        &mut text,
        &["checkout is", "event", "verdict", "reason", "checkout becomes", "received", "counts", "to the ledger"],
    );
    for (state, before) in states() {
        for (name, event) in events(&before) {
            decide(&mut text, state, &before, &name, &event);
        }
    }
    text
}

fn decide(text: &mut String, state: &str, before: &Checkout, name: &str, event: &Event) {
    let recorded = |movement: &str| (movement == "a" && before.received_minor > 0).then(|| usd(before.received_minor));
    let case = Case { checkout: Some(before), order: None, products: Vec::new(), event, has_waited: false };
    let settled = settle(&case, recorded, at(9));
    let after = settled.checkout.as_ref().unwrap_or(before);
    let stands = |checkout: &Checkout| {
        let why = checkout.failure_reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        let seen = if checkout.detected_at.is_some() { ", payment seen" } else { "" };
        match checkout.status {
            CheckoutStatus::Completed | CheckoutStatus::Unresolved => format!("{}{why}", checkout.status),
            CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => {
                format!("{}{seen}", checkout.status)
            }
        }
    };
    let becomes = if stands(after) == stands(before) { "=".to_owned() } else { stands(after) };
    let sum = |minor| Sum::new(minor, Currency::USD).to_string();
    let rows: Vec<String> = settled
        .transactions
        .iter()
        .map(|row| format!("{}: {} {} {}", row.provider_transaction_id, row.money, row.money.currency(), row.status))
        .collect();
    let ledger = if rows.is_empty() { "-".to_owned() } else { rows.join("; ") };
    let cells = [
        state,
        name,
        settled.verdict.as_str(),
        &reason(settled.reason),
        &becomes,
        &sum(after.received_minor),
        &sum(after.counted_minor),
        &ledger,
    ];
    row(text, &cells);
}
