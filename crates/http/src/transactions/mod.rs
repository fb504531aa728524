//! `/api/transactions`.

mod filter;
mod view;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::Transactions;

use self::filter::TransactionQuery;
use self::view::TransactionView;
use crate::Problem;
use crate::answer::json;
use crate::page::PageView;
use crate::query::list_request;

/// `GET /api/transactions`.
pub(crate) async fn list(transactions: Data<Transactions>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<TransactionQuery>(&request)?;
    let rows = transactions.list(filter, page).await?;
    let items = rows.items.iter().map(TransactionView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}
