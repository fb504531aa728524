//! Merchants, their keys and secrets, and their endpoints.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::super::{body, resource};
use super::{number, ok, reply};
use crate::error::Refusal;
use crate::fields::{Fields, wrong};
use crate::limits::{NAME_CHARS_MAX, SECRET_CHARS_MAX};
use crate::merchant::{Endpoint, Merchant};
use crate::operations::MerchantDraft;
use crate::sandbox::Sandbox;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/merchants").get(list).post(create))
        .service(resource("/merchants/{key}/rotate-secret").post(rotate))
        .service(resource("/merchants/{key}/endpoints").post(add_endpoint))
        .service(resource("/endpoints/{key}").delete(delete_endpoint));
}

async fn list(sandbox: Data<Sandbox>) -> Result<HttpResponse, Refusal> {
    let data: Vec<_> = sandbox.directory().all().iter().map(|merchant| shown(&sandbox, merchant)).collect();
    Ok(ok(&json!(data)))
}

async fn create(sandbox: Data<Sandbox>, payload: Payload) -> Result<HttpResponse, Refusal> {
    let fields = Fields::parse_optional(&body::read(payload).await?)?;
    let draft = MerchantDraft {
        name: fields.text("name", NAME_CHARS_MAX)?,
        api_key: secret(&fields, "api_key")?,
        webhook_secret: secret(&fields, "webhook_secret")?,
    };
    let merchant = sandbox.create_merchant(draft).await?;
    Ok(reply(StatusCode::CREATED, &shown(&sandbox, &merchant)))
}

async fn rotate(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let fields = Fields::parse_optional(&body::read(payload).await?)?;
    let merchant = sandbox.rotate_secret(number(&request)?, secret(&fields, "webhook_secret")?).await?;
    Ok(ok(&shown(&sandbox, &merchant)))
}

async fn add_endpoint(sandbox: Data<Sandbox>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let url = Fields::parse(&body::read(payload).await?)?.web_address("url")?;
    let endpoint = sandbox.add_endpoint(number(&request)?, url).await?;
    Ok(reply(StatusCode::CREATED, &endpoint_shown(&endpoint)))
}

async fn delete_endpoint(sandbox: Data<Sandbox>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let endpoint = sandbox.delete_endpoint(number(&request)?).await?;
    Ok(ok(&endpoint_shown(&endpoint)))
}

/// It travels in headers, and is typed into configurations.
fn secret(fields: &Fields, name: &str) -> Result<Option<String>, Refusal> {
    let secret = fields.text(name, SECRET_CHARS_MAX)?;
    match &secret {
        Some(secret) if !secret.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(wrong(name, "must be printable ASCII without spaces"))
        }
        _ => Ok(secret),
    }
}

/// The server's own key and secret are for nobody's eyes.
fn shown(sandbox: &Sandbox, merchant: &Merchant) -> Value {
    let is_shown = sandbox.config().shows_secrets || !merchant.is_configured();
    let secret = |secret: &str| is_shown.then(|| secret.to_owned());
    json!({
        "id": merchant.id,
        "name": merchant.name,
        "api_key": secret(&merchant.api_key),
        "webhook_secret": secret(&merchant.webhook_secret),
        "previous_webhook_secret": secret(&merchant.previous_webhook_secret),
        "is_configured": merchant.is_configured(),
        "created_at": merchant.created_at.to_log(),
        "endpoints": merchant.endpoints.iter().map(endpoint_shown).collect::<Vec<_>>(),
    })
}

fn endpoint_shown(endpoint: &Endpoint) -> Value {
    json!({
        "id": endpoint.id,
        "merchant_id": endpoint.merchant_id,
        "url": endpoint.url,
        "is_configured": endpoint.is_configured,
        "created_at": endpoint.created_at.to_log(),
    })
}
