//! `/events`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::super::{key, resource};
use super::Visit;
use crate::error::Refusal;
use crate::event::Event;
use crate::paging::Query;
use crate::sandbox::Sandbox;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes.service(resource("/events").get(list)).service(resource("/events/{key}").get(show));
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /events").await?;
    let page = sandbox.list::<Event>(visit.merchant.id, Query::parse(request.query_string())?).await?;
    visit.reply_page(&sandbox, &page, |event| event.0.clone())
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&sandbox, &request, "GET /events/…").await?;
    let event = sandbox.find::<Event>(visit.scope(), key(&request)).await?;
    visit.reply(StatusCode::OK, &event.document.0)
}
