use std::time::Duration;

use actix_web::test::TestRequest;
use domain::{ClaimJobs, Job, JobKind, WhichJobs};
use ports::{GatewayError, JobQueue, execute};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::shop::Shop;

const URI: &str = "/api/admin/jobs";
/// A job that isn't there.
const NOBODYS: &str = "01900000-0000-7000-8000-00000000000c";

async fn claim(shop: &Shop) -> Vec<Job> {
    let lease = Duration::from_secs(30);
    shop.store.claim(ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 10, lease }).await.unwrap()
}

/// A shop with a checkout whose charge the gateway has refused.
async fn shop_with_dead_job() -> (Shop, Value) {
    let shop = Shop::open();
    *shop.gateway.failure.lock().unwrap() = Some(GatewayError::Refused("400".to_owned()));
    let checkout = shop.post("/checkout", &json!({"amount": 1, "email": "a@b.co"})).await;
    assert_eq!(checkout.status, 201, "{}", checkout.text);
    (shop, checkout.body["id"].clone())
}

async fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let answer = shop.get(&format!("{URI}{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["items"].as_array().unwrap().clone()
}

async fn retry(shop: &Shop, id: &Value) -> Answer {
    let uri = format!("{URI}/{}/retry", id.as_str().unwrap());
    shop.send(TestRequest::post().uri(&uri)).await
}

#[actix_web::test]
async fn a_dead_letter_is_listed_and_explained_and_has_all_its_tries_again_when_it_is_retried() {
    let (shop, checkout) = shop_with_dead_job().await;
    let dead = listed(&shop, "?status=dead").await.remove(0);
    let mut expected = json!({
        "id": dead["id"],
        "kind": "create_charge",
        "subject_id": checkout,
        "checkout_id": checkout,
        "status": "dead",
        "attempts": 1,
        "max_attempts": 80,
        "run_at": "2025-06-15T15:06:40.000000Z",
        "last_error": dead["last_error"],
        "explanation": "Makes the charge of its checkout. It was given up, and nobody does it any more, unless it is retried.",
        "created_at": "2025-06-15T15:06:40.000000Z",
        "updated_at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(dead, expected);
    assert!(dead["last_error"].as_str().unwrap().contains("400"));
    assert_eq!(listed(&shop, "?status=ready").await, [Value::Null; 0]);

    shop.store.clock.turn(Duration::from_secs(1));
    let retried = retry(&shop, &dead["id"]).await;
    assert_eq!(retried.status, 200);
    expected["status"] = json!("ready");
    expected["max_attempts"] = json!(81);
    for time in ["run_at", "updated_at"] {
        expected[time] = json!("2025-06-15T15:06:41.000000Z");
    }
    expected["explanation"] =
        json!("Makes the charge of its checkout. It failed, and is tried again as soon as its time has come (run_at).");
    assert_eq!(retried.body, expected);
    assert_eq!(retry(&shop, &dead["id"]).await.body, expected, "it is due already");
    assert_eq!(listed(&shop, "?status=ready&page_size=1").await, [expected]);
}

#[actix_web::test]
async fn a_job_that_is_under_way_or_done_is_not_retried() {
    let (shop, _) = shop_with_dead_job().await;
    let id = listed(&shop, "").await.remove(0)["id"].clone();
    retry(&shop, &id).await;
    let job = claim(&shop).await.remove(0);
    let running = retry(&shop, &id).await;
    running.assert_problem(409, "invalid-transition");
    assert_eq!(running.body["detail"], "The job is running, and only one that is ready or dead can be retried.");
    execute(&*shop.store, domain::CompleteJob { lease: job.lease() }).await.unwrap().unwrap();
    retry(&shop, &id).await.assert_problem(409, "invalid-transition");
}

#[actix_web::test]
async fn a_job_that_is_not_there_is_not_found_and_a_foreign_page_retries_nothing() {
    let shop = Shop::open();
    for id in [NOBODYS, "1"] {
        retry(&shop, &json!(id)).await.assert_problem(404, "not-found");
    }
    let uri = format!("{URI}/{NOBODYS}/retry");
    let foreign = TestRequest::post().uri(&uri).insert_header(("origin", "https://evil.example"));
    assert_eq!(shop.send(foreign).await.status, 403);
}
