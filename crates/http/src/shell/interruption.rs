use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use futures_util::FutureExt;
use tokio::time::timeout;

use crate::{Problem, ProblemType};

/// Lets the application answer, but not for longer than `limit`, and survives its panics.
pub(super) async fn run<S, B>(
    service: &S,
    request: ServiceRequest,
    limit: Duration,
    request_id: &HeaderValue,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    // Unwind safe: a panicked call's state is dropped here, and what requests share is changed by the ledger only.
    let call = AssertUnwindSafe(async move { service.call(request).await }).catch_unwind();
    match timeout(limit, call).await {
        Ok(Ok(outcome)) => outcome.map(ServiceResponse::map_into_boxed_body),
        Ok(Err(panic)) => {
            let request_id = request_id.to_str().unwrap_or_default();
            log::error!(request_id, panic = text_of(&*panic); "a handler panicked");
            Err(Problem::new(ProblemType::InternalError).into())
        }
        Err(_) => {
            let request_id = request_id.to_str().unwrap_or_default();
            log::warn!(request_id, limit:?; "a request took too long and was given up");
            Err(Problem::new(ProblemType::TimedOut).into())
        }
    }
}

/// What a panic says, if it says it the usual way.
fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
