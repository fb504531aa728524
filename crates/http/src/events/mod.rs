//! `/api/admin/events`.

mod filter;
mod view;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::Events;

use self::filter::EventQuery;
pub use self::view::EventView;
use self::view::WholeEventView;
use crate::Problem;
use crate::answer::json;
use crate::caller::CalledByOperator;
use crate::endpoint::id_in_path;
use crate::page::PageView;
use crate::query::list_request;

/// `GET /api/admin/events`.
pub(crate) async fn list(events: Data<Events>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<EventQuery>(&request)?;
    let rows = events.list(filter, page).await?;
    let items = rows.items.iter().map(EventView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `GET /api/admin/events/{id}`.
pub(crate) async fn show(events: Data<Events>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let event = events.get(id_in_path(&request)?).await?;
    json(StatusCode::OK, &WholeEventView::from(&event))
}

/// `POST /api/admin/events/{id}/replay`.
pub(crate) async fn replay(
    events: Data<Events>,
    caller: CalledByOperator,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let event = events.replay(&caller, id_in_path(&request)?).await?;
    json(StatusCode::OK, &WholeEventView::from(&event))
}
