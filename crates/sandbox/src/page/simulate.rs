//! The panel that stands in for a wallet.

use super::escape::text;
use crate::charge::{Charge, Status};

struct Choice {
    outcome: &'static str,
    title: &'static str,
    what: &'static str,
    /// Whether it makes sense only with a price.
    priced: bool,
}

const PAY: Choice = Choice { outcome: "success", title: "Pay", what: "the exact amount", priced: false };
const UNDERPAY: Choice =
    Choice { outcome: "underpaid", title: "Pay too little", what: "half of it arrives", priced: true };
const OVERPAY: Choice = Choice { outcome: "overpaid", title: "Pay too much", what: "half as much again", priced: true };
const PAY_LATE: Choice = Choice { outcome: "delayed", title: "Pay late", what: "after the time is up", priced: false };
const FAIL: Choice = Choice { outcome: "failure", title: "Fail", what: "nobody pays in time", priced: false };

/// Only what is possible now; nothing at all once the charge is settled.
pub(super) fn render(charge: &Charge) -> String {
    let choices: &[Choice] = match charge.status() {
        Status::New => &[PAY, UNDERPAY, OVERPAY, PAY_LATE, FAIL],
        Status::Expired => &[PAY_LATE],
        Status::Pending | Status::Completed | Status::Unresolved | Status::Resolved | Status::Canceled => {
            return String::new();
        }
    };
    let buttons: String =
        choices.iter().filter(|choice| charge.price.is_some() || !choice.priced).map(Choice::button).collect();
    format!(
        "<form id=\"simulate\" class=\"simulate\" method=\"post\" action=\"{code}/simulate\" aria-labelledby=\"simulate-title\">\n\
         <h2 id=\"simulate-title\">Simulate</h2>\n\
         <p class=\"simulate-note\">There is no wallet and no coin here. Choose how the payment goes.</p>\n\
         <div class=\"buttons\">\n{buttons}</div>\n</form>\n",
        code = text(&charge.code),
    )
}

impl Choice {
    fn button(&self) -> String {
        let Self { outcome, title, what, .. } = self;
        format!(
            "<button name=\"outcome\" value=\"{outcome}\" class=\"do do-{outcome}\"><span class=\"do-title\">{title}</span> \
             <span class=\"do-what\">{what}</span></button>\n"
        )
    }
}
