//! Checkouts and their charges.

use std::time::Duration;

use domain::{
    AttachCharge, AttachChargeReply, ChargeNews, CheckoutStatus, CreateCheckout, CreateCheckoutReply, ExpireCheckout,
    JobStatus, MerchantId, PAYMENT_GRACE, Reason, Rejection,
};
use ports::{Clock, PageRequest};

use crate::builders::{attach_charge, charge_code, checkout_of, create_checkout, create_checkout_with_key, event, usd};
use crate::stores::TestStore;

const ALL: PageRequest = PageRequest { page: 1, page_size: 100 };

pub async fn a_created_checkout_can_be_read(test: &TestStore) {
    let command = create_checkout_with_key("k-1");
    let reply = test.decide(command.clone()).await.unwrap();
    let CreateCheckoutReply::Created(created) = reply else { panic!("not created") };
    assert_eq!(test.store.checkouts.checkout(command.id).await.unwrap(), Some((*created).clone()));
    assert_eq!(created.status, CheckoutStatus::Pending);
    assert_eq!(created.created_at, test.clock.now());
    assert_eq!(created.expires_at, test.clock.now() + Duration::from_secs(3600));
    let stranger = create_checkout();
    assert_eq!(test.store.checkouts.checkout(stranger.id).await.unwrap(), None);
}

pub async fn unusual_texts_come_back_as_they_were(test: &TestStore) {
    let odd = "Ünï, \"quoted\" {braces} 'single' \\ back, NULL, 🎟️ ? $1";
    let mut command = create_checkout_with_key(odd);
    command.merchant_id = MerchantId::parse(odd).unwrap();
    command.metadata = Some(format!("{{\"note\":{odd:?}}}"));
    let created = checkout_of(test.decide(command.clone()).await.unwrap());
    assert_eq!(test.store.checkouts.checkout(command.id).await.unwrap().unwrap(), created);
    let again = CreateCheckout { id: create_checkout().id, ..command };
    assert_eq!(test.decide(again).await, Ok(CreateCheckoutReply::Replayed(Box::new(created))));
}

pub async fn the_same_key_and_request_answers_with_the_same_checkout(test: &TestStore) {
    let first = create_checkout_with_key("k-1");
    test.decide(first.clone()).await.unwrap();
    let code = charge_code();
    test.decide(attach_charge(&first, &code)).await.unwrap();
    let again = test.decide(create_checkout_with_key("k-1")).await.unwrap();
    let CreateCheckoutReply::Replayed(replayed) = again else { panic!("not replayed") };
    assert_eq!((replayed.id, replayed.charge_code.clone()), (first.id, Some(code)), "as it is now");
    let jobs = test.store.jobs.jobs(ports::JobFilter::default(), ALL).await.unwrap();
    assert_eq!(jobs.total, 2, "to make the charge, and to ask what becomes of it");
}

pub async fn the_same_key_and_another_request_is_rejected_and_changes_nothing(test: &TestStore) {
    test.decide(create_checkout_with_key("k-1")).await.unwrap();
    let before = create_checkout_with_key("k-1");
    let others = [
        CreateCheckout { money: usd("30"), ..before.clone() },
        CreateCheckout { email: None, ..before.clone() },
        CreateCheckout { metadata: Some("{}".to_owned()), ..before.clone() },
    ];
    for other in others {
        assert_eq!(test.decide(other).await, Err(Rejection::IdempotencyKeyReused));
    }
    assert_eq!(test.store.checkouts.checkouts(ports::CheckoutFilter::default(), ALL).await.unwrap().total, 1);
}

pub async fn keys_of_two_merchants_do_not_meet(test: &TestStore) {
    let mine = create_checkout_with_key("k-1");
    let yours = CreateCheckout { merchant_id: MerchantId::parse("m-2").unwrap(), ..create_checkout_with_key("k-1") };
    for command in [mine, yours] {
        assert!(matches!(test.decide(command).await, Ok(CreateCheckoutReply::Created(_))));
    }
}

