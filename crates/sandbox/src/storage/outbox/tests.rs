use super::*;
use crate::limits::{ENDPOINTS_MAX, PURGE_BATCH, PURGE_EVERY};
use crate::storage::retention::purge;
use crate::storage::{Storage, merchants};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn database() -> (tempfile::TempDir, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut connection) = Storage::open(&folder.path().join("sandbox.db")).unwrap();
    merchants::add_endpoint(&mut connection, 1, "http://127.0.0.1:9/", NOW).unwrap();
    (folder, connection)
}

fn delivery(state: &'static str, event_seq: i64) -> NewDelivery {
    NewDelivery {
        merchant_id: 1,
        endpoint_id: 1,
        url: "http://127.0.0.1:9/".to_owned(),
        event_seq,
        event_id: "event".to_owned(),
        event_type: "charge:created".to_owned(),
        charge_code: None,
        lane: 1,
        dice: String::new(),
        faults: None,
        is_held: false,
        state,
        created_at_ms: NOW.0,
        begun_at_ms: NOW.0,
        next_attempt_at_ms: (state == WAITING).then_some(NOW.0),
    }
}

fn attempt(delivery_seq: i64, number: i32) -> Attempt {
    Attempt {
        delivery_seq,
        number,
        started_at_ms: NOW.0,
        duration_ms: 5_000,
        status_code: Some(500),
        failure: None,
        fault: None,
        url: String::new(),
        envelope_id: String::new(),
        scheduled_for_ms: NOW.0,
        body_event_seq: 1,
        signature: String::new(),
    }
}

fn left(connection: &mut SqliteConnection) -> Vec<i64> {
    deliveries::table.select(deliveries::seq).order(deliveries::seq).load(connection).unwrap()
}

#[test]
fn only_the_newest_finished_are_kept_and_waiting_ones_always() {
    let (_folder, mut connection) = database();
    for state in [WAITING, DELIVERED, FAILED, DROPPED, DELIVERED, WAITING, FAILED] {
        let seq = insert(&mut connection, delivery(state, 1)).unwrap();
        diesel::insert_into(attempts::table).values(attempt(seq, 1)).execute(&mut connection).unwrap();
    }
    purge(&mut connection, 3).unwrap();
    assert_eq!(left(&mut connection), [1, 5, 6, 7]);
    let kept: Vec<i64> = attempts::table.select(attempts::delivery_seq).load(&mut connection).unwrap();
    assert_eq!(kept, [1, 5, 6, 7]);
    purge(&mut connection, 0).unwrap();
    assert_eq!(left(&mut connection), [1, 6]);
}

#[test]
fn a_clean_up_removes_more_than_can_come_until_the_next() {
    // Each event may be duplicated to each endpoint.
    let most = PURGE_EVERY * 2 * u64::try_from(ENDPOINTS_MAX).unwrap();
    assert!(u64::try_from(PURGE_BATCH).unwrap() >= most);
}

#[test]
fn an_attempt_is_recorded_once() {
    let (_folder, mut connection) = database();
    let seq = insert(&mut connection, delivery(WAITING, 1)).unwrap();
    let next = Some(Timestamp(NOW.0 + 1_000));
    record(&mut connection, &attempt(seq, 1), FAILED, next).unwrap();
    assert!(matches!(record(&mut connection, &attempt(seq, 1), DELIVERED, None), Err(Problem::RowGone)));
    let found = find(&mut connection, seq).unwrap().unwrap();
    assert_eq!((found.attempts, found.state.as_str(), found.next_attempt_at_ms), (1, WAITING, next.map(|at| at.0)));
    record(&mut connection, &attempt(seq, 2), DELIVERED, None).unwrap();
    let found = find(&mut connection, seq).unwrap().unwrap();
    assert_eq!((found.attempts, found.state.as_str(), found.next_attempt_at_ms), (2, DELIVERED, None));
}

#[test]
fn the_newest_attempts_of_a_delivery_are_kept() {
    let (_folder, mut connection) = database();
    let seq = insert(&mut connection, delivery(WAITING, 1)).unwrap();
    for number in 1..=ATTEMPTS_KEPT + 5 {
        record(&mut connection, &attempt(seq, number), FAILED, Some(NOW)).unwrap();
    }
    let numbers: Vec<_> = attempts_of(&mut connection, seq).unwrap().iter().map(|one| one.number).collect();
    assert_eq!(numbers, (6..=ATTEMPTS_KEPT + 5).collect::<Vec<_>>());
}

#[test]
fn what_was_held_back_is_due_when_a_later_one_was_sent() {
    let (_folder, mut connection) = database();
    let far = Some(NOW.0 + 10_000);
    let held = NewDelivery { is_held: true, next_attempt_at_ms: far, ..delivery(WAITING, 1) };
    let elsewhere = NewDelivery { lane: 2, ..held.clone() };
    let (held, elsewhere) = (insert(&mut connection, held).unwrap(), insert(&mut connection, elsewhere).unwrap());
    let later = insert(&mut connection, delivery(WAITING, 2)).unwrap();
    record(&mut connection, &attempt(later, 1), DELIVERED, None).unwrap();
    let due_at = |connection: &mut SqliteConnection, seq| find(connection, seq).unwrap().unwrap().next_attempt_at_ms;
    assert_eq!((due_at(&mut connection, held), due_at(&mut connection, elsewhere)), (Some(NOW.0), far));
}

