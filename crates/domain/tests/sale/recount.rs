//! Sound books are never called broken, and broken ones always are.

use domain::{Books, Issue, Timestamp};

/// Whatever the books have come to, nothing in them is broken.
pub(crate) fn check(books: &Books, now: Timestamp) {
    let findings: Vec<Issue> = books.issues(now).into_iter().filter(|issue| issue.code.is_finding()).collect();
    assert_eq!(findings, []);
}
