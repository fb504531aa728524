use actix_web::http::header::HeaderMap;

/// A header field as RFC 9110, section 5.2, has it: several lines are one list. So a second signature or token spoils
/// the first, instead of one of them being looked at and the other one not.
pub(crate) fn field(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    if lines.is_empty() { None } else { Some(lines.join(", ")) }
}
