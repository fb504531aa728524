//! Whatever a sale asks of SQLite, it finds by an index, in the order in which it wants it. SQLite plans by the schema
//! alone as long as nobody runs ANALYZE, so that a plan on a small file is the plan on a large one.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::collections::BTreeSet;
use std::sync::Mutex;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::{Rejection, RepairStock};
use ports::Clock;
use testkit::builders::create_product;
use testkit::contract::{
    audit_trail, checkouts, events, holds, jobs, lists, notifications, order_charges, orders, payments, products,
    purges, replays, requests, tasks,
};
use testkit::databases::FreshDatabase;
use testkit::stores::TestStore;

static ASKED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Writes down what is asked of any connection.
#[expect(clippy::unnecessary_wraps, reason = "it is what Diesel calls")]
fn note_down() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds:").next().unwrap_or_default();
            ASKED.lock().unwrap().insert(statement.to_owned());
        }
    }))
}

/// A bit of everything.
async fn sell() {
    products::products_are_filtered_by_whether_any_are_left(&TestStore::sqlite()).await;
    products::a_product_is_said_anew_and_its_orders_keep_their_price(&TestStore::sqlite()).await;
    holds::a_product_that_is_short_takes_its_expired_holds_back(&TestStore::sqlite()).await;
    holds::expired_holds_are_found_longest_over_first(&TestStore::sqlite()).await;
    orders::an_order_changes_its_status_as_the_state_machine_allows(&TestStore::sqlite()).await;
    orders::orders_are_listed_newest_first_and_filtered(&TestStore::sqlite()).await;
    orders::an_expired_order_gives_its_stock_back_once(&TestStore::sqlite()).await;
    orders::an_order_has_one_open_checkout(&TestStore::sqlite()).await;
    payments::money_that_came_before_its_order_pays_it_if_the_amount_was_told(&TestStore::sqlite()).await;
    payments::late_money_for_what_is_gone_is_to_be_given_back(&TestStore::sqlite()).await;
    order_charges::a_checkout_that_was_paid_before_its_order_was_placed_pays_it(&TestStore::sqlite()).await;
    order_charges::a_charge_that_was_paid_before_it_was_known_pays_the_order(&TestStore::sqlite()).await;
    checkouts::the_same_key_and_request_answers_with_the_same_checkout(&TestStore::sqlite()).await;
    checkouts::only_an_overdue_checkout_expires(&TestStore::sqlite()).await;
    events::a_second_movement_for_a_paid_checkout_is_recorded(&TestStore::sqlite()).await;
    jobs::a_job_is_claimed_by_its_checkout_before_it_is_due(&TestStore::sqlite()).await;
    jobs::a_job_is_stored_with_its_checkout_and_claimed_once(&TestStore::sqlite()).await;
    jobs::a_postponed_job_is_due_again_when_it_was_said(&TestStore::sqlite()).await;
    jobs::each_kind_of_job_is_claimed_by_itself(&TestStore::sqlite()).await;
    jobs::a_dead_job_is_retried_with_all_its_tries(&TestStore::sqlite()).await;
    purges::holds_that_came_to_nothing_go_and_all_others_stay(&TestStore::sqlite()).await;
    purges::events_that_told_nothing_go_and_whatever_tells_of_money_stays(&TestStore::sqlite()).await;
    purges::jobs_that_are_done_go_and_dead_letters_stay(&TestStore::sqlite()).await;
    purges::requests_that_were_decided_long_ago_are_forgotten(&TestStore::sqlite()).await;
    tasks::a_queue_is_claimed_by_itself(&TestStore::sqlite()).await;
    tasks::queues_with_due_work_are_found_longest_waiting_first(&TestStore::sqlite()).await;
    tasks::jobs_are_listed_by_kind(&TestStore::sqlite()).await;
    replays::a_dead_event_is_applied_by_a_replay_and_only_once(&TestStore::sqlite()).await;
    audit_trail::every_change_of_an_order_says_who_made_it_by_what_and_why(&TestStore::sqlite()).await;
    requests::a_request_that_comes_again_is_answered_with_its_first_outcome(&TestStore::sqlite()).await;
    notifications::an_endpoint_is_made_changed_and_deleted(&TestStore::sqlite()).await;
    notifications::a_change_is_told_to_those_who_want_to_know(&TestStore::sqlite()).await;
    notifications::deliveries_about_one_thing_go_one_after_the_other(&TestStore::sqlite()).await;
    notifications::what_was_told_goes_when_it_is_old_enough_and_what_is_under_way_stays(&TestStore::sqlite()).await;
    notifications::a_delivery_is_sent_again_by_hand_beside_its_lane(&TestStore::sqlite()).await;
    notifications::an_endpoint_that_is_gone_is_disabled_and_what_it_missed_is_recovered_in_order(&TestStore::sqlite())
        .await;
    lists::lists_are_newest_first_and_filtered(&TestStore::sqlite()).await;
    lists::events_are_listed_by_verdict_and_provider_without_their_bodies(&TestStore::sqlite()).await;
    lists::jobs_are_listed_by_status(&TestStore::sqlite()).await;
    count_everything(&TestStore::sqlite()).await;
}

