//! A checkout's page: what is sold, and what the merchant wants to know before the payment.

use super::document::{ASSETS_FROM_BESIDE, Document};
use super::escape::text;
use super::summary::Stub;
use crate::money::Money;

/// As long as Coinbase lets a name be.
const NAME_CHARS_MAX: u16 = 100;
/// The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, less the angle brackets).
const EMAIL_CHARS_MAX: u16 = 254;

/// What the page shows of a checkout.
pub(crate) struct CheckoutView<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    /// `None`: the payer chooses how much to give.
    pub(crate) price: Option<Money>,
    pub(crate) asks_name: bool,
    pub(crate) asks_email: bool,
    /// What was wrong with the form that was sent.
    pub(crate) error: Option<&'a str>,
}

struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    chars_max: u16,
}

const NAME: Field =
    Field { name: "name", label: "Your name", kind: "text", autocomplete: "name", chars_max: NAME_CHARS_MAX };
const EMAIL: Field = Field {
    name: "email",
    label: "Your email address",
    kind: "email",
    autocomplete: "email",
    chars_max: EMAIL_CHARS_MAX,
};

/// The page at `…/checkout/{id}`. Its form posts to the same address.
pub(crate) fn render(checkout: &CheckoutView<'_>, shop: &str) -> String {
    let stub = Stub {
        label: "What you pay for",
        eyebrow: "Checkout at",
        shop,
        title: checkout.name,
        description: checkout.description,
        price: checkout.price,
        in_coin: "",
        facts: "",
        foot: "",
    };
    let view = format!(
        "<main id=\"view\">\n<article class=\"ticket\">\n{stub}{form}</article>\n</main>",
        stub = stub.render(),
        form = form(checkout),
    );
    let title = format!("{} – {shop}", checkout.name);
    Document { title: &title, shop, assets: ASSETS_FROM_BESIDE, head: "", view: &view }.render()
}

fn form(checkout: &CheckoutView<'_>) -> String {
    let fields: String = [(checkout.asks_name, NAME), (checkout.asks_email, EMAIL)]
        .iter()
        .filter(|(is_asked, _)| *is_asked)
        .map(|(_, field)| field.render(checkout.error.is_some()))
        .collect();
    let (headline, lead) = if fields.is_empty() {
        ("Ready to pay", "You choose the coin on the next page.")
    } else {
        ("Your details", "The shop asks for this with the payment. You choose the coin on the next page.")
    };
    let error = checkout.error.map_or_else(String::new, |error| {
        format!("<p id=\"form-error\" class=\"form-error\" role=\"alert\">{}</p>\n", text(error))
    });
    format!(
        "<section class=\"stage form-stage\" aria-labelledby=\"headline\">\n<h2 id=\"headline\">{headline}</h2>\n\
         <p class=\"explanation\">{lead}</p>\n{error}<form class=\"details-form\" method=\"post\" action=\"\">\n\
         {fields}<button class=\"onward\">Continue to payment</button>\n</form>\n</section>\n"
    )
}

impl Field {
    /// After a refusal each field points at what was wrong.
    fn render(&self, was_refused: bool) -> String {
        let Self { name, label, kind, autocomplete, chars_max } = self;
        let described = if was_refused { " aria-describedby=\"form-error\"" } else { "" };
        format!(
            "<p class=\"input\"><label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" \
             autocomplete=\"{autocomplete}\" maxlength=\"{chars_max}\" required{described}></p>\n"
        )
    }
}
