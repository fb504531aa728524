//! What Coinbase doesn't have: all that a test needs to play its part, under `/_control`.

mod charges;
mod deliveries;
mod merchants;
mod settings;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::origin::{refuse_cross_site, refuse_strange_host};
use super::{key, unknown};
use crate::error::Refusal;

pub(super) use charges::Simulation;

pub(super) fn routes(routes: &mut ServiceConfig) {
    let scope = web::scope("/_control")
        .wrap(from_fn(guard))
        .configure(settings::routes)
        .configure(charges::routes)
        .configure(deliveries::routes)
        .configure(merchants::routes)
        .default_service(web::to(unknown));
    routes.service(scope);
}

/// Another site's page must neither change anything here nor read keys.
async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    refuse_cross_site(request.request())?;
    refuse_strange_host(request.request())?;
    next.call(request).await
}

fn reply(status: StatusCode, data: &Value) -> HttpResponse {
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(json!({ "data": data }))
}

fn ok(data: &Value) -> HttpResponse {
    reply(StatusCode::OK, data)
}

/// A parameter of the query; one without a value is left out.
fn query(request: &HttpRequest, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(given, value)| given == name && !value.is_empty()).map(|(_, value)| value.into_owned())
}

fn limit(request: &HttpRequest, usual: i64, most: i64) -> Result<i64, Refusal> {
    let limit = query(request, "limit").map_or(Ok(usual), |limit| limit.parse());
    let limit = limit.ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| Refusal::invalid(format!("limit must be between 1 and {most}")))
}

/// The number in the path.
fn number(request: &HttpRequest) -> Result<i64, Refusal> {
    key(request).parse().map_err(|_| Refusal::not_found())
}
