use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{ASKED_ABOUT_FOR, Checkout, CheckoutStatus, CompleteJob, FailJob, Job, JobLease, PostponeJob, Timestamp};
use ports::{ChargeStage, CheckoutRepo, Clock, GatewayError, IdSource, Ledger, OrderRepo, PaymentGateway, execute};

use crate::{Error, Pace, Webhooks};

/// The longest pause between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(12 * 60 * 60);
/// The longest pause after a question that got no answer.
const LONGEST_RETRY: Duration = Duration::from_secs(60 * 60);
/// So long before time runs out the last question is asked whose answer still counts.
const LAST_LOOK: Duration = Duration::from_secs(30);
/// A payment that was seen and is never confirmed is given up at this age.
const PATIENCE_WITH_PAYMENT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// From this age on a gateway that never answers isn't asked any more.
const PATIENCE_WITH_GATEWAY: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long nothing is asked of a gateway that wants fewer requests, unless it says so itself.
const REST: Duration = Duration::from_secs(10);
/// The longest rest that is taken at its word.
const LONGEST_REST: Duration = Duration::from_secs(5 * 60);

/// Asks the gateway what became of charges, so that everything ends right though no webhook comes.
#[derive(Clone)]
pub struct Polls {
    /// Where jobs are finished.
    pub ledger: Arc<dyn Ledger>,
    /// Where checkouts are read.
    pub checkouts: Arc<dyn CheckoutRepo>,
    /// Who is asked.
    pub gateway: Arc<dyn PaymentGateway>,
    /// Records what it says, as if a webhook had brought it.
    pub webhooks: Webhooks,
    /// How old a checkout is.
    pub clock: Arc<dyn Clock>,
    /// Chance, so that those who were made together aren't asked about together.
    pub ids: Arc<dyn IdSource>,
    /// When orders run out of time.
    pub orders: Arc<dyn OrderRepo>,
    /// The shortest pause between two questions.
    pub shortest_pause: Duration,
    /// When the gateway wants to be asked again, if it had enough of it.
    pub rest: Rest,
    /// How many questions this node asks a minute.
    pub pace: Pace,
}

/// Until when nothing is asked.
#[derive(Clone, Debug, Default)]
pub struct Rest(Arc<Mutex<Option<Timestamp>>>);

/// What is to become of a job.
enum Next {
    /// Nothing more will come of the charge, or nobody waits for it any more.
    Done,
    /// Something may.
    AskAgain { pause: Duration },
}

impl Polls {
    /// Asks about a checkout's charge, records what is new, and finishes the job: done, or to be done again later.
    pub async fn poll(&self, job: &Job) -> Result<(), Error> {
        let lease = job.lease();
        // An operator who asks again has new hope, and may expect an answer soon.
        let age = self.clock.now().since(job.tried_since());
        match self.ask(job).await {
            Ok(Next::Done) => execute(&*self.ledger, CompleteJob { lease }).await??,
            Ok(Next::AskAgain { pause }) => execute(&*self.ledger, PostponeJob { lease, pause }).await??,
            Err(error) => {
                self.give_back(lease, age, &error).await;
                return Err(error);
            }
        };
        Ok(())
    }

    /// How many questions the gateway may be asked now.
    #[must_use]
    pub fn room(&self) -> u32 {
        let now = self.clock.now();
        if self.rest.is_over(now) { self.pace.room(now) } else { 0 }
    }

    async fn ask(&self, job: &Job) -> Result<Next, Error> {
        if job.attempts > job.max_attempts() {
            return Err(Error::AttemptsUsedUp);
        }
        // Jobs are stored with their checkouts, and checkouts are never deleted.
        let checkout_id = job.task.checkout_id().ok_or(Error::NotFound)?;
        let checkout = self.checkouts.checkout(checkout_id).await?.ok_or(Error::NotFound)?;
        let Some(code) = checkout.charge_code.as_ref().filter(|_| is_open(&checkout)) else { return Ok(Next::Done) };
        self.pace.count(self.clock.now());
        let state = self.gateway.charge(code).await?.ok_or(GatewayError::ChargeNotFound)?;
        if let Some(news) = state.news {
            self.webhooks.record(news).await?;
        }
        let age = self.clock.now().since(checkout.created_at);
        let patience = if state.stage == ChargeStage::Paying { PATIENCE_WITH_PAYMENT } else { ASKED_ABOUT_FOR };
        if state.stage == ChargeStage::Over || age >= patience || self.is_settled(&checkout).await? {
            return Ok(Next::Done);
        }
        let pause = self.pause(state.stage, age);
        Ok(Next::AskAgain { pause: self.not_past_the_deadline(&checkout, pause).await? })
    }

