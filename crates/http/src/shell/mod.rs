//! What every request goes through, whatever answers it: one middleware around the whole application.

mod access_log;
mod cors;
mod guard;
mod interruption;
mod request_id;
mod unread_body;

use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use ports::IdSource;

use self::access_log::AccessLine;
use self::cors::Cors;
use self::guard::Guard;
use self::unread_body::UnreadBody;
use crate::caller::CurrentRequest;
use crate::{Access, Problem};

/// Tells requests apart in logs and support mails.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware that belongs around the application: a request id on every answer, one line in the access log, the
/// `Host` and `Origin` guard, CORS, a time limit, and an answer even where a handler panics.
///
/// It covers whatever else is mounted in the same application, too.
#[derive(Clone)]
pub struct RequestShell(Arc<Shell>);

struct Shell {
    guard: Guard,
    cors: Cors,
    ids: Arc<dyn IdSource>,
    request_timeout: Duration,
}

impl RequestShell {
    /// Guards by `access`, gives ids from `ids`, and lets no request take longer than `request_timeout`.
    #[must_use]
    pub fn new(access: &Access, ids: Arc<dyn IdSource>, request_timeout: Duration) -> Self {
        let (guard, cors) = (Guard::new(access), Cors::new(&access.origins));
        Self(Arc::new(Shell { guard, cors, ids, request_timeout }))
    }
}

impl<S, B> Transform<S, ServiceRequest> for RequestShell
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = ShellService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(ShellService { shell: Arc::clone(&self.0), service: Rc::new(service) }))
    }
}

/// [`RequestShell`] around one worker's application.
pub struct ShellService<S> {
    shell: Arc<Shell>,
    service: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for ShellService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    actix_web::dev::forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (shell, service) = (Arc::clone(&self.shell), Rc::clone(&self.service));
        async move { shell.handle(&*service, request).await }.boxed_local()
    }
}

impl Shell {
    async fn handle<S, B>(&self, service: &S, mut request: ServiceRequest) -> Result<ServiceResponse<BoxBody>, Error>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
        B: MessageBody + 'static,
    {
        let request_id = request_id::of(request.headers(), &*self.ids);
        let origin = self.cors.listed_origin(request.headers()).cloned();
        let line = AccessLine::begin(&request);
        let unread = UnreadBody::hold(&mut request);
        let held = |response| match unread {
            Some(body) => body.until_sent(response),
            None => response,
        };
        request.extensions_mut().insert(CurrentRequest(request_id.clone()));
        let outcome = match self.answer_at_once(&request, origin.as_ref()) {
            Some(response) => Ok(request.into_response(response)),
            None => interruption::run(service, request, self.request_timeout, &request_id).await,
        };
        match outcome {
            Ok(mut answer) => {
                self.finish(answer.response_mut(), &request_id, origin, line);
                let (request, response) = answer.into_parts();
                Ok(ServiceResponse::new(request, held(response)))
            }
            Err(error) => {
                // The request is gone with the service that had it. Actix answers with an error's response as well.
                let mut response = error.error_response();
                self.finish(&mut response, &request_id, origin, line);
                Err(InternalError::from_response(error, held(response)).into())
            }
        }
    }

    /// The answer to what needs no application: a preflight, or a request that isn't let in.
    fn answer_at_once(&self, request: &ServiceRequest, listed_origin: Option<&HeaderValue>) -> Option<HttpResponse> {
        if listed_origin.is_some() && cors::is_preflight(request) {
            return Some(cors::answer_preflight());
        }
        match self.guard.admit(request, listed_origin.is_some()) {
            Ok(()) => None,
            Err(kind) => Some(Problem::new(kind).error_response()),
        }
    }

    /// Gives an answer what all answers have, and writes down that it was given.
    fn finish(
        &self,
        response: &mut HttpResponse,
        request_id: &HeaderValue,
        origin: Option<HeaderValue>,
        line: Option<AccessLine>,
    ) {
        let cause = response.error().and_then(|error| error.as_error::<Problem>());
        if let Some(problem) = cause {
            log_cause(problem, request_id);
        }
        let (status, size) = (response.status(), response.body().size());
        let headers = response.headers_mut();
        // The id in the log, whatever is mounted here would call the request.
        headers.insert(X_REQUEST_ID, request_id.clone());
        set_default(headers, CACHE_CONTROL, HeaderValue::from_static("no-store"));
        set_default(headers, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        self.cors.add_headers(headers, origin);
        if let Some(line) = line {
            line.end(status, size, request_id);
        }
    }
}

/// What is mounted here may know better.
fn set_default(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}

/// The one place where a failed request's cause is logged.
fn log_cause(problem: &Problem, request_id: &HeaderValue) {
    let Some(cause) = problem.cause() else { return };
    let (code, request_id) = (problem.kind().code(), request_id.to_str().unwrap_or_default());
    let level =
        if problem.status_code() == StatusCode::INTERNAL_SERVER_ERROR { log::Level::Error } else { log::Level::Warn };
    log::log!(level, code, request_id, error:% = cause; "a request failed");
}
