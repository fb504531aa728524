//! What happens to a charge, by a payer, by the merchant, and by the clock.
//!
//! A transition returns the event it causes, if it causes one: the caller stores both in one transaction.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::payment::{Payment, Sum};
use super::{Charge, Context, Entry, Scheduled, Status};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::error::{Problem, Refusal};
use crate::event::Kind;
use crate::money::Money;
use crate::rates::Rates;

/// How a simulated payment goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    #[default]
    Success,
    /// Nobody pays: the charge expires early.
    Failure,
    /// Half of it.
    Underpaid,
    /// Half as much again.
    Overpaid,
    /// After the time was up.
    Delayed,
    /// The whole sum, two times.
    Multiple,
    /// As asked, but the chain takes its time.
    Slow,
}

/// What the clock does to a charge when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    Expire,
    /// Expire early, because somebody played that.
    Fail,
    Settle,
}

/// A payment somebody asks to simulate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) outcome: Outcome,
    pub(crate) coin: Coin,
    /// In the charge's own currency; otherwise the outcome decides.
    pub(crate) amount: Option<Money>,
    /// From detection to confirmation.
    pub(crate) delay: Duration,
}

impl Charge {
    /// Starts a payment. While one is under way, another changes nothing.
    pub(crate) fn pay(&mut self, attempt: Attempt, rates: &Rates, now: Timestamp) -> Result<Option<Kind>, Problem> {
        if self.scheduled.as_ref().is_some_and(|scheduled| scheduled.step == Step::Fail) {
            return Ok(None);
        }
        match (self.status(), attempt.outcome) {
            (Status::Pending, _) => return Ok(None),
            // Paying after the hour is what a delayed payment is.
            (Status::New, _) | (Status::Expired, Outcome::Delayed) => {}
            _ => return Err(Refusal::invalid("This charge is finished and can't be paid any more").into()),
        }
        if self.price.is_none() && matches!(attempt.outcome, Outcome::Underpaid | Outcome::Overpaid) {
            return Err(Refusal::invalid("A charge without a price can't be paid too little or too much").into());
        }
        match attempt.outcome {
            Outcome::Failure => {
                self.scheduled = Some(Scheduled { at: now.plus(attempt.delay), step: Step::Fail });
                Ok(None)
            }
            Outcome::Success | Outcome::Underpaid | Outcome::Overpaid | Outcome::Multiple | Outcome::Slow => {
                self.detect(attempt, rates, now)?;
                Ok(Some(Kind::Pending))
            }
            Outcome::Delayed => {
                if self.status() == Status::New {
                    self.enter(Status::Expired, None, now);
                }
                self.detect(attempt, rates, now)?;
                Ok(None)
            }
        }
    }

    /// Does what is due. `None`: nothing was.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Option<Kind> {
        let due = self.scheduled.take_if(|scheduled| scheduled.at <= now)?;
        Some(match due.step {
            Step::Expire | Step::Fail => self.expire(now),
            Step::Settle => self.settle(now),
        })
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

    fn detect(&mut self, attempt: Attempt, rates: &Rates, now: Timestamp) -> Result<(), Problem> {
        let times = if attempt.outcome == Outcome::Multiple { 2 } else { 1 };
        for _ in 0..times {
            self.payments.push(Payment::detect(self, attempt, rates, now)?);
        }
        self.enter(Status::Pending, None, now);
        self.scheduled = Some(Scheduled { at: now.plus(attempt.delay), step: Step::Settle });
        Ok(())
    }

    fn expire(&mut self, now: Timestamp) -> Kind {
        self.scheduled = None;
        self.enter(Status::Expired, None, now);
        Kind::Failed
    }

    fn settle(&mut self, now: Timestamp) -> Kind {
        for payment in &mut self.payments {
            payment.confirmed = true;
        }
        let context = self.objection();
        match context {
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

    /// Why what came isn't what was asked for.
    fn objection(&self) -> Option<Context> {
        if self.timeline.iter().any(|entry| entry.status == Status::Expired) {
            return Some(Context::Delayed);
        }
        if self.payments.len() > 1 {
            return Some(Context::Multiple);
        }
        match self.received() {
            Sum::AsAsked => None,
            Sum::TooLittle => Some(Context::Underpaid),
            Sum::TooMuch => Some(Context::Overpaid),
        }
    }

    fn enter(&mut self, status: Status, context: Option<Context>, at: Timestamp) {
        let paid = matches!(status, Status::Pending | Status::Completed | Status::Unresolved);
        self.timeline.push(Entry { at, status, context, paid });
    }
}

#[cfg(test)]
mod tests;