    /// A pause that ends before the checkout or its order runs out of time: money that is learned of later has to take its
    /// stock again, if there is any left.
    async fn not_past_the_deadline(&self, checkout: &Checkout, pause: Duration) -> Result<Duration, Error> {
        let order = match checkout.order_id {
            Some(id) => self.orders.order(id).await?,
            None => None,
        };
        let deadline = order.map_or(checkout.expires_at, |order| order.expires_at.min(checkout.expires_at));
        let left = deadline.since(self.clock.now()).saturating_sub(LAST_LOOK);
        Ok(if left.is_zero() { pause } else { pause.min(left).max(self.shortest_pause) })
    }

    /// Whether what was just recorded, or a webhook meanwhile, has settled it for good.
    async fn is_settled(&self, checkout: &Checkout) -> Result<bool, Error> {
        let now = self.checkouts.checkout(checkout.id).await?;
        Ok(now.is_none_or(|checkout| !is_open(&checkout)))
    }

    /// As long as the checkout is old: most is over early on, and what comes later is learned of before the checkout is
    /// twice as old. A payment that is under way is looked after more often.
    fn pause(&self, stage: ChargeStage, age: Duration) -> Duration {
        match stage {
            ChargeStage::Paying => self.shortest_pause,
            ChargeStage::Open | ChargeStage::Ended | ChargeStage::Over => {
                self.spread(age.min(LONGEST_PAUSE)).max(self.shortest_pause)
            }
        }
    }

    /// From seven eighths of a pause up to all of it.
    fn spread(&self, pause: Duration) -> Duration {
        pause / 8 * 7 + pause / 8 * u32::from(self.ids.jitter_permille().min(1000)) / 1000
    }

    /// If even this can't be stored, the lease ends by itself and the job is claimed again.
    async fn give_back(&self, lease: JobLease, age: Duration, error: &Error) {
        let job_id = lease.job_id.to_string();
        // Soon at first; one that has been away for hours is left alone for longer.
        let mut not_before = self.spread((age / 8).min(LONGEST_RETRY)).max(self.shortest_pause);
        if let Error::Gateway(GatewayError::RateLimited { retry_after }) = error {
            not_before = retry_after.unwrap_or(REST).max(self.shortest_pause);
            self.rest.until(self.clock.now() + retry_after.unwrap_or(REST).min(LONGEST_REST));
        }
        // A wrong address or somebody else's key gets the same answer as a charge that is lost: that can be mended.
        let give_up = age >= PATIENCE_WITH_GATEWAY || (is_final(error) && age >= ASKED_ABOUT_FOR) || is_broken(error);
        if give_up {
            log::warn!(job_id:%, error:%; "gave up asking what became of a charge");
        }
        let jitter_permille = self.ids.jitter_permille();
        let fail = FailJob { lease, error: error.to_string(), jitter_permille, not_before: Some(not_before), give_up };
        if let Err(error) = execute(&*self.ledger, fail).await {
            log::warn!(job_id:%, error:%; "could not give a job back; its lease will run out");
        }
    }
}

impl Rest {
    fn until(&self, moment: Timestamp) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of several answers the one counts that asks for the longest rest.
        *until = (*until).max(Some(moment));
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|until| until <= now)
    }
}

/// Whether anything that the gateway may tell could still change a checkout.
const fn is_open(checkout: &Checkout) -> bool {
    match checkout.status {
        CheckoutStatus::Completed => false,
        CheckoutStatus::Pending
        | CheckoutStatus::Failed
        | CheckoutStatus::Expired
        | CheckoutStatus::Canceled
        | CheckoutStatus::Unresolved => true,
    }
}

/// Whether asking again would give the same answer: the gateway has lost the charge, another one made it, or it says no.
const fn is_final(error: &Error) -> bool {
    matches!(error, Error::Gateway(GatewayError::ChargeNotFound | GatewayError::Refused(_)))
}

/// Whether there is nothing to ask about.
const fn is_broken(error: &Error) -> bool {
    matches!(error, Error::AttemptsUsedUp | Error::NotFound)
}
