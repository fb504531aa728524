//! Repairs of stock.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{Integer, Timestamptz, Uuid as SqlUuid};
use domain::{Books, Keys};
use uuid::Uuid;

use super::super::statement::{Column, Statement, StatementText};
use crate::repairs::{RepairRow, stock_repair};
use crate::stored::ReadError;

struct FindRepairs;

impl StatementText for FindRepairs {
    const TEXT: &'static str = "SELECT product_id, number, total_stock, held_before, sold_before, held_after, sold_after, \
        repaired_at FROM stock_repairs WHERE product_id = ANY (?)";
    type Columns = (SqlUuid, Integer, Integer, Integer, Integer, Integer, Integer, Timestamptz);
}

/// By now the products are locked, and nobody else repairs them.
pub(super) fn load_repairs(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.stock_repairs.is_empty() {
        return Ok(());
    }
    let ids = Column::Uuids(keys.stock_repairs.iter().map(|id| id.as_uuid()).collect());
    let rows: Vec<RepairRow<Uuid, DateTime<Utc>>> = Statement::<FindRepairs>::new(vec![ids]).load(connection)?;
    for row in rows {
        books.load_stock_repair(stock_repair(row)?);
    }
    Ok(())
}
