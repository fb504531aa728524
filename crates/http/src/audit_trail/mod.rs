//! `/api/admin/audit-trail`.

mod filter;
mod view;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::AuditTrail;

use self::filter::AuditTrailQuery;
use self::view::AuditEntryView;
use crate::Problem;
use crate::answer::json;
use crate::page::PageView;
use crate::query::list_request;

/// `GET /api/admin/audit-trail`.
pub(crate) async fn list(trail: Data<AuditTrail>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<AuditTrailQuery>(&request)?;
    let rows = trail.list(filter, page).await?;
    let items = rows.items.iter().map(AuditEntryView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}
