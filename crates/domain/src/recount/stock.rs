use serde::Serialize;

use super::issue::{Facts, Issue, IssueCode, Repair};
use crate::{ProductId, RepairStock, Stock};

/// What a product's row says of its stock, beside what its holds and orders add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StockCount {
    /// The product.
    #[serde(skip)]
    pub product_id: ProductId,
    /// What its row says is there in all.
    #[serde(rename = "total_stock")]
    pub total: i64,
    /// What its row says is held.
    #[serde(rename = "held_stock")]
    pub held: i64,
    /// What its row says is sold.
    #[serde(rename = "sold_stock")]
    pub sold: i64,
    /// Active holds.
    #[serde(rename = "active_holds")]
    pub in_active_holds: i64,
    /// Items of pending orders.
    #[serde(rename = "pending_orders")]
    pub in_pending_orders: i64,
    /// Items of paid and completed orders.
    #[serde(rename = "sold_orders")]
    pub in_sold_orders: i64,
    /// How often it was repaired before.
    #[serde(skip)]
    pub repairs: u32,
}

impl StockCount {
    /// What is wrong with it.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue> {
        let counted_held = self.in_active_holds + self.in_pending_orders;
        let is_oversold = self.total < counted_held + self.in_sold_orders;
        let codes = [
            is_oversold.then_some(IssueCode::Oversold),
            (self.held != counted_held).then_some(IssueCode::HeldStockMismatch),
            (self.sold != self.in_sold_orders).then_some(IssueCode::SoldStockMismatch),
        ];
        codes.into_iter().flatten().map(|code| self.issue(code)).collect()
    }

    fn issue(&self, code: IssueCode) -> Issue {
        let facts = Facts { product_id: Some(self.product_id), stock: Some(*self), ..Facts::default() };
        Issue { code, facts, detail: None, repair: self.repair().map(Repair::Stock) }
    }

    /// What puts the row right, if what was counted fits into the total.
    fn repair(&self) -> Option<RepairStock> {
        let counted_held = self.in_active_holds + self.in_pending_orders;
        let [total, held, sold] =
            [self.total, counted_held, self.in_sold_orders].map(|count| u32::try_from(count).ok());
        Stock::from_parts(total?, held?, sold?)?;
        Some(RepairStock {
            product_id: self.product_id,
            held_by: counted_held - self.held,
            sold_by: self.in_sold_orders - self.sold,
            after_repairs: self.repairs,
        })
    }
}
