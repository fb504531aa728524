use std::time::Instant;

use domain::Product;

/// Told of every product that this node's ledger has stored, before whoever asked for the change is answered: so a
/// cache never shows less than what was acknowledged.
pub trait StockWatch: Send + Sync {
    /// These are stored now. Must not block. `decided_at` is a moment at which their rows were locked: two writers of a
    /// node may tell of their commits in another order than they made them in.
    fn stored(&self, products: &[&Product], decided_at: Instant);
}
