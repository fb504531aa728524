//! `/api/deliveries`.

mod filter;
mod view;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::Deliveries;

use self::filter::DeliveryQuery;
pub(crate) use self::filter::EndpointDeliveryQuery;
use self::view::DeliveryRecordView;
pub use self::view::DeliveryView;
use crate::Problem;
use crate::answer::json;
use crate::endpoint::id_in_path;
use crate::page::PageView;
use crate::query::list_request;

/// `GET /api/deliveries`.
pub(crate) async fn list(deliveries: Data<Deliveries>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<DeliveryQuery>(&request)?;
    let rows = deliveries.list(filter, page).await?;
    let items = rows.items.iter().map(DeliveryView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `GET /api/deliveries/{id}`.
pub(crate) async fn show(deliveries: Data<Deliveries>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    json(StatusCode::OK, &DeliveryRecordView::from(&deliveries.get(id_in_path(&request)?).await?))
}

/// `POST /api/deliveries/{id}/redeliver`.
pub(crate) async fn redeliver(deliveries: Data<Deliveries>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    json(StatusCode::ACCEPTED, &DeliveryView::from(&deliveries.redeliver(id_in_path(&request)?).await?))
}
