//! An invoice's page: who asks whom for what, and the way to pay it.

use super::document::{ASSETS_FROM_BESIDE, Document};
use super::escape::text;
use super::receipt::row;
use super::stage::Mood;
use super::summary::{Stub, reference};
use crate::money::Money;

/// What the page shows of an invoice.
pub(crate) struct InvoiceView<'a> {
    pub(crate) code: &'a str,
    pub(crate) business_name: &'a str,
    pub(crate) customer_name: Option<&'a str>,
    pub(crate) customer_email: Option<&'a str>,
    pub(crate) memo: &'a str,
    pub(crate) price: Money,
    /// As on the wire: OPEN, VIEWED, `PAYMENT_PENDING`, PAID, UNRESOLVED, RESOLVED, VOID.
    pub(crate) status: &'a str,
    pub(crate) is_payable: bool,
    /// The newest charge that was made for it.
    pub(crate) charge_code: Option<&'a str>,
}

/// The page at `…/invoice/{code}`. Its button posts to the same address.
pub(crate) fn render(invoice: &InvoiceView<'_>, shop: &str) -> String {
    let stub = Stub {
        label: "The invoice",
        eyebrow: "Invoice from",
        shop: invoice.business_name,
        title: if invoice.memo.is_empty() { "Invoice" } else { invoice.memo },
        description: "",
        price: Some(invoice.price),
        in_coin: "",
        facts: &reference(invoice.code),
        foot: "",
    };
    let view = format!(
        "<main id=\"view\">\n<article class=\"ticket\">\n{stub}{stage}</article>\n</main>",
        stub = stub.render(),
        stage = stage(invoice),
    );
    let title = format!("Invoice {} – {}", invoice.code, invoice.business_name);
    Document { title: &title, shop, assets: ASSETS_FROM_BESIDE, head: "", view: &view }.render()
}

fn stage(invoice: &InvoiceView<'_>) -> String {
    let (mood, headline, explanation) = told(invoice);
    let payment = invoice.charge_code.map_or_else(String::new, |code| {
        format!("<a class=\"aside-link\" href=\"../pay/{}\">See the payment</a>\n", text(code))
    });
    let pay = if invoice.is_payable {
        "<form class=\"details-form\" method=\"post\" action=\"\"><button class=\"onward\">Pay this invoice</button></form>\n"
    } else {
        &payment
    };
    format!(
        "<section class=\"stage told {class}\" aria-labelledby=\"headline\">\n{icon}\
         <h2 id=\"headline\">{headline}</h2>\n<p class=\"explanation\">{explanation}</p>\n{people}{pay}</section>\n",
        class = mood.class(),
        // An open invoice waits for the reader: a turning wheel would say the opposite.
        icon = if invoice.is_payable { String::new() } else { mood.icon() },
        people = people(invoice),
    )
}

/// Whom it is for. Who it is from, and what for, is on the stub.
fn people(invoice: &InvoiceView<'_>) -> String {
    let rows: String = [("Billed to", invoice.customer_name), ("Email", invoice.customer_email)]
        .into_iter()
        .filter_map(|(name, value)| value.filter(|value| !value.is_empty()).map(|value| row(name, "", value)))
        .collect();
    if rows.is_empty() { rows } else { format!("<dl class=\"receipt\">\n{rows}</dl>\n") }
}

fn told(invoice: &InvoiceView<'_>) -> (Mood, &'static str, &'static str) {
    if invoice.is_payable {
        return (Mood::Waiting, "To be paid", "You choose the coin on the next page.");
    }
    match invoice.status {
        "PAID" => (Mood::Good, "Paid", "This invoice is paid. Thank you!"),
        "RESOLVED" => (Mood::Good, "Settled", "The shop has taken the payment as it is."),
        "VOID" => (Mood::Over, "Void", "The shop has withdrawn this invoice. Please don't pay it any more."),
        "UNRESOLVED" => {
            (Mood::Doubtful, "Not quite paid", "A payment came, but not as asked. The shop will be in touch.")
        }
        _ => (Mood::Waiting, "Payment under way", "Your payment was seen and waits to be confirmed."),
    }
}
