//! A payment provider inside the process: no I/O, no waiting, the same on every run.
//!
//! A charge's code tells all there is to know of the charge, so that it can be paid after a restart, and on a node that
//! didn't make it. What is remembered besides is bounded, and only for convenience.

mod code;
mod memory;
mod play;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::{Charge, ChargeCode, Provider, Timestamp};
use ports::{
    ChargeRequest, ChargeSearch, ChargeStage, ChargeState, Clock, GatewayError, IdSource, IncomingEvent,
    PaymentGateway, Searched, SimulatedOutcome, Simulation,
};
use tokio::sync::watch;

use self::code::FakeCode;
use self::memory::{End, Memory};
use self::play::{Play, polled, stage_after};

/// Only plays at collecting money. Tests can make it fail or hang.
pub struct FakeGateway {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    pay_delay: Duration,
    memory: Mutex<Memory>,
    hanging: watch::Sender<bool>,
}

impl FakeGateway {
    /// A simulated payment is seen at once and final after `pay_delay`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, pay_delay: Duration) -> Self {
        Self { clock, ids, pay_delay, memory: Mutex::default(), hanging: watch::Sender::new(false) }
    }

    /// The next `times` calls do nothing and fail with `error`, after those that were asked for before.
    pub fn fail_next(&self, times: usize, error: &GatewayError) {
        self.memory().fail_next(times, error);
    }

    /// Whether calls get stuck. Those that are stuck go on when this is called with `false`.
    pub fn hang(&self, hanging: bool) {
        self.hanging.send_replace(hanging);
    }

    /// How many charges were made. Making the charge of a checkout again isn't counted while it is remembered.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.memory().created()
    }

    /// The last thing that happened to a charge, if anything did.
    fn latest(&self, code: &ChargeCode, known: &FakeCode) -> Result<Option<IncomingEvent>, GatewayError> {
        match self.memory().end_of(code) {
            None => Ok(None),
            Some(End::Canceled(at)) => self.play(code, known, at).canceled().map(Some),
            Some(End::Paid(outcome, since)) => {
                let past = self.clock.now().since(since);
                self.play(code, known, since).latest(outcome, past)
            }
        }
    }

    fn play<'a>(&'a self, code: &'a ChargeCode, known: &FakeCode, now: Timestamp) -> Play<'a> {
        Play { code, asked: known.money(), now, pay_delay: self.pay_delay, ids: &*self.ids }
    }

    /// What each call goes through first: the faults that were asked for.
    async fn enter(&self) -> Result<(), GatewayError> {
        // The sender lives as long as this does, so waiting can't fail.
        let _ = self.hanging.subscribe().wait_for(|hanging| !hanging).await;
        self.memory().take_fault().map_or(Ok(()), Err)
    }

    /// Whoever panicked while holding it left nothing half done.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PaymentGateway for FakeGateway {
    fn provider(&self) -> Provider {
        Provider::Fake
    }

    fn is_simulated(&self) -> bool {
        true
    }

    async fn create_charge(&self, request: ChargeRequest) -> Result<Charge, GatewayError> {
        self.enter().await?;
        let code = FakeCode::of(request.checkout_id, request.money);
        let charge = code.charge().map_err(|error| GatewayError::Refused(error.to_string()))?;
        self.memory().create(request.checkout_id, &charge);
        Ok(charge)
    }

    /// Finds what is remembered. What isn't can as well be made again: that gives the same charge.
    async fn find_charge(&self, search: ChargeSearch) -> Result<Searched, GatewayError> {
        self.enter().await?;
        Ok(self.memory().charge_of(search.checkout_id).map_or(Searched::Nothing, Searched::Found))
    }

    async fn charge(&self, code: &ChargeCode) -> Result<Option<ChargeState>, GatewayError> {
        self.enter().await?;
        let Some(known) = FakeCode::read(code) else { return Ok(None) };
        let charge = known.charge().map_err(|error| GatewayError::Unreadable(error.to_string()))?;
        let latest = self.latest(code, &known)?;
        let stage = latest.as_ref().map_or(ChargeStage::Open, stage_after);
        Ok(Some(ChargeState { charge, stage, news: latest.map(polled).transpose()? }))
    }

    async fn cancel_charge(&self, code: &ChargeCode) -> Result<(), GatewayError> {
        self.enter().await?;
        known(code)?;
        self.memory().cancel(code, self.clock.now())
    }

    async fn simulate(&self, code: &ChargeCode, outcome: SimulatedOutcome) -> Result<Simulation, GatewayError> {
        self.enter().await?;
        let (known, now) = (known(code)?, self.clock.now());
        let outcome = self.memory().pay(code, outcome, now)?;
        Ok(Simulation::Events(self.play(code, &known, now).events(outcome)?))
    }
}

fn known(code: &ChargeCode) -> Result<FakeCode, GatewayError> {
    FakeCode::read(code).ok_or(GatewayError::ChargeNotFound)
}
