//! Puts together what was read for a recount: the same for both databases, whatever they keep ids and times as.

mod checkouts;
mod events;
mod orders;

use chrono::{DateTime, Utc};
use domain::{HoldAccount, HoldId, OrderId, OrderStatus, ProductId, StockCount, StockShare, Timestamp};
use uuid::Uuid;

pub(crate) use self::checkouts::{CheckoutParts, TransactionRow, transaction_account};
pub(crate) use self::events::{
    EventRow, RecordedRow, event_account, movements_of, note_recorded, note_subjects, waited_for,
};
pub(crate) use self::orders::OrderParts;
use crate::stored::{ImpossibleRow, Place};

/// A time as a database keeps it.
pub(crate) trait Moment {
    /// The same for the domain.
    fn moment(self) -> Timestamp;
}

impl Moment for DateTime<Utc> {
    fn moment(self) -> Timestamp {
        self.into()
    }
}

impl Moment for i64 {
    fn moment(self) -> Timestamp {
        Timestamp::from_unix_us(self)
    }
}

/// The first id that comes after another, or of all; `None` after the last one there can be.
pub(crate) fn first_after(after: Option<Uuid>) -> Option<Uuid> {
    after.map_or(Some(Uuid::nil()), |id| id.as_u128().checked_add(1).map(Uuid::from_u128))
}

/// The last id that comes before another, or of all; `None` before the first one there can be.
pub(crate) fn last_before(before: Option<Uuid>) -> Option<Uuid> {
    before.map_or(Some(Uuid::max()), |id| id.as_u128().checked_sub(1).map(Uuid::from_u128))
}

/// The statuses of orders that account for some of a product's stock.
pub(crate) fn statuses_with(share: StockShare) -> Vec<&'static str> {
    let statuses = OrderStatus::ALL.iter().filter(|status| status.stock_share() == share);
    statuses.map(|status| status.as_str()).collect()
}

/// A product and its counts: id, total, held, sold, active holds, pending orders, sold orders, repairs.
pub(crate) type CountRow<K> = (K, i64, i64, i64, i64, i64, i64, i64);

pub(crate) fn stock_count<K: Into<Uuid>>(row: CountRow<K>) -> StockCount {
    let (id, total, held, sold, in_active_holds, in_pending_orders, in_sold_orders, repairs) = row;
    StockCount {
        product_id: ProductId::from_uuid(id.into()),
        total,
        held,
        sold,
        in_active_holds,
        in_pending_orders,
        in_sold_orders,
        repairs: u32::try_from(repairs).unwrap_or(u32::MAX),
    }
}

/// A hold with which something may be wrong: id, status, order, end of its time.
pub(crate) type HoldRow<K, M> = (K, String, Option<K>, M);

/// Whoever looked has looked for its order: one that became an order is here because it has none.
pub(crate) fn hold_account<K: Into<Uuid>, M: Moment>(row: HoldRow<K, M>) -> Result<HoldAccount, ImpossibleRow> {
    let (id, status, order_id, expires_at) = row;
    let id: Uuid = id.into();
    let place = Place { table: "holds", id: &id };
    Ok(HoldAccount {
        id: HoldId::from_uuid(id),
        status: place.read("status", status.parse())?,
        order_id: order_id.map(|id| OrderId::from_uuid(id.into())),
        expires_at: expires_at.moment(),
        has_order: false,
    })
}
