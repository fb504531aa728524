//! Charges of all merchants, and playing the payer.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{body, key, resource};
use super::{limit, ok, reply};
use crate::charge::Charge;
use crate::charge::life::Outcome;
use crate::coin::Coin;
use crate::error::Refusal;
use crate::limits::{CHARGES_LISTED_DEFAULT, CHARGES_LISTED_MAX, CONFIRM_AFTER_MS_MAX};
use crate::operations::Payment;
use crate::sandbox::Sandbox;
use crate::storage::resources::Stored;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes.service(resource("/charges").get(list)).service(resource("/charges/{key}/pay").post(pay));
}

/// How a payment is to go. All of it may be left out.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct Simulation {
    #[serde(default)]
    outcome: Outcome,
    #[serde(default)]
    network: Coin,
    amount: Option<Value>,
    confirm_after_ms: Option<u64>,
}

impl Simulation {
    pub(in crate::http) fn parse(body: &[u8]) -> Result<Payment, Refusal> {
        let wanted: Self = match body.trim_ascii() {
            b"" => Self::default(),
            body => serde_json::from_slice(body).map_err(|_| {
                Refusal::invalid(
                    "The body must be a JSON object with an outcome (success, failure, underpaid, overpaid, multiple, \
                     delayed, slow), a network (bitcoin, ethereum, usdc), an amount and confirm_after_ms, all optional",
                )
            })?,
        };
        wanted.checked()
    }

    fn checked(self) -> Result<Payment, Refusal> {
        let Self { outcome, network, amount, confirm_after_ms } = self;
        let decides_itself = matches!(outcome, Outcome::Success | Outcome::Slow | Outcome::Delayed);
        if amount.is_some() && !decides_itself {
            return Err(Refusal::invalid("An amount goes with the outcomes success, slow and delayed only"));
        }
        if confirm_after_ms.is_some_and(|after_ms| after_ms > CONFIRM_AFTER_MS_MAX) {
            return Err(Refusal::invalid(format!("confirm_after_ms must be at most {CONFIRM_AFTER_MS_MAX}")));
        }
        Ok(Payment { outcome, coin: network, amount, confirm_after: confirm_after_ms.map(Duration::from_millis) })
    }
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let limit = limit(&request, CHARGES_LISTED_DEFAULT, CHARGES_LISTED_MAX)?;
    let charges = sandbox.newest_charges(limit).await?;
    let data: Vec<_> = charges.iter().map(|charge| line(&sandbox, charge)).collect();
    Ok(ok(&json!(data)))
}

async fn pay(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let payment = Simulation::parse(&body::read(payload).await?)?;
    let charge = sandbox.pay(key(&request), payment).await?;
    let wire = sandbox.scene().charge_to_wire(&charge, sandbox.now());
    Ok(reply(StatusCode::ACCEPTED, &wire))
}

/// A charge in short.
fn line(sandbox: &Sandbox, stored: &Stored<Charge>) -> Value {
    let charge = &stored.document;
    json!({
        "merchant_id": stored.merchant_id,
        "merchant": sandbox.directory().name_of(stored.merchant_id),
        "id": charge.id,
        "code": charge.code,
        "name": charge.name,
        "status": charge.status(),
        "context": charge.context(),
        "price": charge.price.as_ref().map(|price| price.local),
        "created_at": charge.created_at.to_log(),
        "expires_at": charge.expires_at.to_log(),
        "hosted_url": sandbox.config().public(&format!("/pay/{}", charge.code)),
    })
}
