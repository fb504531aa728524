use std::borrow::Cow;

use actix_web::dev;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Scan, read};
use crate::input::duplicate_field;
use crate::{Problem, ProblemType};

/// The longest JSON body.
const MAX_BYTES: usize = 64 * 1024;
/// How deep a body may be nested, whether or not anybody reads what is down there.
const MAX_DEPTH: usize = 128;

/// A body that must be there, and be a JSON object.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A body that may be missing; if it is there, it must be a JSON object.
#[derive(Debug)]
pub(crate) struct OptionalJsonBody<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = OptionalJsonBody::from_request(request, payload);
        body.map(|body| match body?.0 {
            Some(body) => Ok(Self(body)),
            None => Err(Problem::new(ProblemType::MalformedJson).with_detail("The body is empty.")),
        })
        .boxed_local()
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for OptionalJsonBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = Payload::from_request(&request, payload);
        async move {
            // Payloads are handed over as they are: this can't fail.
            let payload = payload.await.map_err(|_| Problem::new(ProblemType::IncompleteBody))?;
            let body = read(&request, payload, MAX_BYTES).await?;
            if body.is_empty() {
                return Ok(Self(None));
            }
            if !is_json(&request) {
                return Err(Problem::new(ProblemType::UnsupportedMediaType));
            }
            parse(&body).map(|body| Self(Some(body)))
        }
        .boxed_local()
    }
}

/// Whether the body is said to be JSON in the only encoding that RFC 8259 allows.
fn is_json(request: &HttpRequest) -> bool {
    let Some(told) = request.headers().get(CONTENT_TYPE) else { return false };
    if told.as_bytes().eq_ignore_ascii_case(b"application/json") {
        return true;
    }
    let Ok(Some(mime)) = request.mime_type() else { return false };
    let is_json =
        mime.type_() == "application" && (mime.subtype() == "json" || mime.suffix().is_some_and(|s| s == "json"));
    is_json && mime.get_param("charset").is_none_or(|charset| charset.as_str().eq_ignore_ascii_case("utf-8"))
}

/// Takes a body apart in two steps: first whether it is JSON at all (400), then whether it is what was asked for (422).
/// Parsers tell the two apart by how far they got, which isn't the same.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = grammatical(body)?;
    // A struct would also be read from an array of its fields.
    if !text.trim_start().starts_with('{') {
        return Err(Problem::new(ProblemType::ValidationFailed).with_detail("The body must be a JSON object."));
    }
    serde_json::from_str(text).map_err(|error| match duplicate_field(&error.to_string()) {
        Some(errors) => errors.into(),
        None => Problem::new(ProblemType::ValidationFailed).with_detail("The body is not of the expected form."),
    })
}

fn grammatical(body: &[u8]) -> Result<&str, Problem> {
    let malformed = |detail: Cow<'static, str>| Problem::new(ProblemType::MalformedJson).with_detail(detail);
    let text = str::from_utf8(body).map_err(|_| malformed("The body is not UTF-8.".into()))?;
    // This pass keeps nothing and doesn't recurse, so no body is too deep for it.
    serde_json::from_str::<&RawValue>(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        malformed(format!("The body is not well-formed JSON at line {line}, column {column}.").into())
    })?;
    let scan = Scan::of(text);
    if scan.depth > MAX_DEPTH {
        return Err(malformed(format!("The body is nested deeper than {MAX_DEPTH} levels.").into()));
    }
    if scan.has_lone_surrogate {
        return Err(malformed("The body escapes half of a surrogate pair.".into()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Empty {}

    #[test]
    fn what_is_no_json_is_told_from_json_of_another_form() {
        let kind = |body: &[u8]| parse::<Empty>(body).err().map(|problem| problem.kind());
        let deep = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
        for body in [
            &b"{\"x\":NaN}"[..],
            b"{",
            b"{} {}",
            b"{\"x\":\"\xff\"}",
            b"{\"x\":\"\\ud800\"}",
            b"\xef\xbb\xbf{}",
            b"{'x':1}",
            b"{\"x\":01}",
        ] {
            assert_eq!(kind(body), Some(ProblemType::MalformedJson), "{body:?}");
        }
        assert_eq!(kind(&deep(30_000)), Some(ProblemType::MalformedJson));
        assert_eq!(kind(&deep(127)), None);
        for body in [&b"[]"[..], b"null", b"\"x\"", b"1e400"] {
            assert_eq!(kind(body), Some(ProblemType::ValidationFailed), "{body:?}");
        }
        assert_eq!(kind(b" {\"x\":1e400} "), None);
    }
}
