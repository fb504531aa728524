//! What a buyer sees: the payment page, and the pages of checkouts and invoices that lead to it.
//!
//! They are whole without a script; on the payment page one makes things live. Everything they say comes from strangers:
//! it reaches a page through [`escape::text`] and [`escape::link`] only.

pub(crate) mod checkout;
mod choice;
mod document;
mod drawer;
mod escape;
pub(crate) mod invoice;
mod progress;
mod qr;
mod receipt;
mod stage;
mod summary;

use serde_json::{Value, json};

use crate::charge::{Charge, Status};
use crate::clock::Timestamp;
use document::Document;
use escape::text;

/// One sheet for all pages, the developer's home included; kept in parts by subject.
pub(crate) const CSS: &str = concat!(
    include_str!("page/style/base.css"),
    include_str!("page/style/ticket.css"),
    include_str!("page/style/stage.css"),
    include_str!("page/style/drawer.css"),
);
pub(crate) const JS: &str = include_str!("page/page.js");

/// The page of a charge, as of now. All its addresses are relative to `…/pay/`.
///
/// `ttl_s` is how long a charge of this sandbox is open: what the bar of the time left is measured by.
pub(crate) fn render(charge: &Charge, shop: &str, ttl_s: u64, now: Timestamp) -> String {
    // Without a script, a payment under way shows its end by itself.
    let head = match charge.status() {
        Status::Pending => "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>\n",
        _ => "",
    };
    let view = format!(
        "<main id=\"view\" class=\"with-drawer\" data-code=\"{code}\" data-state=\"{state}\">\n\
         <article class=\"ticket\">\n{summary}{stage}</article>\n{drawer}</main>\n\
         <p id=\"live\" class=\"unseen\" role=\"status\" aria-live=\"polite\"></p>\n\
         <script src=\"assets/page.js\" defer></script>",
        code = text(&charge.code),
        state = state(charge),
        summary = summary::of_charge(charge, shop, ttl_s, now),
        stage = stage::render(charge, shop, now),
        drawer = drawer::render(charge),
    );
    Document { title: &format!("{} – {shop}", charge.name), shop, assets: "assets/", head, view: &view }.render()
}

/// The page for an address that names nothing: no such payment, checkout or invoice.
pub(crate) fn render_unknown(what: &str) -> String {
    let what = text(what);
    let view = format!(
        "<main id=\"view\"><article class=\"lost\"><p class=\"lost-code\" aria-hidden=\"true\">404</p>\
         <h1>There is no such {what}</h1><p>The link may be incomplete, or the {what} too old. \
         Go back to the shop and try again from there.</p></article></main>"
    );
    Document { title: "Not found", shop: "Sandbox", assets: document::ASSETS_FROM_BESIDE, head: "", view: &view }
        .render()
}

/// What the open page asks for again and again.
pub(crate) fn status(charge: &Charge, now: Timestamp) -> Value {
    json!({
        "status": charge.status(),
        "context": charge.context(),
        "state": state(charge),
        "message": stage::headline(charge),
        "seconds_left": seconds_left(charge, now),
        "payments": charge.payments.iter().map(|payment| progress::to_wire(payment, now)).collect::<Vec<_>>(),
    })
}

/// Tells the script when the page it shows is out of date: for another status, and for one more payment.
fn state(charge: &Charge) -> String {
    let context = charge.context().map_or("", |context| context.name());
    let state = format!("{} {context}", charge.status().name()).trim_end().to_owned();
    match charge.payments.len() {
        0 | 1 => state,
        payments => format!("{state} {payments}"),
    }
}

fn seconds_left(charge: &Charge, now: Timestamp) -> Option<u64> {
    (charge.status() == Status::New)
        .then(|| now.until(charge.expires_at).as_millis().div_ceil(1_000))
        .and_then(|left| left.try_into().ok())
}

#[cfg(test)]
mod tests;
