//! The table of what events do to checkouts and orders, as the code decides it: `docs/SETTLEMENT.md`.

mod checkouts;
mod orders;
mod scene;

use std::fmt::Write;

use application::{explain_verdict, reason_in_words};
use domain::{Reason, Verdict};

const HEAD: &str = "# What payments do

<!-- Written by `make settlement-table` from what the code decides. Change the code, or its generator. -->

Each line of these tables was decided by `domain::settle`, the one function that says what news of a payment do. How it decides is in
[ARCHITECTURE.md](ARCHITECTURE.md#how-settle-decides), why in [ADR 17](adr/0017-sums-decide-what-is-paid.md). \"=\" means that it stays as
it was. Amounts are in USD.

An event that was stored before changes nothing, and one for a charge or an order that isn't known waits: see
[ARCHITECTURE.md](ARCHITECTURE.md#how-settle-decides).
";

/// The whole document.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(&checkouts::section());
    text.push_str(&orders::section());
    text.push_str(&verdicts());
    text
}

/// A row of a table.
fn row(text: &mut String, cells: &[&str]) {
    writeln!(text, "| {} |", cells.join(" | ")).unwrap();
}

fn head(text: &mut String, cells: &[&str]) {
    row(text, cells);
    row(text, &vec!["---"; cells.len()]);
}

/// A reason with its code and its words.
fn reason(reason: Option<Reason>) -> String {
    reason.map_or_else(|| "-".to_owned(), |reason| format!("`{reason}` {}", reason_in_words(reason)))
}

fn verdicts() -> String {
    let mut text =
        "\n## Verdicts and reasons in words\n\nAs `explanation` in [the inbox](API.md#events) has them.\n\n".to_owned();
    head(&mut text, &["verdict", "reason", "in words"]);
    for &verdict in Verdict::ALL {
        row(&mut text, &[verdict.as_str(), "-", &explain_verdict(verdict, None)]);
        for &reason in Reason::ALL {
            let sentence = explain_verdict(verdict, Some(reason));
            // What has no sentence of its own can't occur.
            if !sentence.ends_with(reason_in_words(reason)) {
                row(&mut text, &[verdict.as_str(), &format!("`{reason}`"), &sentence]);
            }
        }
    }
    text
}
