//! Coinbase's own paths.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::{body, key, resource};
use crate::charge::Charge;
use crate::charge::draft::Draft;
use crate::error::{Kind, Refusal};
use crate::paging::Query;
use crate::sandbox::Sandbox;
use crate::secret;

const NO_VERSION: &str = "Missing X-CC-Version header; serving latest API version (2018-03-22)";

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/charges").get(list).post(create))
        .service(resource("/charges/{key}").get(show))
        .service(resource("/charges/{key}/cancel").post(cancel))
        .service(resource("/charges/{key}/resolve").post(resolve));
}

async fn create(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    authorise(&sandbox, &request)?;
    let draft = Draft::parse(&body::read(payload).await?)?;
    let charge = sandbox.create(draft).await?;
    Ok(charge_reply(&sandbox, &request, StatusCode::CREATED, &charge))
}

async fn list(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    authorise(&sandbox, &request)?;
    let page = sandbox.list(Query::parse(request.query_string())?).await?;
    let config = sandbox.config();
    let data: Vec<_> = page.charges.iter().map(|charge| charge.to_wire(config)).collect();
    Ok(reply(&request, StatusCode::OK, json!({ "pagination": page.to_wire(config), "data": data })))
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    authorise(&sandbox, &request)?;
    let charge = sandbox.charge(key(&request)).await?;
    Ok(charge_reply(&sandbox, &request, StatusCode::OK, &charge))
}

async fn cancel(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    authorise(&sandbox, &request)?;
    let charge = sandbox.cancel(key(&request)).await?;
    Ok(charge_reply(&sandbox, &request, StatusCode::OK, &charge))
}

async fn resolve(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    authorise(&sandbox, &request)?;
    let charge = sandbox.resolve(key(&request)).await?;
    Ok(charge_reply(&sandbox, &request, StatusCode::OK, &charge))
}

fn authorise(sandbox: &Sandbox, request: &HttpRequest) -> Result<(), Refusal> {
    let Some(given) = request.headers().get("X-CC-Api-Key") else {
        return Err(Refusal::new(Kind::Authentication, "No API key was given"));
    };
    if secret::same(given.as_bytes(), sandbox.config().api_key.as_bytes()) {
        Ok(())
    } else {
        Err(Refusal::new(Kind::Authentication, "Invalid API key"))
    }
}

fn charge_reply(sandbox: &Sandbox, request: &HttpRequest, status: StatusCode, charge: &Charge) -> HttpResponse {
    reply(request, status, json!({ "data": charge.to_wire(sandbox.config()) }))
}

/// The warnings are left out when there are none: null crashes one of the official clients.
fn reply(request: &HttpRequest, status: StatusCode, mut body: Value) -> HttpResponse {
    if !request.headers().contains_key("X-CC-Version") {
        body["warnings"] = json!([NO_VERSION]);
    }
    HttpResponse::build(status).json(body)
}
