//! Repairs of stock as both databases keep them.

use domain::{ProductId, StockRepair, StockRepairId};
use uuid::Uuid;

use crate::accounts::Moment;
use crate::stored::{ImpossibleRow, Place};

/// Product, number, total; held and sold before; held and sold since; when.
pub(crate) type RepairRow<K, M> = (K, i32, i32, i32, i32, i32, i32, M);

pub(crate) fn stock_repair<K: Into<Uuid>, M: Moment>(row: RepairRow<K, M>) -> Result<StockRepair, ImpossibleRow> {
    let (product_id, number, total, held_before, sold_before, held_after, sold_after, repaired_at) = row;
    let product_id: Uuid = product_id.into();
    let place = Place { table: "stock_repairs", id: &product_id };
    let number = place.read("number", u32::try_from(number))?;
    Ok(StockRepair {
        id: StockRepairId { product_id: ProductId::from_uuid(product_id), number },
        before: place.stock(total, held_before, sold_before)?,
        after: place.stock(total, held_after, sold_after)?,
        repaired_at: repaired_at.moment(),
    })
}
