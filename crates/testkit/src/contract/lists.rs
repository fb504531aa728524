//! Lists and their pages.

use std::sync::Arc;

use domain::{
    ChargeNews, CheckoutStatus, ClaimJobs, CompleteJob, CreateCheckout, Email, EventId, ExpireCheckout, FailJob, JobId,
    JobKind, JobStatus, MerchantId, OrderId, Provider, Verdict, WhichJobs,
};
use ports::{COUNT_CAP, CheckoutFilter, EventFilter, IdSource, JobFilter, Ledger, PageRequest, execute};
use tokio::task::JoinSet;

use crate::builders::{attach_charge, charge_code, create_checkout, event, order_paid, poll_job_of};
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

    let merchant_id = Some(MerchantId::parse("m-1").unwrap());
    let of_merchant = CheckoutFilter { merchant_id: merchant_id.clone(), ..CheckoutFilter::default() };
    assert_eq!(repo.checkouts(of_merchant, ALL).await.unwrap().total, 3);
    let email = Some(Email::parse("late@example.com").unwrap());
    let both = CheckoutFilter { merchant_id, email, ..CheckoutFilter::default() };
    assert_eq!(repo.checkouts(both, ALL).await.unwrap().total, 1);

    test.clock.advance(std::time::Duration::from_secs(7200));
    test.decide(ExpireCheckout { checkout_id: made[0].id }).await.unwrap();
    let expired = CheckoutFilter { status: Some(CheckoutStatus::Expired), ..CheckoutFilter::default() };
    let expired = repo.checkouts(expired, ALL).await.unwrap();
    assert_eq!(expired.items.iter().map(|row| row.id).collect::<Vec<_>>(), ids(&made[..1]));
}

const ALL: PageRequest = PageRequest { page: 1, page_size: 100 };

pub async fn events_are_listed_by_verdict_and_provider_without_their_bodies(test: &TestStore) {
    let waiting = event(&charge_code(), ChargeNews::Confirmed);
    let unknown = event(&charge_code(), ChargeNews::Unknown);
    let notice = order_paid(OrderId::from_uuid(adapters::SystemIds.uuid_v7()));
    for event in [&waiting, &unknown, &notice] {
        test.decide(event.clone()).await.unwrap();
    }
    let mut all = vec![waiting.id, unknown.id, notice.id];
    all.sort_by_key(|id| std::cmp::Reverse(*id));
    let of = |ids: &[EventId]| all.iter().copied().filter(|id| ids.contains(id)).collect::<Vec<_>>();
    for (verdict, provider, expected) in [
        (None, None, of(&all)),
        (Some(Verdict::Waiting), None, of(&[waiting.id, notice.id])),
        (None, Some(Provider::Coinbase), of(&[waiting.id, unknown.id])),
        (Some(Verdict::Waiting), Some(Provider::Generic), of(&[notice.id])),
        (Some(Verdict::Rejected), Some(Provider::Coinbase), of(&[unknown.id])),
        (Some(Verdict::Rejected), Some(Provider::Generic), of(&[])),
    ] {
        let found = test.store.events.events(EventFilter { verdict, provider }, ALL).await.unwrap();
        assert_eq!(found.items.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{verdict:?} {provider:?}");
        assert_eq!(found.total as usize, expected.len());
        assert!(found.items.iter().all(|row| row.raw.is_empty()), "bodies may be large");
    }
    let second = PageRequest { page: 2, page_size: 2 };
    let page = test.store.events.events(EventFilter::default(), second).await.unwrap();
    assert_eq!(page.items.iter().map(|row| row.id).collect::<Vec<_>>(), all[2..]);
    let whole = test.store.events.event(notice.id).await.unwrap().unwrap();
    assert_eq!((whole.raw, whole.report), (notice.raw, notice.report));
}

pub async fn jobs_are_listed_by_status(test: &TestStore) {
    let (dead, running, charged) = (create_checkout(), create_checkout(), create_checkout());
    let lease = std::time::Duration::from_secs(30);
    let claim = |only: domain::CheckoutId| ClaimJobs {
        kind: JobKind::CreateCharge,
        which: WhichJobs::Of(only.as_uuid()),
        limit: 1,
        lease,
    };
    for create in [&dead, &running, &charged] {
        test.decide(create.clone()).await.unwrap();
        test.store.job_queue.claim(claim(create.id)).await.unwrap();
    }
    let (lease, error) = (domain::JobLease { job_id: dead.job_id, attempt: 1 }, "no".to_owned());
    let fail = FailJob { lease, error, jitter_permille: 0, not_before: None, give_up: true };
    test.decide(fail).await.unwrap();
    test.decide(attach_charge(&charged, &charge_code())).await.unwrap();
    let done = domain::JobLease { job_id: charged.job_id, attempt: 1 };
    test.decide(CompleteJob { lease: done }).await.unwrap();
    let ids = |jobs: ports::Page<domain::Job>| jobs.items.iter().map(|job| job.id).collect::<Vec<JobId>>();
    for (status, expected) in [
        (JobStatus::Dead, dead.job_id),
        (JobStatus::Running, running.job_id),
        (JobStatus::Done, charged.job_id),
        (JobStatus::Ready, poll_job_of(charged.job_id)),
    ] {
        let filter = JobFilter { status: Some(status), ..JobFilter::default() };
        assert_eq!(ids(test.store.jobs.jobs(filter, ALL).await.unwrap()), [expected], "{status}");
    }
    let polled = test.store.jobs.job_of(JobKind::PollCharge, charged.id.as_uuid()).await.unwrap();
    assert_eq!(polled.map(|job| job.id), Some(poll_job_of(charged.job_id)));
    assert_eq!(test.store.jobs.job_of(JobKind::PollCharge, dead.id.as_uuid()).await, Ok(None));
    let all = ids(test.store.jobs.jobs(JobFilter::default(), ALL).await.unwrap());
    assert!(all.len() == 4 && all.is_sorted_by_key(|id| std::cmp::Reverse(*id)), "newest first");
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
