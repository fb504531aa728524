use std::net::SocketAddr;

use anyhow::{Result, ensure};
use url::{Host, Url};

use super::serve::{Auth, Gateway, ServeArgs};

/// Refuses to start a server without authentication where somebody else could reach it, or where there is real money.
/// Answers whether nobody else can reach it.
pub(crate) fn refuse_if_open_to_others(args: &ServeArgs) -> Result<bool> {
    let bind_is_private = args.bind.ip().is_loopback();
    let url_is_private = args.public_url.as_ref().is_none_or(is_loopback);
    let money_is_played = args.gateway != Gateway::CoinbaseCommerce;
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
        ensure!(money_is_played, "refusing to use a real payment gateway: {advice}");
    }
    Ok(bind_is_private && url_is_private)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The authorities that requests for this server have in their `Host` header.
pub(crate) fn host_names(local: SocketAddr, public_url: &Url) -> Vec<String> {
    let port = local.port();
    let mut names = vec![local.to_string()];
    names.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
    if let Some(host) = public_url.host_str() {
        names.push(public_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
    }
    if port == 80 {
        names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
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
        ] {
            assert!(judge(&open).is_err(), "{open:?}");
            assert!(judge(&[&open[..], &["--insecure"]].concat()).is_ok(), "{open:?}");
        }
    }

    #[test]
    fn a_server_goes_by_its_address_and_its_public_name() {
        let names = host_names("127.0.0.1:8080".parse().unwrap(), &"https://tickets.example/".parse().unwrap());
        for name in ["127.0.0.1:8080", "localhost:8080", "tickets.example"] {
            assert!(names.contains(&name.to_owned()), "{name}");
        }
    }
}
