//! `/webhook`: what payment providers tell.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use application::{ReceivedEvent, Webhooks};
use domain::{ProviderEventId, Reason, Verdict};
use serde::Serialize;

use crate::Problem;
use crate::answer::json;
use crate::body;

/// The longest webhook.
const MAX_BYTES: usize = 256 * 1024;

/// What the sender is told: a 2xx with this means that the event is never lost.
#[derive(Debug, Serialize)]
struct ReceiptView<'a> {
    received: bool,
    event_id: &'a ProviderEventId,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

/// `POST /webhook`. The signature is of the bytes as they came, so nothing looks at them before it is checked, the
/// content type included.
pub(crate) async fn receive(
    webhooks: Data<Webhooks>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let body = body::read(&request, payload, MAX_BYTES).await?;
    let ReceivedEvent { event_id, reply } = webhooks.receive(&|name| field(request.headers(), name), &body).await?;
    let receipt = ReceiptView { received: true, event_id: &event_id, verdict: reply.verdict, reason: reply.reason };
    json(StatusCode::OK, &receipt)
}

/// A header field as RFC 9110, section 5.2, has it: several lines are one list. So a second signature spoils the first,
/// instead of one of them being looked at and the other one not.
fn field(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    if lines.is_empty() { None } else { Some(lines.join(", ")) }
}
