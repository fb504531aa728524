//! Who may make a browser call: the sandbox's own pages, and nobody else's.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use actix_web::web::Data;
use url::Url;

use crate::error::{Kind, Refusal};
use crate::sandbox::Sandbox;

/// Turns away what another site makes a browser send.
pub(super) fn refuse_cross_site(request: &HttpRequest) -> Result<(), Refusal> {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let is_foreign = match (header("Sec-Fetch-Site"), header("Origin")) {
        (Some(site), _) => site == "cross-site",
        // Browsers leave the first one out where the connection isn't safe, and the second one never for a change.
        (None, Some(origin)) => {
            let from = Url::parse(origin).ok().and_then(|origin| origin.host_str().map(str::to_owned));
            from.is_none_or(|from| from != host(request) && !is_own(request, &from))
        }
        (None, None) => false,
    };
    if is_foreign { Err(refusal()) } else { Ok(()) }
}

/// Turns away calls to a name that a stranger may have pointed here: to a browser the stranger's page and the sandbox
/// would be one site then (DNS rebinding).
pub(super) fn refuse_strange_host(request: &HttpRequest) -> Result<(), Refusal> {
    let host = host(request);
    if is_near(&host) || is_own(request, &host) { Ok(()) } else { Err(refusal()) }
}

fn refusal() -> Refusal {
    Refusal::new(Kind::CrossSite, "Requests from other sites are not allowed")
}

/// The name in the request's `Host`, without its port. What a proxy says of it counts for nothing: a page can say it too.
fn host(request: &HttpRequest) -> String {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().host()).unwrap_or_default();
    let url = Url::parse(&format!("http://{host}/")).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| host.to_owned())
}

/// Whether this is where the configuration says that the sandbox is.
fn is_own(request: &HttpRequest, host: &str) -> bool {
    let sandbox = request.app_data::<Data<Sandbox>>();
    sandbox.is_some_and(|sandbox| sandbox.config().public_url.host_str() == Some(host))
}

/// Names that nobody can register: addresses, names without a dot, and those that are kept for local use.
fn is_near(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    is_address
        || !host.contains('.')
        || [".localhost", ".local", ".internal", ".test"].iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_somebody_can_register_are_not_near() {
        for near in
            ["127.0.0.1", "[::1]", "10.0.0.7", "localhost", "sandbox", "a.localhost", "sandbox.svc.cluster.local"]
        {
            assert!(is_near(near), "{near}");
        }
        for strange in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example.", "notlocal.net"]
        {
            assert!(!is_near(strange), "{strange}");
        }
    }
}
