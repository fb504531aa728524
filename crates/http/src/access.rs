/// Which `Host` headers are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// Whatever is asked for: for those who run it behind a proxy that checks, or know what they do.
    Any,
    /// These authorities (`host` or `host:port`, as clients send them), in upper or lower case.
    Listed(Vec<String>),
}

/// Who may send requests that change something.
///
/// A browser sends whatever any page tells it to, to loopback addresses too. The `Host` rule stops a foreign name that
/// was made to resolve to us (DNS rebinding), the `Origin` rule a foreign page that posts here (CSRF).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The names that this server goes by.
    pub hosts: HostRule,
    /// Foreign origins (`https://shop.example`) whose pages may call this API; also the CORS list.
    pub origins: Vec<String>,
}
