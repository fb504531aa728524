use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::{Deliveries, WebhookEndpoints};
use domain::EndpointTerms;

use super::body::{EndpointBody, RecoverBody};
use super::filter::EndpointQuery;
use super::view::{EndpointView, RecoveredView};
use crate::Problem;
use crate::answer::{self, json};
use crate::body::JsonBody;
use crate::deliveries::{DeliveryView, EndpointDeliveryQuery};
use crate::endpoint::id_in_path;
use crate::idempotency::{self, Maker};
use crate::page::PageView;
use crate::query::list_request;

/// `POST /api/webhook-endpoints`.
pub(crate) async fn create(
    endpoints: Data<WebhookEndpoints>,
    maker: Maker,
    JsonBody(body): JsonBody<EndpointBody>,
) -> Result<HttpResponse, Problem> {
    let (merchant_id, terms) = body.try_into()?;
    let made = endpoints.create(&maker, merchant_id, terms).await?;
    idempotency::answer(&made, |shown| {
        let location = format!("/api/webhook-endpoints/{}", shown.endpoint.id);
        answer::created(location, &EndpointView::from(shown)).map(not_kept)
    })
}

/// `GET /api/webhook-endpoints/{id}`.
pub(crate) async fn show(endpoints: Data<WebhookEndpoints>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    json(StatusCode::OK, &EndpointView::from(&endpoints.get(id_in_path(&request)?).await?))
}

/// `GET /api/webhook-endpoints`.
pub(crate) async fn list(endpoints: Data<WebhookEndpoints>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<EndpointQuery>(&request)?;
    let rows = endpoints.list(filter, page).await?;
    let items = rows.items.iter().map(EndpointView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `PUT /api/webhook-endpoints/{id}`.
pub(crate) async fn replace(
    endpoints: Data<WebhookEndpoints>,
    request: HttpRequest,
    JsonBody(body): JsonBody<EndpointBody>,
) -> Result<HttpResponse, Problem> {
    let id = id_in_path(&request)?;
    let shown = endpoints.update(id, EndpointTerms::try_from(body)?).await?;
    json(StatusCode::OK, &EndpointView::from(&shown))
}

/// `DELETE /api/webhook-endpoints/{id}`.
pub(crate) async fn remove(endpoints: Data<WebhookEndpoints>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    endpoints.delete(id_in_path(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/webhook-endpoints/{id}/rotate-secret`.
pub(crate) async fn rotate_secret(
    endpoints: Data<WebhookEndpoints>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let shown = endpoints.rotate_secret(id_in_path(&request)?).await?;
    json(StatusCode::OK, &EndpointView::from(&shown)).map(not_kept)
}

/// `POST /api/webhook-endpoints/{id}/enable`.
pub(crate) async fn enable(endpoints: Data<WebhookEndpoints>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    json(StatusCode::OK, &EndpointView::from(&endpoints.enable(id_in_path(&request)?).await?))
}

/// `POST /api/webhook-endpoints/{id}/test`.
pub(crate) async fn ping(endpoints: Data<WebhookEndpoints>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    json(StatusCode::ACCEPTED, &DeliveryView::from(&endpoints.ping(id_in_path(&request)?).await?))
}

/// `GET /api/webhook-endpoints/{id}/deliveries`.
pub(crate) async fn deliveries(deliveries: Data<Deliveries>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let endpoint_id = Some(id_in_path(&request)?);
    let (filter, page) = list_request::<EndpointDeliveryQuery>(&request)?;
    let rows = deliveries.list_of(ports::DeliveryFilter { endpoint_id, ..filter }, page).await?;
    let items = rows.items.iter().map(DeliveryView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `POST /api/webhook-endpoints/{id}/recover`.
pub(crate) async fn recover(
    deliveries: Data<Deliveries>,
    request: HttpRequest,
    JsonBody(body): JsonBody<RecoverBody>,
) -> Result<HttpResponse, Problem> {
    let id = id_in_path(&request)?;
    let recovered = deliveries.recover(id, body.try_into()?).await?;
    json(StatusCode::OK, &RecoveredView::from(recovered))
}

/// An answer with a secret in it is nobody's to keep but the caller's.
fn not_kept(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
