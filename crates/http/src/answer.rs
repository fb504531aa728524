use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use domain::{Money, Sum};
use serde::{Serialize, Serializer};

use crate::{Problem, ProblemType};

/// About as long as a checkout is: one allocation for most answers.
const USUAL_LEN: usize = 1024;

/// What every answer with a body says of it.
pub(crate) const JSON: (HeaderName, HeaderValue) = (CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// A body as it goes out.
pub(crate) fn render<T: Serialize>(body: &T) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::with_capacity(USUAL_LEN);
    serde_json::to_writer(&mut text, body).map_err(|_| Problem::new(ProblemType::InternalError))?;
    Ok(text)
}

/// An answer with a JSON body.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::build(status).insert_header(JSON).body(render(body)?))
}

/// The answer to a request that made something, which is at `location` from now on.
pub(crate) fn created<T: Serialize>(location: String, body: &T) -> Result<HttpResponse, Problem> {
    let mut response = json(StatusCode::CREATED, body)?;
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// An amount as it goes out: a decimal string, beside its currency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal(pub(crate) Money);

/// A sum as it goes out: like an amount.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SumView(pub(crate) Sum);

impl Serialize for SumView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
