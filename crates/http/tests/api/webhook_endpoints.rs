use serde_json::json;

use crate::shop::Shop;

const ENDPOINTS: &str = "/api/webhook-endpoints";
const NOWHERE: &str = "01900000-0000-7000-8000-00000000ffff";

#[actix_web::test]
async fn an_endpoint_is_made_with_its_secret_which_is_shown_once() {
    let shop = Shop::open();
    let body = json!({
        "url": "https://shop.example/hook",
        "merchantId": "m-1",
        "eventTypes": ["order.refund_due", "order.paid", "order.paid"],
        "description": "Orders",
        "asymmetric": true,
    });
    let made = shop.post(ENDPOINTS, &body).await;
    assert_eq!((made.status, made.header("cache-control")), (201, Some("no-store")), "{}", made.text);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.header("location"), Some(&*format!("{ENDPOINTS}/{id}")));
    let mut expected = json!({
        "id": id,
        "merchant_id": "m-1",
        "url": "https://shop.example/hook",
        "event_types": ["order.paid", "order.refund_due"],
        "description": "Orders",
        "asymmetric": true,
        "public_keys": ["whpk_1"],
        "secret": "whsec_1",
        "previous_secret_valid_until": null,
        "status": "enabled",
        "disabled_reason": null,
        "disabled_at": null,
        "failing_since": null,
        "created_at": "2025-06-15T15:06:40.000000Z",
        "updated_at": "2025-06-15T15:06:40.000000Z",
    });
    assert_eq!(made.body, expected);
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(shop.get(&format!("{ENDPOINTS}/{id}")).await.body, expected);
    let listed = shop.get(&format!("{ENDPOINTS}?merchant_id=m-1")).await;
    assert_eq!((&listed.body["items"], &listed.body["total"]), (&json!([expected]), &json!(1)));
    assert_eq!(shop.get(&format!("{ENDPOINTS}?merchant_id=m-2")).await.body["total"], 0);
}

