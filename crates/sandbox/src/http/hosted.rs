//! What payers see: the payment page, the pages of checkouts and invoices, and what these ask for.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use super::assets::{CSS, JS, asset, html};
use super::control::Simulation;
use super::origin::refuse_cross_site;
use super::{body, key, resource};
use crate::charge::Charge;
use crate::checkout::{Checkout, Requested};
use crate::error::{Kind, Problem, Refusal};
use crate::fields::Fields;
use crate::invoice::Invoice;
use crate::limits::{EMAIL_CHARS_MAX, NAME_CHARS_MAX};
use crate::page::checkout::CheckoutView;
use crate::page::invoice::InvoiceView;
use crate::page::{self, checkout, invoice};
use crate::sandbox::Sandbox;
use crate::storage::resources::{Scope, Stored};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/pay/assets/page.css").get(css))
        .service(resource("/pay/assets/page.js").get(js))
        .service(resource("/pay/{key}").get(show))
        .service(resource("/pay/{key}/status").get(status))
        .service(resource("/pay/{key}/simulate").post(simulate))
        .service(resource("/checkout/{key}").get(show_checkout).post(visit_checkout))
        .service(resource("/invoice/{key}").get(show_invoice).post(pay_invoice));
}

async fn show(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let found = sandbox.find::<Charge>(Scope::Everybody, key(&request)).await;
    page_of(found, "payment", |charge| {
        let ttl_s = sandbox.config().charge_ttl.as_secs();
        page::render(&charge.document, sandbox.directory().name_of(charge.merchant_id), ttl_s, sandbox.now())
    })
}

async fn status(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let charge = sandbox.find::<Charge>(Scope::Everybody, key(&request)).await?;
    let status = page::status(&charge.document, sandbox.now());
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(status))
}

async fn simulate(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    refuse_cross_site(&request)?;
    let body = body::read(payload).await?;
    if !is_form(&request) {
        let charge = sandbox.pay(key(&request), Simulation::parse(&body)?).await?;
        return Ok(HttpResponse::Accepted().json(page::status(&charge.document, sandbox.now())));
    }
    match sandbox.pay(key(&request), from_form(&body)?).await.map_err(Refusal::from) {
        // The page says by itself that the charge is finished.
        Ok(_) | Err(Refusal { kind: Kind::InvalidRequest, .. }) => Ok(see_other(&format!("../{}", key(&request)))),
        Err(refusal) => Err(refusal),
    }
}

async fn show_checkout(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let found = sandbox.find::<Checkout>(Scope::Everybody, key(&request)).await;
    page_of(found, "checkout", |checkout| checkout_page(&sandbox, checkout, None))
}

async fn visit_checkout(
    sandbox: Data<Sandbox>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    refuse_cross_site(&request)?;
    let form = Fields::from_form(&body::read(payload).await?);
    let checkout = sandbox.find::<Checkout>(Scope::Everybody, key(&request)).await?;
    match filled_in(&checkout.document, &form) {
        Ok(filled_in) => {
            let charge = sandbox.visit_checkout(key(&request), filled_in).await?;
            Ok(see_other(&format!("../pay/{}", charge.document.code)))
        }
        Err(refusal) => {
            Ok(html(StatusCode::BAD_REQUEST).body(checkout_page(&sandbox, &checkout, Some(&refusal.message))))
        }
    }
}

async fn show_invoice(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let viewed = sandbox.view_invoice(key(&request)).await;
    page_of(viewed, "invoice", |invoice| invoice_page(&sandbox, invoice))
}

async fn pay_invoice(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    refuse_cross_site(&request)?;
    match sandbox.pay_invoice(key(&request)).await.map_err(Refusal::from) {
        Ok(charge) => Ok(see_other(&format!("../pay/{}", charge.document.code))),
        // The page says by itself how the invoice stands.
        Err(Refusal { kind: Kind::InvalidRequest, .. }) => Ok(see_other(&format!("../invoice/{}", key(&request)))),
        Err(refusal) => Err(refusal),
    }
}

fn page_of<T>(
    found: Result<Stored<T>, Problem>,
    what: &str,
    render: impl FnOnce(&Stored<T>) -> String,
) -> Result<HttpResponse, Refusal> {
    match found {
        Ok(stored) => Ok(html(StatusCode::OK).body(render(&stored))),
        Err(Problem::Refused(Refusal { kind: Kind::NotFound, .. })) => {
            Ok(html(StatusCode::NOT_FOUND).body(page::render_unknown(what)))
        }
        Err(problem) => Err(problem.into()),
    }
}

fn checkout_page(sandbox: &Sandbox, stored: &Stored<Checkout>, error: Option<&str>) -> String {
    let document = &stored.document;
    let view = CheckoutView {
        name: &document.name,
        description: &document.description,
        price: document.price,
        asks_name: document.asks_for(Requested::Name),
        asks_email: document.asks_for(Requested::Email),
        error,
    };
    checkout::render(&view, sandbox.directory().name_of(stored.merchant_id))
}

fn invoice_page(sandbox: &Sandbox, stored: &Stored<Invoice>) -> String {
    let document = &stored.document;
    let view = InvoiceView {
        code: &document.code,
        business_name: &document.business_name,
        customer_name: document.customer_name.as_deref(),
        customer_email: Some(&document.customer_email),
        memo: &document.memo,
        price: document.price,
        status: document.status.name(),
        is_payable: document.is_payable(),
        charge_code: document.charge.as_ref().map(|charge| charge.code.as_str()),
    };
    invoice::render(&view, sandbox.directory().name_of(stored.merchant_id))
}

/// What the visitor says, under the names that Coinbase gives it in a charge's metadata.
fn filled_in(checkout: &Checkout, form: &Fields) -> Result<Map<String, Value>, Refusal> {
    let mut metadata = Map::new();
    for (what, name, label, chars_max) in [
        (Requested::Name, "name", "your name", NAME_CHARS_MAX),
        (Requested::Email, "email", "your email address", EMAIL_CHARS_MAX),
    ] {
        if checkout.asks_for(what) {
            let text = form.text(name, chars_max)?;
            let text = text.ok_or_else(|| Refusal::invalid(format!("Please fill in {label}.")))?;
            metadata.insert(name.to_owned(), Value::String(text));
        }
    }
    Ok(metadata)
}

/// Relative, so that it leads to the right page wherever the sandbox is mounted.
fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(FORM))
}

fn from_form(body: &[u8]) -> Result<crate::operations::Payment, Refusal> {
    let fields = url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    let fields: Map<String, Value> = fields.collect();
    Simulation::parse(Value::Object(fields).to_string().as_bytes())
}

async fn css() -> HttpResponse {
    asset(CSS, page::CSS)
}

async fn js() -> HttpResponse {
    asset(JS, page::JS)
}
