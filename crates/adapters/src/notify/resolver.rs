use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use super::addresses::is_public;

/// Nothing but private addresses goes by this name.
#[derive(Clone, Copy, Debug, Error)]
#[error("the name leads to a private address")]
pub(super) struct PrivateName;

/// Asks the system what a name stands for, and hands out public addresses only. The connection is made to what is handed out,
/// so that a name can't mean something else a moment later.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's; this one is never used.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateName.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_leads_nowhere() {
        let outcome = PublicNames.resolve("localhost".parse().unwrap()).await;
        assert_eq!(outcome.err().map(|error| error.to_string()), Some(PrivateName.to_string()));
    }
}
