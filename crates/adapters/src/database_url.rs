use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `postgres://…` or `postgresql://…`, as libpq takes it.
    Postgres(String),
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `sqlite::memory:`: a private temporary file, gone when the program ends. Readers have connections of their own,
    /// so that real memory, which belongs to one connection, wouldn't do.
    SqliteTemporary,
}

/// A text that names no database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected postgres://…, sqlite:PATH or sqlite::memory:")]
pub struct InvalidDatabaseUrl;

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(":memory:" | "//:memory:") => Ok(Self::SqliteTemporary),
            Some(rest) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() { Err(InvalidDatabaseUrl) } else { Ok(Self::Sqlite(path.into())) }
            }
            None => Err(InvalidDatabaseUrl),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without user, password and parameters: fit for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => {
                let place = url::Url::parse(url).ok().and_then(|url| Some((url.host_str()?.to_owned(), url)));
                match place {
                    Some((host, url)) => write!(f, "postgres://{host}{}", url.path()),
                    None => f.write_str("postgres"),
                }
            }
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteTemporary => f.write_str("sqlite::memory:"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_database_or_are_refused() {
        assert_eq!("sqlite:data/a.db".parse(), Ok(DatabaseUrl::Sqlite("data/a.db".into())));
        assert_eq!("sqlite:///tmp/a.db".parse(), Ok(DatabaseUrl::Sqlite("/tmp/a.db".into())));
        assert_eq!("sqlite::memory:".parse(), Ok(DatabaseUrl::SqliteTemporary));
        assert_eq!("mysql://x".parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl));
        assert_eq!("sqlite:".parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl));
    }

    #[test]
    fn passwords_are_never_shown() {
        let url: DatabaseUrl = "postgres://me:secret@db.example:5432/shop?sslmode=require".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "postgres://db.example/shop postgres://db.example/shop");
    }
}
