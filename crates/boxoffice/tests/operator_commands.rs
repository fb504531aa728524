//! What operators do from the command line, beside a server or without one.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::process::{Command, Output};

use domain::{ChargeNews, FailJob, JobLease, LONGEST_WAIT};
use serde_json::{Value, json};
use testkit::builders::{
    attach_charge, attempted, charge_code, create_checkout, create_endpoint, paid_event, ping, usd,
};
use testkit::stores::TestStore;

/// Runs the program to its end: how it ended, and what it printed.
fn run(test: &TestStore, line: &str) -> (Option<i32>, Vec<Value>) {
    let Output { status, stdout, .. } = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
        .args(line.split(' '))
        .env("DATABASE_URL", test.database_url().unwrap())
        .output()
        .unwrap();
    let lines = String::from_utf8(stdout).unwrap();
    (status.code(), lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[tokio::test]
async fn events_are_listed_a_line_each_and_replayed() {
    let test = TestStore::sqlite();
    let (create, code) = (create_checkout(), charge_code());
    let told = paid_event(&code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
    test.decide(told.clone()).await.unwrap();
    test.clock.advance(LONGEST_WAIT);
    test.decide(domain::ExpireEvent { id: told.id }).await.unwrap();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &code)).await.unwrap();

    let (exit, listed) = run(&test, "events list --verdict dead --provider coinbase");
    assert_eq!((exit, listed.len()), (Some(0), 1));
    assert_eq!((&listed[0]["id"], &listed[0]["subject"]), (&json!(told.id), &json!(code)));
    assert_eq!((&listed[0]["reason"], listed[0].get("raw")), (&json!("waited-too-long"), None));
    assert_eq!(run(&test, "events list --verdict applied"), (Some(0), vec![]));
    assert_eq!(run(&test, "events list --page 2 --page-size 1"), (Some(0), vec![]));

    for _ in 0..2 {
        let (exit, replayed) = run(&test, &format!("events replay {}", told.id));
        assert_eq!((exit, replayed.len()), (Some(0), 1));
        assert_eq!((&replayed[0]["verdict"], &replayed[0]["checkout_id"]), (&json!("applied"), &json!(create.id)));
    }
    assert_eq!(run(&test, &format!("events replay {}", create.id)), (Some(1), vec![]), "there is no such event");
    assert_eq!(run(&test, "events list --page 101 --page-size 100"), (Some(1), vec![]), "nobody pages so deep");
    assert_eq!(run(&test, "events list --verdict lost").0, Some(2));
}

#[tokio::test]
async fn dead_jobs_are_listed_and_retried() {
    let test = TestStore::sqlite();
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let claim = domain::ClaimJobs {
        kind: domain::JobKind::CreateCharge,
        which: domain::WhichJobs::Due,
        limit: 1,
        lease: LONGEST_WAIT,
    };
    test.store.job_queue.claim(claim).await.unwrap();
    let lease = JobLease { job_id: create.job_id, attempt: 1 };
    assert_eq!(run(&test, &format!("jobs retry {}", create.job_id)), (Some(1), vec![]), "it is under way");
    let error = "refused".to_owned();
    test.decide(FailJob { lease, error, jitter_permille: 0, not_before: None, give_up: true }).await.unwrap();

    let (exit, listed) = run(&test, "jobs list --status dead");
    assert_eq!((exit, listed.len()), (Some(0), 1));
    assert_eq!((&listed[0]["id"], &listed[0]["last_error"]), (&json!(create.job_id), &json!("refused")));
    let (exit, retried) = run(&test, &format!("jobs retry {}", create.job_id));
    assert_eq!((exit, &retried[0]["status"], &retried[0]["max_attempts"]), (Some(0), &json!("ready"), &json!(81)));
    assert_eq!(run(&test, "jobs list --status dead"), (Some(0), vec![]));
    assert_eq!(run(&test, "jobs list").1.len(), 1);
    assert_eq!(run(&test, &format!("jobs retry {}", create.id)), (Some(1), vec![]), "there is no such job");
    assert_eq!(run(&test, "jobs list --status late").0, Some(2));
}

#[tokio::test]
async fn notifications_are_listed_sent_again_and_recovered() {
    let test = TestStore::sqlite();
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    let first = test.decide(ping(create.id)).await.unwrap();
    let which = domain::WhichJobs::Queue(create.id.as_uuid());
    let claim = domain::ClaimJobs { kind: domain::JobKind::Notify, which, limit: 1, lease: LONGEST_WAIT };
    let job = test.store.job_queue.claim(claim).await.unwrap().remove(0);
    let gone = domain::FinishDelivery {
        lease: job.lease(),
        delivery_id: first.id,
        endpoint_id: create.id,
        subject: first.subject,
        attempted: Some(attempted(first.created_at, Some(410))),
        retry_after: None,
        jitter_permille: 0,
    };
    test.decide(gone).await.unwrap();

    let failed = format!("notifications list --status failed --endpoint {}", create.id);
    let (exit, listed) = run(&test, &failed);
    assert_eq!((exit, listed.len()), (Some(0), 1));
    assert_eq!((&listed[0]["id"], &listed[0]["failure"]), (&json!(first.id), &json!("endpoint-gone")));
    let redeliver = format!("notifications redeliver {}", first.id);
    assert_eq!(run(&test, &redeliver), (Some(1), vec![]), "the endpoint is disabled");
    test.decide(domain::EnableEndpoint { id: create.id }).await.unwrap();
    let recover = format!("notifications recover {} --since 2025-12-31T00:00:00Z", create.id);
    assert_eq!(run(&test, &recover), (Some(0), vec![json!({"recovered": 1, "has_more": false})]));
    assert_eq!(run(&test, &recover), (Some(0), vec![json!({"recovered": 0, "has_more": false})]));
    let (exit, again) = run(&test, &redeliver);
    assert_eq!((exit, &again[0]["status"]), (Some(0), &json!("pending")));
    assert_eq!(again[0]["notification_id"], json!(first.notification_id));
    assert_eq!(run(&test, "notifications list").1.len(), 3);
    assert_eq!(run(&test, &format!("notifications redeliver {}", create.id)), (Some(1), vec![]), "no such delivery");
}
