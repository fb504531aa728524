use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::{Checkouts, NewCheckout};
use domain::{Checkout, CreateCheckoutReply};
use ports::SimulatedOutcome;

use super::body::{BuyerCheckoutBody, MerchantCheckoutBody, PayBody};
use super::filter::CheckoutQuery;
use super::view::CheckoutView;
use crate::Problem;
use crate::answer::{self, json};
use crate::body::{JsonBody, OptionalJsonBody};
use crate::endpoint::id_in_path;
use crate::idempotency::{self, Maker, marked};
use crate::page::PageView;
use crate::query::list_request;

/// `POST /checkout`: a checkout by a buyer, with its charge if the gateway is quick enough.
pub(crate) async fn create_with_charge(
    checkouts: Data<Checkouts>,
    maker: Maker,
    JsonBody(body): JsonBody<BuyerCheckoutBody>,
) -> Result<HttpResponse, Problem> {
    let made = checkouts.create_with_charge(&maker, NewCheckout::try_from(body)?).await?;
    idempotency::answer(&made, created)
}

/// `POST /checkouts`: a checkout by a merchant; its charge follows.
pub(crate) async fn create(
    checkouts: Data<Checkouts>,
    maker: Maker,
    JsonBody(body): JsonBody<MerchantCheckoutBody>,
) -> Result<HttpResponse, Problem> {
    let made = checkouts.create(&maker, NewCheckout::try_from(body)?).await?;
    idempotency::answer(&made, |reply| match reply {
        CreateCheckoutReply::Created(checkout) => created(checkout),
        CreateCheckoutReply::Replayed(checkout) => Ok(marked(found(checkout)?, true)),
    })
}

/// `GET /checkouts/{id}`.
pub(crate) async fn show(checkouts: Data<Checkouts>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    found(&checkouts.get(id_in_path(&request)?).await?)
}

/// `GET /checkouts`.
pub(crate) async fn list(checkouts: Data<Checkouts>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, page) = list_request::<CheckoutQuery>(&request)?;
    let rows = checkouts.list(filter, page).await?;
    let items = rows.items.iter().map(CheckoutView::try_from).collect::<Result<_, _>>()?;
    json(StatusCode::OK, &PageView::new(items, &rows, page))
}

/// `POST /checkouts/{id}/pay`: plays the buyer.
pub(crate) async fn pay(
    checkouts: Data<Checkouts>,
    request: HttpRequest,
    OptionalJsonBody(body): OptionalJsonBody<PayBody>,
) -> Result<HttpResponse, Problem> {
    let id = id_in_path(&request)?;
    let outcome = SimulatedOutcome::try_from(body.unwrap_or_default())?;
    let checkout = checkouts.pay(id, outcome).await?;
    json(StatusCode::ACCEPTED, &CheckoutView::try_from(&checkout)?)
}

/// The answer to a request that made a checkout.
pub(crate) fn created(checkout: &Checkout) -> Result<HttpResponse, Problem> {
    answer::created(format!("/checkouts/{}", checkout.id), &CheckoutView::try_from(checkout)?)
}

/// The answer with a checkout that was there.
pub(crate) fn found(checkout: &Checkout) -> Result<HttpResponse, Problem> {
    json(StatusCode::OK, &CheckoutView::try_from(checkout)?)
}