#[actix_web::test]
async fn an_endpoint_is_said_anew_rotated_and_deleted() {
    let shop = Shop::open();
    let made = shop.post(ENDPOINTS, &json!({"url": "https://shop.example/hook", "event_types": ["order.paid"]})).await;
    let at = format!("{ENDPOINTS}/{}", made.body["id"].as_str().unwrap());
    assert_eq!((&made.body["merchant_id"], &made.body["public_keys"]), (&json!("default"), &json!([])));
    let changed = shop.put(&at, &json!({"url": "https://shop.example/other", "merchant_id": "m-9"})).await;
    assert_eq!(changed.status, 200);
    assert_eq!(
        (&changed.body["url"], &changed.body["event_types"]),
        (&json!("https://shop.example/other"), &json!(null))
    );
    assert_eq!((&changed.body["merchant_id"], changed.body.get("secret")), (&json!("default"), None));
    let rotated = shop.post(&format!("{at}/rotate-secret"), &json!({})).await;
    assert_eq!((rotated.status, &rotated.body["secret"]), (200, &json!("whsec_2")));
    assert_eq!(rotated.body["previous_secret_valid_until"], "2025-06-16T15:06:40.000000Z");
    let enabled = shop.post(&format!("{at}/enable"), &json!({})).await;
    assert_eq!((enabled.status, &enabled.body["status"]), (200, &json!("enabled")));
    assert_eq!(shop.delete(&at).await.status, 204);
    for answer in [
        shop.get(&at).await,
        shop.delete(&at).await,
        shop.put(&at, &json!({"url": "https://shop.example/"})).await,
        shop.post(&format!("{at}/test"), &json!({})).await,
        shop.get(&format!("{at}/deliveries")).await,
        shop.post(&format!("{at}/recover"), &json!({"since": "2025-06-01T00:00:00Z"})).await,
        shop.get(&format!("{ENDPOINTS}/{NOWHERE}")).await,
        shop.get(&format!("/api/deliveries/{NOWHERE}")).await,
        shop.post(&format!("/api/deliveries/{NOWHERE}/redeliver"), &json!({})).await,
    ] {
        answer.assert_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_an_endpoint_is_told_field_by_field() {
    let shop = Shop::open();
    for (body, faults) in [
        (json!({}), &["url required"][..]),
        (json!({"url": 7}), &["url invalid-type"]),
        (json!({"url": ""}), &["url empty"]),
        (json!({"url": format!("https://shop.example/{}", "x".repeat(2048))}), &["url too-long"]),
        (json!({"url": "ftp://shop.example/"}), &["url invalid-url"]),
        (json!({"url": "http://10.0.0.1/"}), &["url private-address"]),
        (json!({"url": "https://shop.example/", "event_types": []}), &["event_types empty"]),
        (json!({"url": "https://shop.example/", "event_types": "order.paid"}), &["event_types invalid-type"]),
        (json!({"url": "https://shop.example/", "event_types": ["order.paid", 1]}), &["event_types invalid-type"]),
        (json!({"url": "https://shop.example/", "event_types": ["order.lost"]}), &["event_types unknown-value"]),
        (json!({"url": "https://shop.example/", "event_types": ["test.ping"]}), &["event_types unknown-value"]),
        (json!({"url": "https://shop.example/", "asymmetric": "yes"}), &["asymmetric invalid-type"]),
        (json!({"url": "https://shop.example/", "description": "x".repeat(256)}), &["description too-long"]),
        (json!({"url": "https://shop.example/", "merchant_id": ""}), &["merchant_id empty"]),
    ] {
        shop.post(ENDPOINTS, &body).await.assert_faults(faults);
    }
    shop.get(&format!("{ENDPOINTS}?merchant_id={}", "x".repeat(256))).await.assert_faults(&["merchant_id too-long"]);
    let made = shop.post(ENDPOINTS, &json!({"url": "https://shop.example/hook"})).await;
    let at = format!("{ENDPOINTS}/{}", made.body["id"].as_str().unwrap());
    shop.post(&format!("{at}/recover"), &json!({})).await.assert_faults(&["since required"]);
    shop.post(&format!("{at}/recover"), &json!({"since": "yesterday"})).await.assert_faults(&["since invalid-time"]);
    shop.get(&format!("{at}/deliveries?status=lost")).await.assert_faults(&["status unknown-value"]);
    shop.get("/api/deliveries?endpoint_id=1").await.assert_faults(&["endpoint_id invalid-uuid"]);
}

#[actix_web::test]
async fn no_merchant_has_more_than_ten_endpoints() {
    let shop = Shop::open();
    for _ in 0..10 {
        assert_eq!(shop.post(ENDPOINTS, &json!({"url": "https://shop.example/hook"})).await.status, 201);
    }
    let refused = shop.post(ENDPOINTS, &json!({"url": "https://shop.example/hook"})).await;
    refused.assert_problem(409, "too-many-endpoints");
}

#[actix_web::test]
async fn a_test_is_a_delivery_that_is_listed_and_shown_with_what_is_sent() {
    let shop = Shop::open();
    let made = shop.post(ENDPOINTS, &json!({"url": "https://shop.example/hook"})).await;
    let endpoint_id = made.body["id"].as_str().unwrap();
    let ping = shop.post(&format!("{ENDPOINTS}/{endpoint_id}/test"), &json!({})).await;
    assert_eq!(ping.status, 202, "{}", ping.text);
    let id = ping.body["id"].as_str().unwrap();
    let expected = json!({
        "id": id,
        "endpoint_id": endpoint_id,
        "notification_id": ping.body["notification_id"],
        "event_type": "test.ping",
        "order_id": null,
        "checkout_id": null,
        "status": "pending",
        "failure": null,
        "attempts": 0,
        "max_attempts": ping.body["max_attempts"],
        "next_attempt_at": "2025-06-15T15:06:40.000000Z",
        "redelivered_as": null,
        "created_at": "2025-06-15T15:06:40.000000Z",
        "finished_at": null,
    });
    assert_eq!(ping.body, expected);
    for uri in [
        format!("{ENDPOINTS}/{endpoint_id}/deliveries?status=pending"),
        format!("/api/deliveries?endpoint_id={endpoint_id}"),
        "/api/deliveries?status=pending".to_owned(),
    ] {
        assert_eq!(shop.get(&uri).await.body["items"], json!([expected]), "{uri}");
    }
    assert_eq!(shop.get("/api/deliveries?status=failed").await.body["total"], 0);
    let shown = shop.get(&format!("/api/deliveries/{id}")).await;
    assert_eq!((shown.status, &shown.body["attempt_log"]), (200, &json!([])));
    let body = format!(
        "{{\"type\":\"test.ping\",\"timestamp\":\"2025-06-15T15:06:40.000000Z\",\
        \"data\":{{\"endpoint_id\":\"{endpoint_id}\",\"merchant_id\":\"default\"}}}}"
    );
    assert_eq!(shown.body["body"], body);
    let hastened = shop.post(&format!("/api/deliveries/{id}/redeliver"), &json!({})).await;
    assert_eq!((hastened.status, &hastened.body["id"]), (202, &json!(id)), "it has not been tried yet");
    let since = json!({"since": "2025-06-01T00:00:00Z"});
    let recovered = shop.post(&format!("{ENDPOINTS}/{endpoint_id}/recover"), &since).await;
    assert_eq!(recovered.body, json!({"recovered": 0, "has_more": false}));
}
