//! Orders, and what becomes of them without money.

use std::collections::HashSet;
use std::time::Duration;

use domain::{
    ChangeOrderStatus, CheckoutStatus, CreateCheckoutReply, CreateProduct, CustomerId, Email, ExpireOrder, MerchantId,
    Money, Order, OrderId, OrderItem, OrderSource, OrderStatus, PaymentStatus, PlaceOrder, ProductId, Rejection,
    TokenCheck,
};
use ports::{Clock, OrderFilter, PageRequest};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::shop::{ALL, assert_adds_up, offer, offer_as, on, order, standing, stock};
use crate::builders::{
    checkout_of, create_product, open_checkout, order_of_hold, order_of_items, place_hold, quantity, under_chosen_id,
    usd,
};
use crate::stores::TestStore;

const TIME_TO_PAY: Duration = Duration::from_secs(3600);

async fn change(test: &TestStore, order_id: OrderId, to: OrderStatus) -> Result<Order, Rejection> {
    test.decide(ChangeOrderStatus { order_id, to }).await.map(|order| *order)
}

async fn listed(test: &TestStore, filter: OrderFilter) -> Vec<OrderId> {
    let page = test.store.orders.orders(filter, ALL).await.unwrap();
    assert_eq!(page.total as usize, page.items.len());
    page.items.iter().map(|order| order.id).collect()
}

pub async fn an_order_can_be_read_as_it_was_stored(test: &TestStore) {
    let odd = "Ünï, \"quoted\" {braces} 'single' \\ back, NULL, 🎟️ ? $1";
    let dear = CreateProduct { price: usd("1000.01"), ..create_product(10) };
    let (cheap, dear) = (offer(test, 10).await, offer_as(test, dear).await);
    let place = PlaceOrder {
        customer_id: Some(CustomerId::parse(odd).unwrap()),
        email: Some(Email::parse("jörg@exämple.de").unwrap()),
        ..order_of_items(&[(dear, 2), (cheap, 3)])
    };
    let placed = *test.decide(place.clone()).await.unwrap();
    let item = |product_id, number, price, line_total| OrderItem {
        product_id,
        quantity: quantity(number),
        price_at_purchase: usd(price),
        line_total: usd(line_total),
    };
    let expected = Order {
        id: place.id,
        merchant_id: MerchantId::parse("m-1").unwrap(),
        hold_id: None,
        customer_id: place.customer_id.clone(),
        email: place.email.clone(),
        items: vec![item(dear, 2, "1000.01", "2000.02"), item(cheap, 3, "29.99", "89.97")],
        total: usd("2089.99"),
        status: OrderStatus::Pending,
        payment_status: PaymentStatus::Unpaid,
        received_minor: 0,
        counted_minor: 0,
        refunded_minor: 0,
        payment_id: None,
        checkout_id: None,
        expires_at: test.clock.now() + TIME_TO_PAY,
        created_at: test.clock.now(),
        updated_at: test.clock.now(),
    };
    assert_eq!(placed, expected);
    assert_eq!(order(test, place.id).await, expected);
    assert_eq!((stock(test, cheap).await, stock(test, dear).await), ((7, 3, 0), (8, 2, 0)));
    assert_eq!(test.store.orders.order(order_of_items(&[]).id).await.unwrap(), None);
}

pub async fn a_customer_who_is_a_number_stays_one(test: &TestStore) {
    let id = offer(test, 10).await;
    let customers = [Some(CustomerId::from_number(-42)), Some(CustomerId::parse("-42").unwrap()), None];
    for customer_id in customers {
        let place = PlaceOrder { customer_id: customer_id.clone(), ..order_of_items(&[(id, 1)]) };
        test.decide(place.clone()).await.unwrap();
        let read = order(test, place.id).await.customer_id;
        assert_eq!(read.as_ref().and_then(CustomerId::as_number), customer_id.as_ref().and_then(CustomerId::as_number));
        assert_eq!(read, customer_id);
    }
    let theirs = OrderFilter { customer_id: Some(CustomerId::from_number(-42)), ..OrderFilter::default() };
    assert_eq!(listed(test, theirs).await.len(), 2, "their digits are the same customer");
}

