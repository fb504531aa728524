//! The ticket's stub: who asks for how much, for what, and until when.

use super::escape::text;
use super::seconds_left;
use crate::charge::{Charge, Status};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::money::Money;

/// What a stub says. The texts are escaped here; `facts` and `foot` are HTML already.
pub(super) struct Stub<'a> {
    pub(super) label: &'a str,
    /// Comes before the shop's name: "Payment to".
    pub(super) eyebrow: &'a str,
    pub(super) shop: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) price: Option<Money>,
    pub(super) in_coin: &'a str,
    pub(super) facts: &'a str,
    pub(super) foot: &'a str,
}

impl Stub<'_> {
    pub(super) fn render(&self) -> String {
        let Self { label, eyebrow, in_coin, facts, foot, .. } = self;
        let description = match self.description {
            "" => String::new(),
            description => format!("<p class=\"what-for\" dir=\"auto\">{}</p>\n", text(description)),
        };
        let facts = if facts.is_empty() { String::new() } else { format!("<dl class=\"facts\">{facts}</dl>\n") };
        format!(
            "<section class=\"stub\" aria-label=\"{label}\">\n<p class=\"eyebrow\">{eyebrow} <bdi>{shop}</bdi></p>\n\
             <h1 dir=\"auto\">{title}</h1>\n{description}<div class=\"stub-foot\">\n{amount}{in_coin}{facts}{foot}</div>\n\
             </section>\n",
            shop = text(self.shop),
            title = text(self.title),
            amount = amount(self.price),
        )
    }
}

pub(super) fn of_charge(charge: &Charge, shop: &str, ttl_s: u64, now: Timestamp) -> String {
    let left_s = seconds_left(charge, now);
    let clock = left_s.map_or_else(String::new, clock);
    Stub {
        label: "What you pay for",
        eyebrow: "Payment to",
        shop,
        title: &charge.name,
        description: &charge.description,
        price: charge.price.as_ref().map(|price| price.local),
        in_coin: &in_coin(charge),
        facts: &format!("{}{clock}", reference(&charge.code)),
        foot: &left_s.map_or_else(String::new, |left_s| bar(left_s, ttl_s)),
    }
    .render()
}

/// What a stub says about the code.
pub(super) fn reference(code: &str) -> String {
    format!("<div><dt>Reference</dt><dd class=\"mono\">{}</dd></div>", text(code))
}

/// An amount with its currency, as it is read.
pub(super) fn shown(money: Money) -> String {
    format!("{} {}", money.amount(), money.currency.code)
}

fn amount(price: Option<Money>) -> String {
    match price {
        Some(price) => format!(
            "<p class=\"amount\"><span class=\"unseen\">Amount: </span>{} <span class=\"unit\">{}</span></p>\n",
            grouped(&price.amount()),
            price.currency.code
        ),
        None => "<p class=\"amount open\">You choose how much</p>\n".to_owned(),
    }
}

/// The same amount in the coin that is chosen: the style sheet shows one of the lines. Once somebody has paid, their coin.
fn in_coin(charge: &Charge) -> String {
    let line = |coin: Coin, class: &str| {
        charge.due_in(coin).map_or_else(String::new, |due| {
            format!("<p class=\"in-coin{class}\"><span aria-hidden=\"true\">=</span> {}</p>\n", text(&shown(due)))
        })
    };
    match (charge.status(), charge.payments.first()) {
        (Status::New, _) => Coin::ALL.map(|coin| line(coin, &format!(" in-{}", coin.key()))).concat(),
        (_, Some(payment)) => line(payment.coin, ""),
        _ => String::new(),
    }
}

/// Long amounts are read in threes. The space is narrow and doesn't break; a comma would be a decimal point to half of us.
fn grouped(amount: &str) -> String {
    let whole = amount.find('.').unwrap_or(amount.len());
    let groups_from = if whole > 4 { whole % 3 } else { 0 };
    let mut shown = String::with_capacity(amount.len() + whole);
    for (place, digit) in amount.chars().enumerate() {
        if whole > 4 && place > 0 && place < whole && place % 3 == groups_from {
            shown.push('\u{202f}');
        }
        shown.push(digit);
    }
    shown
}

fn clock(left_s: u64) -> String {
    format!(
        "<div><dt id=\"left-label\">Time left</dt><dd><span id=\"left\" class=\"digits\" role=\"timer\" \
         aria-labelledby=\"left-label\" data-seconds=\"{left_s}\">{minutes}:{seconds:02}</span></dd></div>",
        minutes = left_s / 60,
        seconds = left_s % 60,
    )
}

fn bar(left_s: u64, ttl_s: u64) -> String {
    let whole_s = ttl_s.max(left_s);
    format!("<progress id=\"left-bar\" max=\"{whole_s}\" value=\"{left_s}\" aria-hidden=\"true\"></progress>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_amounts_are_grouped() {
        for (amount, shown) in [
            ("129.00", "129.00"),
            ("1290.00", "1290.00"),
            ("12900", "12_900"),
            ("129000.50", "129_000.50"),
            ("1290000.00000001", "1_290_000.00000001"),
        ] {
            assert_eq!(grouped(amount), shown.replace('_', "\u{202f}"));
        }
    }
}
