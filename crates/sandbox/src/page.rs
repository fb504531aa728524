//! The payment page. It is whole without a script; the script makes it live.
//!
//! Everything a charge says comes from strangers: it reaches the page through [`escape::text`] only.

mod choice;
mod escape;
mod qr;
mod simulate;
mod stage;
mod summary;

use serde_json::{Value, json};

use crate::charge::{Charge, Status};
use crate::clock::Timestamp;
use crate::config::Config;
use escape::text;

pub(crate) const CSS: &str = include_str!("page/page.css");
pub(crate) const JS: &str = include_str!("page/page.js");

/// The page of a charge, as of now. All its addresses are relative to `…/pay/`.
pub(crate) fn render(charge: &Charge, config: &Config, now: Timestamp) -> String {
    let status = charge.status();
    // Without a script, a payment under way shows its end by itself.
    let refresh = match status {
        Status::Pending => "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>",
        _ => "",
    };
    let view = format!(
        "<main id=\"view\" data-code=\"{code}\" data-state=\"{state}\">\n<article class=\"ticket\">\n{summary}{stage}</article>\n\
         {simulate}</main>\n<p id=\"live\" class=\"unseen\" role=\"status\" aria-live=\"polite\"></p>\n\
         <script src=\"assets/page.js\" defer></script>",
        code = text(&charge.code),
        state = state(charge),
        summary = summary::render(charge, config, now),
        stage = stage::render(charge, config),
        simulate = simulate::render(charge),
    );
    document(&format!("{} – {}", charge.name, config.shop_name), &config.shop_name, refresh, &view)
}

/// The page for a code that names nothing.
pub(crate) fn render_unknown() -> String {
    let view = "<main id=\"view\"><article class=\"lost\"><p class=\"lost-code\" aria-hidden=\"true\">404</p>\
                <h1>There is no such payment</h1><p>The link may be incomplete, or the payment too old. \
                Go back to the shop and try again from there.</p></article></main>";
    document("Payment not found", "Sandbox", "", view)
}

/// What the open page asks for again and again.
pub(crate) fn status(charge: &Charge, now: Timestamp) -> Value {
    json!({
        "status": charge.status(),
        "context": charge.context(),
        "state": state(charge),
        "message": stage::headline(charge),
        "seconds_left": seconds_left(charge, now),
    })
}

/// Tells the script when the page it shows is out of date.
fn state(charge: &Charge) -> String {
    let context = charge.context().map_or("", |context| context.name());
    format!("{} {context}", charge.status().name()).trim_end().to_owned()
}

fn seconds_left(charge: &Charge, now: Timestamp) -> Option<u64> {
    (charge.status() == Status::New)
        .then(|| now.until(charge.expires_at).as_millis().div_ceil(1_000))
        .and_then(|left| left.try_into().ok())
}

fn document(title: &str, shop: &str, head: &str, view: &str) -> String {
    let (title, shop) = (text(title), text(shop));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"assets/page.css\">\n{head}</head>\n<body>\n\
         <header class=\"top\"><p class=\"shop\"><bdi>{shop}</bdi></p>\
         <p class=\"notice\">Sandbox <span>no real money</span></p></header>\n{view}\n</body>\n</html>\n"
    )
}
