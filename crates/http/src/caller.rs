use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use application::Caller;
use domain::{Actor, Cause, RequestId};

/// The id of the request at hand, as the shell has given it.
#[derive(Clone, Debug)]
pub(crate) struct CurrentRequest(pub(crate) HeaderValue);

/// The id of the request, for the audit trail.
pub(crate) fn request_id(request: &HttpRequest) -> Option<RequestId> {
    let extensions = request.extensions();
    let CurrentRequest(id) = extensions.get::<CurrentRequest>()?;
    id.to_str().ok().and_then(RequestId::parse)
}

/// Whoever calls. Nobody has credentials yet.
pub(crate) fn caller(request: &HttpRequest) -> Caller {
    Caller { cause: Cause { actor: Actor::Anonymous, request_id: request_id(request) }, scope: None }
}

/// Whoever changes something.
#[derive(Debug)]
pub(crate) struct CalledBy(Caller);

impl Deref for CalledBy {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl FromRequest for CalledBy {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(caller(request))))
    }
}

/// Whoever looks after the server.
#[derive(Debug)]
pub(crate) struct CalledByOperator(Caller);

impl Deref for CalledByOperator {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl FromRequest for CalledByOperator {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Caller::operator(request_id(request)))))
    }
}
