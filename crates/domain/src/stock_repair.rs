use crate::{ProductId, Record, Stock, Timestamp};

/// Which repair of which product it was. No two can be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StockRepairId {
    /// The product.
    pub product_id: ProductId,
    /// The first is 1.
    pub number: u32,
}

impl StockRepairId {
    /// The one of a product that comes at a number.
    #[must_use]
    pub const fn from_parts(product_id: ProductId, number: u32) -> Self {
        Self { product_id, number }
    }
}

/// A product's stock was put right. Never changed and never deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockRepair {
    /// Which one.
    pub id: StockRepairId,
    /// What the row said.
    pub before: Stock,
    /// What it says since.
    pub after: Stock,
    /// When.
    pub repaired_at: Timestamp,
}

impl Record for StockRepair {
    type Id = StockRepairId;

    fn id(&self) -> StockRepairId {
        self.id
    }
}
