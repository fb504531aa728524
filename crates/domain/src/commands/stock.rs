//! Taking stock, and taking it back from holds whose time is up.

use crate::{Books, Hold, HoldStatus, Product, ProductId, Rejection, Stock, Timestamp};

/// A change of a product's stock, worked out and not yet made.
pub(super) struct StockChange {
    product_id: ProductId,
    stock: Stock,
    expired: Vec<Hold>,
}

/// Works out a change of a product's stock. Where it is short, its expired holds are taken back first.
pub(super) fn change_stock(
    books: &Books,
    product: &Product,
    now: Timestamp,
    change: impl Fn(Stock) -> Option<Stock>,
) -> Option<StockChange> {
    if let Some(stock) = change(product.stock) {
        return Some(StockChange { product_id: product.id, stock, expired: Vec::new() });
    }
    let expired = books.expired_holds(product.id, now);
    let mut stock = product.stock;
    for hold in &expired {
        stock = stock.unhold(hold.quantity)?;
    }
    Some(StockChange { product_id: product.id, stock: change(stock)?, expired })
}

impl StockChange {
    /// Makes the change.
    pub(super) fn make(self, books: &mut Books, now: Timestamp) {
        for hold in self.expired {
            if let Some(ended) = hold.ended(HoldStatus::Expired, None, now) {
                books.update_hold(ended);
            }
        }
        books.set_stock(self.product_id, self.stock, now);
    }
}

/// The product, if it is still offered.
pub(super) fn offered(books: &Books, id: ProductId) -> Result<&Product, Rejection> {
    books.products().get(id).filter(|product| product.is_offered()).ok_or(Rejection::ProductNotFound)
}