/// Clients choose ids as they like, so that those tell nothing of age.
pub async fn orders_are_listed_newest_first_and_filtered(test: &TestStore) {
    let id = offer(test, 100).await;
    let mut placed = Vec::new();
    for (number, chosen) in (0..).zip([5, 3, 6, 1, 4, 0, 2]) {
        let customer_id = (number % 2 == 0).then(|| CustomerId::parse("even").unwrap());
        let chosen = OrderId::from_uuid(Uuid::from_u128(chosen));
        let place = PlaceOrder { id: chosen, customer_id, ..under_chosen_id(order_of_items(&[(id, 1)])) };
        let order = *test.decide(place).await.unwrap();
        placed.push((order.created_at, order.id));
        // Two of each moment, to be told apart by their ids.
        test.clock.advance(Duration::from_secs(number % 2));
    }
    placed.sort_unstable_by_key(|place| std::cmp::Reverse(*place));
    let ids: Vec<OrderId> = placed.into_iter().map(|(_, id)| id).collect();
    assert_eq!(listed(test, OrderFilter::default()).await, ids);
    let second = PageRequest { page: 2, page_size: 3 };
    let second = test.store.orders.orders(OrderFilter::default(), second).await.unwrap();
    assert_eq!(second.items.iter().map(|order| order.id).collect::<Vec<_>>(), ids[3..6]);
    assert!(second.items.iter().all(|order| order.items.len() == 1), "with their items");
    assert_eq!((second.total, second.total_is_capped), (7, false));

    change(test, ids[0], OrderStatus::Cancelled).await.unwrap();
    let cancelled = OrderFilter { status: Some(OrderStatus::Cancelled), ..OrderFilter::default() };
    assert_eq!(listed(test, cancelled).await, ids[..1]);
    let even = OrderFilter { customer_id: Some(CustomerId::parse("even").unwrap()), ..OrderFilter::default() };
    assert_eq!(listed(test, even.clone()).await.len(), 4);
    let pending = OrderFilter { status: Some(OrderStatus::Pending), ..even };
    assert_eq!(listed(test, pending).await.len(), 3, "the newest was one of theirs");
}

pub async fn an_order_takes_all_that_it_asks_for_or_nothing(test: &TestStore) {
    let (plenty, scarce) = (offer(test, 10).await, offer(test, 1).await);
    let other_merchant = CreateProduct { merchant_id: MerchantId::parse("m-2").unwrap(), ..create_product(5) };
    let yen = Money::parse("100", "JPY".parse().unwrap()).unwrap();
    let other_currency = CreateProduct { price: yen, ..create_product(5) };
    let (other_merchant, other_currency) = (offer_as(test, other_merchant).await, offer_as(test, other_currency).await);
    for (items, refused) in [
        (vec![(plenty, 1), (scarce, 2)], Rejection::InsufficientStock),
        (vec![(plenty, 1), (other_merchant, 1)], Rejection::MixedMerchants),
        (vec![(plenty, 1), (other_currency, 1)], Rejection::MixedCurrencies),
        (vec![(plenty, 1), (create_product(1).id, 1)], Rejection::ProductNotFound),
        (vec![(plenty, 1), (plenty, 1)], Rejection::ProductTwice),
        (vec![], Rejection::NoItems),
    ] {
        let place = order_of_items(&items);
        assert_eq!(test.decide(place.clone()).await, Err(refused));
        assert_eq!(test.store.orders.order(place.id).await.unwrap(), None);
    }
    assert_eq!((stock(test, plenty).await, stock(test, scarce).await), ((10, 0, 0), (1, 0, 0)));
}

