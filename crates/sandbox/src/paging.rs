//! Pages of resources, cut the way Coinbase cuts them: by one to start after or to end before.

use diesel::SqliteConnection;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::config::Config;
use crate::error::{Problem, Refusal};
use crate::limits::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use crate::storage::resources::{self, Document, Range, Scope, Stored};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    ascending: bool,
    limit: i64,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

pub(crate) struct Page<T> {
    query: Query,
    pub(crate) rows: Vec<Stored<T>>,
    total: i64,
    has_previous: bool,
    has_next: bool,
}

impl Query {
    pub(crate) fn parse(query: &str) -> Result<Self, Refusal> {
        let mut parsed =
            Self { ascending: false, limit: PAGE_LIMIT_DEFAULT, starting_after: None, ending_before: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                // Clients send a parameter without a value for one they leave out.
                (_, "") | ("order", "desc") => {}
                ("order", "asc") => parsed.ascending = true,
                ("order", _) => return Err(Refusal::invalid("order must be asc or desc")),
                ("limit", limit) => parsed.limit = limit.parse().unwrap_or(-1),
                ("starting_after", cursor) => parsed.starting_after = Some(cursor.to_owned()),
                ("ending_before", cursor) => parsed.ending_before = Some(cursor.to_owned()),
                _ => {}
            }
        }
        if !(0..=PAGE_LIMIT_MAX).contains(&parsed.limit) {
            return Err(Refusal::invalid(format!("limit must be between 0 and {PAGE_LIMIT_MAX}")));
        }
        Ok(parsed)
    }
}

pub(crate) fn page<T: Document>(
    connection: &mut SqliteConnection,
    merchant_id: i64,
    query: Query,
) -> Result<Page<T>, Problem> {
    let scope = Scope::Merchant(merchant_id);
    let after = cursor::<T>(connection, scope, query.starting_after.as_deref(), "starting_after")?;
    let before = cursor::<T>(connection, scope, query.ending_before.as_deref(), "ending_before")?;
    let (above, below) = if query.ascending { (after, before) } else { (before, after) };
    // A page that ends somewhere is read from its end, and turned round.
    let backwards = before.is_some() && after.is_none();
    let range = Range {
        above: above.unwrap_or(i64::MIN),
        below: below.unwrap_or(i64::MAX),
        ascending: query.ascending != backwards,
        limit: query.limit,
    };
    let mut rows = resources::range::<T>(connection, scope, range)?;
    if backwards {
        rows.reverse();
    }
    let mut is_more = |beyond: Option<&Stored<T>>, newer: bool| -> Result<bool, Problem> {
        let Some(Stored { seq, .. }) = beyond else { return Ok(false) };
        let (above, below) = if newer { (*seq, i64::MAX) } else { (i64::MIN, *seq) };
        let range = Range { above, below, ascending: newer, limit: 1 };
        Ok(!resources::range::<T>(connection, scope, range)?.is_empty())
    };
    Ok(Page {
        has_previous: is_more(rows.first(), !query.ascending)?,
        has_next: is_more(rows.last(), query.ascending)?,
        total: resources::total::<T>(connection, scope)?,
        rows,
        query,
    })
}

fn cursor<T: Document>(
    connection: &mut SqliteConnection,
    scope: Scope,
    key: Option<&str>,
    name: &str,
) -> Result<Option<i64>, Problem> {
    let Some(key) = key else { return Ok(None) };
    match resources::find::<T>(connection, scope, key)? {
        Some(stored) => Ok(Some(stored.seq)),
        None => Err(Refusal::invalid(format!("{name} names no {}", T::KIND)).into()),
    }
}

impl<T: Document> Page<T> {
    /// The `pagination` object.
    pub(crate) fn to_wire(&self, config: &Config) -> Value {
        let order = if self.query.ascending { "asc" } else { "desc" };
        let cursors: Vec<String> =
            self.rows.first().into_iter().chain(self.rows.last()).map(|row| row.document.id()).collect();
        let uri = |wanted: bool, name: &str, cursor: Option<&String>| {
            let cursor = cursor.filter(|_| wanted)?;
            Some(config.public(&format!("{}?order={order}&limit={}&{name}={cursor}", T::PATH, self.query.limit)))
        };
        json!({
            "order": order,
            "starting_after": self.query.starting_after,
            "ending_before": self.query.ending_before,
            "total": self.total,
            "limit": self.query.limit,
            "yielded": self.rows.len(),
            "previous_uri": uri(self.has_previous, "ending_before", cursors.first()),
            "next_uri": uri(self.has_next, "starting_after", cursors.last()),
            "cursor_range": cursors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_25_of_the_newest_unless_asked_otherwise() {
        let default = Query::parse("").unwrap();
        assert_eq!((default.ascending, default.limit), (false, 25));
        assert_eq!(Query::parse("limit=&order=&starting_after=").unwrap(), default);
        let asked = Query::parse("order=asc&limit=0&ending_before=x&other=1").unwrap();
        assert_eq!((asked.ascending, asked.limit, asked.ending_before.as_deref()), (true, 0, Some("x")));
    }

    #[test]
    fn a_limit_or_order_out_of_range_is_refused() {
        for query in ["limit=101", "limit=-1", "limit=x", "order=up"] {
            assert!(Query::parse(query).is_err(), "{query}");
        }
    }
}
