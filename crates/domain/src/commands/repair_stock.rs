use crate::{Books, Keys, Product, ProductId, Rejection, Stock, StockRepair, StockRepairId, Timestamp};

/// A product's stock isn't what its holds and orders add up to, by so much.
///
/// Whatever else is decided changes a product's row by as much as its holds and orders, so that the difference between the two
/// stays what it was when both were seen at one moment, however much is sold meanwhile. Only another repair changes it: it
/// counts the repairs that it knows of, and does nothing if there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepairStock {
    /// The product, deleted or not.
    pub product_id: ProductId,
    /// So much is missing in its held stock; too much if negative.
    pub held_by: i64,
    /// So much is missing in its sold stock; too much if negative.
    pub sold_by: i64,
    /// How often it had been repaired when that was seen.
    pub after_repairs: u32,
}

/// What became of a [`RepairStock`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepairReply {
    /// The stock is what was counted, give or take what was sold meanwhile.
    Repaired(Box<Product>),
    /// Somebody has repaired it since.
    Outdated,
    /// What was counted doesn't fit into the total any more: a person has to see to it.
    DoesNotFit,
}

impl RepairStock {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.products.push(self.product_id);
        keys.stock_repairs.push(self.product_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<RepairReply, Rejection> {
        let product = books.products().get(self.product_id).ok_or(Rejection::ProductNotFound)?;
        if books.repairs_of(self.product_id) != self.after_repairs {
            return Ok(RepairReply::Outdated);
        }
        let before = product.stock;
        let Some(after) = self.repaired(before) else { return Ok(RepairReply::DoesNotFit) };
        let number = self.after_repairs + 1;
        let id = StockRepairId::from_parts(self.product_id, number);
        books.repair_stock(StockRepair { id, before, after, repaired_at: now });
        let product = books.products().get(self.product_id).ok_or(Rejection::ProductNotFound)?;
        Ok(RepairReply::Repaired(Box::new(product.clone())))
    }

    fn repaired(&self, stock: Stock) -> Option<Stock> {
        let held = i64::from(stock.held()).checked_add(self.held_by)?;
        let sold = i64::from(stock.sold()).checked_add(self.sold_by)?;
        Stock::from_parts(stock.total(), u32::try_from(held).ok()?, u32::try_from(sold).ok()?)
    }
}