/// Many want the same hold, by two nodes where there can be two.
pub async fn a_hold_becomes_one_order(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 5).await;
    let held = place_hold(id, 2);
    test.decide(held).await.unwrap();
    let wrong = OrderSource::Hold { hold_id: held.id, token: TokenCheck::Wrong };
    let wrong = PlaceOrder { source: wrong, ..order_of_hold(held.id) };
    assert_eq!(test.decide(wrong).await, Err(Rejection::WrongHoldToken));
    let mut asking = JoinSet::new();
    for number in 0..20 {
        let node = nodes[number % 2].clone();
        asking.spawn(async move { on(&node, order_of_hold(held.id)).await });
    }
    let (ordered, refused): (Vec<_>, Vec<_>) = asking.join_all().await.into_iter().partition(Result::is_ok);
    let [Ok(ordered)] = &ordered[..] else { panic!("{} orders", ordered.len()) };
    let used = Rejection::HoldAlreadyUsed { order_id: ordered.id };
    assert!(refused.into_iter().filter_map(Result::err).all(|refused| refused == used));
    assert_eq!((ordered.hold_id, ordered.items[0].quantity), (Some(held.id), quantity(2)));
    assert_eq!(stock(test, id).await, (3, 2, 0), "the stock is the order's now");
    assert_eq!(listed(test, OrderFilter::default()).await, [ordered.id]);
    nodes[1].stop().await;
}

pub async fn an_order_id_is_used_once(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 40).await;
    for round in 0..10 {
        let one = under_chosen_id(order_of_items(&[(id, 1)]));
        let other = PlaceOrder { id: one.id, ..under_chosen_id(order_of_items(&[(id, 2)])) };
        let (here, there) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let replies = tokio::join!(on(here, one.clone()), on(there, other));
        let placed = match replies {
            (Ok(placed), Err(Rejection::OrderExists)) | (Err(Rejection::OrderExists), Ok(placed)) => placed,
            (one, other) => panic!("{one:?} and {other:?}"),
        };
        assert_eq!(order(test, one.id).await, *placed);
        assert_eq!(test.decide(one).await, Err(Rejection::OrderExists));
    }
    assert_adds_up(test).await;
    nodes[1].stop().await;
}

pub async fn an_order_changes_its_status_as_the_state_machine_allows(test: &TestStore) {
    let id = offer(test, 10).await;
    let (completed, cancelled) = (order_of_items(&[(id, 2)]), order_of_items(&[(id, 3)]));
    test.decide(completed.clone()).await.unwrap();
    test.decide(cancelled.clone()).await.unwrap();
    assert_eq!(stock(test, id).await, (5, 5, 0));
    test.clock.advance(Duration::from_secs(1));
    let changed = change(test, completed.id, OrderStatus::Completed).await.unwrap();
    assert_eq!((changed.status, changed.updated_at), (OrderStatus::Completed, test.clock.now()));
    assert_eq!(order(test, completed.id).await, changed);
    assert_eq!(stock(test, id).await, (5, 3, 2));
    change(test, cancelled.id, OrderStatus::Cancelled).await.unwrap();
    assert_eq!(stock(test, id).await, (8, 0, 2));
    for (order_id, from) in [(completed.id, OrderStatus::Completed), (cancelled.id, OrderStatus::Cancelled)] {
        for to in [OrderStatus::Pending, OrderStatus::Paid, OrderStatus::Cancelled, OrderStatus::Refunded] {
            let invalid = Rejection::InvalidTransition { from, to };
            assert_eq!(change(test, order_id, to).await, Err(invalid));
        }
    }
    let stranger = order_of_items(&[]).id;
    assert_eq!(change(test, stranger, OrderStatus::Cancelled).await, Err(Rejection::OrderNotFound));
    assert_eq!(stock(test, id).await, (8, 0, 2));
}

