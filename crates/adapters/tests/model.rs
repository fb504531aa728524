//! Random sequences of commands give the same replies and the same rows on every store as on books that are kept for
//! good: the model, which has neither engine nor SQL.
#![expect(clippy::unwrap_used, reason = "these are tests")]

// The steps and what becomes of them, as the domain's own tests take them.
#[path = "../../domain/tests/sale/plan.rs"]
#[expect(dead_code, reason = "whole plans are for the domain's own tests")]
mod plan;
#[path = "../../domain/tests/sale/steps.rs"]
mod steps;

use std::marker::PhantomData;

use domain::{AuditEntry, Books, Command, Issue, Reply, Timestamp, Transaction};
use ports::{
    AuditTrailFilter, CheckoutFilter, Clock, DeliveryFilter, EventFilter, JobFilter, OrderFilter, Page, PageRequest,
    TransactionFilter,
};
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use testkit::stores::TestStore;
use tokio::runtime::Runtime;

use crate::steps::{Step, step};

/// The model: books, and what was asked of them up to now.
#[derive(Clone, Debug, Default)]
struct Model {
    steps: Vec<Step>,
    books: Books,
    commands: usize,
    /// What the last step asked, and what the books answered.
    answered: Vec<(Timestamp, Command, Reply)>,
}

impl Model {
    /// Asks whatever the plan has come to ask since the last step.
    fn catch_up(&mut self) {
        self.answered.clear();
        let plan = plan::plan(&self.steps);
        for (now, command) in plan.iter().skip(self.commands) {
            if !is_asked_again(command, &self.books) {
                let reply = command.decide(&mut self.books, *now);
                self.books.mark_stored();
                self.answered.push((*now, command.clone(), reply));
            }
        }
        self.commands = plan.len();
    }
}

/// Stores don't look for the ids that these bring along: only the primary key keeps a second one out, and the engine
/// never decides a command that it has stored.
fn is_asked_again(command: &Command, books: &Books) -> bool {
    match command {
        Command::PlaceHold(place) => books.holds().get(place.id).is_some(),
        Command::PlaceOrder(place) => !place.is_id_chosen && books.orders().get(place.id).is_some(),
        _ => false,
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        step().boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        state.steps.push(step.clone());
        state.catch_up();
        state
    }
}

/// A store that is asked the same.
struct Asked<S> {
    runtime: Runtime,
    test_store: TestStore,
    kind: PhantomData<S>,
}

/// Which store.
trait Kind: 'static {
    fn fresh() -> TestStore;
}

struct Postgres;

impl Kind for Postgres {
    fn fresh() -> TestStore {
        TestStore::postgres()
    }
}

struct Sqlite;

impl Kind for Sqlite {
    fn fresh() -> TestStore {
        TestStore::sqlite()
    }
}

impl<S: Kind> StateMachineTest for Asked<S> {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let test_store = runtime.block_on(async { S::fresh() });
        Self { runtime, test_store, kind: PhantomData }
    }

    fn apply(asked: Self, model: &Model, _: Step) -> Self {
        for (now, command, expected) in &model.answered {
            asked.test_store.clock.set(*now);
            let reply = asked.runtime.block_on(asked.test_store.store.ledger.execute(command.clone().into())).unwrap();
            assert_eq!(&reply, expected, "{command:?}");
        }
        asked
    }

    fn teardown(asked: Self, model: Model) {
        asked.runtime.block_on(compare_rows(&asked.test_store, &model.books));
        asked.runtime.block_on(compare_accounts(&asked.test_store, &model.books));
    }
}

async fn compare_rows(test_store: &TestStore, books: &Books) {
    let store = &test_store.store;
    for row in books.products().iter() {
        assert_eq!(store.products.product(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.holds().iter() {
        assert_eq!(store.holds.hold(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.orders().iter() {
        assert_eq!(store.orders.order(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.checkouts().iter() {
        assert_eq!(store.checkouts.checkout(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.events().iter() {
        assert_eq!(store.events.event(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.jobs().iter() {
        assert_eq!(store.jobs.job(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.outbox().endpoints().iter() {
        assert_eq!(store.notifications.endpoint(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.outbox().notifications().iter() {
        assert_eq!(store.notifications.notification(row.id).await.unwrap().as_ref(), Some(row));
    }
    for row in books.outbox().deliveries().iter() {
        assert_eq!(store.notifications.delivery(row.id).await.unwrap().as_ref(), Some(row));
    }
    let first = PageRequest { page: 1, page_size: 100 };
    let mut transactions: Vec<Transaction> = books.transactions().iter().cloned().collect();
    transactions.sort_by_key(|row| std::cmp::Reverse(row.id));
    assert_eq!(store.transactions.transactions(TransactionFilter::default(), first).await.unwrap().items, transactions);
    let mut entries: Vec<AuditEntry> = books.audit().iter().cloned().collect();
    entries.sort_by_key(|row| std::cmp::Reverse(row.id));
    entries.truncate(100);
    assert_eq!(store.audit_trail.audit_trail(AuditTrailFilter::default(), first).await.unwrap().items, entries);
    // And nothing that the books don't have. Holds have no list; each has its share of held stock.
    assert_eq!(
        total(&store.orders.orders(OrderFilter::default(), first).await.unwrap()),
        books.orders().iter().count()
    );
    assert_eq!(
        total(&store.events.events(EventFilter::default(), first).await.unwrap()),
        books.events().iter().count()
    );
    assert_eq!(total(&store.jobs.jobs(JobFilter::default(), first).await.unwrap()), books.jobs().iter().count());
    let deliveries = store.notifications.deliveries(DeliveryFilter::default(), first).await.unwrap();
    assert_eq!(total(&deliveries), books.outbox().deliveries().iter().count());
    let checkouts = store.checkouts.checkouts(CheckoutFilter::default(), first).await.unwrap();
    assert_eq!(total(&checkouts), books.checkouts().iter().count());
}

/// Whoever counts everything anew reads from the store what the books say of themselves, and finds nothing broken.
async fn compare_accounts(test_store: &TestStore, books: &Books) {
    let (audit, now) = (&test_store.store.audit, test_store.clock.now());
    assert_eq!(audit.stock_counts(None, 100).await.unwrap(), books.stock_counts(None, 100));
    let mut holds = books.hold_accounts(None, 1000);
    let counted = u32::try_from(holds.len()).unwrap();
    holds.retain(|account| account.issue(now).is_some());
    let page = audit.hold_accounts(None, 1000, now).await.unwrap();
    assert_eq!((page.counted, page.accounts), (counted, holds));
    assert_eq!(audit.order_accounts(None, 100).await.unwrap(), books.order_accounts(None, 100));
    assert_eq!(audit.transaction_accounts(None, 100).await.unwrap(), books.transaction_accounts(None, 100));
    assert_eq!(audit.checkout_accounts(None, 100).await.unwrap(), books.checkout_accounts(None, 100));
    assert_eq!(audit.event_accounts(None, 100).await.unwrap(), books.event_accounts(None, 100));
    let broken: Vec<Issue> = books.issues(now).into_iter().filter(|issue| issue.code.is_finding()).collect();
    assert_eq!(broken, []);
}

fn total<T>(page: &Page<T>) -> usize {
    usize::try_from(page.total).unwrap()
}

/// As many sequences as there is time for in a test run; `PROPTEST_CASES` asks for more.
fn config() -> Config {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 24 };
    Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn postgres_answers_and_stores_what_the_model_does(sequential 20..60 => Asked<Postgres>);

    #[test]
    fn sqlite_answers_and_stores_what_the_model_does(sequential 20..60 => Asked<Sqlite>);
}
