//! Hostile text stays text, and no page asks for anything of another site or runs anything inline.

use std::time::Duration;

use super::checkout::{self, CheckoutView};
use super::invoice::{self, InvoiceView};
use super::*;
use crate::charge::draft::Draft;
use crate::charge::life::{Attempt, Outcome};
use crate::coin::Coin;
use crate::currency::USD;
use crate::money::Money;
use crate::rates::Rates;

const HOSTILE: &str =
    "</title></p><script>alert(1)</script><img src=x onerror=alert(1)>\" onmouseover=\"alert(1)\" x='&amp;";
const PRICE: Money = Money { units: 2_999, currency: &USD };
const START: Timestamp = Timestamp(1_700_000_000_000);

fn charge() -> Charge {
    let body = json!({
        "name": HOSTILE,
        "description": HOSTILE,
        "pricing_type": "fixed_price",
        "local_price": { "amount": "29.99", "currency": "USD" },
        "redirect_url": "https://shop.example/thanks",
        "cancel_url": "javascript:alert(1)",
    });
    Draft::parse(body.to_string().as_bytes(), &Rates::default())
        .unwrap()
        .open(None, START, Duration::from_secs(3_600))
        .unwrap()
}

fn paid(outcome: Outcome, coin: Coin) -> Charge {
    let mut charge = charge();
    charge
        .pay(Attempt { outcome, coin, amount: None, delay: Duration::from_secs(1) }, &Rates::default(), START)
        .unwrap();
    charge
}

fn payment_page(charge: &Charge) -> String {
    render(charge, HOSTILE, 3_600, START)
}

fn checkout_page(change: impl FnOnce(&mut CheckoutView<'_>)) -> String {
    let mut checkout = CheckoutView {
        name: HOSTILE,
        description: HOSTILE,
        price: Some(PRICE),
        asks_name: true,
        asks_email: true,
        error: Some(HOSTILE),
    };
    change(&mut checkout);
    checkout::render(&checkout, HOSTILE)
}

fn invoice_page(status: &str, is_payable: bool, charge_code: Option<&str>) -> String {
    let invoice = InvoiceView {
        code: "INVO1234",
        business_name: HOSTILE,
        customer_name: Some(HOSTILE),
        customer_email: Some(HOSTILE),
        memo: HOSTILE,
        price: PRICE,
        status,
        is_payable,
        charge_code,
    };
    invoice::render(&invoice, HOSTILE)
}

fn all_pages() -> Vec<String> {
    vec![
        payment_page(&charge()),
        payment_page(&paid(Outcome::Success, Coin::Bitcoin)),
        payment_page(&paid(Outcome::Multiple, Coin::Usdc)),
        checkout_page(|_| {}),
        invoice_page("VIEWED", true, None),
        invoice_page("PAID", false, Some(HOSTILE)),
        render_unknown(HOSTILE),
    ]
}

#[test]
fn hostile_text_stays_text_on_every_page() {
    for page in all_pages() {
        assert!(!page.contains("<script>") && !page.contains("<img") && !page.contains("\" onmouseover"), "{page}");
        assert!(!page.contains("javascript:"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
        assert_eq!(page.matches("</title>").count(), 1, "{page}");
    }
}

#[test]
fn no_page_loads_anything_from_elsewhere_or_has_anything_inline() {
    for page in all_pages() {
        assert!(!page.contains("style=\"") && !page.contains("<style"), "{page}");
        assert!(!page.contains("src=\"http") && !page.contains("src=\"//") && !page.contains("<base"), "{page}");
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, page.matches("<script src=\"assets/page.js\" defer></script>").count(), "{page}");
        for sheet in page.split("<link ").skip(1).filter(|link| link.starts_with("rel=\"stylesheet\"")) {
            let is_ours = ["assets/page.css", "../pay/assets/page.css"]
                .iter()
                .any(|file| sheet.starts_with(&format!("rel=\"stylesheet\" href=\"{file}\"")));
            assert!(is_ours, "{sheet}");
        }
        assert_eq!(page.matches("<h1").count(), 1, "{page}");
    }
    assert!(!CSS.contains("url(") && !CSS.contains("@import"));
}

#[test]
fn a_new_charge_offers_every_outcome_and_shows_the_price_in_both_moneys() {
    let page = payment_page(&charge());
    for outcome in ["success", "underpaid", "overpaid", "multiple", "delayed", "failure", "slow"] {
        assert!(page.contains(&format!("name=\"outcome\" value=\"{outcome}\"")), "{outcome}");
    }
    assert!(page.contains("for 29.99 USD") && page.contains("in-bitcoin\"") && page.contains("29.990000 USDC"));
}

#[test]
fn a_charge_without_a_price_cannot_be_paid_too_little_or_too_much() {
    let mut charge = charge();
    charge.price = None;
    let page = payment_page(&charge);
    assert!(!page.contains("value=\"underpaid\"") && !page.contains("value=\"overpaid\""));
    assert!(page.contains("value=\"success\"") && page.contains("You choose how much"));
}

#[test]
fn a_pending_payment_says_how_many_confirmations_it_has() {
    let charge = paid(Outcome::Success, Coin::Ethereum);
    let page = payment_page(&charge);
    assert!(page.contains("data-confirmations=\"0\">0</span> of 12 confirmations"));
    assert!(!page.contains("name=\"outcome\""));
    let status = status(&charge, START);
    assert_eq!(status["payments"][0]["network"], "ethereum");
    assert_eq!(status["payments"][0]["confirmations_required"], 12);
}

#[test]
fn a_checkout_asks_only_for_what_it_was_told_to_ask() {
    let both = checkout_page(|_| {});
    assert!(both.contains("name=\"name\"") && both.contains("type=\"email\"") && both.contains("maxlength=\"254\""));
    assert!(both.contains("method=\"post\" action=\"\"") && both.contains("Continue to payment"));
    let neither = checkout_page(|checkout| (checkout.asks_name, checkout.asks_email) = (false, false));
    assert!(!neither.contains("<input") && neither.contains("Continue to payment"));
    let free = checkout_page(|checkout| checkout.price = None);
    assert!(free.contains("You choose how much"));
}

#[test]
fn an_invoice_can_be_paid_or_says_why_not() {
    let open = invoice_page("OPEN", true, None);
    assert!(open.contains("Pay this invoice") && open.contains("method=\"post\" action=\"\""));
    for (status, headline) in [
        ("PAID", "Paid"),
        ("VOID", "Void"),
        ("PAYMENT_PENDING", "Payment under way"),
        ("UNRESOLVED", "Not quite paid"),
        ("RESOLVED", "Settled"),
    ] {
        let page = invoice_page(status, false, Some("ABCD1234"));
        assert!(page.contains(&format!(">{headline}</h2>")), "{status}");
        assert!(!page.contains("<form") && page.contains("href=\"../pay/ABCD1234\""), "{status}");
    }
}
