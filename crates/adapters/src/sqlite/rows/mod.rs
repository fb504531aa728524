//! Rows as SQLite has them, and the way from them to the domain.

mod checkouts;
mod events;
mod orders;
mod outbox;
mod stock;

pub(super) use self::checkouts::{CheckoutRow, JobRow};
pub(super) use self::events::{EventRow, TransactionRow};
pub(super) use self::orders::{OrderItemRow, OrderRow, fill};
pub(super) use self::outbox::{AttemptRow, DeliveryRow, EndpointRow, NotificationRow};
pub(super) use self::stock::{HoldRow, ProductRow};
