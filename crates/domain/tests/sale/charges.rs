//! Charges find their checkouts once.

use std::time::Duration;

use domain::{
    AttachCharge, AttachChargeReply, Charge, CheckoutId, ClaimJobs, CompleteJob, FailJob, Job, JobKind, JobLease,
    JobReply, JobStatus, OrderId, PostponeJob, Rejection, Task, WhichJobs,
};

use crate::shop::{POLL_AFTER, Shop, attach_charge, code, poll_job_of, usd};

fn attach(checkout_id: CheckoutId, owner: CheckoutId, job_id: domain::JobId) -> AttachCharge {
    let charge = Charge { code: code(owner), hosted_url: format!("https://pay.example/{owner}") };
    attach_charge(checkout_id, charge, job_id)
}

#[test]
fn a_checkout_keeps_its_first_charge_and_its_job_is_done() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let create = shop.create_checkout(order_id, usd("10"));
    shop.ask(create.clone()).unwrap();
    let first = attach(create.id, create.id, create.job_id);
    let AttachChargeReply::Attached(checkout) = shop.ask(first.clone()).unwrap() else { panic!("it is the first") };
    assert_eq!(checkout.charge_code, Some(code(create.id)));
    assert_eq!(shop.books.jobs().get(create.job_id).unwrap().status, JobStatus::Done);
    assert_eq!(shop.ask_in_vain(first), Ok(AttachChargeReply::Attached(checkout.clone())));
    let other = CheckoutId::from_uuid(shop.uuid());
    let second = attach(create.id, other, create.job_id);
    assert_eq!(shop.ask_in_vain(second), Ok(AttachChargeReply::Surplus(checkout)));
}

#[test]
fn a_charge_of_another_checkout_or_for_none_is_refused() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let owner = shop.checkout(order_id, usd("10"));
    let create = shop.create_checkout(order_id, usd("10"));
    shop.ask(create.clone()).unwrap();
    let taken = attach(create.id, owner, create.job_id);
    assert_eq!(shop.ask(taken), Err(Rejection::ChargeTaken));
    assert_eq!(shop.books.jobs().get(create.job_id).unwrap().status, JobStatus::Ready, "the work isn't done");
    let unknown = CheckoutId::from_uuid(shop.uuid());
    assert_eq!(shop.ask(attach(unknown, unknown, create.job_id)), Err(Rejection::CheckoutNotFound));
}

const LEASE: Duration = Duration::from_secs(30);

fn charged(shop: &mut Shop) -> (CheckoutId, domain::JobId) {
    let order_id = OrderId::from_uuid(shop.uuid());
    let create = shop.create_checkout(order_id, usd("10"));
    shop.ask(create.clone()).unwrap();
    shop.ask(attach(create.id, create.id, create.job_id)).unwrap();
    (create.id, poll_job_of(create.job_id))
}

fn claim(shop: &mut Shop) -> Vec<Job> {
    let now = shop.now();
    shop.books.claim_jobs(&ClaimJobs { kind: JobKind::PollCharge, which: WhichJobs::Due, limit: 10, lease: LEASE }, now)
}

#[test]
fn a_charge_comes_with_the_job_that_asks_what_becomes_of_it() {
    let mut shop = Shop::new();
    let (checkout_id, poll_job_id) = charged(&mut shop);
    let job = shop.books.jobs().get(poll_job_id).unwrap().clone();
    assert_eq!((job.task, job.status), (Task::PollCharge(checkout_id), JobStatus::Ready));
    assert_eq!((job.attempts, job.run_at), (0, shop.now() + POLL_AFTER));
    assert!(claim(&mut shop).is_empty(), "not yet due");
    shop.wait(POLL_AFTER);
    assert_eq!(claim(&mut shop)[0].id, poll_job_id);
}

#[test]
fn a_postponed_job_is_done_again_later_and_has_not_failed() {
    let mut shop = Shop::new();
    charged(&mut shop);
    shop.wait(POLL_AFTER);
    let lease = claim(&mut shop)[0].lease();
    let give_back = FailJob { lease, error: "no".to_owned(), jitter_permille: 0, not_before: None, give_up: false };
    shop.ask(give_back).unwrap();
    shop.wait(POLL_AFTER);
    let lease = claim(&mut shop)[0].lease();
    let pause = Duration::from_secs(120);
    let run_at = shop.now() + pause;
    assert_eq!(shop.ask(PostponeJob { lease, pause }), Ok(JobReply::Retrying { run_at }));
    let job = shop.books.jobs().get(lease.job_id).unwrap();
    assert_eq!((job.status, job.attempts, job.run_at, &job.last_error), (JobStatus::Ready, 2, run_at, &None));
    shop.wait(pause);
    assert_eq!(claim(&mut shop)[0].attempts, 3, "leases are told apart by it");
}

#[test]
fn a_job_is_postponed_under_its_present_lease_only() {
    let mut shop = Shop::new();
    let (_, poll_job_id) = charged(&mut shop);
    shop.wait(POLL_AFTER);
    let first = claim(&mut shop)[0].lease();
    shop.wait(LEASE);
    let second = claim(&mut shop)[0].lease();
    let postpone = |lease| PostponeJob { lease, pause: LEASE };
    assert_eq!(shop.ask_in_vain(postpone(first)), Ok(JobReply::LeaseLost));
    shop.ask(CompleteJob { lease: second }).unwrap();
    assert_eq!(shop.ask_in_vain(postpone(second)), Ok(JobReply::Done));
    let unknown = JobLease { job_id: domain::JobId::from_uuid(shop.uuid()), attempt: 1 };
    assert_eq!(shop.ask_in_vain(postpone(unknown)), Err(Rejection::JobNotFound));
    assert_eq!(shop.books.jobs().get(poll_job_id).unwrap().status, JobStatus::Done);
}
