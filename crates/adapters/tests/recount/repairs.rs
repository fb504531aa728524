//! What has one right answer is put right, once.

use std::time::Duration;

use adapters::Store;
use domain::{AuditSubject, PlaceHold, ProductId, Repair, RepairReply, RepairStock};
use ports::{AuditTrailFilter, PageRequest, execute};
use testkit::builders::{order_of_hold, order_paid, place_hold, quantity};

use crate::shop::{Shop, counts};

/// The repair that the count of the one product asks for.
async fn repair_of(store: &Store) -> RepairStock {
    let issues = counts(store).await[0].issues();
    let Some(Repair::Stock(repair)) = issues.first().and_then(|issue| issue.repair) else { panic!("{issues:?}") };
    repair
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_repaired_once_and_the_repair_is_written_down() {
    for shop in Shop::both().await {
        let (test, product) = (&shop.test, shop.id(shop.product.as_uuid()));
        let before = test.store.products.product(shop.product).await.unwrap().unwrap();
        shop.break_it(&format!("UPDATE products SET held_stock = 9, sold_stock = 0 WHERE id = {product}"));
        let repair = repair_of(&test.store).await;
        // The sale goes on before the repair comes.
        test.decide(place_hold(shop.product, 5)).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        let RepairReply::Repaired(repaired) = test.decide(repair).await.unwrap() else { panic!("not repaired") };
        let stock = repaired.stock;
        assert_eq!((stock.held(), stock.sold()), (before.stock.held() + 5, before.stock.sold()));
        assert_eq!(shop.issues().await, []);
        assert_eq!(test.decide(repair).await, Ok(RepairReply::Outdated));
        assert_eq!(test.store.products.product(shop.product).await.unwrap().unwrap(), *repaired);
        let of_product = AuditTrailFilter { subject_id: Some(shop.product.as_uuid()) };
        let trail =
            test.store.audit_trail.audit_trail(of_product, PageRequest { page: 1, page_size: 10 }).await.unwrap();
        let entry = &trail.items[0];
        assert_eq!((entry.subject, entry.command.as_str()), (AuditSubject::Product, "RepairStock"));
        let changes: Vec<(&str, Option<&str>, Option<&str>)> =
            entry.changes.iter().map(|c| (c.field.as_str(), c.from.as_deref(), c.to.as_deref())).collect();
        assert_eq!(changes, [("held_stock", Some("14"), Some("9")), ("sold_stock", Some("0"), Some("4"))]);
        // And broken once more, it is repaired once more.
        shop.break_it(&format!("UPDATE products SET held_stock = held_stock - 1 WHERE id = {product}"));
        let again = repair_of(&test.store).await;
        assert_eq!(again.after_repairs, 1);
        assert!(matches!(test.decide(again).await, Ok(RepairReply::Repaired(_))));
        assert_eq!(shop.issues().await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_counted_and_does_not_fit_into_the_total_is_left_to_a_person() {
    for shop in Shop::both().await {
        let product = shop.id(shop.product.as_uuid());
        shop.break_it(&format!(
            "UPDATE products SET total_stock = 3, held_stock = 0, sold_stock = 0 WHERE id = {product}"
        ));
        let issues = shop.issues().await;
        assert_eq!(issues.len(), 3);
        assert!(issues.iter().all(|issue| issue.repair.is_none()), "{issues:?}");
    }
}

/// Buys and lets go on a node, as fast as it answers, until told to stop.
async fn buy(node: Store, product_id: ProductId, stop: tokio::sync::watch::Receiver<bool>) -> u32 {
    let mut bought = 0;
    while !*stop.borrow() {
        let place = PlaceHold { quantity: quantity(1), ..place_hold(product_id, 1) };
        let Ok(Ok(hold)) = execute(&*node.ledger, place).await else { continue };
        let Ok(Ok(order)) = execute(&*node.ledger, order_of_hold(hold.id)).await else { continue };
        let paid = execute(&*node.ledger, order_paid(order.id)).await;
        bought += u32::from(paid.is_ok());
    }
    bought
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_repaired_exactly_while_two_nodes_sell_it_and_two_repair_it() {
    for shop in Shop::both().await {
        let (test, product) = (&shop.test, shop.id(shop.product.as_uuid()));
        test.execute_sql(&format!("UPDATE products SET total_stock = 1000000 WHERE id = {product}"));
        let nodes = [test.second_node(), test.second_node()];
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let buyers: Vec<_> =
            nodes.iter().map(|node| tokio::spawn(buy(node.clone(), shop.product, stopped.clone()))).collect();
        for round in 0..5 {
            test.execute_sql(&format!(
                "UPDATE products SET held_stock = held_stock + 7, sold_stock = sold_stock + {round} WHERE id = {product}"
            ));
            let repair = repair_of(&nodes[0]).await;
            let (one, other) = tokio::join!(execute(&*nodes[0].ledger, repair), execute(&*nodes[1].ledger, repair));
            let replies = [one.unwrap().unwrap(), other.unwrap().unwrap()];
            let repaired = replies.iter().filter(|reply| matches!(reply, RepairReply::Repaired(_))).count();
            assert_eq!((repaired, replies.contains(&RepairReply::Outdated)), (1, true), "{replies:?}");
            assert_eq!(counts(&test.store).await[0].issues(), []);
        }
        stop.send_replace(true);
        for buyer in buyers {
            assert!(buyer.await.unwrap() > 0, "nothing was sold meanwhile");
        }
        assert_eq!(counts(&test.store).await[0].issues(), []);
        for node in nodes {
            node.stop().await;
        }
    }
}
