//! What became of events, in words for operators, and what there is to do about it.

use domain::{Event, Reason, Subject, Verdict};

/// What became of an event, why, and what an operator should do, if anything.
#[must_use]
pub fn explain_event(event: &Event) -> String {
    match (event.verdict, &event.subject) {
        (Verdict::Waiting, Some(Subject::Charge(_))) => {
            "It waits for its charge, which no checkout has yet, and is applied as soon as one does.".to_owned()
        }
        (Verdict::Waiting, Some(Subject::Order(_))) => {
            "It waits for its order, which isn't there yet, and is applied as soon as it is.".to_owned()
        }
        (verdict, _) => explain_verdict(verdict, event.reason),
    }
}

/// The same of any event that has this verdict for this reason.
#[must_use]
pub fn explain_verdict(verdict: Verdict, reason: Option<Reason>) -> String {
    let Some(reason) = reason else { return became(verdict).to_owned() };
    let known = match verdict {
        Verdict::Applied => applied(reason),
        Verdict::Stale => stale(reason),
        Verdict::Rejected => rejected(reason),
        Verdict::Dead => dead(reason),
        Verdict::Duplicate | Verdict::Waiting => None,
    };
    known.map_or_else(|| format!("{} {}", became(verdict), reason_in_words(reason)), str::to_owned)
}

const fn became(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Applied => {
            "It told something new, or confirmed what is known, and was applied. There is nothing to do."
        }
        Verdict::Duplicate => "It had been stored before, and nothing was done twice. There is nothing to do.",
        Verdict::Stale => {
            "It told nothing that wasn't known or outweighed, and changed nothing. There is nothing to do."
        }
        Verdict::Waiting => "It waits for what it is about.",
        Verdict::Rejected => "It could not be applied, and changed nothing.",
        Verdict::Dead => "It was given up without being applied, and changed nothing.",
    }
}

/// What was applied and didn't simply pay.
const fn applied(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::Underpaid => Some(
            "Less than was asked has come for the charge. It is in the ledger, and counts: the order's amount_missing says \
             how much is still to come, 0.00 if other parts make it up. If the buyer doesn't send the rest, resolve the charge \
             at the provider, or cancel the order and give back what came.",
        ),
        Reason::Overpaid => Some(
            "More came than was asked. The order is paid; its amount_excess is to be given back. Send it, and then say \
             refunded of the completed order.",
        ),
        Reason::Delayed => Some(
            "The money came after its charge had expired. It is in the ledger, and counts for the order as far as it goes. \
             Resolve the charge at the provider, so that it pays the money out.",
        ),
        Reason::Multiple => Some(
            "More than one payment came for the charge. All are in the ledger, and count together. Resolve the charge at the \
             provider; give back what the order's amount_excess says.",
        ),
        Reason::HeldByProvider => Some(
            "The provider holds the money and doesn't say why. It is in the ledger, and counts for nothing until the charge is \
             resolved: look at it on the provider's side.",
        ),
        Reason::AmountMismatch => Some(
            "The charge doesn't ask for what its checkout does. Its money is in the ledger, and counts for nothing: compare the \
             two, then resolve the charge at the provider, or give the money back.",
        ),
        Reason::CurrencyMismatch => Some(
            "The money is in another currency than what it is for. It is in the ledger, and counts for nothing: resolve the \
             charge at the provider if it is enough, or give it back.",
        ),
        Reason::AmountUnreadable => Some(
            "Money came, and how much it is can't be read. It isn't in the ledger: look at the charge on the provider's side, \
             and resolve it there if it is enough.",
        ),
        Reason::PaidAgain => Some(
            "Money came for what was paid already, or refunded. It is in the ledger: give back what the order's amount_excess \
             says, or what this movement brought if there is no order, and say refunded of the order.",
        ),
        Reason::NoStockLeft => Some(
            "All of the money is there, too late: nothing is left to sell for it, or some was given back already. The order is \
             refund_due: give back what its amount_excess says, and say refunded of it.",
        ),
        Reason::StockBroken => Some(
            "The money is in the ledger, and its order stays as it was: the stock of a product doesn't add up, which is a \
             fault of this system. Run boxoffice reconcile, and report what it finds.",
        ),
        Reason::Expired
        | Reason::Canceled
        | Reason::AmountMissing
        | Reason::UnknownEventType
        | Reason::MissingSubject
        | Reason::TooManyWaiting
        | Reason::WaitedTooLong => None,
    }
}

/// What changed nothing, and yet should be looked at.
const fn stale(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::AmountMismatch => Some(
            "It lists less money than an earlier event had told of without naming any payment, and changed nothing. If the rest \
             isn't listed soon, the ledger has too much: compare the checkout with its charge on the provider's side.",
        ),
        Reason::Expired
        | Reason::Underpaid
        | Reason::Overpaid
        | Reason::Delayed
        | Reason::Multiple
        | Reason::HeldByProvider
        | Reason::Canceled
        | Reason::CurrencyMismatch
        | Reason::AmountUnreadable
        | Reason::PaidAgain
        | Reason::AmountMissing
        | Reason::NoStockLeft
        | Reason::StockBroken
        | Reason::UnknownEventType
        | Reason::MissingSubject
        | Reason::TooManyWaiting
        | Reason::WaitedTooLong => None,
    }
}

