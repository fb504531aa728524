use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::Holds;

use super::body::HoldBody;
use super::view::HoldView;
use crate::Problem;
use crate::answer::{created, json};
use crate::body::JsonBody;
use crate::caller::CalledBy;
use crate::endpoint::id_in_path;
use crate::header::field;
use crate::idempotency::{Maker, answer};

/// `POST /api/holds`. In a sale, this is what nearly everybody asks for at once.
pub(crate) async fn place(
    holds: Data<Holds>,
    maker: Maker,
    JsonBody(body): JsonBody<HoldBody>,
) -> Result<HttpResponse, Problem> {
    let (product_id, quantity) = body.try_into()?;
    let placed = holds.place(&maker, product_id, quantity).await?;
    answer(&placed, |(hold, token)| created(format!("/api/holds/{}", hold.id), &HoldView::new(hold, Some(token))))
}

/// `GET /api/holds/{id}`.
pub(crate) async fn show(holds: Data<Holds>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let hold = holds.get(id_in_path(&request)?).await?;
    json(StatusCode::OK, &HoldView::new(&hold, None))
}

/// `DELETE /api/holds/{id}`.
pub(crate) async fn release(
    holds: Data<Holds>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let token = field(request.headers(), "x-hold-token");
    holds.release(&caller, id_in_path(&request)?, token.as_deref()).await?;
    Ok(HttpResponse::NoContent().finish())
}
