//! The ticket's stub: who asks for how much, for what, and until when.

use super::escape::text;
use super::seconds_left;
use crate::charge::Charge;
use crate::clock::Timestamp;
use crate::config::Config;

pub(super) fn render(charge: &Charge, config: &Config, now: Timestamp) -> String {
    let description = match charge.description.as_str() {
        "" => String::new(),
        description => format!("<p class=\"what-for\" dir=\"auto\">{}</p>\n", text(description)),
    };
    let left_s = seconds_left(charge, now);
    format!(
        "<section class=\"stub\" aria-label=\"What you pay for\">\n<p class=\"eyebrow\">Payment to <bdi>{shop}</bdi></p>\n\
         <h1 dir=\"auto\">{name}</h1>\n{description}<div class=\"stub-foot\">\n{amount}\
         <dl class=\"facts\"><div><dt>Reference</dt><dd class=\"mono\">{code}</dd></div>{clock}</dl>\n{bar}</div>\n</section>\n",
        shop = text(&config.shop_name),
        name = text(&charge.name),
        amount = amount(charge),
        code = text(&charge.code),
        clock = left_s.map_or_else(String::new, clock),
        bar = left_s.map_or_else(String::new, |left_s| bar(left_s, config)),
    )
}

fn amount(charge: &Charge) -> String {
    match &charge.price {
        Some(price) => format!(
            "<p class=\"amount\"><span class=\"unseen\">Amount: </span>{} <span class=\"unit\">{}</span></p>\n",
            grouped(&price.local.amount()),
            price.local.currency.code
        ),
        None => "<p class=\"amount open\">You choose how much</p>\n".to_owned(),
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

fn bar(left_s: u64, config: &Config) -> String {
    let whole_s = config.charge_ttl.as_secs().max(left_s);
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
