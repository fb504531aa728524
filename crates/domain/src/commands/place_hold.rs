use std::time::Duration;

use super::stock::{change_stock, offered};
use crate::{Books, Hold, HoldId, HoldStatus, Keys, ProductId, Quantity, Rejection, Timestamp};

/// A buyer wants some of a product kept for a while.
///
/// Its own id isn't looked for in the store: on the path that a sale depends on, the primary key is guard enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceHold {
    /// The id that the hold gets.
    pub id: HoldId,
    /// Of which product.
    pub product_id: ProductId,
    /// How many.
    pub quantity: Quantity,
    /// For how long.
    pub time_to_live: Duration,
}

impl PlaceHold {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.products.push(self.product_id);
        keys.wanted_stock.push((self.product_id, self.quantity.get()));
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Hold>, Rejection> {
        if let Some(same_command) = books.holds().get(self.id) {
            return Ok(Box::new(same_command.clone()));
        }
        let product = offered(books, self.product_id)?;
        let change = change_stock(books, product, now, |stock| stock.hold(self.quantity));
        change.ok_or(Rejection::InsufficientStock)?.make(books, now);
        let hold = Hold {
            id: self.id,
            product_id: self.product_id,
            quantity: self.quantity,
            status: HoldStatus::Active,
            order_id: None,
            expires_at: now + self.time_to_live,
            created_at: now,
            ended_at: None,
        };
        books.insert_hold(hold.clone());
        Ok(Box::new(hold))
    }
}
