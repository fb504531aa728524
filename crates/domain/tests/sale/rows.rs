//! All rows of some books, to compare.

use std::collections::BTreeMap;

use domain::{
    Books, Checkout, CheckoutId, Delivery, DeliveryId, EndpointId, Event, EventId, Hold, HoldId, Job, JobId,
    Notification, NotificationId, Order, OrderId, Product, ProductId, Record, Shelf, Transaction, TransactionId,
    WebhookEndpoint,
};

/// Every row, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) products: BTreeMap<ProductId, Product>,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
    pub(crate) orders: BTreeMap<OrderId, Order>,
    pub(crate) checkouts: BTreeMap<CheckoutId, Checkout>,
    pub(crate) events: BTreeMap<EventId, Event>,
    pub(crate) transactions: BTreeMap<TransactionId, Transaction>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    pub(crate) endpoints: BTreeMap<EndpointId, WebhookEndpoint>,
    pub(crate) notifications: BTreeMap<NotificationId, Notification>,
    pub(crate) deliveries: BTreeMap<DeliveryId, Delivery>,
}

impl Rows {
    pub(crate) fn of(books: &Books) -> Self {
        Self {
            products: sorted(books.products()),
            holds: sorted(books.holds()),
            orders: sorted(books.orders()),
            checkouts: sorted(books.checkouts()),
            events: sorted(books.events()),
            transactions: sorted(books.transactions()),
            jobs: sorted(books.jobs()),
            endpoints: sorted(books.outbox().endpoints()),
            notifications: sorted(books.outbox().notifications()),
            deliveries: sorted(books.outbox().deliveries()),
        }
    }

    /// Only those that are new or changed.
    pub(crate) fn changed(books: &Books) -> Self {
        Self {
            products: changed(books.products()),
            holds: changed(books.holds()),
            orders: changed(books.orders()),
            checkouts: changed(books.checkouts()),
            events: changed(books.events()),
            transactions: changed(books.transactions()),
            jobs: changed(books.jobs()),
            endpoints: changed(books.outbox().endpoints()),
            notifications: changed(books.outbox().notifications()),
            deliveries: changed(books.outbox().deliveries()),
        }
    }
}

fn changed<R: Record>(shelf: &Shelf<R>) -> BTreeMap<R::Id, R> {
    shelf.inserted().chain(shelf.updated()).map(|row| (row.id(), row.clone())).collect()
}

fn sorted<R: Record>(shelf: &Shelf<R>) -> BTreeMap<R::Id, R> {
    shelf.iter().map(|row| (row.id(), row.clone())).collect()
}
