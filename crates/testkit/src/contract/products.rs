//! Products, and what is left of them.

use std::time::Duration;

use domain::{
    BareAmount, CreateProduct, Currency, DeleteProduct, Description, MerchantId, Money, Product, ProductId,
    ProductName, Rejection, Stock, UpdateProduct,
};
use ports::{Clock, PageRequest, ProductFilter};

use super::shop::{ALL, counts, offer, on, order, product, stock};
use crate::builders::{create_product, order_of_hold, order_of_items, place_hold, usd};
use crate::stores::TestStore;

/// The same product, said anew, of which there are so many.
fn update(id: ProductId, total_stock: u32) -> UpdateProduct {
    UpdateProduct {
        id,
        name: ProductName::parse("Better ticket").unwrap(),
        description: Some(Description::parse("Row A").unwrap()),
        price: BareAmount::parse("35.5").unwrap(),
        currency: None,
        total_stock,
    }
}

async fn listed(test: &TestStore, in_stock: Option<bool>) -> Vec<ProductId> {
    let page = test.store.products.products(ProductFilter { in_stock }, ALL).await.unwrap();
    assert_eq!(page.total as usize, page.items.len());
    page.items.iter().map(|product| product.id).collect()
}

pub async fn a_product_can_be_read_as_it_was_stored(test: &TestStore) {
    let odd = "Ünï, \"quoted\" {braces} 'single' \\ back, NULL, 🎟️ ? $1";
    let plain = create_product(0);
    let full = CreateProduct {
        merchant_id: MerchantId::parse(odd).unwrap(),
        name: ProductName::parse(odd).unwrap(),
        description: Some(Description::parse(format!("{odd}\n\tDoors 19:00\r\n")).unwrap()),
        price: Money::parse("0.00000001", Currency::BTC).unwrap(),
        stock: Stock::new(1_000_000_000).unwrap(),
        ..create_product(0)
    };
    for create in [plain, full] {
        let created = *test.decide(create.clone()).await.unwrap();
        let expected = Product {
            id: create.id,
            merchant_id: create.merchant_id.clone(),
            name: create.name.clone(),
            description: create.description.clone(),
            price: create.price,
            stock: create.stock,
            deleted_at: None,
            created_at: test.clock.now(),
            updated_at: test.clock.now(),
        };
        assert_eq!(created, expected);
        assert_eq!(product(test, create.id).await, expected);
        assert_eq!(test.decide(create.clone()).await, Ok(Box::new(expected)), "the same command again");
    }
    let stranger = create_product(1).id;
    assert_eq!(test.store.products.product(stranger).await.unwrap(), None);
    assert_eq!(test.decide(place_hold(stranger, 1)).await, Err(Rejection::ProductNotFound));
}

pub async fn a_product_is_said_anew_and_its_orders_keep_their_price(test: &TestStore) {
    let id = offer(test, 5).await;
    let before = order_of_items(&[(id, 2)]);
    test.decide(before.clone()).await.unwrap();
    test.clock.advance(Duration::from_secs(5));
    let updated = *test.decide(update(id, 7)).await.unwrap();
    assert_eq!((updated.price, updated.updated_at), (usd("35.5"), test.clock.now()));
    assert_eq!(product(test, id).await, updated);
    assert_eq!(stock(test, id).await, (5, 2, 0));
    assert_eq!(order(test, before.id).await.items[0].price_at_purchase, usd("29.99"));
    let in_yen = UpdateProduct { currency: Some("JPY".parse().unwrap()), ..update(id, 7) };
    assert!(matches!(test.decide(in_yen).await, Err(Rejection::InvalidPrice(_))));
    assert_eq!(product(test, id).await, updated, "a rejection changes nothing");
    let plain = UpdateProduct { description: None, currency: Some(Currency::BTC), ..update(id, 7) };
    test.decide(plain).await.unwrap();
    let updated = product(test, id).await;
    assert_eq!((updated.description, updated.price.currency()), (None, Currency::BTC));
}

pub async fn products_are_listed_newest_first_and_in_pages(test: &TestStore) {
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(offer(test, 1).await);
    }
    // Ids of the same millisecond come in any order; the order of the list is that of the ids.
    made.sort_by_key(|id| std::cmp::Reverse(*id));
    assert_eq!(listed(test, None).await, made);
    let second = PageRequest { page: 2, page_size: 3 };
    let second = test.store.products.products(ProductFilter::default(), second).await.unwrap();
    assert_eq!(second.items.iter().map(|product| product.id).collect::<Vec<_>>(), made[3..6]);
    assert_eq!((second.total, second.total_is_capped), (7, false));
}

