//! What became of things, in words for operators.

use domain::{Event, Job, JobKind, JobStatus, Reason, Subject, Verdict};

/// What became of an event, and why.
#[must_use]
pub fn explain_event(event: &Event) -> String {
    let became = match (event.verdict, &event.subject) {
        (Verdict::Applied, _) => "It told something new, or confirmed what is known, and was applied.",
        (Verdict::Duplicate, _) => "It had been stored before.",
        (Verdict::Stale, _) => "It came after something that outweighs it, and changed nothing.",
        (Verdict::Waiting, Some(Subject::Charge(_))) => {
            "It waits for its charge, which no checkout has yet, and is applied as soon as one does."
        }
        (Verdict::Waiting, Some(Subject::Order(_))) => {
            "It waits for its order, which isn't there yet, and is applied as soon as it is."
        }
        (Verdict::Waiting, None) => "It waits for what it is about.",
        (Verdict::Rejected, _) => "It could not be applied, and changed nothing.",
        (Verdict::Dead, _) => "It was given up without being applied, and changed nothing.",
    };
    match event.reason {
        Some(reason) => format!("{became} {}", explain_reason(reason)),
        None => became.to_owned(),
    }
}

/// What a job is for, and where it stands.
#[must_use]
pub fn explain_job(job: &Job) -> String {
    let what = match job.kind() {
        JobKind::CreateCharge => "Makes the charge of its checkout.",
        JobKind::PollCharge => "Asks the gateway what became of its checkout's charge.",
        JobKind::Notify => "Tells a merchant's endpoint what has happened.",
        JobKind::Expire => "Ends checkouts and waiting events whose time is up, every few seconds, for ever.",
        JobKind::Purge => "Deletes what has been kept long enough, every few minutes, for ever.",
    };
    let standing = match (job.status, job.last_error.is_some()) {
        (JobStatus::Ready, false) => "It is done as soon as its time has come (run_at).",
        (JobStatus::Ready, true) => "It failed, and is tried again as soon as its time has come (run_at).",
        (JobStatus::Running, _) => "It is under way; if it doesn't end before run_at, it is begun once more.",
        (JobStatus::Done, _) => "It is done.",
        (JobStatus::Dead, _) => "It was given up, and nobody does it any more, unless it is retried.",
    };
    format!("{what} {standing}")
}

const fn explain_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Expired => "Nobody paid in time.",
        Reason::Underpaid => "Less was paid than asked.",
        Reason::Overpaid => "More was paid than asked: the rest is to be given back.",
        Reason::Delayed => "The payment came after its charge had expired.",
        Reason::Multiple => "More than one payment came for the same charge.",
        Reason::HeldByProvider => "The provider holds the payment back: resolve it there.",
        Reason::Canceled => "The charge was cancelled.",
        Reason::AmountMismatch => "The amount isn't what the checkout or the order asks for.",
        Reason::CurrencyMismatch => "The currency isn't that of the checkout or the order.",
        Reason::AmountUnreadable => "An amount in it can't be read.",
        Reason::PaidAgain => "What it pays for had been paid, or refunded: the money is to be given back.",
        Reason::AmountMissing => {
            "It came before its order and doesn't tell how much was paid, so that nobody knows whether it is enough."
        }
        Reason::NoStockLeft => "There was nothing left to sell for the money: it is to be given back.",
        Reason::StockBroken => {
            "The stock of a product doesn't add up, which is a fault of this system: count it anew (reconcile)."
        }
        Reason::UnknownEventType => "Events of its type are not known here.",
        Reason::MissingSubject => "It names neither a charge nor an order.",
        Reason::WaitedTooLong => "What it is about didn't come within seven days.",
        Reason::TooManyWaiting => "Too many others waited for the same charge or order when it came.",
    }
}
