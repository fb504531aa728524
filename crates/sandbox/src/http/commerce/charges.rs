//! `/charges`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::super::{body, key, resource};
use super::Visit;
use crate::charge::Charge;
use crate::charge::draft::Draft;
use crate::error::Refusal;
use crate::paging::Query;
use crate::sandbox::Sandbox;

pub(super) const CREATE: &str = "POST /charges";

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/charges").get(list).post(create))
        .service(resource("/charges/{key}").get(show))
        .service(resource("/charges/{key}/cancel").post(cancel))
        .service(resource("/charges/{key}/resolve").post(resolve));
}

async fn create(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, CREATE).await?;
    let draft = Draft::parse(&body::read(payload).await?, &sandbox.config().rates)?;
    let charge = sandbox.create_charge(visit.merchant.id, draft).await?;
    visit.reply(StatusCode::CREATED, &to_wire(&sandbox, &visit, &charge.document))
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /charges").await?;
    let page = sandbox.list::<Charge>(visit.merchant.id, Query::parse(request.query_string())?).await?;
    visit.reply_page(&sandbox, &page, |charge| to_wire(&sandbox, &visit, charge))
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /charges/…").await?;
    let charge = sandbox.find::<Charge>(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &to_wire(&sandbox, &visit, &charge.document))
}

async fn cancel(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "POST /charges/…/cancel").await?;
    let charge = sandbox.cancel_charge(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &to_wire(&sandbox, &visit, &charge.document))
}

async fn resolve(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "POST /charges/…/resolve").await?;
    let charge = sandbox.resolve_charge(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &to_wire(&sandbox, &visit, &charge.document))
}

fn to_wire(sandbox: &Sandbox, visit: &Visit, charge: &Charge) -> Value {
    charge.to_wire(sandbox.config(), &visit.merchant.name, sandbox.now())
}
