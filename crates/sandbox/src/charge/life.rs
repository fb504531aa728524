//! What happens to a charge, by a payer, by the merchant, and by the clock.
//!
//! A transition returns the event it causes, if it causes one: the caller stores both in one transaction.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::payment::Payment;
use super::{Charge, Context, Entry, Scheduled, Status};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::error::{Problem, Refusal};
use crate::event::Kind;

/// How a simulated payment ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    #[default]
    Success,
    Failure,
    Underpaid,
    Overpaid,
    Delayed,
}

/// What the clock does to a charge when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    Expire,
    Settle(Outcome),
}

/// A payment somebody asks to simulate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) outcome: Outcome,
    pub(crate) coin: Coin,
    /// From detection to confirmation.
    pub(crate) delay: Duration,
}

impl Charge {
    /// Starts a payment. While one is under way, another changes nothing.
    pub(crate) fn pay(&mut self, attempt: Attempt, now: Timestamp) -> Result<Option<Kind>, Problem> {
        let outcome = attempt.outcome;
        if matches!(&self.scheduled, Some(Scheduled { step: Step::Settle(Outcome::Failure), .. })) {
            return Ok(None);
        }
        match (self.status(), outcome) {
            (Status::Pending, _) => return Ok(None),
            // Paying after the hour is what a delayed payment is.
            (Status::New, _) | (Status::Expired, Outcome::Delayed) => {}
            _ => return Err(Refusal::invalid("This charge is finished and can't be paid any more").into()),
        }
        if self.price.is_none() && matches!(outcome, Outcome::Underpaid | Outcome::Overpaid) {
            return Err(Refusal::invalid("A charge without a price can't be paid too little or too much").into());
        }
        match outcome {
            Outcome::Failure => {
                self.scheduled = Some(Scheduled { at: now.plus(attempt.delay), step: Step::Settle(outcome) });
                Ok(None)
            }
            Outcome::Success | Outcome::Underpaid | Outcome::Overpaid => {
                self.detect(attempt, now)?;
                Ok(Some(Kind::Pending))
            }
            Outcome::Delayed => {
                if self.status() == Status::New {
                    self.enter(Status::Expired, None, now);
                }
                self.detect(attempt, now)?;
                Ok(None)
            }
        }
    }