#[test]
fn an_attempt_outlives_its_delivery_and_its_endpoint() {
    let (_folder, mut connection) = database();
    record(&mut connection, &attempt(77, 1), FAILED, Some(NOW)).unwrap();
    let seq = insert(&mut connection, delivery(WAITING, 1)).unwrap();
    merchants::delete_endpoint(&mut connection, 1).unwrap();
    record(&mut connection, &attempt(seq, 1), FAILED, Some(NOW)).unwrap();
    let found = find(&mut connection, seq).unwrap().unwrap();
    assert_eq!((found.state.as_str(), found.next_attempt_at_ms), (FAILED, None));
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// How `SQLite` finds the rows of each query that comes with every call or event.
#[test]
fn no_query_looks_at_a_whole_table() {
    let (_folder, mut connection) = database();
    for query in [
        "SELECT document FROM resources WHERE (id = 'a' OR code = 'A') AND kind = 'charge'",
        "SELECT document FROM resources WHERE due_at_ms <= 5 ORDER BY due_at_ms LIMIT 9",
        "SELECT min(due_at_ms) FROM resources WHERE due_at_ms IS NOT NULL",
        "SELECT seq FROM resources WHERE kind = 'charge' ORDER BY seq LIMIT 1",
        "SELECT document FROM resources WHERE kind = 'event' AND seq > 1 AND seq < 9 AND merchant_id = 1 ORDER BY seq DESC",
        "SELECT document FROM resources WHERE kind = 'event' AND seq > 1 AND seq < 9 ORDER BY seq DESC",
        "SELECT count(*) FROM resources WHERE parent_seq = 1 AND kind = 'event'",
        "SELECT document FROM resources WHERE parent_seq = 1 AND seq < 5 AND kind = 'event' ORDER BY seq DESC LIMIT 1",
        "SELECT seq, lane FROM deliveries WHERE endpoint_id = 1 AND next_attempt_at_ms <= 4 \
         ORDER BY next_attempt_at_ms, seq LIMIT 9",
        "SELECT next_attempt_at_ms FROM deliveries WHERE endpoint_id = 1 AND next_attempt_at_ms > 4 \
         ORDER BY next_attempt_at_ms, seq LIMIT 1",
        "SELECT next_attempt_at_ms FROM deliveries WHERE endpoint_id = 1 AND lane = 4 AND next_attempt_at_ms IS NOT NULL \
         AND attempts = 0 AND NOT is_held ORDER BY next_attempt_at_ms DESC LIMIT 1",
        "UPDATE deliveries SET next_attempt_at_ms = 3 WHERE lane = 1 AND endpoint_id = 2 AND next_attempt_at_ms IS NOT NULL \
         AND is_held AND seq < 4",
        "SELECT * FROM deliveries WHERE charge_code = 'A' ORDER BY seq DESC LIMIT 9",
        "SELECT * FROM deliveries WHERE charge_code = 'A' AND state = 'failed' AND seq < 9 ORDER BY seq DESC LIMIT 9",
        "SELECT * FROM deliveries WHERE charge_code = 'A' AND state = 'failed' ORDER BY seq DESC LIMIT 9",
        "SELECT * FROM deliveries WHERE state = 'failed' AND seq < 9 ORDER BY seq DESC LIMIT 9",
        "SELECT seq FROM deliveries WHERE state = 'failed' AND seq <= 5 ORDER BY seq LIMIT 9",
        "SELECT event_seq FROM deliveries WHERE event_seq IN (1, 2) AND next_attempt_at_ms IS NOT NULL",
        "SELECT count(*) FROM deliveries WHERE state = 'waiting'",
        "SELECT * FROM attempts WHERE delivery_seq = 1 ORDER BY number",
    ] {
        let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}"));
        let plan: Vec<_> = plan.load::<Step>(&mut connection).unwrap().into_iter().map(|step| step.detail).collect();
        assert!(!plan.iter().any(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE")), "{query}: {plan:?}");
        // Half of all rows are of one kind, or in one state: only those who ask for just that may go by it.
        let goes_by = |index: &str| plan.iter().any(|step| step.contains(index));
        assert!(!query.contains("charge_code") || goes_by("of_charge"), "{query}: {plan:?}");
        assert!(!query.contains("parent_seq") || goes_by("resources_of_parent"), "{query}: {plan:?}");
        assert!(!query.contains("lane =") || goes_by("lane=?"), "{query}: {plan:?}");
        assert!(!query.contains("id = 'a'") || goes_by("MULTI-INDEX OR"), "{query}: {plan:?}");
    }
}
