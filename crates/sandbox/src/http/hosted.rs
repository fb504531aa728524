//! The payment page, its files, and what it asks for while it is open.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use url::form_urlencoded;

use super::control::Simulation;
use super::{body, key, refuse_cross_site, resource};
use crate::clock::Timestamp;
use crate::error::{Kind, Problem, Refusal};
use crate::page;
use crate::sandbox::Sandbox;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/pay/assets/page.css").get(css))
        .service(resource("/pay/assets/page.js").get(js))
        .service(resource("/pay/{key}").get(show))
        .service(resource("/pay/{key}/status").get(status))
        .service(resource("/pay/{key}/simulate").post(simulate));
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    match sandbox.charge(key(&request)).await {
        Ok(charge) => Ok(html(StatusCode::OK).body(page::render(&charge, sandbox.config(), Timestamp::now()))),
        Err(Problem::Refused(Refusal { kind: Kind::NotFound, .. })) => {
            Ok(html(StatusCode::NOT_FOUND).body(page::render_unknown()))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn status(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let charge = sandbox.charge(key(&request)).await?;
    let status = page::status(&charge, Timestamp::now());
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(status))
}

async fn simulate(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    refuse_cross_site(&request)?;
    let body = body::read(payload).await?;
    if !is_form(&request) {
        let Simulation { outcome, network } = Simulation::parse(&body)?;
        let charge = sandbox.pay(key(&request), outcome, network).await?;
        return Ok(HttpResponse::Accepted().json(page::status(&charge, Timestamp::now())));
    }
    let Simulation { outcome, network } = from_form(&body)?;
    match sandbox.pay(key(&request), outcome, network).await.map_err(Refusal::from) {
        // The page says by itself that the charge is finished.
        Ok(_) | Err(Refusal { kind: Kind::InvalidRequest, .. }) => {
            // Relative, so that it leads back to the page wherever the sandbox is mounted.
            let page = format!("../{}", key(&request));
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, page)).finish())
        }
        Err(refusal) => Err(refusal),
    }
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(FORM))
}

fn from_form(body: &[u8]) -> Result<Simulation, Refusal> {
    let fields = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    let fields: serde_json::Map<String, serde_json::Value> = fields.collect();
    Simulation::parse(serde_json::Value::Object(fields).to_string().as_bytes())
}

fn html(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("Content-Security-Policy", POLICY))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("X-Content-Type-Options", "nosniff"));
    response
}

async fn css() -> HttpResponse {
    asset("text/css; charset=utf-8", page::CSS)
}

async fn js() -> HttpResponse {
    asset("text/javascript; charset=utf-8", page::JS)
}

fn asset(kind: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(content)
}