    /// Does what is due. `None`: nothing was, or nobody is told.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Option<Kind> {
        let due = self.scheduled.take_if(|scheduled| scheduled.at <= now)?;
        match due.step {
            Step::Expire | Step::Settle(Outcome::Failure) => Some(self.expire(now)),
            Step::Settle(outcome) => Some(self.settle(outcome, now)),
        }
    }

    /// The merchant takes the charge back, which is possible until money was seen.
    pub(crate) fn cancel(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if self.status() != Status::New {
            return Err(Refusal::invalid("Charge can't be canceled: only a new one can"));
        }
        self.scheduled = None;
        self.enter(Status::Canceled, None, now);
        Ok(())
    }

    /// The merchant declares a payment that wasn't as asked to be settled.
    pub(crate) fn resolve(&mut self, now: Timestamp) -> Result<Kind, Refusal> {
        if self.status() != Status::Unresolved {
            return Err(Refusal::invalid("Charge can't be resolved: only an unresolved one can"));
        }
        self.enter(Status::Resolved, None, now);
        Ok(Kind::Resolved)
    }

    fn detect(&mut self, attempt: Attempt, now: Timestamp) -> Result<(), getrandom::Error> {
        self.payments.push(Payment::detect(self, attempt.coin, attempt.outcome, now)?);
        self.enter(Status::Pending, None, now);
        self.scheduled = Some(Scheduled { at: now.plus(attempt.delay), step: Step::Settle(attempt.outcome) });
        Ok(())
    }

    fn expire(&mut self, now: Timestamp) -> Kind {
        self.scheduled = None;
        self.enter(Status::Expired, None, now);
        Kind::Failed
    }

    fn settle(&mut self, outcome: Outcome, now: Timestamp) -> Kind {
        for payment in &mut self.payments {
            payment.confirmed = true;
        }
        match outcome.context() {
            None => {
                self.confirmed_at = Some(now);
                self.enter(Status::Completed, None, now);
                Kind::Confirmed
            }
            Some(context) => {
                self.enter(Status::Unresolved, Some(context), now);
                if context == Context::Delayed { Kind::Delayed } else { Kind::Failed }
            }
        }
    }

    fn enter(&mut self, status: Status, context: Option<Context>, at: Timestamp) {
        let paid = matches!(status, Status::Pending | Status::Completed | Status::Unresolved);
        self.timeline.push(Entry { at, status, context, paid });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charge::draft::Draft;

    const DELAY: Duration = Duration::from_secs(1);
    const START: Timestamp = Timestamp(1_700_000_000_000);

    fn charge() -> Charge {
        let body =
            br#"{"name":"Row 1","pricing_type":"fixed_price","local_price":{"amount":"29.99","currency":"USD"}}"#;
        Draft::parse(body).unwrap().open(START, Duration::from_secs(3_600)).unwrap()
    }

    fn pay(charge: &mut Charge, outcome: Outcome, now: Timestamp) -> Result<Option<Kind>, Problem> {
        charge.pay(Attempt { outcome, coin: Coin::Bitcoin, delay: DELAY }, now)
    }

    fn statuses(charge: &Charge) -> Vec<&'static str> {
        charge.timeline.iter().map(|entry| entry.status.name()).collect()
    }

    #[test]
    fn a_payment_is_confirmed_when_its_time_has_come_and_not_before() {
        let mut charge = charge();
        assert_eq!(pay(&mut charge, Outcome::Success, START).unwrap(), Some(Kind::Pending));
        assert_eq!(charge.advance(START.plus(DELAY / 2)), None);
        assert_eq!(charge.advance(START.plus(DELAY)), Some(Kind::Confirmed));
        assert_eq!(statuses(&charge), ["NEW", "PENDING", "COMPLETED"]);
        assert!(charge.confirmed_at.is_some() && charge.payments[0].confirmed && charge.is_at_rest());
    }

    #[test]
    fn a_second_payment_changes_nothing_while_the_first_is_under_way() {
        let mut charge = charge();
        pay(&mut charge, Outcome::Success, START).unwrap();
        assert_eq!(pay(&mut charge, Outcome::Overpaid, START).unwrap(), None);
        assert_eq!(charge.payments.len(), 1);
        assert_eq!(charge.advance(START.plus(DELAY)), Some(Kind::Confirmed));
    }

    #[test]
    fn an_unpaid_charge_expires_after_its_hour() {
        let mut charge = charge();
        assert_eq!(charge.advance(START.plus(Duration::from_secs(3_599))), None);
        assert_eq!(charge.advance(START.plus(Duration::from_secs(3_600))), Some(Kind::Failed));
        assert_eq!(statuses(&charge), ["NEW", "EXPIRED"]);
    }

    #[test]
    fn a_payment_under_way_outlives_the_hour() {
        let mut charge = charge();
        pay(&mut charge, Outcome::Success, START.plus(Duration::from_secs(3_600))).unwrap();
        assert_eq!(charge.advance(START.plus(Duration::from_secs(3_602))), Some(Kind::Confirmed));
    }

    #[test]
    fn an_expired_charge_can_only_be_paid_late() {
        let mut charge = charge();
        assert_eq!(pay(&mut charge, Outcome::Failure, START).unwrap(), None);
        assert_eq!(pay(&mut charge, Outcome::Success, START).unwrap(), None, "it is failing already");
        let failed_at = START.plus(DELAY);
        assert_eq!(charge.advance(failed_at), Some(Kind::Failed));
        assert!(pay(&mut charge, Outcome::Success, failed_at).is_err());
        assert_eq!(pay(&mut charge, Outcome::Delayed, failed_at).unwrap(), None);
        assert_eq!(charge.advance(failed_at.plus(DELAY)), Some(Kind::Delayed));
        assert_eq!(statuses(&charge), ["NEW", "EXPIRED", "PENDING", "UNRESOLVED"]);
    }

    #[test]
    fn only_a_new_charge_is_canceled_and_only_an_unresolved_one_resolved() {
        let mut canceled = charge();
        assert!(canceled.resolve(START).is_err());
        canceled.cancel(START).unwrap();
        assert!(canceled.cancel(START).is_err() && canceled.is_at_rest());
        assert!(pay(&mut canceled, Outcome::Success, START).is_err());

        let mut unresolved = charge();
        pay(&mut unresolved, Outcome::Underpaid, START).unwrap();
        assert!(unresolved.cancel(START).is_err());
        assert_eq!(unresolved.advance(START.plus(DELAY)), Some(Kind::Failed));
        assert_eq!(unresolved.resolve(START), Ok(Kind::Resolved));
        assert_eq!(statuses(&unresolved), ["NEW", "PENDING", "UNRESOLVED", "RESOLVED"]);
    }
}