/// Two nodes look for what has expired, and find the same.
pub async fn an_expired_order_gives_its_stock_back_once(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 20).await;
    let mut ids = Vec::new();
    for seconds in [3, 1, 2] {
        let place = PlaceOrder { time_to_live: Duration::from_secs(seconds), ..order_of_items(&[(id, 4)]) };
        ids.push((seconds, test.decide(place).await.unwrap().id));
    }
    ids.sort_unstable();
    let ids: Vec<OrderId> = ids.into_iter().map(|(_, id)| id).collect();
    test.clock.advance(Duration::from_secs(2));
    assert_eq!(test.store.orders.expired_orders(test.clock.now(), 10).await.unwrap(), ids[..2]);
    assert_eq!(test.store.orders.expired_orders(test.clock.now(), 1).await.unwrap(), ids[..1]);
    let mut expiring = JoinSet::new();
    for node in nodes.clone() {
        for order_id in ids.clone() {
            let node = node.clone();
            expiring.spawn(async move { on(&node, ExpireOrder { order_id }).await.unwrap() });
        }
    }
    let expired = expiring.join_all().await.into_iter().filter(|order| order.status == OrderStatus::Expired).count();
    assert_eq!(expired, 4, "two orders, told by two nodes");
    assert_eq!(standing(test, ids[2]).await, (OrderStatus::Pending, PaymentStatus::Unpaid), "its time isn't up");
    assert_eq!(stock(test, id).await, (16, 4, 0));
    assert_eq!(test.store.orders.expired_orders(test.clock.now(), 10).await.unwrap(), []);
    nodes[1].stop().await;
}

/// Orders of several products in any order, by two nodes, are placed without waiting for each other in a circle.
pub async fn a_crowd_that_orders_several_products_is_served_until_they_are_gone(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let mut products: Vec<ProductId> = Vec::new();
    for _ in 0..5 {
        products.push(offer(test, 40).await);
    }
    let mut asking = JoinSet::new();
    for number in 0..150 {
        let node = nodes[number % 2].clone();
        let first = number % products.len();
        let mut items = [(products[first], 1), (products[(first + 1) % products.len()], 1)];
        if number % 3 == 0 {
            items.reverse();
        }
        asking.spawn(async move { (first, on(&node, order_of_items(&items)).await) });
    }
    let mut served = [0; 5];
    for (first, reply) in asking.join_all().await {
        match reply {
            Ok(_) => served[first] += 1,
            Err(refused) => assert_eq!(refused, Rejection::InsufficientStock),
        }
    }
    for (first, id) in products.iter().enumerate() {
        let next = products[(first + 1) % products.len()];
        let (available, held, _) = stock(test, *id).await;
        assert_eq!(held, served[first] + served[(first + 4) % 5]);
        let are_left = available > 0 && stock(test, next).await.0 > 0;
        assert!(served[first] == 30 || !are_left, "nobody goes without while there are some of both");
    }
    nodes[1].stop().await;
}

pub async fn an_order_has_one_open_checkout(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let id = offer(test, 5).await;
    let place = PlaceOrder { time_to_live: TIME_TO_PAY * 3, ..order_of_items(&[(id, 2)]) };
    test.decide(place.clone()).await.unwrap();
    let mut asking = JoinSet::new();
    for number in 0..10 {
        let node = nodes[number % 2].clone();
        asking.spawn(async move { on(&node, open_checkout(place.id)).await.unwrap() });
    }
    let replies = asking.join_all().await;
    let created = replies.iter().filter(|reply| matches!(reply, CreateCheckoutReply::Created(_))).count();
    assert_eq!(created, 1);
    let checkouts: Vec<_> = replies.into_iter().map(checkout_of).collect();
    assert_eq!(checkouts.iter().map(|checkout| checkout.id).collect::<HashSet<_>>().len(), 1);
    let first = &checkouts[0];
    assert_eq!((first.money, first.order_id, first.status), (usd("59.98"), Some(place.id), CheckoutStatus::Pending));
    assert_eq!(order(test, place.id).await.checkout_id, Some(first.id));
    test.clock.advance(TIME_TO_PAY);
    let second = checkout_of(test.decide(open_checkout(place.id)).await.unwrap());
    assert_ne!(second.id, first.id, "the first one's time is up");
    change(test, place.id, OrderStatus::Cancelled).await.unwrap();
    assert_eq!(test.decide(open_checkout(place.id)).await, Err(Rejection::OrderNotPending));
    assert_eq!(test.decide(open_checkout(order_of_items(&[]).id)).await, Err(Rejection::OrderNotFound));
    nodes[1].stop().await;
}
