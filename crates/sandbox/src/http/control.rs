//! What Coinbase doesn't have: deciding how a payment ends, and seeing where the webhooks went.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{body, key, refuse_cross_site, resource};
use crate::charge::life::Outcome;
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::error::Refusal;
use crate::limits::{DELIVERIES_LISTED_DEFAULT, DELIVERIES_LISTED_MAX};
use crate::sandbox::Sandbox;
use crate::storage::outbox::Delivery;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/_control/charges/{key}/pay").post(pay))
        .service(resource("/_control/deliveries").get(deliveries));
}

/// How a payment is to go. All of it may be left out.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Simulation {
    #[serde(default)]
    pub(super) outcome: Outcome,
    #[serde(default)]
    pub(super) network: Coin,
}

impl Simulation {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body).map_err(|_| {
            Refusal::invalid(
                "The body must be a JSON object with an outcome (success, failure, underpaid, overpaid, delayed) and a \
                 network (bitcoin, ethereum, usdc), both optional",
            )
        })
    }
}

async fn pay(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    refuse_cross_site(&request)?;
    let Simulation { outcome, network } = Simulation::parse(&body::read(payload).await?)?;
    let charge = sandbox.pay(key(&request), outcome, network).await?;
    Ok(HttpResponse::Accepted().json(json!({ "data": charge.to_wire(sandbox.config()) })))
}

async fn deliveries(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    refuse_cross_site(&request)?;
    let deliveries = sandbox.deliveries(limit(request.query_string())?).await?;
    let data: Vec<_> = deliveries.iter().map(to_wire).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "data": data })))
}

fn limit(query: &str) -> Result<i64, Refusal> {
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "limit");
    let limit = given.map_or(Ok(DELIVERIES_LISTED_DEFAULT), |(_, limit)| limit.parse());
    limit
        .ok()
        .filter(|limit| (1..=DELIVERIES_LISTED_MAX).contains(limit))
        .ok_or_else(|| Refusal::invalid(format!("limit must be between 1 and {DELIVERIES_LISTED_MAX}")))
}

fn to_wire(delivery: &Delivery) -> Value {
    json!({
        "event_id": delivery.event_id,
        "event_type": delivery.kind,
        "charge_code": delivery.charge_code,
        "attempt_number": delivery.attempt,
        "started_at": Timestamp(delivery.started_at_ms).to_log(),
        "duration_ms": delivery.duration_ms,
        "status_code": delivery.status_code,
        "error": delivery.failure,
        "next_attempt_at": delivery.next_attempt_at_ms.map(|at| Timestamp(at).to_log()),
    })
}
