//! `/invoices`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::super::{body, key, resource};
use super::Visit;
use crate::error::Refusal;
use crate::invoice::{Invoice, InvoiceDraft};
use crate::paging::Query;
use crate::sandbox::Sandbox;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/invoices").get(list).post(create))
        .service(resource("/invoices/{key}").get(show))
        // Coinbase documents PUT; its guides use POST as well.
        .service(resource("/invoices/{key}/void").put(void).post(void))
        .service(resource("/invoices/{key}/resolve").put(resolve).post(resolve));
}

async fn create(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "POST /invoices").await?;
    let draft = InvoiceDraft::parse(&body::read(payload).await?)?;
    let invoice = sandbox.create_invoice(visit.merchant.id, draft).await?;
    visit.reply(StatusCode::CREATED, &invoice.document.to_wire(sandbox.config()))
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /invoices").await?;
    let page = sandbox.list::<Invoice>(visit.merchant.id, Query::parse(request.query_string())?).await?;
    visit.reply_page(&sandbox, &page, |invoice| invoice.to_wire(sandbox.config()))
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /invoices/…").await?;
    let invoice = sandbox.find::<Invoice>(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &invoice.document.to_wire(sandbox.config()))
}

async fn void(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "PUT /invoices/…/void").await?;
    let invoice = sandbox.void_invoice(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &invoice.document.to_wire(sandbox.config()))
}

async fn resolve(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "PUT /invoices/…/resolve").await?;
    let invoice = sandbox.resolve_invoice(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &invoice.document.to_wire(sandbox.config()))
}
