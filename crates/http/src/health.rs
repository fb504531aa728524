//! `/health`: whether this node can do its work.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use application::{CheckState, Health, HealthReport};
use serde::Serialize;

use crate::Problem;
use crate::answer::json;

#[derive(Debug, Serialize)]
struct HealthView {
    status: &'static str,
    version: &'static str,
    checks: BTreeMap<&'static str, &'static str>,
}

/// `GET /health` and `GET /health/ready`: everything that a request may need.
pub(crate) async fn ready(health: Data<Health>) -> Result<HttpResponse, Problem> {
    let report = health.check().await;
    if report.is_ok() {
        return json(StatusCode::OK, &view(&report));
    }
    let mut response = json(StatusCode::SERVICE_UNAVAILABLE, &view(&report))?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    Ok(response)
}

/// `GET /health/live`: that the process answers at all. A database that is away is no reason to restart it.
pub(crate) async fn live() -> Result<HttpResponse, Problem> {
    json(StatusCode::OK, &view(&HealthReport { checks: Vec::new() }))
}

fn view(report: &HealthReport) -> HealthView {
    let word = |state| match state {
        CheckState::Ok => "ok",
        CheckState::Unavailable => "unavailable",
    };
    HealthView {
        status: word(if report.is_ok() { CheckState::Ok } else { CheckState::Unavailable }),
        version: env!("CARGO_PKG_VERSION"),
        checks: report.checks.iter().map(|(name, state)| (*name, word(*state))).collect(),
    }
}
