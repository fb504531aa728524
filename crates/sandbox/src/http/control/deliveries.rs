//! Where the webhooks went.

use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::super::resource;
use super::{limit, number, ok, query, reply};
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::limits::{DELIVERIES_LISTED_DEFAULT, DELIVERIES_LISTED_MAX};
use crate::operations::Sent;
use crate::sandbox::Sandbox;
use crate::storage::outbox::{Attempt, DELIVERED, DROPPED, Delivery, FAILED, Filter, WAITING};
use crate::worker::post;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/deliveries").get(list))
        .service(resource("/deliveries/{key}").get(show))
        .service(resource("/deliveries/{key}/redeliver").post(redeliver));
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let deliveries = sandbox.deliveries(filter(&request)?).await?;
    let data: Vec<_> = deliveries.iter().map(line).collect();
    Ok(ok(&json!(data)))
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let Sent { delivery, attempts } = sandbox.delivery(number(&request)?).await?;
    let mut data = line(&delivery);
    data["attempt_log"] = attempts.iter().map(|(attempt, body)| sent(attempt, body.as_deref())).collect();
    Ok(ok(&data))
}

async fn redeliver(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let delivery = sandbox.redeliver(number(&request)?).await?;
    Ok(reply(StatusCode::ACCEPTED, &line(&delivery)))
}

fn filter(request: &HttpRequest) -> Result<Filter, Refusal> {
    let states = [WAITING, DELIVERED, FAILED, DROPPED];
    let state = query(request, "state");
    if state.as_ref().is_some_and(|state| !states.contains(&state.as_str())) {
        return Err(Refusal::invalid(format!("state must be one of {}", states.join(", "))));
    }
    let before = query(request, "before").map(|before| before.parse()).transpose();
    Ok(Filter {
        limit: limit(request, DELIVERIES_LISTED_DEFAULT, DELIVERIES_LISTED_MAX)?,
        before: before.map_err(|_| Refusal::invalid("before must be the id of a delivery"))?,
        charge_code: query(request, "charge").map(|code| code.to_ascii_uppercase()),
        state,
    })
}

fn line(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.seq,
        "merchant_id": delivery.merchant_id,
        "endpoint_id": delivery.endpoint_id,
        "endpoint_url": delivery.url,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "charge_code": delivery.charge_code,
        "state": delivery.state,
        "fault": delivery.faults,
        "attempts": delivery.attempts,
        "status_code": delivery.status_code,
        "error": delivery.failure,
        "duration_ms": delivery.duration_ms,
        "created_at": written(delivery.created_at_ms),
        "last_attempt_at": delivery.last_attempt_at_ms.map(written),
        "next_attempt_at": delivery.next_attempt_at_ms.map(written),
    })
}

fn sent(attempt: &Attempt, body: Option<&str>) -> Value {
    json!({
        "number": attempt.number,
        "started_at": written(attempt.started_at_ms),
        "duration_ms": attempt.duration_ms,
        "status_code": attempt.status_code,
        "error": attempt.failure,
        "fault": attempt.fault,
        "request": {
            "method": "POST",
            "url": attempt.url,
            "headers": { "Content-Type": post::CONTENT, post::SIGNATURE_HEADER: attempt.signature },
            "body": body,
        },
    })
}

fn written(at_ms: i64) -> String {
    Timestamp(at_ms).to_log()
}
