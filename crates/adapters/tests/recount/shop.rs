use std::collections::BTreeSet;

use adapters::Store;
use domain::{ChargeNews, CheckoutId, EventId, HoldId, Issue, IssueCode, OrderId, ProductId, StockCount};
use ports::Clock;
use testkit::builders::{
    attach_charge, attach_charge_to_order, charge_code, create_checkout, create_product, open_checkout, order_of_hold,
    order_of_items, order_paid, paid_event, place_hold, usd,
};
use testkit::stores::TestStore;
use uuid::Uuid;

/// A shop in which a bit of everything has happened, and nothing is wrong.
pub(crate) struct Shop {
    pub(crate) test: TestStore,
    pub(crate) is_postgres: bool,
    pub(crate) product: ProductId,
    pub(crate) active_hold: HoldId,
    /// Ordered by a hold, and paid by a notice.
    pub(crate) hold: HoldId,
    pub(crate) paid_order: OrderId,
    /// Ordered, and paid through a checkout.
    pub(crate) order: OrderId,
    pub(crate) checkout: CheckoutId,
    pub(crate) event: EventId,
    /// Nobody has paid these.
    pub(crate) pending_order: OrderId,
    pub(crate) charged: CheckoutId,
    pub(crate) chargeless: CheckoutId,
}

impl Shop {
    async fn open(test: TestStore, is_postgres: bool) -> Self {
        let create = create_product(50);
        let product = test.decide(create).await.unwrap().id;
        let active_hold = test.decide(place_hold(product, 1)).await.unwrap().id;
        let hold = test.decide(place_hold(product, 2)).await.unwrap().id;
        let paid_order = test.decide(order_of_hold(hold)).await.unwrap().id;
        test.decide(order_paid(paid_order)).await.unwrap();
        let order = test.decide(order_of_items(&[(product, 2)])).await.unwrap().id;
        let (opened, code) = (open_checkout(order), charge_code());
        test.decide(opened.clone()).await.unwrap();
        test.decide(attach_charge_to_order(&opened, &code)).await.unwrap();
        let event = paid_event(&code, ChargeNews::Confirmed, usd("59.98"), usd("59.98"));
        test.decide(event.clone()).await.unwrap();
        let pending_order = test.decide(order_of_items(&[(product, 3)])).await.unwrap().id;
        let (charged, chargeless) = (create_checkout(), create_checkout());
        test.decide(charged.clone()).await.unwrap();
        test.decide(attach_charge(&charged, &charge_code())).await.unwrap();
        test.decide(chargeless.clone()).await.unwrap();
        let shop = Self {
            test,
            is_postgres,
            product,
            active_hold,
            hold,
            paid_order,
            order,
            checkout: opened.id,
            event: event.id,
            pending_order,
            charged: charged.id,
            chargeless: chargeless.id,
        };
        assert_eq!(shop.issues().await, []);
        shop
    }

    pub(crate) async fn both() -> [Self; 2] {
        [Self::open(TestStore::postgres(), true).await, Self::open(TestStore::sqlite(), false).await]
    }

    /// An id as the database writes it.
    pub(crate) fn id(&self, id: Uuid) -> String {
        if self.is_postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    pub(crate) fn break_it(&self, sql: &str) {
        let unchecked = if self.is_postgres { "SET session_replication_role = replica; " } else { "" };
        self.test.execute_sql(&format!("{unchecked}{sql}"));
    }

    /// All that is wrong, read in pages of two so that pages meet.
    pub(crate) async fn issues(&self) -> Vec<Issue> {
        let (audit, now) = (&self.test.store.audit, self.test.clock.now());
        let mut issues: Vec<Issue> = counts(&self.test.store).await.iter().flat_map(StockCount::issues).collect();
        let mut after = None;
        while let page = audit.hold_accounts(after, 2, now).await.unwrap()
            && page.last.is_some()
        {
            after = page.last;
            issues.extend(page.accounts.iter().filter_map(|account| account.issue(now)));
        }
        let mut after = None;
        while let page = audit.order_accounts(after, 2).await.unwrap()
            && !page.is_empty()
        {
            after = page.last().map(|account| account.id);
            issues.extend(page.iter().flat_map(|account| account.issues(now)));
        }
        let mut after = None;
        while let page = audit.transaction_accounts(after, 2).await.unwrap()
            && !page.is_empty()
        {
            after = page.last().map(|account| account.movement.id);
            issues.extend(page.iter().flat_map(domain::TransactionAccount::issues));
        }
        let mut before = None;
        while let page = audit.checkout_accounts(before, 2).await.unwrap()
            && !page.is_empty()
        {
            before = page.last().map(|account| account.id);
            issues.extend(page.iter().flat_map(|account| account.issues(now)));
        }
        let mut before = None;
        while let page = audit.event_accounts(before, 2).await.unwrap()
            && !page.is_empty()
        {
            before = page.last().map(|account| account.id);
            issues.extend(page.iter().filter_map(|account| account.issue(now)));
        }
        issues
    }

    pub(crate) async fn codes(&self) -> BTreeSet<IssueCode> {
        self.issues().await.into_iter().map(|issue| issue.code).collect()
    }
}

pub(crate) async fn counts(store: &Store) -> Vec<StockCount> {
    let mut counts: Vec<StockCount> = Vec::new();
    loop {
        let more = store.audit.stock_counts(counts.last().map(|count| count.product_id), 2).await.unwrap();
        if more.is_empty() {
            return counts;
        }
        counts.extend(more);
    }
}
