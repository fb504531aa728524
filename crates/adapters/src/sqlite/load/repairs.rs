//! Repairs of stock.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Integer};
use diesel::sqlite::SqliteConnection;
use domain::{Books, Keys};

use super::super::key::Key;
use super::super::statement::{Statement, StatementText, Value};
use crate::repairs::{RepairRow, stock_repair};
use crate::stored::ReadError;

struct FindRepairs;

impl StatementText for FindRepairs {
    const TEXT: &'static str = "SELECT product_id, number, total_stock, held_before, sold_before, held_after, sold_after, \
        repaired_at FROM stock_repairs WHERE product_id IN (SELECT unhex(value) FROM json_each(?))";
    type Columns = (Binary, Integer, Integer, Integer, Integer, Integer, Integer, BigInt);
}

pub(super) fn load_repairs(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let Some(ids) = Value::keys(keys.stock_repairs.iter().map(|id| id.as_uuid())) else { return Ok(()) };
    let rows: Vec<RepairRow<Key, i64>> = Statement::<FindRepairs, _>::new([ids]).load(connection)?;
    for row in rows {
        books.load_stock_repair(stock_repair(row)?);
    }
    Ok(())
}
