//! Loads what a batch needs. The one writer holds the whole file, so that nothing has to be locked or looked at twice.

mod money;
mod outbox;
mod repairs;
mod stock;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Books, Keys, Timestamp};

use super::statement::{Statement, StatementText, Value};
use super::trail;
use crate::stored::{ImpossibleRow, ReadError};

/// Defines a statement that gives whole rows of a table.
macro_rules! select {
    ($name:ident, $table:ident, $columns:literal, $rest:literal) => {
        struct $name;

        impl $crate::sqlite::statement::StatementText for $name {
            const TEXT: &'static str = concat!("SELECT ", $columns, " FROM ", $rest);
            type Columns = diesel::dsl::SqlTypeOf<<$table::table as diesel::Table>::AllColumns>;
        }
    };
}

pub(super) use select;

/// Follows references forwards: from checkouts to orders, holds and products. Expired holds come when it is known which
/// products are short, and events when it is known what they wait for in vain.
pub(super) fn load(connection: &mut SqliteConnection, keys: &Keys, now: Timestamp) -> Result<Books, ReadError> {
    let mut books = Books::default();
    money::load_checkouts(connection, keys, &mut books)?;
    stock::load_orders(connection, keys, &mut books)?;
    money::load_checkouts_of_orders(connection, keys, &mut books)?;
    stock::load_holds(connection, keys, &mut books)?;
    stock::load_products(connection, keys, &mut books)?;
    stock::load_expired_holds(connection, keys, &mut books, now)?;
    repairs::load_repairs(connection, keys, &mut books)?;
    money::load_events(connection, keys, &mut books)?;
    money::load_transactions(connection, keys, &mut books)?;
    money::load_jobs(connection, keys, &mut books)?;
    trail::load_requests(connection, keys, &mut books)?;
    outbox::load_outbox(connection, keys, &mut books)?;
    Ok(books)
}

/// Reads what a statement gives for a list of keys, if there are any.
pub(super) fn find<S, R, T>(
    connection: &mut SqliteConnection,
    wanted: Option<Value<'static>>,
) -> Result<Vec<T>, ReadError>
where
    S: StatementText,
    Statement<'static, S, 1>: for<'q> diesel::query_dsl::LoadQuery<'q, SqliteConnection, R>,
    T: TryFrom<R, Error = ImpossibleRow>,
{
    let Some(wanted) = wanted else { return Ok(Vec::new()) };
    into_domain(Statement::<S, 1>::new([wanted]).load(connection)?)
}

fn into_domain<R, T: TryFrom<R, Error = ImpossibleRow>>(rows: Vec<R>) -> Result<Vec<T>, ReadError> {
    rows.into_iter().map(|row| T::try_from(row).map_err(ReadError::from)).collect()
}