pub async fn products_are_filtered_by_whether_any_are_left(test: &TestStore) {
    let (none, some, taken, gone) =
        (offer(test, 0).await, offer(test, 2).await, offer(test, 2).await, offer(test, 2).await);
    let place = place_hold(taken, 2);
    test.decide(place).await.unwrap();
    test.decide(DeleteProduct { id: gone }).await.unwrap();
    let sorted = |ids: &[ProductId]| {
        let mut ids = ids.to_vec();
        ids.sort_by_key(|id| std::cmp::Reverse(*id));
        ids
    };
    assert_eq!(listed(test, None).await, sorted(&[none, some, taken]));
    assert_eq!(listed(test, Some(true)).await, [some]);
    assert_eq!(listed(test, Some(false)).await, sorted(&[none, taken]));
    test.clock.advance(Duration::from_secs(120));
    test.decide(domain::ExpireHold { hold_id: place.id }).await.unwrap();
    assert_eq!(listed(test, Some(true)).await, sorted(&[some, taken]));
}

pub async fn a_deleted_product_is_found_by_its_id_only(test: &TestStore) {
    let id = offer(test, 3).await;
    test.clock.advance(Duration::from_secs(5));
    let deleted = *test.decide(DeleteProduct { id }).await.unwrap();
    assert_eq!(deleted.deleted_at, Some(test.clock.now()));
    assert_eq!(product(test, id).await, deleted);
    assert_eq!(listed(test, None).await, []);
    assert_eq!(counts(test).await.len(), 1, "deleted products are counted, too");
    assert_eq!(test.decide(DeleteProduct { id }).await, Err(Rejection::ProductNotFound));
    assert_eq!(test.decide(update(id, 3)).await, Err(Rejection::ProductNotFound));
    assert_eq!(test.decide(order_of_items(&[(id, 1)])).await, Err(Rejection::ProductNotFound));
}

pub async fn a_product_in_use_is_neither_deleted_nor_made_too_small(test: &TestStore) {
    let id = offer(test, 5).await;
    let (held, ordered) = (place_hold(id, 2), order_of_items(&[(id, 1)]));
    test.decide(held).await.unwrap();
    test.decide(ordered.clone()).await.unwrap();
    assert_eq!(test.decide(DeleteProduct { id }).await, Err(Rejection::ProductInUse));
    assert_eq!(test.decide(update(id, 2)).await, Err(Rejection::StockInUse));
    test.decide(update(id, 3)).await.unwrap();
    assert_eq!(stock(test, id).await, (0, 3, 0));
    // Nobody has noticed yet that the hold is over: it is in nobody's way all the same.
    test.clock.advance(Duration::from_secs(120));
    test.decide(update(id, 1)).await.unwrap();
    assert_eq!(stock(test, id).await, (0, 1, 0));
    test.decide(domain::ChangeOrderStatus { order_id: ordered.id, to: domain::OrderStatus::Completed }).await.unwrap();
    test.decide(DeleteProduct { id }).await.unwrap();
    assert_eq!(stock(test, id).await, (0, 0, 1), "what was sold stays sold");
}

/// On two nodes, each wins now and then; whoever comes second sees what the first did.
pub async fn deleting_a_product_and_holding_it_never_both_succeed(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    for round in 0..20 {
        let id = offer(test, 5).await;
        let place = place_hold(id, 1);
        let (here, there) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let (held, deleted) = tokio::join!(on(here, place), on(there, DeleteProduct { id }));
        match (held, deleted) {
            (Ok(_), Err(Rejection::ProductInUse)) => {
                assert_eq!(stock(test, id).await, (4, 1, 0));
                let ordered = on(there, order_of_hold(place.id)).await;
                assert_eq!(ordered.unwrap().items[0].product_id, id);
            }
            (Err(Rejection::ProductNotFound), Ok(_)) => assert_eq!(stock(test, id).await, (5, 0, 0)),
            (held, deleted) => panic!("{held:?} and {deleted:?}"),
        }
    }
    nodes[1].stop().await;
}

/// On two nodes, a smaller total and holds never make more of a product than there is.
pub async fn making_a_product_smaller_and_holding_it_never_oversells(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    for round in 0..20 {
        let id = offer(test, 4).await;
        let (here, there) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let (one, other) = (place_hold(id, 2), place_hold(id, 1));
        let (one, other, smaller) = tokio::join!(on(here, one), on(there, other), on(there, update(id, 2)));
        let held = u32::from(one.is_ok()) * 2 + u32::from(other.is_ok());
        for refused in [one.err(), other.err()].into_iter().flatten() {
            assert_eq!(refused, Rejection::InsufficientStock);
        }
        match smaller {
            Ok(_) => assert_eq!(stock(test, id).await, (2 - held, held, 0)),
            Err(refused) => {
                assert_eq!((refused, held), (Rejection::StockInUse, 3));
                assert_eq!(stock(test, id).await, (1, 3, 0));
            }
        }
    }
    nodes[1].stop().await;
}
