use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderValue, ORIGIN};

use crate::{Access, HostRule, ProblemType};

/// Keeps foreign pages and foreign names from changing anything here.
pub(super) struct Guard {
    hosts: HostRule,
}

impl Guard {
    pub(super) fn new(access: &Access) -> Self {
        Self { hosts: access.hosts.clone() }
    }

    /// Lets a request in, or says why not. What only reads is always let in: it changes nothing.
    pub(super) fn admit(&self, request: &ServiceRequest, is_listed_origin: bool) -> Result<(), ProblemType> {
        if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        if !self.is_our_host(request) {
            return Err(ProblemType::ForeignHost);
        }
        if is_listed_origin || self.is_our_origin(request) { Ok(()) } else { Err(ProblemType::ForeignOrigin) }
    }

    /// Every name that the request is addressed to must be ours: the `Host` lines, and the authority that HTTP/2 and
    /// absolute request targets have.
    fn is_our_host(&self, request: &ServiceRequest) -> bool {
        let HostRule::Listed(hosts) = &self.hosts else { return true };
        let mut names = authorities(request).peekable();
        names.peek().is_some() && names.all(|name| is_among(name, hosts))
    }

    /// No `Origin` at all is what everything but a browser sends.
    fn is_our_origin(&self, request: &ServiceRequest) -> bool {
        request.headers().get_all(ORIGIN).all(|origin| {
            let Some(authority) = authority_of(origin) else { return false };
            match &self.hosts {
                HostRule::Listed(hosts) => is_among(authority, hosts),
                HostRule::Any => authorities(request).any(|name| name.eq_ignore_ascii_case(authority)),
            }
        })
    }
}

fn authorities(request: &ServiceRequest) -> impl Iterator<Item = &[u8]> {
    let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    target.into_iter().chain(request.headers().get_all(HOST).map(HeaderValue::as_bytes))
}

fn is_among(name: &[u8], hosts: &[String]) -> bool {
    hosts.iter().any(|host| host.as_bytes().eq_ignore_ascii_case(name))
}

/// What follows the scheme of a web origin; `null` has none.
fn authority_of(origin: &HeaderValue) -> Option<&[u8]> {
    let origin = origin.as_bytes();
    let strip = |scheme: &[u8]| {
        let (start, rest) = origin.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    strip(b"http://").or_else(|| strip(b"https://"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const HERE: &str = "127.0.0.1:8080";

    fn guard(hosts: HostRule) -> Guard {
        Guard { hosts }
    }

    fn ours() -> Guard {
        guard(HostRule::Listed(vec![HERE.to_owned(), "Shop.example".to_owned()]))
    }

    fn post(headers: &[(&'static str, &str)]) -> ServiceRequest {
        let request = headers.iter().fold(TestRequest::post(), |request, header| request.append_header(*header));
        request.to_srv_request()
    }

    #[test]
    fn only_our_own_names_are_hosts_that_may_be_posted_to() {
        for host in [HERE, "shop.example", "SHOP.EXAMPLE"] {
            assert_eq!(ours().admit(&post(&[("host", host)]), false), Ok(()), "{host}");
        }
        for host in ["evil.example", "", "127.0.0.1", "127.0.0.1:8081", "shop.example.", "xshop.example"] {
            assert_eq!(ours().admit(&post(&[("host", host)]), false), Err(ProblemType::ForeignHost), "{host}");
        }
        assert_eq!(ours().admit(&post(&[]), false), Err(ProblemType::ForeignHost));
        let twice = post(&[("host", HERE), ("host", "evil.example")]);
        assert_eq!(ours().admit(&twice, false), Err(ProblemType::ForeignHost));
        assert_eq!(guard(HostRule::Any).admit(&post(&[]), false), Ok(()));
    }

    #[test]
    fn the_authority_of_the_request_target_counts_as_a_host() {
        let to = |uri: &str| TestRequest::post().uri(uri).to_srv_request();
        assert_eq!(ours().admit(&to("http://shop.example/checkout"), false), Ok(()));
        assert_eq!(ours().admit(&to("http://evil.example/checkout"), false), Err(ProblemType::ForeignHost));
    }

    #[test]
    fn only_our_own_and_listed_origins_may_post() {
        let from = |origin: &str| post(&[("host", HERE), ("origin", origin)]);
        for origin in ["http://127.0.0.1:8080", "https://shop.example", "HTTP://SHOP.EXAMPLE"] {
            assert_eq!(ours().admit(&from(origin), false), Ok(()), "{origin}");
        }
        for origin in ["null", "", "http://evil.example", "http://127.0.0.1", "ftp://shop.example", "http://"] {
            assert_eq!(ours().admit(&from(origin), false), Err(ProblemType::ForeignOrigin), "{origin}");
            assert_eq!(ours().admit(&from(origin), true), Ok(()), "{origin}");
        }
    }

    #[test]
    fn where_any_host_goes_a_page_must_still_come_from_the_host_it_posts_to() {
        let any = guard(HostRule::Any);
        let from = |origin: &str| post(&[("host", "some.example"), ("origin", origin)]);
        assert_eq!(any.admit(&from("https://some.example"), false), Ok(()));
        assert_eq!(any.admit(&from("https://evil.example"), false), Err(ProblemType::ForeignOrigin));
        assert_eq!(any.admit(&from("null"), false), Err(ProblemType::ForeignOrigin));
    }

    #[test]
    fn reading_is_open_to_everybody() {
        for request in [TestRequest::get(), TestRequest::default().method(Method::HEAD)] {
            let request = request.insert_header(("host", "evil.example")).insert_header(("origin", "null"));
            assert_eq!(ours().admit(&request.to_srv_request(), false), Ok(()));
        }
    }
}
