//! Answers that clients keep, and ask about before they use them again (RFC 9110, section 13; RFC 9111).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::answer::{JSON, render};
use crate::{Problem, ProblemType};

/// Whether a request wants nothing that was kept for others.
pub(crate) fn passes_the_cache(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(CACHE_CONTROL).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"))
}

/// The answer with a JSON body that the client may keep and must ask about: 304 if the one it has is still right.
pub(crate) fn revalidated<T: Serialize>(headers: &HeaderMap, body: &T) -> Result<HttpResponse, Problem> {
    let text = render(body)?;
    let tag = tag_of(&text);
    let is_known = is_among(&tag, headers);
    let tag = HeaderValue::try_from(tag).map_err(|_| Problem::new(ProblemType::InternalError))?;
    let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    Ok(if is_known { response.finish() } else { response.insert_header(JSON).body(text) })
}

/// A strong entity tag: the first half of the body's SHA-256.
fn tag_of(body: &[u8]) -> String {
    let half = Sha256::digest(body).iter().take(16).fold(0_u128, |half, byte| half << 8 | u128::from(*byte));
    format!("\"{half:032x}\"")
}

/// Whether `If-None-Match` lists a tag or is `*`. The comparison is the weak one (RFC 9110, section 13.1.2). Our tags
/// have no commas, so that no part of somebody else's is taken for one of them.
fn is_among(tag: &str, headers: &HeaderMap) -> bool {
    headers.get_all(IF_NONE_MATCH).flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).any(|listed| {
        let listed = listed.trim_ascii();
        listed == b"*" || listed.strip_prefix(b"W/").unwrap_or(listed) == tag.as_bytes()
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn headers(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn a_tag_is_found_in_any_list_strong_or_weak() {
        let tag = tag_of(b"abc");
        assert_eq!(tag, "\"ba7816bf8f01cfea414140de5dae2223\"");
        let bare = tag.trim_matches('"');
        let is_known = |lines: &[&str]| is_among(&tag, &headers(&IF_NONE_MATCH, lines));
        for lines in
            [vec![&*tag], vec!["*"], vec![&format!("W/{tag}")], vec![&format!("\"a,b\" ,{tag}")], vec!["\"é\"", &tag]]
        {
            assert!(is_known(&lines), "{lines:?}");
        }
        for lines in [vec![], vec![""], vec![bare], vec![&format!("w/{tag}")], vec!["\"*\""], vec![&format!("\"{tag}")]]
        {
            assert!(!is_known(&lines), "{lines:?}");
        }
    }

    #[test]
    fn only_no_cache_passes_the_cache() {
        let passes = |lines: &[&str]| passes_the_cache(&headers(&CACHE_CONTROL, lines));
        assert!(passes(&["no-cache"]) && passes(&["max-age=0, No-Cache"]) && passes(&["no-store", "no-cache"]));
        assert!(!passes(&[]) && !passes(&["max-age=0"]) && !passes(&["no-cachet"]) && !passes(&["x=\"no\", cache"]));
    }
}
