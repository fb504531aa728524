use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::{NewProduct, ProductChange, Products};

use super::body::ProductBody;
use super::filter::ProductQuery;
use super::view::ProductView;
use crate::Problem;
use crate::answer::{created, json};
use crate::body::JsonBody;
use crate::caching::{passes_the_cache, revalidated};
use crate::caller::CalledBy;
use crate::endpoint::id_in_path;
use crate::idempotency::{Maker, answer};
use crate::page::PageView;
use crate::query::list_request;

/// `POST /api/products`.
pub(crate) async fn create(
    products: Data<Products>,
    maker: Maker,
    JsonBody(body): JsonBody<ProductBody>,
) -> Result<HttpResponse, Problem> {
    let made = products.create(&maker, NewProduct::try_from(body)?).await?;
    answer(&made, |product| created(format!("/api/products/{}", product.id), &ProductView::from(product)))
}

/// `GET /api/products/{id}`.
pub(crate) async fn show(products: Data<Products>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let product = products.get(id_in_path(&request)?, passes_the_cache(headers)).await?;
    revalidated(headers, &ProductView::from(&*product))
}

/// `GET /api/products`.
pub(crate) async fn list(products: Data<Products>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<ProductQuery>(&request)?;
    let rows = products.list(filter, page).await?;
    let items = rows.items.iter().map(ProductView::from).collect();
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `PUT /api/products/{id}`.
pub(crate) async fn replace(
    products: Data<Products>,
    caller: CalledBy,
    request: HttpRequest,
    JsonBody(body): JsonBody<ProductBody>,
) -> Result<HttpResponse, Problem> {
    let id = id_in_path(&request)?;
    let product = products.update(&caller, id, ProductChange::try_from(body)?).await?;
    json(StatusCode::OK, &ProductView::from(&product))
}

/// `DELETE /api/products/{id}`.
pub(crate) async fn remove(
    products: Data<Products>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    products.delete(&caller, id_in_path(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
