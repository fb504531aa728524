use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::{Product, ProductId};
use ports::{ProductRepo, RepoError, StockWatch};

/// How old a product may be when it is shown.
const MAX_AGE: Duration = Duration::from_secs(5);
/// How many products are kept. More would be many megabytes of descriptions.
const CAPACITY: usize = 1024;

/// Products as they were a moment ago: never older than five seconds, and never older than what this node has
/// acknowledged. Sales are decided by the books, never by this.
#[derive(Debug, Default)]
pub struct ProductCache {
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    entries: HashMap<ProductId, Entry>,
    /// What was read before this moment may be older than an entry that was thrown away.
    cleared_at: Option<Instant>,
}

#[derive(Debug)]
struct Entry {
    product: Arc<Product>,
    /// The product wasn't older at this moment.
    as_of: Instant,
    /// When the latest of this node's own writes up to now had the row locked.
    decided_at: Option<Instant>,
}

impl ProductCache {
    /// The product from the cache, or else from the store.
    pub(crate) async fn get(&self, repo: &dyn ProductRepo, id: ProductId) -> Result<Option<Arc<Product>>, RepoError> {
        let now = Instant::now();
        let kept =
            self.shelved().entries.get(&id).filter(|entry| now.duration_since(entry.as_of) < MAX_AGE).map(Entry::share);
        match kept {
            Some(product) => Ok(Some(product)),
            None => self.get_anew(repo, id).await,
        }
    }

    /// The product from the store, whatever the cache has.
    pub(crate) async fn get_anew(
        &self,
        repo: &dyn ProductRepo,
        id: ProductId,
    ) -> Result<Option<Arc<Product>>, RepoError> {
        let as_of = Instant::now();
        let Some(product) = repo.product(id).await? else { return Ok(None) };
        Ok(Some(self.shelved().offer(Entry { product: Arc::new(product), as_of, decided_at: None })))
    }

    /// A panic while it was held leaves nothing half done that a read could see.
    fn shelved(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StockWatch for ProductCache {
    fn stored(&self, products: &[&Product], decided_at: Instant) {
        let as_of = Instant::now();
        let entries: Vec<Entry> = products
            .iter()
            .map(|product| Entry { product: Arc::new((*product).clone()), as_of, decided_at: Some(decided_at) })
            .collect();
        let mut kept = self.shelved();
        for entry in entries {
            kept.replace(entry);
        }
    }
}

impl Entry {
    fn share(&self) -> Arc<Product> {
        Arc::clone(&self.product)
    }
}

impl Shelf {
    /// Keeps what was read, unless something newer came meanwhile; answers with the newer of the two.
    fn offer(&mut self, read: Entry) -> Arc<Product> {
        if let Some(newer) = self.entries.get(&read.product.id).filter(|kept| kept.as_of >= read.as_of) {
            return newer.share();
        }
        let product = read.share();
        let decided_at = self.entries.get(&product.id).and_then(|kept| kept.decided_at);
        let read = Entry { decided_at, ..read };
        if self.cleared_at.is_none_or(|cleared_at| cleared_at < read.as_of) {
            self.put(read);
        }
        product
    }

    /// Keeps what was stored, unless what was stored later is there: two writers of one node may tell of their commits in
    /// another order than they made them in.
    fn replace(&mut self, stored: Entry) {
        let is_outdated = |kept: &Entry| kept.decided_at > stored.decided_at;
        if !self.entries.get(&stored.product.id).is_some_and(is_outdated) {
            self.put(stored);
        }
    }

    fn put(&mut self, entry: Entry) {
        let id = entry.product.id;
        if self.entries.len() >= CAPACITY && !self.entries.contains_key(&id) {
            self.make_room(entry.as_of);
        }
        self.entries.insert(id, entry);
    }

    fn make_room(&mut self, now: Instant) {
        self.entries.retain(|_, entry| now.duration_since(entry.as_of) < MAX_AGE);
        if self.entries.len() >= CAPACITY {
            self.entries.clear();
            self.cleared_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, MerchantId, Money, ProductName, Stock, Timestamp};

    use super::*;

    fn product(number: u128, total: u32) -> Product {
        Product {
            id: ProductId::from_uuid(uuid::Uuid::from_u128(number)),
            merchant_id: MerchantId::default_merchant(),
            name: ProductName::parse("Seat").unwrap(),
            description: None,
            price: Money::parse("10", Currency::USD).unwrap(),
            stock: Stock::new(total).unwrap(),
            deleted_at: None,
            created_at: Timestamp::from_unix_us(0),
            updated_at: Timestamp::from_unix_us(0),
        }
    }

    fn read(number: u128, total: u32, as_of: Instant) -> Entry {
        Entry { product: Arc::new(product(number, total)), as_of, decided_at: None }
    }

    #[test]
    fn what_was_read_before_a_write_does_not_replace_it() {
        let cache = ProductCache::default();
        let began = Instant::now();
        cache.stored(&[&product(1, 5)], began);
        let shown = cache.shelved().offer(read(1, 9, began));
        assert_eq!(shown.stock.total(), 5);
        let shown = cache.shelved().offer(read(1, 4, Instant::now() + Duration::from_millis(1)));
        assert_eq!(shown.stock.total(), 4);
    }

    #[test]
    fn of_two_writes_the_later_one_stays_whichever_is_told_first() {
        let cache = ProductCache::default();
        let (earlier, later) = (Instant::now(), Instant::now() + Duration::from_millis(1));
        cache.stored(&[&product(1, 5)], later);
        cache.stored(&[&product(1, 9)], earlier);
        assert_eq!(cache.shelved().entries.values().next().unwrap().product.stock.total(), 5);
        let shown = cache.shelved().offer(read(1, 4, later + MAX_AGE));
        assert_eq!(shown.stock.total(), 4);
        cache.stored(&[&product(1, 9)], earlier);
        assert_eq!(cache.shelved().entries.values().next().unwrap().product.stock.total(), 4, "nor after a read");
    }

    #[test]
    fn a_full_cache_starts_over_and_keeps_nothing_that_was_read_before() {
        let cache = ProductCache::default();
        let began = Instant::now();
        for number in 0..=CAPACITY as u128 {
            cache.stored(&[&product(number, 1)], began);
        }
        assert_eq!(cache.shelved().entries.len(), 1);
        let shown = cache.shelved().offer(read(3, 9, began));
        assert_eq!(shown.stock.total(), 9, "it was asked for before the write was acknowledged");
        assert_eq!(cache.shelved().entries.len(), 1, "but nobody else sees it");
    }
}
