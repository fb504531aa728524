use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::Books;
use crate::{
    ChargeCode, CheckoutId, DeliveryId, EndpointId, EventId, EventKey, HoldId, IdempotencyKey, JobId, JobKind,
    MerchantId, NotificationSubject, OrderId, ProductId, RequestScope, StockShare,
};

/// How many expired holds of a product that is short are taken back at a time.
pub const MAX_HOLDS_TAKEN_BACK: usize = 256;

/// The rows that commands need, by id or by a natural key. The loader follows references from there by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Checkouts by id.
    pub checkouts: Vec<CheckoutId>,
    /// Checkouts by the merchant's key.
    pub idempotency_keys: Vec<(MerchantId, IdempotencyKey)>,
    /// Checkouts by the charge that an event names.
    pub charges: Vec<ChargeCode>,
    /// Charges that become known: the checkout that has one already, and the events that wait for it.
    pub new_charges: Vec<ChargeCode>,
    /// Events by the provider's id.
    pub events: Vec<EventKey>,
    /// Events by our own id.
    pub events_by_id: Vec<EventId>,
    /// Movements of money by the provider's id.
    pub movements: Vec<String>,
    /// Jobs by id.
    pub jobs: Vec<JobId>,
    /// Jobs by what they do: their kind and subject.
    pub tasks: Vec<(JobKind, Uuid)>,
    /// Products by id.
    pub products: Vec<ProductId>,
    /// Products whose repairs are wanted, too.
    pub stock_repairs: Vec<ProductId>,
    /// How many of a product a command would like to take. Where the stock is short, the product's expired holds are
    /// loaded too, at most [`MAX_HOLDS_TAKEN_BACK`], the oldest first.
    pub wanted_stock: Vec<(ProductId, u32)>,
    /// Holds by id, and their products.
    pub holds: Vec<HoldId>,
    /// Orders by id, and the products of their items.
    pub orders: Vec<OrderId>,
    /// Orders that events name: those that are there, and the events that wait for those that aren't.
    pub event_orders: Vec<OrderId>,
    /// Orders that become known: the events that wait for them, and the checkouts that were made for them with their
    /// transactions.
    pub new_orders: Vec<OrderId>,
    /// Orders whose checkout is wanted too, the one that was opened last.
    pub checkouts_of_orders: Vec<OrderId>,
    /// Requests by their names.
    pub requests: Vec<RequestScope>,
    /// Something may change about checkouts or orders that their merchants want to know: the endpoints of those merchants, and
    /// what waits to be told there.
    pub tells_merchants: bool,
    /// Endpoints by id.
    pub endpoints: Vec<EndpointId>,
    /// Merchants all of whose endpoints are wanted. Nobody else makes one for them meanwhile.
    pub endpoint_owners: Vec<MerchantId>,
    /// Subjects whose open deliveries are all wanted. Nobody else changes those, or the subject, meanwhile.
    pub lanes: Vec<NotificationSubject>,
    /// Deliveries by id.
    pub deliveries: Vec<DeliveryId>,
}

impl Books {
    /// Products of which commands may want more than is available, while holds keep some: their expired holds should be
    /// loaded too. Orders that lost their stock may want it back for late money.
    #[must_use]
    pub fn short_products(&self, keys: &Keys) -> Vec<ProductId> {
        let mut wanted: HashMap<ProductId, u64> = HashMap::new();
        for (id, quantity) in &keys.wanted_stock {
            *wanted.entry(*id).or_default() += u64::from(*quantity);
        }
        for order in self.orders.iter().filter(|order| order.status.stock_share() == StockShare::None) {
            for item in &order.items {
                *wanted.entry(item.product_id).or_default() += u64::from(item.quantity.get());
            }
        }
        let is_short = |(id, wanted): &(ProductId, u64)| {
            let stock = self.products.get(*id).map(|product| product.stock);
            stock.is_some_and(|stock| stock.held() > 0 && *wanted > u64::from(stock.available()))
        };
        let mut short: Vec<ProductId> = wanted.into_iter().filter(is_short).map(|(id, _)| id).collect();
        short.sort_unstable();
        short
    }

    /// Merchants to whom something may be told by commands with these keys: those of the checkouts and orders in the set, and,
    /// where something came before its subject, those of the products. To be asked when all else is loaded.
    #[must_use]
    pub fn merchants_to_tell(&self, keys: &Keys) -> BTreeSet<MerchantId> {
        let is_awaited = |id: &OrderId| self.index.by_order.get(id).is_some_and(|checkouts| !checkouts.is_empty());
        let came_before =
            self.index.waiting.values().any(|events| !events.is_empty()) || keys.new_orders.iter().any(is_awaited);
        let mut merchants = BTreeSet::new();
        if keys.tells_merchants || came_before {
            merchants.extend(self.checkouts.iter().map(|checkout| checkout.merchant_id.clone()));
            merchants.extend(self.orders.iter().map(|order| order.merchant_id.clone()));
        }
        if came_before {
            merchants.extend(self.products.iter().map(|product| product.merchant_id.clone()));
        }
        merchants
    }

    /// The checkouts and orders in the set that belong to these merchants, as what may be told of.
    #[must_use]
    pub fn subjects_to_tell(&self, merchants: &BTreeSet<MerchantId>) -> Vec<NotificationSubject> {
        let checkouts = self.checkouts.iter().filter(|row| merchants.contains(&row.merchant_id));
        let orders = self.orders.iter().filter(|row| merchants.contains(&row.merchant_id));
        let checkouts = checkouts.map(|row| NotificationSubject::Checkout(row.id));
        checkouts.chain(orders.map(|row| NotificationSubject::Order(row.id))).collect()
    }
}
