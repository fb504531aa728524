//! Choosing a coin, and where to send it. Radio buttons and CSS do it, so that it works without a script.

use super::escape::text;
use super::qr;
use super::summary::shown;
use crate::charge::Charge;
use crate::coin::Coin;

pub(super) fn render(charge: &Charge) -> String {
    let choices = Coin::ALL.map(choice).concat();
    let panels = Coin::ALL.map(|coin| panel(charge, coin)).concat();
    format!("<fieldset class=\"coins\">\n<legend>Pay with</legend>\n{choices}{panels}</fieldset>\n")
}

fn choice(coin: Coin) -> String {
    let checked = if coin == Coin::default() { " checked" } else { "" };
    format!(
        "<input class=\"unseen\" type=\"radio\" name=\"network\" value=\"{key}\" id=\"coin-{key}\" form=\"simulate\" \
         autocomplete=\"off\"{checked}><label class=\"coin\" for=\"coin-{key}\"><span class=\"mark mark-{key}\" aria-hidden=\"true\">{sign}</span>\
         <span class=\"coin-title\">{title}</span><span class=\"coin-code\">{code}</span></label>\n",
        key = coin.key(),
        sign = sign(coin),
        title = coin.title(),
        code = coin.currency().code,
    )
}

fn sign(coin: Coin) -> &'static str {
    match coin {
        Coin::Bitcoin => "₿",
        Coin::Ethereum => "Ξ",
        Coin::Usdc => "$",
    }
}

fn panel(charge: &Charge, coin: Coin) -> String {
    let (key, title) = (coin.key(), coin.title());
    let address = charge.addresses.of(coin);
    let due = charge.due_in(coin);
    let label = format!("QR code of the {title} address");
    let code = qr::svg(&coin.payment_uri(address, due), &label).unwrap_or_default();
    let amount = due.map_or_else(String::new, |due| {
        field(&format!("amount-{key}"), &label_of_amount(charge), &shown(due), &due.amount())
    });
    let address = field(&format!("address-{key}"), &format!("To this {title} address"), address, address);
    format!(
        "<div class=\"panel panel-{key}\">\n<div class=\"qr-frame\">{code}</div>\n<div class=\"fields\">{amount}{address}</div>\n</div>\n"
    )
}

/// The coin's amount is never read without what it is worth.
fn label_of_amount(charge: &Charge) -> String {
    match &charge.price {
        Some(price) => format!("Send exactly, for {}", shown(price.local)),
        None => "Send".to_owned(),
    }
}

fn field(id: &str, label: &str, shown: &str, copied: &str) -> String {
    let (label, shown, copied) = (text(label), text(shown), text(copied));
    format!(
        "<div class=\"field\"><p class=\"field-label\" id=\"{id}-label\">{label}</p>\
         <p class=\"field-value mono\" id=\"{id}\">{shown}</p>\
         <button type=\"button\" class=\"copy\" data-copy=\"{copied}\" aria-describedby=\"{id}-label\" hidden>Copy</button></div>\n"
    )
}
