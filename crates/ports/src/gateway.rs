use std::time::Duration;

use async_trait::async_trait;
use domain::{Charge, ChargeCode, CheckoutId, Money, Provider, Timestamp};
use thiserror::Error;

use crate::IncomingEvent;

/// What a gateway is asked to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeRequest {
    /// For which checkout; it travels in the charge's metadata, so that the charge can be found again.
    pub checkout_id: CheckoutId,
    /// How much.
    pub money: Money,
    /// Shown to the buyer.
    pub name: String,
    /// Shown to the buyer.
    pub description: String,
}

/// A charge to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeSearch {
    /// Which checkout it was made for.
    pub checkout_id: CheckoutId,
    /// It was made no earlier than this.
    pub not_before: Timestamp,
    /// Where to go on; `None` to begin with the newest charge.
    pub checkpoint: Option<String>,
}

/// What looking through some charges has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// There it is.
    Found(Charge),
    /// There is none, neither here nor further on.
    Nothing,
    /// It isn't among these. Further on are older ones, and a charge that is made meanwhile isn't among those either.
    GoOn {
        /// Where, in the gateway's own words.
        checkpoint: String,
    },
}

/// Why a gateway didn't do it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GatewayError {
    /// It can't be reached, is too slow, or has trouble of its own. It may have done it all the same.
    #[error("the payment gateway is unavailable: {0}")]
    Unavailable(String),
    /// It wants fewer requests; perhaps it says when to come again.
    #[error("the payment gateway is limiting requests")]
    RateLimited {
        /// How long to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// It doesn't accept our credentials.
    #[error("the payment gateway refused our credentials")]
    Unauthorized,
    /// It understood, and said no.
    #[error("the payment gateway refused: {0}")]
    Refused(String),
    /// It doesn't know the charge: it has lost it, or another gateway made it.
    #[error("the payment gateway does not know the charge")]
    ChargeNotFound,
    /// Its answer makes no sense.
    #[error("the payment gateway gave an answer that can't be read: {0}")]
    Unreadable(String),
    /// Paying can't be simulated with this gateway: it moves real money.
    #[error("the payment gateway is not simulated")]
    NotSimulated,
}

/// How far a charge has come, and so whether it is worth asking about again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeStage {
    /// Nobody has paid yet, and somebody may.
    Open,
    /// A payment was seen, and isn't final yet.
    Paying,
    /// It can't be paid as asked any more. Late money may still come, or the merchant's word.
    Ended,
    /// Nothing more will come of it, but perhaps a second payment.
    Over,
}

/// A charge as the gateway has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeState {
    /// The charge.
    pub charge: Charge,
    /// How far it has come.
    pub stage: ChargeStage,
    /// What has happened to it, told as a webhook would tell it: the same payments under the same ids. Its key is the
    /// same for as long as nothing more happens. `None` if nothing has happened yet.
    pub news: Option<IncomingEvent>,
}

/// How a simulated payment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedOutcome {
    /// Paid as asked.
    Success,
    /// Nothing came.
    Failure,
    /// Too little came.
    Underpaid,
    /// Too much came.
    Overpaid,
    /// It came after the charge had expired.
    Delayed,
}

/// What a simulated payment leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulation {
    /// The gateway sends webhooks by itself, as a real one would.
    SendsWebhooks,
    /// The gateway does no I/O: the caller records these events, each after its pause.
    Events(Vec<(Duration, IncomingEvent)>),
}

/// Collects money: a payment provider as the core sees it.
///
/// Never called while a transaction is open or a writer is held: the checkout is stored first, the charge made after.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// Whose events belong to this gateway's charges.
    fn provider(&self) -> Provider;

    /// Whether money is only played, so that [`simulate`](Self::simulate) works.
    fn is_simulated(&self) -> bool;

    /// Makes a charge. Not safe to call again after [`GatewayError::Unavailable`], which may have made one: look with
    /// [`find_charge`](Self::find_charge) first.
    async fn create_charge(&self, request: ChargeRequest) -> Result<Charge, GatewayError>;

    /// Looks for a charge that was made for a checkout, among as many as one answer lists.
    async fn find_charge(&self, search: ChargeSearch) -> Result<Searched, GatewayError>;

    /// The charge by its code and what has become of it, if the provider has it.
    async fn charge(&self, code: &ChargeCode) -> Result<Option<ChargeState>, GatewayError>;

    /// Calls off a charge that nobody has paid. One that can't be called off any more is [`GatewayError::Refused`].
    async fn cancel_charge(&self, code: &ChargeCode) -> Result<(), GatewayError>;

    /// Plays a buyer. Asking again while the payment is under way changes nothing.
    async fn simulate(&self, code: &ChargeCode, outcome: SimulatedOutcome) -> Result<Simulation, GatewayError>;
}
