use serde_json::json;

use crate::shop::Shop;

#[actix_web::test]
async fn a_list_is_newest_first_in_pages() {
    let shop = Shop::open();
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(shop.make_checkout("m1", &format!("k{number}")).await);
    }
    ids.reverse();
    let page = async |uri: &str| {
        let answer = shop.get(uri).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    };
    let first = page("/checkouts?page_size=2").await;
    let ids_of = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids_of(&first), ids[..2]);
    assert_eq!((&first["page"], &first["page_size"]), (&json!(1), &json!(2)));
    assert_eq!((&first["total"], &first["pages"]), (&json!(5), &json!(3)));
    assert_eq!(first.as_object().unwrap().len(), 5, "no total_is_capped while it isn't");
    assert_eq!(ids_of(&page("/checkouts?page=3&pageSize=2").await), ids[4..]);
    assert_eq!(ids_of(&page("/checkouts?page=4&page_size=2").await), [""; 0]);
    let usual = page("/checkouts?page=&page_size=&unknown=1").await;
    assert_eq!((&usual["page"], &usual["page_size"]), (&json!(1), &json!(20)));
}

#[actix_web::test]
async fn filters_narrow_the_list() {
    let shop = Shop::open();
    shop.make_checkout("m1", "k1").await;
    shop.make_checkout("m2", "k1").await;
    shop.post("/checkout", &json!({"amount": 1, "email": "a+x@b.co"})).await;
    for (query, total) in [
        ("", 3),
        ("?merchant_id=m1", 1),
        ("?merchantId=m2", 1),
        ("?merchant_id=&status=&email=", 3),
        ("?status=PENDING", 3),
        ("?status=FAILED", 0),
        ("?email=a%2Bx@b.co", 1),
        ("?email=a%2Bx@b.co&merchant_id=m1", 0),
    ] {
        assert_eq!(shop.get(&format!("/checkouts{query}")).await.body["total"], total, "{query}");
    }
}

#[actix_web::test]
async fn faulty_queries_are_refused_with_every_fault_named() {
    let shop = Shop::open();
    for (query, faults) in [
        ("page=0", vec!["page out-of-range"]),
        ("page=x", vec!["page not-an-integer"]),
        ("page_size=0", vec!["page_size out-of-range"]),
        ("page_size=101", vec!["page_size out-of-range"]),
        ("pageSize=abc", vec!["page_size not-an-integer"]),
        ("status=pending", vec!["status unknown-value"]),
        ("email=nobody", vec!["email invalid-email"]),
        ("merchant_id=%00", vec!["merchant_id control-character"]),
        ("page=1&page=1", vec!["page duplicate"]),
        ("page_size=5&pageSize=5", vec!["page_size duplicate"]),
        ("merchant_id=a&merchantId=a", vec!["merchant_id duplicate"]),
        (
            "page=-1&page_size=1e3&status=x",
            vec!["page out-of-range", "page_size not-an-integer", "status unknown-value"],
        ),
    ] {
        let answer = shop.get(&format!("/checkouts?{query}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), faults, "{query}");
    }
    for (query, faults) in [
        ("checkout_id=1", vec!["checkout_id invalid-uuid"]),
        ("order_id=x&status=PENDING", vec!["order_id invalid-uuid", "status unknown-value"]),
        ("orderId=&order_id=", vec!["order_id duplicate"]),
    ] {
        let answer = shop.get(&format!("/api/transactions?{query}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), faults, "{query}");
    }
    for (query, faults) in [
        ("verdict=Applied", vec!["verdict unknown-value"]),
        ("verdict=&provider=stripe", vec!["provider unknown-value"]),
        ("verdict=x&provider=y&page=0", vec!["page out-of-range", "provider unknown-value", "verdict unknown-value"]),
        ("verdict=dead&verdict=dead", vec!["verdict duplicate"]),
        ("page=101&page_size=100", vec!["page too-deep"]),
    ] {
        let answer = shop.get(&format!("/api/admin/events?{query}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), faults, "{query}");
    }
    for (query, faults) in
        [("status=DEAD", vec!["status unknown-value"]), ("status=&page_size=0", vec!["page_size out-of-range"])]
    {
        let answer = shop.get(&format!("/api/admin/jobs?{query}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.faults(), faults, "{query}");
    }
    assert_eq!(*shop.store.asked.lock().unwrap(), None);
}

#[actix_web::test]
async fn nobody_pages_beyond_ten_thousand_rows() {
    let shop = Shop::open();
    *shop.store.uncounted.lock().unwrap() = 10_001;
    let last = shop.get("/checkouts?page=100&page_size=100").await;
    assert_eq!((last.status, &last.body["total"], &last.body["pages"]), (200, &json!(10_000), &json!(100)));
    assert_eq!(last.body["total_is_capped"], true);
    let deep = shop.get("/checkouts?page=101&page_size=100").await;
    deep.assert_problem(422, "validation-failed");
    assert_eq!(deep.faults(), ["page too-deep"]);
    assert!(deep.text.contains("merchant_id, status or email"), "{}", deep.text);
    let deep = shop.get("/api/transactions?page=4294967295&page_size=100").await;
    assert_eq!(deep.faults(), ["page too-deep"]);
    assert!(deep.text.contains("checkout_id, order_id or status"), "{}", deep.text);
}
