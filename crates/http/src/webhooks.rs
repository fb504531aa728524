//! `/webhook`: what payment providers tell.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use application::{ReceivedEvent, Webhooks};
use domain::{ProviderEventId, Reason, Verdict};
use serde::Serialize;

use crate::Problem;
use crate::answer::json;
use crate::body;
use crate::caller::request_id;
use crate::header::field;

/// The longest webhook.
pub(crate) const MAX_BYTES: usize = 256 * 1024;

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
    let header = |name: &str| field(request.headers(), name);
    let ReceivedEvent { event_id, reply } = webhooks.receive(request_id(&request), &header, &body).await?;
    let receipt = ReceiptView { received: true, event_id: &event_id, verdict: reply.verdict, reason: reply.reason };
    json(StatusCode::OK, &receipt)
}
