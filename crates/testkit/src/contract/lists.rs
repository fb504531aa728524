//! Lists and their pages.

use std::sync::Arc;

use domain::{CheckoutStatus, CreateCheckout, Email, ExpireCheckout, MerchantId};
use ports::{COUNT_CAP, CheckoutFilter, Ledger, PageRequest, execute};
use tokio::task::JoinSet;

use crate::builders::create_checkout;
use crate::stores::TestStore;

pub async fn lists_are_newest_first_and_filtered(test: &TestStore) {
    let mut made = Vec::new();
    for number in 0..7_u32 {
        let mut create = create_checkout();
        create.merchant_id = MerchantId::parse(format!("m-{}", number % 2)).unwrap();
        create.email = (number > 3).then(|| Email::parse("late@example.com").unwrap());
        test.decide(create.clone()).await.unwrap();
        made.push(create);
    }
    // Ids of the same millisecond come in any order; the order of the list is that of the ids.
    made.sort_by_key(|create| std::cmp::Reverse(create.id));
    let ids = |creates: &[CreateCheckout]| creates.iter().map(|create| create.id).collect::<Vec<_>>();
    let repo = &test.store.checkouts;

    let second = repo.checkouts(CheckoutFilter::default(), PageRequest { page: 2, page_size: 3 }).await.unwrap();
    assert_eq!(second.items.iter().map(|row| row.id).collect::<Vec<_>>(), ids(&made[3..6]));
    assert_eq!((second.total, second.total_is_capped), (7, false));

    let all = PageRequest { page: 1, page_size: 100 };
    let merchant_id = Some(MerchantId::parse("m-1").unwrap());
    let of_merchant = CheckoutFilter { merchant_id: merchant_id.clone(), ..CheckoutFilter::default() };
    assert_eq!(repo.checkouts(of_merchant, all).await.unwrap().total, 3);
    let email = Some(Email::parse("late@example.com").unwrap());
    let both = CheckoutFilter { merchant_id, email, ..CheckoutFilter::default() };
    assert_eq!(repo.checkouts(both, all).await.unwrap().total, 1);

    test.clock.advance(std::time::Duration::from_secs(7200));
    test.decide(ExpireCheckout { checkout_id: made[0].id }).await.unwrap();
    let expired = CheckoutFilter { status: Some(CheckoutStatus::Expired), ..CheckoutFilter::default() };
    let expired = repo.checkouts(expired, all).await.unwrap();
    assert_eq!(expired.items.iter().map(|row| row.id).collect::<Vec<_>>(), ids(&made[..1]));
}

pub async fn counting_stops_at_the_cap(test: &TestStore) {
    let mut asking = JoinSet::new();
    for _ in 0..=COUNT_CAP {
        while asking.len() >= 1000 {
            asking.join_next().await.unwrap().unwrap();
        }
        let ledger: Arc<dyn Ledger> = test.store.ledger.clone();
        asking.spawn(async move {
            execute(&*ledger, create_checkout()).await.unwrap().unwrap();
        });
    }
    asking.join_all().await;
    let page = PageRequest { page: 100, page_size: 100 };
    let last = test.store.checkouts.checkouts(CheckoutFilter::default(), page).await.unwrap();
    assert_eq!((last.items.len(), last.total, last.total_is_capped), (100, COUNT_CAP, true));
}
