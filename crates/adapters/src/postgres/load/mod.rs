//! Loads and locks what a batch needs, with a constant number of statements, following references forwards: from events
//! to checkouts, orders, holds and products.
//!
//! Row locks come first, in one order of tables and by id within each; then the locks on what nobody knows yet. All of
//! them come before any insert.

mod money;
mod outbox;
mod repairs;
mod stock;
mod subjects;

use diesel::pg::PgConnection;
use domain::{Books, Keys};
use ports::Clock;

pub(super) use self::money::idempotency_digest;
use super::trail;
use crate::stored::ReadError;

pub(super) fn load(connection: &mut PgConnection, keys: &Keys, clock: &dyn Clock) -> Result<Books, ReadError> {
    let mut books = Books::default();
    money::load_events(connection, keys, &mut books)?;
    money::load_checkouts(connection, keys, &mut books)?;
    stock::load_orders(connection, keys, &mut books)?;
    outbox::lock_orders_of_lanes(connection, keys, &books)?;
    stock::load_holds(connection, keys, &mut books)?;
    stock::load_products(connection, keys, &mut books)?;
    stock::load_expired_holds(connection, keys, &mut books, clock)?;
    repairs::load_repairs(connection, keys, &mut books)?;
    money::load_jobs(connection, keys, &mut books)?;
    outbox::lock_endpoints(connection, keys, &mut books)?;
    subjects::load_subjects(connection, keys, &mut books)?;
    money::load_movements(connection, keys, &mut books)?;
    trail::load_requests(connection, keys, &mut books)?;
    outbox::load_outbox(connection, keys, &mut books)?;
    Ok(books)
}
