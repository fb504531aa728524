//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header) on requests that make something.

mod key;
mod under_way;

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use application::{Answer, Caller};
use domain::RequestScope;

use self::under_way::Place;
pub use self::under_way::UnderWay;
use crate::caller::caller;
use crate::header::field;
use crate::{Problem, ProblemType};

/// Names a request.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Tells an answer that was given before, about what was done then.
pub(crate) const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Whoever wants something made, and the name of the request if it has one. As long as this lives, another request of the
/// same name is refused.
#[derive(Debug)]
pub(crate) struct Maker {
    caller: Caller,
    _place: Option<Place>,
}

impl Deref for Maker {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl FromRequest for Maker {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(maker(request))
    }
}

fn maker(request: &HttpRequest) -> Result<Maker, Problem> {
    let caller = caller(request);
    let Some(header) = field(request.headers(), IDEMPOTENCY_KEY) else {
        return Ok(Maker { caller, _place: None });
    };
    let key = key::parse(&header).map_err(|fault| Problem::invalid_fields(vec![fault]))?;
    let who = caller.cause.actor.to_string();
    let scope = RequestScope::of(&who, request.method().as_str(), request.path(), &key);
    let under_way = request.app_data::<Data<UnderWay>>();
    let place = match under_way.map(|under_way| under_way.enter(scope)) {
        None => None,
        Some(Some(place)) => Some(place),
        Some(None) => return Err(Problem::new(ProblemType::IdempotencyKeyInUse)),
    };
    Ok(Maker { caller: Caller { scope: Some(scope), ..caller }, _place: place })
}

/// Says of an answer that it was given before.
pub(crate) fn marked(mut response: HttpResponse, is_repeated: bool) -> HttpResponse {
    if is_repeated {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Renders what was made, and says whether that was before.
pub(crate) fn answer<T>(
    answer: &Answer<T>,
    render: impl FnOnce(&T) -> Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    Ok(marked(render(&answer.value)?, answer.is_repeated))
}
