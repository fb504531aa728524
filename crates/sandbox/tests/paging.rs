//! Paging through charges.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{Stand, json_of, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn page(stand: &Stand, query: &str) -> (Vec<String>, Value) {
    let answer = stand.request(Method::GET, &format!("/charges?{query}")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    let mut body = json_of(answer).await;
    let ids = body["data"].as_array().unwrap().iter().map(|charge| charge["id"].as_str().unwrap().to_owned());
    (ids.collect(), body["pagination"].take())
}

#[actix_web::test]
async fn pages_lead_through_all_charges_and_back() {
    let stand = Stand::open(None, |_| {});
    let mut newest_first = Vec::new();
    for _ in 0..7 {
        newest_first.insert(0, stand.create(&ticket()).await["id"].as_str().unwrap().to_owned());
    }
    for order in ["desc", "asc"] {
        let mut expected = newest_first.clone();
        if order == "asc" {
            expected.reverse();
        }
        let (first, pagination) = page(&stand, &format!("limit=3&order={order}")).await;
        assert_eq!(first, expected[..3]);
        assert_eq!(pagination["cursor_range"], json!([expected[0], expected[2]]));
        assert_eq!(
            (&pagination["total"], &pagination["yielded"], &pagination["limit"]),
            (&json!(7), &json!(3), &json!(3))
        );
        assert!(pagination["previous_uri"].is_null() && pagination["starting_after"].is_null());
        let next = pagination["next_uri"].as_str().unwrap().to_owned();
        assert!(next.starts_with(&stand.url), "{next}");

        let (second, pagination) = page(&stand, next.split_once('?').unwrap().1).await;
        assert_eq!(second, expected[3..6]);
        assert_eq!(pagination["starting_after"], json!(expected[2]));
        let back = pagination["previous_uri"].as_str().unwrap().to_owned();
        assert_eq!(page(&stand, back.split_once('?').unwrap().1).await.0, expected[..3]);

        let query = |cursor: &str| format!("limit=3&order={order}&starting_after={cursor}");
        let (last, pagination) = page(&stand, &query(&expected[5])).await;
        assert_eq!(last, expected[6..]);
        assert!(pagination["next_uri"].is_null());
        let (beyond, pagination) = page(&stand, &query(&expected[6])).await;
        assert!(beyond.is_empty());
        assert_eq!((&pagination["cursor_range"], &pagination["next_uri"]), (&json!([]), &Value::Null));
        let before = format!("limit=2&order={order}&ending_before={}", expected[4]);
        assert_eq!(page(&stand, &before).await.0, expected[2..4]);
    }
    assert_eq!(page(&stand, "limit=0").await.1["total"], 7);
    assert_eq!(page(&stand, "").await.0, newest_first);
}
