//! Many at once.

use std::collections::HashSet;
use std::time::Duration;

use domain::{ChargeNews, ClaimJobs, CreateCheckoutReply, JobKind, Verdict, WhichJobs};
use ports::{CheckoutFilter, PageRequest, execute};
use tokio::task::JoinSet;

use crate::builders::{
    attach_charge, charge_code, checkout_of, create_checkout, create_checkout_with_key, paid_event, usd,
};
use crate::stores::TestStore;

pub async fn two_hundred_with_one_key_make_one_checkout(test: &TestStore) {
    // Half of them by another node, where there can be one.
    let nodes = [test.store.clone(), test.second_node()];
    let mut asking = JoinSet::new();
    for number in 0..200 {
        let ledger = nodes[number % 2].ledger.clone();
        asking.spawn(async move { execute(&*ledger, create_checkout_with_key("one")).await.unwrap().unwrap() });
    }
    let replies = asking.join_all().await;
    let created = replies.iter().filter(|reply| matches!(reply, CreateCheckoutReply::Created(_))).count();
    assert_eq!(created, 1);
    let ids: HashSet<_> = replies.into_iter().map(|reply| checkout_of(reply).id).collect();
    assert_eq!(ids.len(), 1);
    let page = PageRequest { page: 1, page_size: 1 };
    assert_eq!(test.store.checkouts.checkouts(CheckoutFilter::default(), page).await.unwrap().total, 1);
    nodes[1].stop().await;
}

/// Checkouts, their charges and their payments, in a crowd; events and charges race each other on two nodes.
pub async fn a_crowd_is_answered_and_stored_one_by_one(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let mut asking = JoinSet::new();
    for number in 0..300 {
        let (here, there) = (nodes[number % 2].ledger.clone(), nodes[(number + 1) % 2].ledger.clone());
        asking.spawn(async move {
            let create = create_checkout();
            let code = charge_code();
            execute(&*here, create.clone()).await.unwrap().unwrap();
            let attach = execute(&*here, attach_charge(&create, &code));
            let event = paid_event(&code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
            let (attached, told) = tokio::join!(attach, execute(&*there, event));
            attached.unwrap().unwrap();
            let verdict = told.unwrap().unwrap().verdict;
            assert!(matches!(verdict, Verdict::Applied | Verdict::Waiting), "{verdict}");
        });
    }
    asking.join_all().await;
    let page = PageRequest { page: 1, page_size: 1 };
    let completed = CheckoutFilter { status: Some(domain::CheckoutStatus::Completed), ..CheckoutFilter::default() };
    assert_eq!(test.store.checkouts.checkouts(completed, page).await.unwrap().total, 300);
    assert_eq!(
        test.store.transactions.transactions(ports::TransactionFilter::default(), page).await.unwrap().total,
        300
    );
    let waiting = ports::EventFilter { verdict: Some(Verdict::Waiting), ..ports::EventFilter::default() };
    assert_eq!(test.store.events.events(waiting, page).await.unwrap().total, 0);
    nodes[1].stop().await;
}

pub async fn claimers_never_share_a_job(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    for _ in 0..100 {
        test.decide(create_checkout()).await.unwrap();
    }
    let mut asking = JoinSet::new();
    for number in 0..40 {
        let queue = nodes[number % 2].job_queue.clone();
        let wish =
            ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 5, lease: Duration::from_secs(30) };
        asking.spawn(async move { queue.claim(wish).await.unwrap() });
    }
    let claimed: Vec<_> = asking.join_all().await.into_iter().flatten().map(|job| job.id).collect();
    assert!(claimed.len() <= 100);
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), claimed.len(), "somebody's job was given away twice");
    let rest =
        ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 100, lease: Duration::from_secs(30) };
    let rest = test.store.job_queue.claim(rest).await.unwrap().len();
    assert_eq!(claimed.len() + rest, 100, "a job was forgotten");
    nodes[1].stop().await;
}
