use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use domain::Money;
use serde::{Serialize, Serializer};

use crate::{Problem, ProblemType};

/// About as long as a checkout is: one allocation for most answers.
const USUAL_LEN: usize = 1024;

/// An answer with a JSON body.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<HttpResponse, Problem> {
    let mut text = Vec::with_capacity(USUAL_LEN);
    serde_json::to_writer(&mut text, body).map_err(|_| Problem::new(ProblemType::InternalError))?;
    Ok(HttpResponse::build(status).insert_header(ContentType::json()).body(text))
}

/// An amount as it goes out: a decimal string, beside its currency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal(pub(crate) Money);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
