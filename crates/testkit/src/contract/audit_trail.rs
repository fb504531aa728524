//! Who changed what, when and why.

use std::time::Duration;

use domain::{
    Actor, AuditEntry, AuditSubject, Cause, Change, ChangeOrderStatus, ChargeNews, Decide, OrderStatus, Provider,
    RequestId,
};
use ports::{AuditTrailFilter, Clock, PageRequest, execute_for};
use uuid::Uuid;

use super::shop::offer;
use crate::builders::{
    attach_charge_to_order, charge_code, open_checkout, order_of_hold, order_of_items, paid_event, place_hold, usd,
};
use crate::stores::TestStore;

async fn decide_for<C: Decide + Send>(test: &TestStore, command: C, cause: Cause) -> C::Reply {
    // Entries of one moment are in no order, unless they are of one commit.
    test.clock.advance(Duration::from_millis(1));
    execute_for(&*test.store.ledger, command, cause).await.unwrap().unwrap()
}

async fn trail(test: &TestStore, subject_id: Option<Uuid>) -> Vec<AuditEntry> {
    let page = PageRequest { page: 1, page_size: 100 };
    test.store.audit_trail.audit_trail(AuditTrailFilter { subject_id }, page).await.unwrap().items
}

fn change(field: &str, from: Option<&str>, to: Option<&str>) -> Change {
    Change { field: field.to_owned(), from: from.map(ToOwned::to_owned), to: to.map(ToOwned::to_owned) }
}

pub async fn every_change_of_an_order_says_who_made_it_by_what_and_why(test: &TestStore) {
    let product_id = offer(test, 3).await;
    let hold = test.decide(place_hold(product_id, 1)).await.unwrap();
    let request_id = RequestId::parse("req-1");
    let cause = Cause { actor: Actor::Anonymous, request_id: request_id.clone() };
    let order = decide_for(test, order_of_hold(hold.id), cause).await;
    let open = open_checkout(order.id);
    decide_for(test, open.clone(), Cause::SYSTEM).await;
    let code = charge_code();
    decide_for(test, attach_charge_to_order(&open, &code), Cause::SYSTEM).await;
    let paid = paid_event(&code, ChargeNews::Confirmed, order.total, order.total);
    let cause = Cause { actor: Actor::Provider(Provider::Coinbase), request_id: None };
    decide_for(test, paid.clone(), cause.clone()).await;
    decide_for(test, ChangeOrderStatus { order_id: order.id, to: OrderStatus::Completed }, Cause::OPERATOR).await;

    let entries = trail(test, Some(order.id.as_uuid())).await;
    let told: Vec<_> =
        entries.iter().rev().map(|row| (row.command.as_str(), &row.actor, row.changes.clone())).collect();
    let opened = open.id.to_string();
    assert_eq!(
        told,
        [
            (
                "PlaceOrder",
                &Actor::Anonymous,
                vec![change("status", None, Some("pending")), change("payment_status", None, Some("unpaid"))]
            ),
            ("OpenOrderCheckout", &Actor::System, vec![change("checkout_id", None, Some(&opened))]),
            (
                "RecordEvent",
                &cause.actor,
                vec![
                    change("status", Some("pending"), Some("paid")),
                    change("payment_status", Some("unpaid"), Some("paid"))
                ]
            ),
            ("ChangeOrderStatus", &Actor::Operator, vec![change("status", Some("paid"), Some("completed"))]),
        ]
    );
    let events: Vec<_> = entries.iter().rev().map(|row| row.event_id).collect();
    assert_eq!(events, [None, None, Some(paid.id), None]);
    assert_eq!(entries.last().unwrap().request_id, request_id);
    assert_eq!(entries[0].at, test.clock.now());
    assert!(entries.iter().all(|row| row.subject == AuditSubject::Order));

    let of_hold = trail(test, Some(hold.id.as_uuid())).await;
    assert_eq!(of_hold.len(), 1, "its row is the record of its making");
    assert_eq!(of_hold[0].changes[0], change("status", Some("active"), Some("converted")));
    let of_checkout = trail(test, Some(open.id.as_uuid())).await;
    let commands: Vec<_> = of_checkout.iter().rev().map(|row| row.command.as_str()).collect();
    assert_eq!(commands, ["OpenOrderCheckout", "AttachCharge", "RecordEvent"]);
    let of_product = trail(test, Some(product_id.as_uuid())).await;
    assert_eq!(of_product.len(), 1, "what is held and sold is in the trail of holds and orders");
    assert_eq!(trail(test, None).await.len(), 4 + 1 + 3 + 1);
}

pub async fn what_is_refused_leaves_no_trace(test: &TestStore) {
    let product_id = offer(test, 1).await;
    let order = test.decide(order_of_items(&[(product_id, 1)])).await.unwrap();
    let before = trail(test, None).await;
    test.decide(order_of_items(&[(product_id, 1)])).await.unwrap_err();
    test.decide(ChangeOrderStatus { order_id: order.id, to: OrderStatus::Refunded }).await.unwrap_err();
    let unknown = paid_event(&charge_code(), ChargeNews::Confirmed, usd("1"), usd("1"));
    test.decide(unknown).await.unwrap();
    assert_eq!(trail(test, None).await, before);
}
