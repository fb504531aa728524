//! Stores what changed, row by row: SQLite runs in this process, so that a prepared statement saves all there is to
//! save, and there is no round trip that many rows could share.

mod money;
mod outbox;
mod stock;

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sqlite::SqliteConnection;
use domain::Books;

use super::statement::{Statement, StatementText, Value};
use super::trail;

/// Tables come in the order of their references.
pub(super) fn flush(connection: &mut SqliteConnection, books: &Books) -> QueryResult<()> {
    books.products().inserted().try_for_each(|row| stock::insert_product(connection, row))?;
    books.products().updated().try_for_each(|row| stock::update_product(connection, row))?;
    books.stock_repairs().inserted().try_for_each(|row| stock::insert_repair(connection, row))?;
    books.holds().inserted().try_for_each(|row| stock::insert_hold(connection, row))?;
    books.holds().updated().try_for_each(|row| stock::update_hold(connection, row))?;
    books.orders().inserted().try_for_each(|row| stock::insert_order(connection, row))?;
    books.orders().updated().try_for_each(|row| stock::update_order(connection, row))?;
    books.checkouts().inserted().try_for_each(|row| money::insert_checkout(connection, row))?;
    books.checkouts().updated().try_for_each(|row| money::update_checkout(connection, row))?;
    books.events().inserted().try_for_each(|row| money::insert_event(connection, row))?;
    books.events().updated().try_for_each(|row| money::update_event(connection, row))?;
    books.transactions().inserted().try_for_each(|row| money::insert_transaction(connection, row))?;
    books.jobs().inserted().try_for_each(|row| money::insert_job(connection, row))?;
    books.jobs().updated().try_for_each(|row| money::update_job(connection, row))?;
    books.requests().inserted().try_for_each(|row| trail::insert_request(connection, row))?;
    books.audit().inserted().try_for_each(|row| trail::insert_entry(connection, row))?;
    let told = books.outbox();
    told.endpoints().inserted().try_for_each(|row| outbox::insert_endpoint(connection, row))?;
    told.endpoints().updated().try_for_each(|row| outbox::update_endpoint(connection, row))?;
    told.notifications().inserted().try_for_each(|row| outbox::insert_notification(connection, row))?;
    told.deliveries().inserted().try_for_each(|row| outbox::insert_delivery(connection, row))?;
    told.deliveries().updated().try_for_each(|row| outbox::update_delivery(connection, row))?;
    told.attempts().inserted().try_for_each(|row| outbox::insert_attempt(connection, row))
}

/// Runs a statement that must reach exactly one row.
pub(super) fn run<S: StatementText, const VALUES: usize>(
    connection: &mut SqliteConnection,
    values: [Value<'_>; VALUES],
) -> QueryResult<()> {
    match Statement::<S, VALUES>::new(values).execute(connection)? {
        1 => Ok(()),
        rows => Err(DieselError::QueryBuilderError(
            format!("a guarded statement reached {rows} rows instead of one: {}", S::TEXT).into(),
        )),
    }
}

/// The values of an update, and after them the states that its row may be stored in. There is a place for each state
/// that there is; those that are left over take nothing, which no state is equal to.
fn guarded<const VALUES: usize, const PLACES: usize>(
    values: [Value<'_>; VALUES],
    mut valid_before: impl Iterator<Item = &'static str>,
) -> [Value<'_>; PLACES] {
    let mut values = values.into_iter();
    let places = std::array::from_fn(|_| values.next().unwrap_or_else(|| Value::OptionalText(valid_before.next())));
    debug_assert!(valid_before.next().is_none(), "a guard has fewer places than there are states");
    places
}
