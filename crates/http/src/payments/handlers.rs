use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use application::Payments;
use domain::Verdict;

use super::body::NoticeBody;
use super::view::NoticeReceipt;
use crate::answer::json;
use crate::caller::request_id;
use crate::header::field;
use crate::webhooks::MAX_BYTES;
use crate::{Problem, body};

/// `POST /api/payments/webhook`. The signature is of the bytes as they came, so nothing looks at them before it is
/// checked, the content type included.
pub(crate) async fn receive(
    payments: Data<Payments>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let body = body::read(&request, payload, MAX_BYTES).await?;
    payments.authenticate(field(request.headers(), "x-signature").as_deref(), &body)?;
    let told: NoticeBody = body::parse(&body)?;
    let notice = told.notice(body.into())?;
    let (order_id, payment_id) = (notice.order_id, notice.payment_id.clone());
    let received = payments.receive(request_id(&request), notice).await?;
    let status = match received.reply.verdict {
        Verdict::Waiting => StatusCode::ACCEPTED,
        Verdict::Applied | Verdict::Duplicate | Verdict::Stale | Verdict::Rejected | Verdict::Dead => StatusCode::OK,
    };
    json(status, &NoticeReceipt::new(&received, order_id, payment_id.as_ref()))
}
