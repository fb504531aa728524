use std::collections::BTreeMap;

use domain::{Issue, IssueCode, Timestamp};
use ports::GatewayError;

/// How many issues of each code are named. All are counted.
const MAX_NAMED: u64 = 100;

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Products, deleted ones too.
    pub products: u64,
    /// Holds.
    pub holds: u64,
    /// Orders.
    pub orders: u64,
    /// Transactions.
    pub transactions: u64,
    /// Checkouts.
    pub checkouts: u64,
    /// Events.
    pub events: u64,
}

/// An issue, and whether it was put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedIssue {
    /// What is wrong.
    pub issue: Issue,
    /// Whether it isn't any more.
    pub is_repaired: bool,
}

/// Why the gateway wasn't asked any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The time for it was up.
    TimeUp,
    /// It didn't answer, or not in a way that could be used.
    Trouble(GatewayError),
}

/// What came of asking the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatewayLook {
    /// About how many checkouts it was asked.
    pub asked: u64,
    /// How many of those questions got no answer.
    pub unanswered: u64,
    /// About how many it should have been asked as well.
    pub left_out: u64,
    /// Why it wasn't asked about all.
    pub stopped: Option<Stopped>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When the counting began.
    pub checked_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How much was looked at.
    pub counted: Counted,
    /// Broken invariants, at most a hundred of each code.
    pub findings: Vec<NamedIssue>,
    /// Money and work that wait for a person, at most a hundred of each code.
    pub attention: Vec<NamedIssue>,
    /// How many there are of each code.
    pub counts: BTreeMap<IssueCode, u64>,
    /// How many of them were put right.
    pub repaired: BTreeMap<IssueCode, u64>,
    /// What came of asking the gateway; `None` if it wasn't to be asked.
    pub gateway: Option<GatewayLook>,
}

impl Report {
    /// With nothing in it yet.
    pub(super) const fn begun_at(checked_at: Timestamp) -> Self {
        let counted = Counted { products: 0, holds: 0, orders: 0, transactions: 0, checkouts: 0, events: 0 };
        Self {
            checked_at,
            finished_at: checked_at,
            counted,
            findings: Vec::new(),
            attention: Vec::new(),
            counts: BTreeMap::new(),
            repaired: BTreeMap::new(),
            gateway: None,
        }
    }

    /// Whether the books add up: nothing is broken, or not any more.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        let findings = self.counts.iter().filter(|(code, _)| code.is_finding());
        findings.into_iter().all(|(code, count)| self.repaired.get(code) == Some(count))
    }

    /// Counts an issue, and names it if not too many of its kind were.
    pub(super) fn note(&mut self, issue: Issue, is_repaired: bool) {
        let code = issue.code;
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= MAX_NAMED {
            let named = if code.is_finding() { &mut self.findings } else { &mut self.attention };
            named.push(NamedIssue { issue, is_repaired });
        }
        if is_repaired {
            *self.repaired.entry(code).or_default() += 1;
        }
    }

    /// Counts more issues of a code than were noted.
    pub(super) fn count_also(&mut self, code: IssueCode, more: u64) {
        if more > 0 {
            *self.counts.entry(code).or_default() += more;
        }
    }

    /// By code, and within each in the order in which they were found.
    pub(super) fn finished(mut self, finished_at: Timestamp) -> Self {
        self.findings.sort_by_key(|named| named.issue.code);
        self.attention.sort_by_key(|named| named.issue.code);
        Self { finished_at, ..self }
    }
}

#[cfg(test)]
mod tests {
    use domain::Facts;

    use super::*;

    fn issue(code: IssueCode) -> Issue {
        Issue::new(code, Facts::default())
    }

    #[test]
    fn a_hundred_of_each_code_are_named_and_all_are_counted() {
        let mut report = Report::begun_at(Timestamp::from_unix_us(0));
        for _ in 0..1000 {
            report.note(issue(IssueCode::RefundDue), false);
            report.note(issue(IssueCode::Oversold), false);
        }
        report.note(issue(IssueCode::OrderOverpaid), false);
        assert_eq!((report.findings.len(), report.attention.len()), (100, 101));
        assert_eq!((report.counts[&IssueCode::RefundDue], report.counts[&IssueCode::Oversold]), (1000, 1000));
    }

    #[test]
    fn books_are_in_order_again_when_everything_broken_was_put_right() {
        let mut report = Report::begun_at(Timestamp::from_unix_us(0));
        report.note(issue(IssueCode::RefundDue), false);
        assert!(report.is_ok());
        report.note(issue(IssueCode::HeldStockMismatch), true);
        assert!(report.is_ok());
        report.note(issue(IssueCode::HeldStockMismatch), false);
        assert!(!report.is_ok());
    }
}
