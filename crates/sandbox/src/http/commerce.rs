//! Coinbase's own paths: who calls, what the weather is, and how answers look.

mod charges;
mod checkouts;
mod events;
mod invoices;

use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::error::{Kind, Refusal};
use crate::faults::ApiFault;
use crate::merchant::Merchant;
use crate::paging::Page;
use crate::rate_limit::Call;
use crate::sandbox::Sandbox;
use crate::storage::resources::{Document, Scope};

const NO_VERSION: &str = "Missing X-CC-Version header; serving latest API version (2018-03-22)";

pub(super) fn routes(routes: &mut ServiceConfig) {
    charges::routes(routes);
    checkouts::routes(routes);
    invoices::routes(routes);
    events::routes(routes);
}

/// A call whose caller is known and who may call.
struct Visit {
    merchant: Arc<Merchant>,
    fault: Option<ApiFault>,
    has_version: bool,
}

impl Visit {
    /// `call` names the kind of call; faults are counted by it.
    async fn begin(sandbox: &Sandbox, request: &HttpRequest, call: &'static str) -> Result<Self, Refusal> {
        let Some(given) = request.headers().get("X-CC-Api-Key") else {
            return Err(Refusal::new(Kind::Authentication, "No API key was given"));
        };
        let merchant = sandbox.directory().of_key(given.as_bytes());
        let merchant = merchant.ok_or_else(|| Refusal::new(Kind::Authentication, "Invalid API key"))?;
        let limited = if call == charges::CREATE { Call::CreateCharge } else { Call::Other };
        sandbox.limiter().admit(merchant.id, limited, sandbox.now())?;
        let (pause, fault) = sandbox.weather().of_call(call);
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        match fault {
            Some(ApiFault::RateLimited) => Err(Refusal::too_many("Too many requests", 1)),
            Some(ApiFault::ErrorBefore) => Err(Refusal::internal()),
            Some(ApiFault::ErrorAfter | ApiFault::Cut) | None => {
                Ok(Self { merchant, fault, has_version: request.headers().contains_key("X-CC-Version") })
            }
        }
    }

    fn scope(&self) -> Scope {
        Scope::Merchant(self.merchant.id)
    }

    /// An answer about one thing.
    fn reply(&self, status: StatusCode, data: &Value) -> Result<HttpResponse, Refusal> {
        self.answer(status, json!({ "data": data }))
    }

    /// An answer about a page of things.
    fn reply_page<T: Document>(
        &self,
        sandbox: &Sandbox,
        page: &Page<T>,
        to_wire: impl Fn(&T) -> Value,
    ) -> Result<HttpResponse, Refusal> {
        let data: Vec<_> = page.rows.iter().map(|row| to_wire(&row.document)).collect();
        self.answer(StatusCode::OK, json!({ "pagination": page.to_wire(sandbox.config()), "data": data }))
    }

    /// The warnings are left out when there are none: null crashes one of the official clients.
    fn answer(&self, status: StatusCode, mut body: Value) -> Result<HttpResponse, Refusal> {
        if !self.has_version {
            body["warnings"] = json!([NO_VERSION]);
        }
        match self.fault {
            Some(ApiFault::ErrorAfter) => Err(Refusal::internal()),
            Some(ApiFault::Cut) => Ok(cut_off(status, &body)),
            Some(ApiFault::RateLimited | ApiFault::ErrorBefore) | None => Ok(HttpResponse::build(status).json(body)),
        }
    }
}

/// Half of an answer whose head promises the whole: the connection breaks, which a client must notice.
fn cut_off(status: StatusCode, body: &Value) -> HttpResponse {
    let mut whole = Bytes::from(body.to_string());
    let length = u64::try_from(whole.len()).unwrap_or(u64::MAX);
    whole.truncate(whole.len() / 2);
    let pieces = stream::iter([Ok(whole)]).chain(stream::once(async {
        // The server sends what it has when there is nothing more for the moment; an error at once would swallow it.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut off, as the faults say"))
    }));
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(SizedStream::new(length, Box::pin(pieces)))
}
