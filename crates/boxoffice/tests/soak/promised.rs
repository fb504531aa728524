//! Whether more was promised at any time than there was, as far as answers tell.

use std::collections::BTreeMap;

use domain::Timestamp;

use crate::support::promises::Promises;
use crate::town::Product;

/// A change of what is surely promised of a product: ends come before beginnings at the same moment.
type Change = (Timestamp, i64);

/// Each product of which too much was promised.
pub(crate) fn oversold(promises: &Promises, products: &[Product]) -> Vec<String> {
    let mut changes: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
    let mut add = |product: &'_ str, quantity: u64, from: Timestamp, until: Timestamp| {
        let known = products.iter().find(|known| known.id == product);
        if let (Some(product), true) = (known, from < until) {
            let quantity = i64::try_from(quantity).unwrap_or(i64::MAX);
            changes.entry(&product.id).or_default().extend([(from, quantity), (until, -quantity)]);
        }
    };
    for hold in promises.holds.values() {
        add(&hold.product_id, hold.quantity, hold.told_at, hold.ends_at);
    }
    for order in promises.orders.values() {
        for (product, quantity) in &order.items {
            // Whatever became of it later: until then it kept its stock.
            add(product, *quantity, order.told_at, order.ends_at.unwrap_or(order.told_at));
        }
    }
    let most = changes.into_iter().map(|(product, mut changes)| {
        changes.sort_unstable();
        let mut sum = 0;
        let most = changes.into_iter().map(|(_, change)| {
            sum += change;
            sum
        });
        (product, most.max().unwrap_or(0))
    });
    let too_much = most.filter_map(|(product, most)| {
        let total = products.iter().find(|known| known.id == product)?.total_stock;
        (most > i64::try_from(total).unwrap_or(i64::MAX))
            .then(|| format!("{most} of product {product} were promised at a time, and there are {total}"))
    });
    too_much.collect()
}
