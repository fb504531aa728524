use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::{Problem, ProblemType};

/// How long a body may take to arrive. Nobody honest needs more for so few bytes.
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);

/// How long a body may take to arrive on this server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyPatience(Duration);

impl BodyPatience {
    /// Leaves at least half of the request's time for answering it.
    pub(crate) fn within(request_timeout: Duration) -> Self {
        Self((request_timeout / 2).min(LONGEST_PATIENCE))
    }
}

/// Reads a body of at most `max_bytes`. What announces itself as longer isn't read at all.
pub(crate) async fn read(request: &HttpRequest, payload: Payload, max_bytes: usize) -> Result<Bytes, Problem> {
    if request.headers().get_all(CONTENT_ENCODING).any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let detail = "The body must be sent without a Content-Encoding.";
        return Err(Problem::new(ProblemType::UnsupportedMediaType).with_detail(detail));
    }
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max_bytes as u64) {
        return Err(too_large(max_bytes));
    }
    let BodyPatience(patience) = request.app_data().copied().unwrap_or(BodyPatience(LONGEST_PATIENCE));
    timeout(patience, collect(payload, max_bytes))
        .await
        .unwrap_or_else(|_| Err(Problem::new(ProblemType::RequestTimeout)))
}

async fn collect(mut payload: Payload, max_bytes: usize) -> Result<Bytes, Problem> {
    let Some(first) = next_chunk(&mut payload).await? else { return Ok(Bytes::new()) };
    if first.len() > max_bytes {
        return Err(too_large(max_bytes));
    }
    // Nearly every body comes in one piece, which then needs no copy.
    let Some(second) = next_chunk(&mut payload).await? else { return Ok(first) };
    let mut body = BytesMut::from(&first[..]);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > max_bytes {
            return Err(too_large(max_bytes));
        }
        body.extend_from_slice(&chunk);
        next = next_chunk(&mut payload).await?;
    }
    Ok(body.freeze())
}

async fn next_chunk(payload: &mut Payload) -> Result<Option<Bytes>, Problem> {
    payload.next().await.transpose().map_err(|error| match error {
        PayloadError::Overflow => Problem::new(ProblemType::BodyTooLarge),
        // The client went away or broke off; whichever it was, there is nothing that an operator could do.
        _ => Problem::new(ProblemType::IncompleteBody),
    })
}

fn too_large(max_bytes: usize) -> Problem {
    Problem::new(ProblemType::BodyTooLarge)
        .with_detail(format!("The body is longer than the {max_bytes} bytes that are taken here."))
}
