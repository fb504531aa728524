use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::{NewOrder, Orders};
use domain::{CreateCheckoutReply, OrderStatus};

use super::body::{OrderBody, OrderCheckoutBody, StatusBody};
use super::filter::OrderQuery;
use super::view::OrderView;
use crate::answer::{created, json};
use crate::body::{JsonBody, OptionalJsonBody};
use crate::caller::CalledBy;
use crate::endpoint::id_in_path;
use crate::idempotency::{Maker, answer};
use crate::page::PageView;
use crate::query::list_request;
use crate::{Problem, checkouts};

/// `POST /api/orders`.
pub(crate) async fn place(
    orders: Data<Orders>,
    maker: Maker,
    JsonBody(body): JsonBody<OrderBody>,
) -> Result<HttpResponse, Problem> {
    let placed = orders.place(&maker, NewOrder::try_from(body)?).await?;
    answer(&placed, |order| created(format!("/api/orders/{}", order.id), &OrderView::from(order)))
}

/// `GET /api/orders/{id}`.
pub(crate) async fn show(orders: Data<Orders>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let order = orders.get(id_in_path(&request)?).await?;
    json(StatusCode::OK, &OrderView::from(&order))
}

/// `GET /api/orders`.
pub(crate) async fn list(orders: Data<Orders>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<OrderQuery>(&request)?;
    let rows = orders.list(filter, page).await?;
    let items = rows.items.iter().map(OrderView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `PUT /api/orders/{id}/status`.
pub(crate) async fn change_status(
    orders: Data<Orders>,
    caller: CalledBy,
    request: HttpRequest,
    JsonBody(body): JsonBody<StatusBody>,
) -> Result<HttpResponse, Problem> {
    let id = id_in_path(&request)?;
    let order = orders.change_status(&caller, id, OrderStatus::try_from(body)?).await?;
    json(StatusCode::OK, &OrderView::from(&order))
}

/// `POST /api/orders/{id}/checkout`: the order's open checkout, or a new one with its charge.
pub(crate) async fn open_checkout(
    orders: Data<Orders>,
    maker: Maker,
    request: HttpRequest,
    OptionalJsonBody(body): OptionalJsonBody<OrderCheckoutBody>,
) -> Result<HttpResponse, Problem> {
    let id = id_in_path(&request)?;
    let opened = orders.open_checkout(&maker, id, body.unwrap_or_default().email()?).await?;
    answer(&opened, |reply| match reply {
        CreateCheckoutReply::Created(checkout) => checkouts::created(checkout),
        CreateCheckoutReply::Replayed(checkout) => checkouts::found(checkout),
    })
}
