use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Charge, ChargeCode, Provider};
use ports::{
    ChargeRequest, ChargeSearch, ChargeState, Clock, GatewayError, IdSource, PaymentGateway, Searched,
    SimulatedOutcome, Simulation,
};
use serde_json::json;
use url::Url;

use super::charge::{WireCharge, order};
use super::client::Client;
use super::config::{Config, ConfigError};
use super::state;

/// The most charges that one page lists.
const PAGE_LIMIT: &str = "100";

/// The longest id of a charge that is kept to go on from.
const CURSOR_MAX_BYTES: usize = 200;

/// Collects money through Coinbase Commerce, or a sandbox that speaks its wire.
pub struct CoinbaseGateway {
    config: Config,
    client: Client,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl CoinbaseGateway {
    /// Sets up the client; nothing is sent yet. `ids` gives the chance that spreads repetitions, and the ids of payments
    /// that a charge tells of.
    pub fn new(config: Config, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<Self, ConfigError> {
        config.check()?;
        if config.api_url.scheme() == "http" && !config.is_loopback() {
            log::warn!(api_url:% = config.api_url; "the payment gateway's API key is sent unencrypted");
        }
        let client = Client::new(&config, ids.clone())?;
        Ok(Self { config, client, clock, ids })
    }

    /// A charge for another amount than asked must not be found and used later.
    async fn give_up(&self, charge: &Charge) {
        if let Err(error) = self.cancel_charge(&charge.code).await {
            let code = charge.code.as_str();
            log::warn!(code, error:%; "could not cancel a charge for the wrong amount");
        }
    }

    fn page_url(&self, after: Option<&str>) -> Url {
        let mut url = self.client.url(&["charges"]);
        url.query_pairs_mut().append_pair("limit", PAGE_LIMIT).append_pair("order", "desc");
        if let Some(cursor) = after {
            url.query_pairs_mut().append_pair("starting_after", cursor);
        }
        url
    }
}

#[async_trait]
impl PaymentGateway for CoinbaseGateway {
    fn provider(&self) -> Provider {
        Provider::Coinbase
    }

    fn is_simulated(&self) -> bool {
        self.config.simulator
    }

    async fn create_charge(&self, request: ChargeRequest) -> Result<Charge, GatewayError> {
        let url = self.client.url(&["charges"]);
        let answer = self.client.post(url, &order(&request, &self.config)).await?;
        let charge = WireCharge::answered(answer.accepted()?)?;
        let made = charge.read()?;
        if charge.asks_for(request.money) {
            return Ok(made);
        }
        self.give_up(&made).await;
        Err(unreadable("the charge is not for the amount that was asked"))
    }

    async fn find_charge(&self, search: ChargeSearch) -> Result<Searched, GatewayError> {
        let answer = self.client.get(self.page_url(search.checkpoint.as_deref())).await?;
        let page = WireCharge::listed(answer.accepted()?)?;
        let found = page.iter().find(|charge| charge.is_for(search.checkout_id) && !charge.is_called_off());
        if let Some(charge) = found {
            return charge.read().map(Searched::Found);
        }
        let Some(last) = page.last() else { return Ok(Searched::Nothing) };
        if page.iter().any(|charge| charge.is_older_than(search.not_before)) {
            return Ok(Searched::Nothing);
        }
        let checkpoint = last.cursor().filter(|cursor| cursor.len() <= CURSOR_MAX_BYTES);
        let checkpoint = checkpoint.ok_or_else(|| unreadable("a charge without an id, or with a very long one"))?;
        if search.checkpoint.as_ref() == Some(&checkpoint) {
            return Err(unreadable("the list of charges goes in circles"));
        }
        Ok(Searched::GoOn { checkpoint })
    }

    async fn charge(&self, code: &ChargeCode) -> Result<Option<ChargeState>, GatewayError> {
        let answer = self.client.get(self.client.url(&["charges", code.as_str()])).await?;
        if answer.is_not_found() {
            return Ok(None);
        }
        state::read(answer.accepted()?, code, &*self.clock, &*self.ids).map(Some)
    }

    async fn cancel_charge(&self, code: &ChargeCode) -> Result<(), GatewayError> {
        let url = self.client.url(&["charges", code.as_str(), "cancel"]);
        self.client.post(url, &json!({})).await?.accepted().map(drop)
    }

    async fn simulate(&self, code: &ChargeCode, outcome: SimulatedOutcome) -> Result<Simulation, GatewayError> {
        if !self.config.simulator {
            return Err(GatewayError::NotSimulated);
        }
        let url = self.client.url(&["_control", "charges", code.as_str(), "pay"]);
        let answer = self.client.post(url, &json!({ "outcome": outcome_name(outcome) })).await?;
        if answer.is_not_found() {
            return Err(GatewayError::ChargeNotFound);
        }
        answer.accepted()?;
        Ok(Simulation::SendsWebhooks)
    }
}

impl fmt::Debug for CoinbaseGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoinbaseGateway").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The sandbox's word for it.
fn outcome_name(outcome: SimulatedOutcome) -> &'static str {
    match outcome {
        SimulatedOutcome::Success => "success",
        SimulatedOutcome::Failure => "failure",
        SimulatedOutcome::Underpaid => "underpaid",
        SimulatedOutcome::Overpaid => "overpaid",
        SimulatedOutcome::Delayed => "delayed",
    }
}

fn unreadable(what: &str) -> GatewayError {
    GatewayError::Unreadable(what.to_owned())
}
