use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why there is no PostgreSQL to test against.
#[derive(Clone)]
pub enum Error {
    /// No installed PostgreSQL was found in these folders.
    NotInstalled(Vec<PathBuf>),
    /// PostgreSQL refuses to run as root, and there is no other account to run it as.
    NoAccount,
    /// `TEST_DATABASE_URL` is not a `postgres://` URL.
    NotAUrl,
    /// Only a server that was started here may be stopped, killed or started again.
    NotOwned,
    /// The operating system refused something.
    Io {
        /// What was tried.
        doing: String,
        /// What it answered.
        source: Arc<io::Error>,
    },
    /// One of PostgreSQL's programs failed.
    Program {
        /// What was tried.
        doing: String,
        /// What the program said.
        output: String,
    },
}

impl Error {
    /// For `map_err`: says what was tried.
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source: Arc::new(source) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled(folders) => {
                f.write_str(
                    "these tests need PostgreSQL, and it is not installed. Install it:\n\
                     \x20 Debian, Ubuntu: apt-get install postgresql\n\
                     \x20 Fedora, RHEL:   dnf install postgresql-server\n\
                     \x20 Alpine:         apk add postgresql\n\
                     \x20 macOS:          brew install postgresql@16\n\
                     It need not be running: the tests start their own. Or set TEST_DATABASE_URL to a server on \
                     which they may create databases (tests that kill the server still need an installed one).\n\
                     Looked in:",
                )?;
                folders.iter().try_for_each(|folder| write!(f, " {}", folder.display()))
            }
            Self::NoAccount => f.write_str(
                "PostgreSQL does not run as root, and there is neither a user `postgres` nor a user `nobody` to run it as",
            ),
            Self::NotAUrl => f.write_str("TEST_DATABASE_URL must be a URL such as postgres://user@localhost/postgres"),
            Self::NotOwned => f.write_str("this server was not started here: it is not ours to stop or start"),
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::Program { doing, output } => write!(f, "{doing} failed:\n{}", output.trim_end()),
        }
    }
}

/// A test that unwraps the error prints this: it must say how to go on, too.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// There is no `source`: the text has it.
impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_postgresql_the_error_says_how_to_install_it() {
        let error = Error::NotInstalled(vec![PathBuf::from("/usr/bin"), PathBuf::from("/opt/bin")]).to_string();
        for part in [
            "apt-get install postgresql",
            "dnf install postgresql-server",
            "apk add postgresql",
            "brew install postgresql@16",
            "TEST_DATABASE_URL",
            "Looked in: /usr/bin /opt/bin",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_test_that_unwraps_the_error_prints_the_same_text() {
        let error = Error::NotInstalled(Vec::new());
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}
