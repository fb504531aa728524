//! `/checkouts`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::super::{body, key, resource};
use super::Visit;
use crate::checkout::{Checkout, CheckoutChange, CheckoutDraft};
use crate::error::Refusal;
use crate::paging::Query;
use crate::sandbox::Sandbox;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/checkouts").get(list).post(create))
        .service(resource("/checkouts/{key}").get(show).put(change).delete(delete));
}

async fn create(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "POST /checkouts").await?;
    let draft = CheckoutDraft::parse(&body::read(payload).await?)?;
    let checkout = sandbox.create_checkout(visit.merchant.id, draft).await?;
    visit.reply(StatusCode::CREATED, &checkout.document.to_wire(sandbox.config()))
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /checkouts").await?;
    let page = sandbox.list::<Checkout>(visit.merchant.id, Query::parse(request.query_string())?).await?;
    visit.reply_page(&sandbox, &page, |checkout| checkout.to_wire(sandbox.config()))
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /checkouts/…").await?;
    let checkout = sandbox.find::<Checkout>(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &checkout.document.to_wire(sandbox.config()))
}

async fn change(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "PUT /checkouts/…").await?;
    let change = CheckoutChange::parse(&body::read(payload).await?)?;
    let checkout = sandbox.change_checkout(visit.scope(), key(&request), change).await?;
    visit.reply(StatusCode::OK, &checkout.document.to_wire(sandbox.config()))
}

/// With the checkout as it was: an empty answer breaks one of the official clients.
async fn delete(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "DELETE /checkouts/…").await?;
    let checkout = sandbox.delete_checkout(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &checkout.document.to_wire(sandbox.config()))
}
