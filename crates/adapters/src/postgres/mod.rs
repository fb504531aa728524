//! PostgreSQL: any number of nodes on one database.

mod audit;
mod flush;
mod lanes;
mod load;
mod migrate;
mod outbox_reads;
mod outbox_rows;
mod purge;
mod reads;
mod rows;
mod schema;
mod session;
mod statement;
mod trail;

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{CustomizeConnection, Error as PoolError};
use url::Url;

use self::lanes::Lanes;
use self::reads::PostgresReads;
use self::session::PostgresBackend;
use crate::engine::Engine;
use crate::readers::Readers;
use crate::store::{OpenError, Store, StoreParts};

pub(crate) use self::migrate::run as migrate;

/// Reads see committed rows and may not hold anything up. Like the writer, they always find what they want by an index,
/// and must not keep a plan from when the tables were small. They want so many rows and no more, while a bitmap is made
/// of all that an index has, and a hash or a merge goes through whole tables.
#[derive(Debug)]
struct ReadSettings;

impl CustomizeConnection<PgConnection, PoolError> for ReadSettings {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), PoolError> {
        let settings = "SET default_transaction_read_only = on; SET enable_seqscan = off; \
            SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET statement_timeout = '5s'; SET jit = off";
        connection.batch_execute(settings).map_err(PoolError::QueryError)
    }
}

pub(crate) fn open(url: &str, parts: &StoreParts) -> Result<Store, OpenError> {
    let url = with_time_outs(url);
    let hold_token_key = migrate::hold_token_key(&url)?;
    let readers = Readers::start(&url, parts.options.readers, Box::new(ReadSettings)).map_err(OpenError::Threads)?;
    let start = |begins_ahead| {
        let (clock, writer_id) = (Arc::clone(&parts.clock), parts.ids.uuid_v7());
        let backend = PostgresBackend { url: url.clone(), writer_id, clock, begins_ahead };
        Engine::start(Box::new(backend), parts.engine()).map_err(OpenError::Threads)
    };
    let lanes = Lanes { requests: start(true)?, background: start(false)? };
    Ok(Store::over(lanes, Arc::new(PostgresReads { readers }), hold_token_key))
}

/// A database that went away without a word is noticed in seconds, unless the URL says otherwise.
pub(crate) fn with_time_outs(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else { return url.to_owned() };
    let defaults = [
        ("connect_timeout", "3"),
        ("tcp_user_timeout", "10000"),
        ("keepalives_idle", "10"),
        ("keepalives_interval", "3"),
        ("application_name", "boxoffice"),
    ];
    for (name, value) in defaults {
        if !parsed.query_pairs().any(|(known, _)| known == name) {
            parsed.query_pairs_mut().append_pair(name, value);
        }
    }
    parsed.into()
}

#[cfg(test)]
mod tests {
    use super::with_time_outs;

    #[test]
    fn time_outs_are_added_where_the_url_has_none() {
        let url = with_time_outs("postgres://u:p@h/db?connect_timeout=9&sslmode=require");
        assert!(url.contains("connect_timeout=9") && !url.contains("connect_timeout=3"), "{url}");
        assert!(url.contains("sslmode=require") && url.contains("tcp_user_timeout=10000"), "{url}");
    }
}
