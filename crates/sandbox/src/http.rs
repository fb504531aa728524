//! The routes, and what all of them have in common.

mod assets;
mod body;
mod commerce;
mod control;
mod home;
mod hosted;
mod origin;
mod reply;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::error::Refusal;
use crate::random;
use crate::sandbox::Sandbox;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 128;

pub(crate) fn configure(sandbox: &Sandbox, routes: &mut web::ServiceConfig) {
    let scope = web::scope("")
        .app_data(web::Data::new(sandbox.clone()))
        .wrap(from_fn(identify))
        .configure(commerce::routes)
        .configure(control::routes)
        .configure(hosted::routes)
        .configure(home::routes)
        .service(resource("/health").get(health))
        .default_service(web::to(unknown));
    routes.service(scope);
}

/// A path that answers 404 to other methods too: the official Node client takes a 405 for success.
fn resource(path: &str) -> Resource {
    web::resource(path).default_service(web::to(unknown))
}

async fn unknown() -> Refusal {
    Refusal::not_found()
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// Every answer names its request: the caller's own name for it, if that is a sane one.
async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let given = request.headers().get(&REQUEST_ID).cloned().filter(is_sane);
    let mut response = next.call(request).await?;
    let id = given.or_else(|| HeaderValue::try_from(random::uuid().ok()?.to_string()).ok());
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    Ok(response)
}

fn is_sane(id: &HeaderValue) -> bool {
    let sane = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.as_bytes().iter().all(sane)
}

/// The part of the path that names something.
fn key(request: &HttpRequest) -> String {
    request.match_info().get("key").unwrap_or_default().to_owned()
}