const fn rejected(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::AmountMismatch => Some(
            "It says that another amount was paid than the order costs, and changed nothing. Ask its sender what came; if all of \
             it did, have the sender say so by a new notice.",
        ),
        Reason::CurrencyMismatch => Some(
            "It says that something was paid in another currency than the order's, and changed nothing. Ask its sender what \
             came; if it is enough, have the sender say so by a new notice.",
        ),
        Reason::AmountMissing => Some(
            "It came before its order and doesn't tell how much was paid, so that nobody knows whether it is enough; it changed \
             nothing. Ask its sender, and have it tell the amount by a new notice.",
        ),
        Reason::StockBroken => Some(
            "The stock of a product doesn't add up, which is a fault of this system; it changed nothing. Run boxoffice \
             reconcile, mend what it finds, and replay the event.",
        ),
        Reason::UnknownEventType => Some(
            "Events of its type are not known here, and it changed nothing. If a newer version knows them, it must be sent again \
             then; until that, unsubscribe from the type.",
        ),
        Reason::MissingSubject => Some(
            "It names neither a charge nor an order, and changed nothing. Look at its body: whoever sent it has left out what it \
             is about.",
        ),
        Reason::Expired
        | Reason::Underpaid
        | Reason::Overpaid
        | Reason::Delayed
        | Reason::Multiple
        | Reason::HeldByProvider
        | Reason::Canceled
        | Reason::AmountUnreadable
        | Reason::PaidAgain
        | Reason::NoStockLeft
        | Reason::TooManyWaiting
        | Reason::WaitedTooLong => None,
    }
}

const fn dead(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::TooManyWaiting => Some(
            "A hundred others waited for the same charge or order when it came, so that it was given up. If that is one of \
             yours, replay the event once it is there.",
        ),
        Reason::WaitedTooLong => Some(
            "What it is about didn't come within seven days, so that it was given up. Usually it belongs to another shop on the \
             same account; if it is yours, replay it once its order or charge is there.",
        ),
        Reason::Expired
        | Reason::Underpaid
        | Reason::Overpaid
        | Reason::Delayed
        | Reason::Multiple
        | Reason::HeldByProvider
        | Reason::Canceled
        | Reason::AmountMismatch
        | Reason::CurrencyMismatch
        | Reason::AmountUnreadable
        | Reason::PaidAgain
        | Reason::AmountMissing
        | Reason::NoStockLeft
        | Reason::StockBroken
        | Reason::UnknownEventType
        | Reason::MissingSubject => None,
    }
}

/// A reason in a few words.
#[must_use]
pub const fn reason_in_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Expired => "Nobody paid in time.",
        Reason::Underpaid => "Less was paid than asked.",
        Reason::Overpaid => "More was paid than asked.",
        Reason::Delayed => "The payment came after its charge had expired.",
        Reason::Multiple => "More than one payment came for the same charge.",
        Reason::HeldByProvider => "The provider holds the payment back.",
        Reason::Canceled => "The charge was cancelled.",
        Reason::AmountMismatch => "The amount isn't what was asked, or what was told before.",
        Reason::CurrencyMismatch => "The currency isn't that of the checkout or the order.",
        Reason::AmountUnreadable => "An amount in it can't be read.",
        Reason::PaidAgain => "What it pays for had been paid, or refunded.",
        Reason::AmountMissing => "It came before its order and doesn't tell how much was paid.",
        Reason::NoStockLeft => "There is nothing left to sell for the money.",
        Reason::StockBroken => "The stock of a product doesn't add up.",
        Reason::UnknownEventType => "Events of its type are not known here.",
        Reason::MissingSubject => "It names neither a charge nor an order.",
        Reason::WaitedTooLong => "What it is about didn't come within seven days.",
        Reason::TooManyWaiting => "Too many others waited for the same charge or order.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Every verdict with a reason that an event can have, written out by hand.
    const PAIRS: [(Verdict, Reason); 20] = [
        (Verdict::Applied, Reason::Underpaid),
        (Verdict::Applied, Reason::Overpaid),
        (Verdict::Applied, Reason::Delayed),
        (Verdict::Applied, Reason::Multiple),
        (Verdict::Applied, Reason::HeldByProvider),
        (Verdict::Applied, Reason::AmountMismatch),
        (Verdict::Applied, Reason::CurrencyMismatch),
        (Verdict::Applied, Reason::AmountUnreadable),
        (Verdict::Applied, Reason::PaidAgain),
        (Verdict::Applied, Reason::NoStockLeft),
        (Verdict::Applied, Reason::StockBroken),
        (Verdict::Stale, Reason::AmountMismatch),
        (Verdict::Rejected, Reason::AmountMismatch),
        (Verdict::Rejected, Reason::CurrencyMismatch),
        (Verdict::Rejected, Reason::AmountMissing),
        (Verdict::Rejected, Reason::StockBroken),
        (Verdict::Rejected, Reason::UnknownEventType),
        (Verdict::Rejected, Reason::MissingSubject),
        (Verdict::Dead, Reason::TooManyWaiting),
        (Verdict::Dead, Reason::WaitedTooLong),
    ];

    #[test]
    fn each_verdict_with_its_reason_has_a_sentence_of_its_own_that_says_what_to_do() {
        let mut sentences = HashSet::new();
        for &verdict in Verdict::ALL {
            assert!(sentences.insert(explain_verdict(verdict, None)), "{verdict}");
            for &reason in Reason::ALL {
                let sentence = explain_verdict(verdict, Some(reason));
                let is_general = sentence.starts_with(became(verdict));
                assert_eq!(!is_general, PAIRS.contains(&(verdict, reason)), "{verdict}, {reason}: {sentence}");
                assert!(sentences.insert(sentence), "{verdict}, {reason}: another one has this sentence");
            }
        }
    }
}