pub async fn the_same_command_twice_answers_the_same(test: &TestStore) {
    let create = create_checkout();
    let first = test.decide(create.clone()).await;
    assert_eq!(test.decide(create.clone()).await, first);
    let attach = attach_charge(&create, &charge_code());
    let first = test.decide(attach.clone()).await;
    assert_eq!(test.decide(attach).await, first);
}

pub async fn a_charge_is_attached_once(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let code = charge_code();
    let AttachChargeReply::Attached(checkout) = test.decide(attach_charge(&create, &code)).await.unwrap() else {
        panic!("not attached")
    };
    assert_eq!(checkout.charge_code, Some(code));
    assert_eq!(test.store.checkouts.checkout(create.id).await.unwrap(), Some(*checkout));
    assert_eq!(test.store.jobs.job(create.job_id).await.unwrap().unwrap().status, JobStatus::Done);
    let unknown = AttachCharge { checkout_id: create_checkout().id, ..attach_charge(&create, &charge_code()) };
    assert_eq!(test.decide(unknown).await, Err(Rejection::CheckoutNotFound));
}

pub async fn a_second_charge_is_one_too_many(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let code = charge_code();
    test.decide(attach_charge(&create, &code)).await.unwrap();
    let reply = test.decide(attach_charge(&create, &charge_code())).await.unwrap();
    let AttachChargeReply::Surplus(checkout) = reply else { panic!("attached twice") };
    assert_eq!(checkout.charge_code, Some(code));
}

pub async fn a_charge_of_another_checkout_is_refused(test: &TestStore) {
    let (one, other) = (create_checkout(), create_checkout());
    test.decide(one.clone()).await.unwrap();
    test.decide(other.clone()).await.unwrap();
    let code = charge_code();
    test.decide(attach_charge(&one, &code)).await.unwrap();
    assert_eq!(test.decide(attach_charge(&other, &code)).await, Err(Rejection::ChargeTaken));
    assert_eq!(test.store.checkouts.checkout(other.id).await.unwrap().unwrap().charge_code, None);
    assert_eq!(test.store.jobs.job(other.job_id).await.unwrap().unwrap().status, JobStatus::Ready);
}

pub async fn only_an_overdue_checkout_expires(test: &TestStore) {
    let create = create_checkout();
    test.decide(create.clone()).await.unwrap();
    let early = test.decide(ExpireCheckout { checkout_id: create.id }).await.unwrap();
    assert_eq!(early.status, CheckoutStatus::Pending);
    test.clock.advance(Duration::from_secs(3601));
    let overdue = test.store.checkouts.overdue_checkouts(test.clock.now(), 10).await.unwrap();
    assert_eq!(overdue, [create.id]);
    let expired = test.decide(ExpireCheckout { checkout_id: create.id }).await.unwrap();
    assert_eq!((expired.status, expired.failure_reason), (CheckoutStatus::Expired, Some(Reason::Expired)));
    assert_eq!(test.store.checkouts.checkout(create.id).await.unwrap(), Some(*expired));
    assert!(test.store.checkouts.overdue_checkouts(test.clock.now(), 10).await.unwrap().is_empty());
}

pub async fn a_checkout_whose_payment_was_seen_has_a_day_more(test: &TestStore) {
    let create = create_checkout();
    let code = charge_code();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &code)).await.unwrap();
    test.decide(event(&code, ChargeNews::Pending)).await.unwrap();
    let expire = || test.decide(ExpireCheckout { checkout_id: create.id });
    let overdue = || test.store.checkouts.overdue_checkouts(test.clock.now(), 10);
    test.clock.advance(Duration::from_secs(3601));
    assert!(overdue().await.unwrap().is_empty());
    assert_eq!(expire().await.unwrap().status, CheckoutStatus::Pending);
    test.clock.advance(PAYMENT_GRACE);
    assert_eq!(overdue().await.unwrap(), [create.id]);
    assert_eq!(expire().await.unwrap().status, CheckoutStatus::Expired);
}
