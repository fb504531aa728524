use std::collections::HashMap;

use domain::{ChargeCode, CheckoutAccount, CheckoutId, JobOfCheckout, OrderId, PaymentStatus, TransactionAccount};
use uuid::Uuid;

use super::Moment;
use super::orders::{MovementRow, by_owner, movement};
use crate::stored::{ImpossibleRow, Place};

/// A transaction with its checkout's order, its order's currency, and whether its movement is another's too.
pub(crate) type TransactionRow<K> = (K, Option<K>, Option<K>, String, i64, String, Option<K>, Option<String>, bool);

pub(crate) fn transaction_account<K: Into<Uuid>>(row: TransactionRow<K>) -> Result<TransactionAccount, ImpossibleRow> {
    let (id, checkout_id, order_id, status, amount_minor, currency, order_of_checkout, order_currency, is_shared) = row;
    let movement = movement((id, checkout_id, order_id, status, amount_minor, currency))?;
    let order = movement.order_id.map(OrderId::as_uuid).unwrap_or_default();
    let place = Place { table: "orders", id: &order };
    Ok(TransactionAccount {
        movement,
        order_of_checkout: order_of_checkout.map(|id| OrderId::from_uuid(id.into())),
        order_currency: place.read_optional("currency", order_currency, |code| code.parse())?,
        is_shared,
    })
}

/// A checkout: id, status, why it failed, order, charge, when a payment was seen, when it was paid, end of its time, when it was
/// asked for, last change, what it asks for, in which currency, what has come.
pub(crate) type CheckoutRow<K, M> =
    (K, String, Option<String>, Option<K>, Option<String>, Option<M>, Option<M>, M, M, M, i64, String, i64);

/// What belongs to the checkouts of a page.
pub(crate) struct CheckoutParts<K, M> {
    pub(crate) checkouts: Vec<CheckoutRow<K, M>>,
    pub(crate) movements: Vec<MovementRow<K>>,
    /// Checkout, kind and status of each job.
    pub(crate) jobs: Vec<(K, String, String)>,
    /// The orders that they pay, and what is known of those orders' money.
    pub(crate) orders: Vec<(K, String)>,
}

impl<K: Into<Uuid>, M: Moment> CheckoutParts<K, M> {
    pub(crate) fn accounts(self) -> Result<Vec<CheckoutAccount>, ImpossibleRow> {
        let mut movements = by_owner(self.movements, movement, |row| row.checkout_id.map(CheckoutId::as_uuid))?;
        let mut jobs: HashMap<Uuid, Vec<JobOfCheckout>> = HashMap::new();
        for (checkout_id, kind, status) in self.jobs {
            let checkout_id: Uuid = checkout_id.into();
            let place = Place { table: "jobs", id: &checkout_id };
            let job = JobOfCheckout {
                kind: place.read("kind", kind.parse())?,
                status: place.read("status", status.parse())?,
            };
            jobs.entry(checkout_id).or_default().push(job);
        }
        let mut orders: HashMap<Uuid, PaymentStatus> = HashMap::new();
        for (id, payment_status) in self.orders {
            let id: Uuid = id.into();
            let place = Place { table: "orders", id: &id };
            orders.insert(id, place.read("payment_status", payment_status.parse())?);
        }
        let accounts = self.checkouts.into_iter().map(|row| {
            let (
                id,
                status,
                reason,
                order_id,
                charge_code,
                detected_at,
                completed_at,
                expires_at,
                created,
                updated,
                asked,
                currency,
                received_minor,
            ) = row;
            let id: Uuid = id.into();
            let place = Place { table: "checkouts", id: &id };
            let order_id: Option<Uuid> = order_id.map(Into::into);
            Ok(CheckoutAccount {
                id: CheckoutId::from_uuid(id),
                status: place.read("status", status.parse())?,
                failure_reason: place.reason("failure_reason", reason)?,
                money: place.money(asked, &currency)?,
                received_minor,
                order_id: order_id.map(OrderId::from_uuid),
                order_payment: order_id.and_then(|id| orders.get(&id).copied()),
                charge_code: place.read_optional("charge_code", charge_code, ChargeCode::parse)?,
                detected_at: detected_at.map(Moment::moment),
                completed_at: completed_at.map(Moment::moment),
                expires_at: expires_at.moment(),
                created_at: created.moment(),
                updated_at: updated.moment(),
                movements: movements.remove(&id).unwrap_or_default(),
                jobs: jobs.remove(&id).unwrap_or_default(),
            })
        });
        accounts.collect()
    }
}
