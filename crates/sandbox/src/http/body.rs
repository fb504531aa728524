//! Reading a request's body, up to a limit.

use actix_web::web::{Bytes, Payload};

use crate::error::Refusal;
use crate::limits::BODY_BYTES_MAX;

/// Coinbase has no 413: too much is an invalid request too.
pub(super) async fn read(payload: Payload) -> Result<Bytes, Refusal> {
    match payload.to_bytes_limited(BODY_BYTES_MAX).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Refusal::invalid("The body couldn't be read")),
        Err(_) => Err(Refusal::invalid(format!("The body has more than {BODY_BYTES_MAX} bytes"))),
    }
}
