//! The drawer that stands in for a wallet. No buyer would see it: it is beside the ticket, and looks it.

use super::escape::text;
use crate::charge::{Charge, Status};

struct Choice {
    outcome: &'static str,
    title: &'static str,
    what: &'static str,
    /// Whether it makes sense only with a price.
    priced: bool,
}

const ALL: [Choice; 7] = [
    Choice { outcome: "success", title: "Pay", what: "the exact amount", priced: false },
    Choice { outcome: "underpaid", title: "Pay too little", what: "half of it arrives", priced: true },
    Choice { outcome: "overpaid", title: "Pay too much", what: "half as much again", priced: true },
    Choice { outcome: "multiple", title: "Pay twice", what: "two payments arrive", priced: false },
    LATE,
    Choice { outcome: "slow", title: "Confirm slowly", what: "paid, but pending for long", priced: false },
    Choice { outcome: "failure", title: "Let it fail", what: "nobody pays in time", priced: false },
];
const LATE: Choice = Choice { outcome: "delayed", title: "Pay late", what: "after the time is up", priced: false };

/// Always there, so that the page doesn't jump; it offers only what is possible now.
pub(super) fn render(charge: &Charge) -> String {
    let (title, content) = match charge.status() {
        Status::New => ("Simulate", form(charge, "Choose how it goes.", &ALL)),
        Status::Expired => ("Simulate", form(charge, "Only a late payment can come now.", &[LATE])),
        Status::Pending => ("Simulate", note("A payment is under way. It is confirmed by itself.")),
        Status::Completed | Status::Unresolved | Status::Resolved | Status::Canceled => {
            ("Sandbox", note("This payment is finished. Nothing is left to try here."))
        }
    };
    format!(
        "<aside class=\"drawer\" aria-label=\"{title}\">\n<details id=\"drawer\" open>\n<summary>{title} \
         <span class=\"drawer-tag\">buyers don\u{2019}t see this</span></summary>\n<div class=\"drawer-body\">\n{content}\
         <p class=\"drawer-home\"><a href=\"../\">Webhooks, clock and faults</a></p>\n</div>\n</details>\n</aside>\n"
    )
}

fn note(note: &str) -> String {
    format!("<p class=\"drawer-note\">{note}</p>\n")
}

fn form(charge: &Charge, how: &str, choices: &[Choice]) -> String {
    let has_price = charge.price.is_some();
    let possible = choices.iter().filter(|choice| has_price || !choice.priced);
    let buttons: String = possible.map(|choice| choice.button(has_price)).collect();
    format!(
        "<form id=\"simulate\" method=\"post\" action=\"{code}/simulate\">\n\
         <p class=\"drawer-note\">There is no wallet and no coin here. {how}</p>\n<div class=\"buttons\">\n{buttons}</div>\n</form>\n",
        code = text(&charge.code),
    )
}

impl Choice {
    fn button(&self, has_price: bool) -> String {
        let Self { outcome, title, .. } = self;
        let what = if self.outcome == "success" && !has_price { "as much as they like" } else { self.what };
        format!(
            "<button name=\"outcome\" value=\"{outcome}\" class=\"do do-{outcome}\"><span class=\"do-title\">{title}</span> \
             <span class=\"do-what\">{what}</span></button>\n"
        )
    }
}
