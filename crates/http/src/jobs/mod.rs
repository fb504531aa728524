//! `/api/admin/jobs`.

mod filter;
mod view;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::Jobs;

use self::filter::JobQuery;
pub use self::view::JobView;
use crate::Problem;
use crate::answer::json;
use crate::caller::CalledByOperator;
use crate::endpoint::id_in_path;
use crate::page::PageView;
use crate::query::list_request;

/// `GET /api/admin/jobs`.
pub(crate) async fn list(jobs: Data<Jobs>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<JobQuery>(&request)?;
    let rows = jobs.list(filter, page).await?;
    let items = rows.items.iter().map(JobView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `POST /api/admin/jobs/{id}/retry`.
pub(crate) async fn retry(
    jobs: Data<Jobs>,
    caller: CalledByOperator,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let job = jobs.retry(&caller, id_in_path(&request)?).await?;
    json(StatusCode::OK, &JobView::from(&job))
}
