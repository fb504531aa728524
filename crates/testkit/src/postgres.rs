//! A private PostgreSQL for tests and benchmarks.
//!
//! [`server`] is the one most tests want: it is started once per process and shared. [`Server::start`] gives a
//! test its own, to be stopped, killed and started again. Both live in a temporary folder and are gone when the
//! process is, however it ends: see the `watchdog` module.
//!
//! Nothing is downloaded. The installed PostgreSQL is used, and where there is none the error says how to
//! install it, so that tests that need it fail and are not skipped silently.

mod account;
mod cluster;
mod error;
mod install;
mod log;
mod port;
mod watchdog;

use std::env;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use cluster::Cluster;
pub use error::Error;

/// The environment variable that names a running server to use instead of starting one.
pub const URL_VARIABLE: &str = "TEST_DATABASE_URL";

/// What kind of server to start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Write to the disk as a production server does. Off for tests, which only need to outlive a killed
    /// process and not a power cut; on for benchmarks, whose numbers would otherwise be meaningless.
    pub durable: bool,
}

/// A PostgreSQL server for tests, with `postgres` as its superuser and no password.
///
/// An owned server is stopped and its folder removed when this is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    /// `None` for a server that somebody else runs.
    cluster: Option<Mutex<Cluster>>,
}

/// The server that the tests of this process share: the one that `TEST_DATABASE_URL` names, or else one that
/// is started by the first call.
///
/// # Errors
///
/// Every call returns the first call's error: a start that failed is not tried again for each test.
pub fn server() -> Result<&'static Server, Error> {
    static SHARED: OnceLock<Result<Server, Error>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| match given_url() {
        Some(url) => Server::at(url),
        None => Server::start(Options::default()),
    });
    shared.as_ref().map_err(Clone::clone)
}

/// What `TEST_DATABASE_URL` names, if it is set.
#[must_use]
pub fn given_url() -> Option<String> {
    env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

impl Server {
    /// Starts a server of the caller's own, whatever `TEST_DATABASE_URL` says. Takes about a second.
    pub fn start(options: Options) -> Result<Self, Error> {
        let cluster = Cluster::start(options)?;
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port());
        Ok(Self { url, cluster: Some(Mutex::new(cluster)) })
    }

    fn at(url: String) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self { url, cluster: None })
        } else {
            Err(Error::NotAUrl)
        }
    }

    /// The URL of the maintenance database, from which others are created.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of another database on this server, with the same user and parameters.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        let (base, query) = match self.url.split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (self.url.as_str(), None),
        };
        let authority = base.find("://").map_or(0, |at| at + "://".len());
        let end = base[authority..].find('/').map_or(base.len(), |slash| authority + slash);
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}/{database}{query}", &base[..end])
    }

    /// Kills the server as a crash would: connections break, and only what was committed is there after
    /// [`resume`](Self::resume).
    pub fn kill(&self) -> Result<(), Error> {
        self.cluster()?.kill()
    }

    /// Stops the server in order: connections are closed, transactions that are under way are rolled back.
    pub fn stop(&self) -> Result<(), Error> {
        self.cluster()?.stop()
    }

    /// Starts the server again on the same port after [`kill`](Self::kill) or [`stop`](Self::stop), and
    /// returns when it accepts connections.
    pub fn resume(&self) -> Result<(), Error> {
        self.cluster()?.resume()
    }

    /// Stops the server and starts it again.
    pub fn restart(&self) -> Result<(), Error> {
        let mut cluster = self.cluster()?;
        cluster.stop()?;
        cluster.resume()
    }

    fn cluster(&self) -> Result<MutexGuard<'_, Cluster>, Error> {
        let cluster = self.cluster.as_ref().ok_or(Error::NotOwned)?;
        // A test that panicked while it held the lock left nothing half done that the next call cannot see.
        Ok(cluster.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(url: &str, database: &str) -> String {
        Server::at(url.to_owned()).unwrap().url_of(database)
    }

    #[test]
    fn the_url_of_another_database_keeps_user_host_and_parameters() {
        assert_eq!(url_of("postgres://postgres@127.0.0.1:5/postgres", "t1"), "postgres://postgres@127.0.0.1:5/t1");
        assert_eq!(url_of("postgresql://a:b@h1:1,h2:2", "t1"), "postgresql://a:b@h1:1,h2:2/t1");
        assert_eq!(
            url_of("postgres://a@db.example/x?sslmode=require", "t1"),
            "postgres://a@db.example/t1?sslmode=require"
        );
        assert_eq!(url_of("postgres:///x?host=/run/postgresql", "t1"), "postgres:///t1?host=/run/postgresql");
    }

    #[test]
    fn a_server_that_somebody_else_runs_is_never_killed() {
        let server = Server::at("postgres://db.example/x".to_owned()).unwrap();
        assert!(matches!(server.kill(), Err(Error::NotOwned)));
        assert!(matches!(server.restart(), Err(Error::NotOwned)));
    }

    #[test]
    fn only_a_url_is_accepted_for_a_server_that_somebody_else_runs() {
        assert!(matches!(Server::at("host=localhost dbname=x".to_owned()), Err(Error::NotAUrl)));
    }
}
