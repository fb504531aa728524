use actix_web::http::header::{HeaderMap, HeaderValue};
use ports::IdSource;
use uuid::Uuid;

use super::X_REQUEST_ID;

/// The longest id that is taken over.
const MAX_LEN: usize = 128;

/// The caller's id, if it is fit for logs and headers; a fresh one otherwise.
pub(super) fn of(headers: &HeaderMap, ids: &dyn IdSource) -> HeaderValue {
    match headers.get(X_REQUEST_ID) {
        Some(id) if is_sane(id.as_bytes()) => id.clone(),
        Some(_) | None => fresh(ids.uuid_v7()),
    }
}

fn is_sane(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_LEN).contains(&id.len()) && id.iter().all(is_plain)
}

fn fresh(id: Uuid) -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    // Hexadecimal digits and hyphens are fit for a header.
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_ids_are_taken_over() {
        assert!(is_sane(b"a") && is_sane(b"Req_1.2-3") && is_sane(&[b'x'; 128]));
        for id in [&b""[..], &[b'x'; 129], b"a b", b"a\"b", b"a/b", b"\xc3\xa9", b"a\tb"] {
            assert!(!is_sane(id), "{id:?}");
        }
    }
}