/// A recount, after something of each kind.
async fn count_everything(test: &TestStore) {
    events::an_event_before_its_charge_waits_and_is_applied_with_it(test).await;
    payments::money_that_came_before_its_order_pays_it_if_the_amount_was_told(test).await;
    let repair = RepairStock { product_id: create_product(1).id, held_by: 0, sold_by: 0, after_repairs: 0 };
    assert_eq!(test.decide(repair).await, Err(Rejection::ProductNotFound));
    let (audit, now) = (&test.store.audit, test.clock.now());
    audit.stock_counts(None, 10).await.unwrap();
    audit.hold_accounts(None, 10, now).await.unwrap();
    audit.order_accounts(None, 10).await.unwrap();
    audit.transaction_accounts(None, 10).await.unwrap();
    audit.checkout_accounts(None, 10).await.unwrap();
    audit.event_accounts(None, 10).await.unwrap();
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_finds_its_rows_by_an_index() {
    set_default_instrumentation(note_down).unwrap();
    sell().await;
    set_default_instrumentation(|| None).unwrap();
    let database = FreshDatabase::sqlite().unwrap();
    adapters::migrate(&database.url().unwrap()).unwrap();
    let url = database.url_text();
    let mut connection = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    let tables = [
        "products",
        "holds",
        "orders",
        "order_items",
        "checkouts",
        "events",
        "transactions",
        "jobs",
        "audit_trail",
        "decided_requests",
        "webhook_endpoints",
        "notifications",
        "deliveries",
        "delivery_attempts",
    ];
    let asked: Vec<String> = ASKED.lock().unwrap().iter().filter(|text| is_question(text)).cloned().collect();
    for table in tables {
        assert!(asked.iter().any(|text| text.contains(table)), "nothing was asked of {table}");
    }
    for statement in asked {
        let plan: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut connection).unwrap();
        for step in plan {
            // An index that is read along has the order that is wanted, and a limit.
            let reads_all = step.detail.starts_with("SCAN ")
                && !step.detail.contains(" USING ")
                && tables.iter().any(|table| step.detail.contains(table));
            assert!(!reads_all, "{}: {statement}", step.detail);
            // A checkout has a job of each kind: they are few.
            let is_of_checkout =
                ["AND subject_id = ?", "(`jobs`.`subject_id` = ?)"].map(|text| statement.contains(text));
            let sorts = step.detail.contains("TEMP B-TREE") && is_of_checkout == [false, false];
            assert!(!sorts, "{}: {statement}", step.detail);
            let is_limited = statement.contains("LIMIT") || !step.detail.starts_with("SCAN ");
            let is_of_table = tables.iter().any(|table| step.detail.contains(&format!(" {table} ")));
            assert!(is_limited || !is_of_table, "{}: {statement}", step.detail);
        }
    }
}

/// What the tables of the sale are looked through for.
fn is_question(statement: &str) -> bool {
    let is_of_diesel = statement.contains("__diesel_schema_migrations");
    ["SELECT ", "UPDATE ", "DELETE "].iter().any(|word| statement.starts_with(word)) && !is_of_diesel
}
