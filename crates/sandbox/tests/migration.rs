//! A file that an earlier version wrote.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use harness::{KEY, Stand, statuses, ticket};
use reqwest::Method;
use sandbox::Config;
use serde_json::{Value, json};

const LONG_AGO_MS: i64 = 1_700_000_000_000;

/// As the first version wrote it.
fn charge(nth: usize, timeline: &[&str], paid: Option<&str>, step: &Value) -> Value {
    let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    let entry =
        |status: &&str| json!({ "at": LONG_AGO_MS, "status": status, "context": null, "paid": *status == "PENDING" });
    let payment = |amount| {
        json!({ "id": format!("00000000-0000-4000-8000-1{nth:011}"), "coin": "usdc", "transaction_id": "0xab",
            "detected_at": LONG_AGO_MS, "local": money(amount, "USD"), "crypto": money(amount, "USDC"),
            "block_height": 7, "block_hash": "0xcd", "confirmed": false })
    };
    json!({
        "id": format!("00000000-0000-4000-8000-{nth:012}"), "code": format!("OLD0000{nth}"),
        "name": "Old", "description": "", "metadata": { "order": nth },
        "price": { "local": money("29.99", "USD"), "bitcoin": money("0.0005", "BTC"),
            "ethereum": money("0.01", "ETH"), "usdc": money("29.99", "USDC") },
        "addresses": { "bitcoin": "tb1q", "ethereum": "0x0", "usdc": "0x0" },
        "redirect_url": null, "cancel_url": null, "created_at": LONG_AGO_MS, "expires_at": LONG_AGO_MS + 3_600_000,
        "confirmed_at": null, "timeline": timeline.iter().map(entry).collect::<Vec<_>>(),
        "payments": paid.into_iter().map(payment).collect::<Vec<_>>(),
        "scheduled": (!step.is_null()).then(|| json!({ "at": LONG_AGO_MS + 1_000, "step": step })),
    })
}

fn earlier_file(config: &mut Config) {
    let mut file = SqliteConnection::establish(&config.database.to_string_lossy()).unwrap();
    file.batch_execute(include_str!("../migrations/00000000000001_charges_and_outbox/up.sql")).unwrap();
    file.batch_execute(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations (version) VALUES ('00000000000001');",
    )
    .unwrap();
    let charges = [
        charge(1, &["NEW"], None, &json!("expire")),
        charge(2, &["NEW", "PENDING"], Some("29.99"), &json!({ "settle": "success" })),
        charge(3, &["NEW"], None, &json!({ "settle": "failure" })),
        charge(4, &["NEW", "PENDING"], Some("14.99"), &json!({ "settle": "underpaid" })),
        charge(5, &["NEW", "PENDING"], Some("44.99"), &json!({ "settle": "overpaid" })),
        charge(6, &["NEW", "EXPIRED", "PENDING"], Some("29.99"), &json!({ "settle": "delayed" })),
        charge(7, &["NEW", "CANCELED"], None, &Value::Null),
    ];
    for charge in charges {
        sql_query("INSERT INTO charges (id, code, document, due_at_ms) VALUES (?, ?, ?, ?)")
            .bind::<sql_types::Text, _>(charge["id"].as_str().unwrap())
            .bind::<sql_types::Text, _>(charge["code"].as_str().unwrap())
            .bind::<sql_types::Text, _>(charge.to_string())
            .bind::<sql_types::Nullable<sql_types::BigInt>, _>(charge["scheduled"]["at"].as_i64())
            .execute(&mut file)
            .unwrap();
    }
}

#[actix_web::test]
async fn charges_of_the_earlier_layout_go_on_as_they_were() {
    let stand = Stand::open(None, earlier_file);
    for (nth, end, context) in [
        (1, "EXPIRED", Value::Null),
        (2, "COMPLETED", Value::Null),
        (3, "EXPIRED", Value::Null),
        (4, "UNRESOLVED", json!("UNDERPAID")),
        (5, "UNRESOLVED", json!("OVERPAID")),
        (6, "UNRESOLVED", json!("DELAYED")),
        (7, "CANCELED", Value::Null),
    ] {
        let charge = stand.settled(&format!("OLD0000{nth}"), end).await;
        let last = charge["timeline"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last.get("context").cloned().unwrap_or_default(), context, "{nth}");
        assert_eq!(charge["metadata"]["order"], nth);
        assert_eq!(charge["created_at"], "2023-11-14T22:13:20Z");
    }
    let fresh = stand.create(&ticket()).await;
    let (_, page) = stand.call(KEY, Method::GET, "/charges?order=asc", &Value::Null).await;
    assert_eq!((&page["pagination"]["total"], &page["data"][0]["code"]), (&json!(8), &json!("OLD00001")));
    assert_eq!(page["data"][7]["id"], fresh["id"]);
    let stand = stand.restarted(|_| {}).await;
    assert_eq!(statuses(&stand.charge("OLD00002").await), ["NEW", "PENDING", "COMPLETED"]);
}
