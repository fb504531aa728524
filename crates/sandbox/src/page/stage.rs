//! The ticket's other half: what to do now, or how it ended.

use super::escape::{link, text};
use super::{choice, progress, receipt};
use crate::charge::{Charge, Context, Status};
use crate::clock::Timestamp;

/// How a state looks: the icon and the colours hang on it.
#[derive(Clone, Copy)]
pub(super) enum Mood {
    Waiting,
    Good,
    Doubtful,
    Over,
}

pub(super) fn render(charge: &Charge, shop: &str, now: Timestamp) -> String {
    match charge.status() {
        Status::New => new(charge),
        _ => told(charge, shop, now),
    }
}

/// One line that says where things stand; also read out when it changes.
pub(super) fn headline(charge: &Charge) -> &'static str {
    match (charge.status(), charge.context()) {
        (Status::New, _) => "Waiting for your payment",
        (Status::Pending, _) => "Payment seen",
        (Status::Completed, _) => "Paid",
        (Status::Unresolved, Some(Context::Underpaid)) => "Too little arrived",
        (Status::Unresolved, Some(Context::Overpaid)) => "Too much arrived",
        (Status::Unresolved, Some(Context::Delayed)) => "The payment came too late",
        (Status::Unresolved, Some(Context::Multiple)) => "You paid twice",
        (Status::Unresolved, None) => "Something is off with this payment",
        (Status::Expired, _) => "Time is up",
        (Status::Resolved, _) => "Settled by the shop",
        (Status::Canceled, _) => "Canceled by the shop",
    }
}

fn explanation(charge: &Charge) -> &'static str {
    match (charge.status(), charge.context()) {
        (Status::New, _) => "This page changes by itself as soon as your payment is seen.",
        (Status::Pending, _) => "It is on the network and waits to be confirmed. You needn't do anything.",
        (Status::Completed, _) => "Your payment is confirmed, and the shop is being told. Thank you!",
        (Status::Unresolved, Some(Context::Underpaid)) => {
            "Your payment doesn't cover the price. The shop will be in touch."
        }
        (Status::Unresolved, Some(Context::Overpaid)) => "You sent more than the price. The shop will be in touch.",
        (Status::Unresolved, Some(Context::Multiple)) => {
            "More than one payment has arrived. The shop knows, and will be in touch about what is too much."
        }
        (Status::Unresolved, _) => "Your money has arrived. The shop will decide what happens with it.",
        (Status::Expired, _) => "Nothing was paid in time, and nothing was charged. You can start again in the shop.",
        (Status::Resolved, _) => "The shop has taken the payment as it is. All is done.",
        (Status::Canceled, _) => "Nothing was charged. Please don't send anything to this payment any more.",
    }
}

fn mood(status: Status) -> Mood {
    match status {
        Status::New | Status::Pending => Mood::Waiting,
        Status::Completed | Status::Resolved => Mood::Good,
        Status::Unresolved => Mood::Doubtful,
        Status::Expired | Status::Canceled => Mood::Over,
    }
}

fn new(charge: &Charge) -> String {
    let leave = link(charge.cancel_url.as_deref()).map_or_else(String::new, |url| {
        format!("<a class=\"leave\" href=\"{url}\" rel=\"noreferrer\">Cancel and go back</a>")
    });
    format!(
        "<section class=\"stage\" aria-label=\"Pay\">\n{choice}<div class=\"waiting\"><p class=\"waiting-line\">\
         <span class=\"pulse\" aria-hidden=\"true\"></span>{headline}</p>{leave}</div>\n</section>\n",
        choice = choice::render(charge),
        headline = headline(charge),
    )
}

fn told(charge: &Charge, shop: &str, now: Timestamp) -> String {
    let mood = mood(charge.status());
    let progress = match charge.status() {
        Status::Pending => progress::render(&charge.payments, now),
        _ => String::new(),
    };
    format!(
        "<section class=\"stage told {class}\" aria-labelledby=\"headline\">\n{icon}\n\
         <h2 id=\"headline\" tabindex=\"-1\">{headline}</h2>\n<p class=\"explanation\">{explanation}</p>\n\
         {progress}{receipt}{onward}</section>\n",
        class = mood.class(),
        icon = mood.icon(),
        headline = headline(charge),
        explanation = explanation(charge),
        receipt = receipt::render(charge),
        onward = onward(charge, shop),
    )
}

fn onward(charge: &Charge, shop: &str) -> String {
    let url = match charge.status() {
        Status::Completed | Status::Resolved => charge.redirect_url.as_deref(),
        Status::Expired | Status::Canceled => charge.cancel_url.as_deref(),
        Status::New | Status::Pending | Status::Unresolved => None,
    };
    link(url).map_or_else(String::new, |url| {
        let shop = text(shop);
        format!("<a class=\"onward\" href=\"{url}\" rel=\"noreferrer\">Return to <bdi>{shop}</bdi></a>\n")
    })
}

impl Mood {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Waiting => "is-waiting",
            Self::Good => "is-good",
            Self::Doubtful => "is-doubtful",
            Self::Over => "is-over",
        }
    }

    pub(super) fn icon(self) -> String {
        let drawing = match self {
            Self::Waiting => {
                "<circle class=\"track\" cx=\"32\" cy=\"32\" r=\"26\"/><circle class=\"runner\" cx=\"32\" cy=\"32\" r=\"26\"/>"
            }
            Self::Good => {
                "<circle class=\"disc\" cx=\"32\" cy=\"32\" r=\"28\"/><path class=\"stroke\" d=\"M20 33l8.5 8.5L45 24\"/>"
            }
            Self::Doubtful => {
                "<circle class=\"disc\" cx=\"32\" cy=\"32\" r=\"28\"/><path class=\"stroke\" d=\"M32 19v17M32 44v.5\"/>"
            }
            Self::Over => {
                "<circle class=\"disc\" cx=\"32\" cy=\"32\" r=\"28\"/><path class=\"stroke\" d=\"M32 18v15l9 6\"/>"
            }
        };
        format!("<svg class=\"icon\" viewBox=\"0 0 64 64\" aria-hidden=\"true\">{drawing}</svg>")
    }
}
