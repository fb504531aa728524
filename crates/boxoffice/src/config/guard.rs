use std::net::SocketAddr;

use anyhow::{Result, ensure};
use url::{Host, Url};

use super::serve::{Auth, Gateway, ServeArgs};

/// Refuses to start a server without authentication where somebody else could reach it, or where there may be real
/// money. Answers whether nobody else is involved at all.
pub(crate) fn refuse_if_open_to_others(args: &ServeArgs) -> Result<bool> {
    let bind_is_private = args.bind.ip().is_loopback();
    let url_is_private = args.public_url.as_ref().is_none_or(is_loopback);
    let gateway_is_private = match args.gateway {
        Gateway::Fake => true,
        Gateway::Sandbox => args.coinbase_api_url.as_ref().is_none_or(is_loopback),
        Gateway::CoinbaseCommerce => false,
    };
    if args.gateway == Gateway::Sandbox {
        ensure!(
            !args.coinbase_api_url.as_ref().is_some_and(is_coinbase),
            "COINBASE_API_URL is Coinbase itself, which is no sandbox: set BOXOFFICE_GATEWAY=coinbase-commerce"
        );
    }
    let Auth::Off = args.auth;
    if !args.insecure {
        let advice = "anybody who reaches this server can do everything, since authentication is off. \
            --insecure starts it all the same";
        ensure!(bind_is_private, "refusing to listen on {}, which is not loopback: {advice}", args.bind);
        ensure!(
            url_is_private,
            "refusing the public URL {}, which is not loopback: {advice}",
            args.public_url.as_ref().map_or("", Url::as_str)
        );
        ensure!(gateway_is_private, "refusing to use a real payment gateway, or a sandbox elsewhere: {advice}");
    }
    Ok(bind_is_private && url_is_private && gateway_is_private)
}

fn is_coinbase(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    host == "coinbase.com" || host.ends_with(".coinbase.com")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The authorities that requests for this server have in their `Host` header; a scheme's own port may be left out.
pub(crate) fn host_names(local: SocketAddr, public_url: &Url) -> Vec<String> {
    let port = local.port();
    let mut names = vec![local.to_string()];
    names.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
    if port == 80 {
        names.extend(["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()]);
        names.push(
            Url::parse(&format!("http://{local}")).map_or_else(|_| String::new(), |url| url.authority().to_owned()),
        );
    }
    if let (Some(host), Some(port)) = (public_url.host_str(), public_url.port_or_known_default()) {
        names.push(format!("{host}:{port}"));
        if public_url.port().is_none() {
            names.push(host.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{Cli, Command};

    fn judge(flags: &[&str]) -> Result<bool> {
        let arguments = ["boxoffice", "serve"].iter().chain(flags);
        let Command::Serve(args) = Cli::try_parse_from(arguments)?.command else { panic!("not serve") };
        refuse_if_open_to_others(&args)
    }

    #[test]
    fn only_loopback_with_played_money_starts_without_authentication() {
        assert!(judge(&[]).unwrap());
        assert!(judge(&["--bind", "[::1]:0", "--public-url", "http://localhost:9000"]).unwrap());
        assert!(judge(&["--gateway", "fake"]).unwrap());
        for open in [
            ["--bind", "0.0.0.0:8080"],
            ["--bind", "192.168.1.7:8080"],
            ["--bind", "[::]:8080"],
            ["--public-url", "https://tickets.example"],
            ["--public-url", "http://localhost.evil.example"],
            ["--gateway", "coinbase-commerce"],
            ["--coinbase-api-url", "http://10.0.0.9:8090"],
        ] {
            assert!(judge(&open).is_err(), "{open:?}");
            assert!(judge(&[&open[..], &["--insecure"]].concat()).is_ok(), "{open:?}");
        }
    }

    #[test]
    fn coinbase_itself_is_never_taken_for_a_sandbox() {
        for url in ["https://api.commerce.coinbase.com", "https://coinbase.com./"] {
            assert!(judge(&["--coinbase-api-url", url, "--insecure"]).is_err(), "{url}");
        }
        assert!(judge(&["--coinbase-api-url", "http://127.0.0.1:8090"]).unwrap());
        assert!(!judge(&["--coinbase-api-url", "http://sandbox:8090", "--insecure"]).unwrap(), "no default secrets");
    }

    #[test]
    fn a_server_goes_by_its_address_and_its_public_name() {
        let names = host_names("127.0.0.1:8080".parse().unwrap(), &"https://tickets.example/".parse().unwrap());
        for name in ["127.0.0.1:8080", "localhost:8080", "tickets.example", "tickets.example:443"] {
            assert!(names.contains(&name.to_owned()), "{name}");
        }
    }
}
