use std::collections::HashMap;

use domain::{CheckoutId, HoldId, HoldOfOrder, Movement, OrderAccount, OrderId, SettledCheckout, TransactionId};
use uuid::Uuid;

use super::Moment;
use crate::stored::{ImpossibleRow, Place};

/// An order: id, status, payment status, total, currency, hold, end of its time, last change, what has come.
pub(crate) type OrderRow<K, M> = (K, String, String, i64, String, Option<K>, M, M, i64);

/// A transaction: id, checkout, order, status, amount, currency.
pub(crate) type MovementRow<K> = (K, Option<K>, Option<K>, String, i64, String);

/// A checkout that brought money: id, order, status, why it is unresolved, amount, currency.
pub(crate) type SettledRow<K> = (K, Option<K>, String, Option<String>, i64, String);

/// A hold that became an order: id, status, order.
pub(crate) type HoldOfOrderRow<K> = (K, String, Option<K>);

/// What belongs to the orders of a page.
pub(crate) struct OrderParts<K, M> {
    pub(crate) orders: Vec<OrderRow<K, M>>,
    /// Of each order, what its items add up to.
    pub(crate) items: Vec<(K, i64)>,
    pub(crate) movements: Vec<MovementRow<K>>,
    pub(crate) settled: Vec<SettledRow<K>>,
    pub(crate) holds: Vec<HoldOfOrderRow<K>>,
}

impl<K: Into<Uuid>, M: Moment> OrderParts<K, M> {
    pub(crate) fn accounts(self) -> Result<Vec<OrderAccount>, ImpossibleRow> {
        let items: HashMap<Uuid, i64> = self.items.into_iter().map(|(id, minor)| (id.into(), minor)).collect();
        let mut movements = by_owner(self.movements, movement, |row| row.order_id.map(OrderId::as_uuid))?;
        let mut settled: HashMap<Uuid, Vec<SettledCheckout>> = HashMap::new();
        for row in self.settled {
            let (order_id, checkout) = settled_checkout(row)?;
            settled.entry(order_id).or_default().push(checkout);
        }
        for checkouts in settled.values_mut() {
            checkouts.sort_by_key(|checkout| checkout.id);
        }
        let holds: Result<HashMap<Uuid, HoldOfOrder>, ImpossibleRow> =
            self.holds.into_iter().map(|row| hold_of_order(row).map(|hold| (hold.id.as_uuid(), hold))).collect();
        let holds = holds?;
        let accounts = self.orders.into_iter().map(|row| {
            let (id, status, payment_status, total_minor, currency, hold_id, expires_at, updated_at, received_minor) =
                row;
            let id: Uuid = id.into();
            let place = Place { table: "orders", id: &id };
            Ok(OrderAccount {
                id: OrderId::from_uuid(id),
                status: place.read("status", status.parse())?,
                payment_status: place.read("payment_status", payment_status.parse())?,
                total: place.money(total_minor, &currency)?,
                received_minor,
                items_minor: items.get(&id).copied().unwrap_or(0),
                hold: hold_id.and_then(|id| holds.get(&id.into()).copied()),
                expires_at: expires_at.moment(),
                updated_at: updated_at.moment(),
                movements: movements.remove(&id).unwrap_or_default(),
                settled: settled.remove(&id).unwrap_or_default(),
            })
        });
        accounts.collect()
    }
}

/// Rows by whom they belong to, in the order in which they come.
pub(super) fn by_owner<R, T>(
    rows: Vec<R>,
    read: impl Fn(R) -> Result<T, ImpossibleRow>,
    owner_of: impl Fn(&T) -> Option<Uuid>,
) -> Result<HashMap<Uuid, Vec<T>>, ImpossibleRow> {
    let mut sorted: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        let row = read(row)?;
        if let Some(owner) = owner_of(&row) {
            sorted.entry(owner).or_default().push(row);
        }
    }
    Ok(sorted)
}

pub(super) fn movement<K: Into<Uuid>>(row: MovementRow<K>) -> Result<Movement, ImpossibleRow> {
    let (id, checkout_id, order_id, status, amount_minor, currency) = row;
    let id: Uuid = id.into();
    let place = Place { table: "transactions", id: &id };
    Ok(Movement {
        id: TransactionId::from_uuid(id),
        checkout_id: checkout_id.map(|id| CheckoutId::from_uuid(id.into())),
        order_id: order_id.map(|id| OrderId::from_uuid(id.into())),
        status: place.read("status", status.parse())?,
        money: place.money(amount_minor, &currency)?,
    })
}

fn settled_checkout<K: Into<Uuid>>(row: SettledRow<K>) -> Result<(Uuid, SettledCheckout), ImpossibleRow> {
    let (id, order_id, status, failure_reason, amount_minor, currency) = row;
    let id: Uuid = id.into();
    let place = Place { table: "checkouts", id: &id };
    let checkout = SettledCheckout {
        id: CheckoutId::from_uuid(id),
        status: place.read("status", status.parse())?,
        failure_reason: place.reason("failure_reason", failure_reason)?,
        money: place.money(amount_minor, &currency)?,
    };
    Ok((place.read("order_id", order_id.ok_or(()))?.into(), checkout))
}

fn hold_of_order<K: Into<Uuid>>((id, status, order_id): HoldOfOrderRow<K>) -> Result<HoldOfOrder, ImpossibleRow> {
    let id: Uuid = id.into();
    let place = Place { table: "holds", id: &id };
    Ok(HoldOfOrder {
        id: HoldId::from_uuid(id),
        status: place.read("status", status.parse())?,
        order_id: order_id.map(|id| OrderId::from_uuid(id.into())),
    })
}
