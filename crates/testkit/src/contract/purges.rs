//! What is deleted when it is old enough, and what is kept for good.

use std::time::Duration;

use domain::{
    Cause, ChargeNews, ClaimJobs, Decide, EventId, ExpireEvent, ExpireHold, FailJob, Fingerprint, HoldId, JobKind,
    JobLease, JobStatus, LONGEST_WAIT, Leftovers, Once, PaymentOutcome, PlaceHold, Purge, Reason, RecordEvent,
    ReleaseHold, RequestScope, TokenCheck, Verdict, WhichJobs,
};
use ports::{Clock, Decided, TransactionFilter, execute_once};

use super::shop::{ALL, offer, stock};
use crate::builders::{
    attach_charge, charge_code, create_checkout, create_product, event, notified, order_of_hold, order_of_items,
    paid_event, payment_notice, place_hold, poll_job_of, usd,
};
use crate::stores::TestStore;

const SOON: Duration = Duration::from_secs(1);

/// Deletes what has been left over since before now.
async fn purge(test: &TestStore, what: Leftovers, limit: u32) -> u32 {
    test.store.purger.purge(Purge { what, before: test.clock.now(), limit }).await.unwrap()
}

async fn is_there(test: &TestStore, id: HoldId) -> bool {
    test.store.holds.hold(id).await.unwrap().is_some()
}

async fn place(test: &TestStore, place: PlaceHold) -> HoldId {
    test.decide(place).await.unwrap().id
}

pub async fn holds_that_came_to_nothing_go_and_all_others_stay(test: &TestStore) {
    let product_id = offer(test, 9).await;
    let converted = place(test, place_hold(product_id, 1)).await;
    let order = test.decide(order_of_hold(converted)).await.unwrap();
    let expired = place(test, place_hold(product_id, 1)).await;
    let released = place(test, place_hold(product_id, 1)).await;
    test.decide(ReleaseHold { hold_id: released, token: TokenCheck::Right }).await.unwrap();
    test.clock.advance(Duration::from_secs(120));
    test.decide(ExpireHold { hold_id: expired }).await.unwrap();
    let active = place(test, place_hold(product_id, 1)).await;
    // Over, and nobody has noticed: its stock is still held.
    let unnoticed = place(test, PlaceHold { time_to_live: Duration::ZERO, ..place_hold(product_id, 1) }).await;
    assert_eq!(purge(test, Leftovers::EndedHolds, 10).await, 1, "the other ended just now");
    assert_eq!((is_there(test, released).await, is_there(test, expired).await), (false, true));
    test.clock.advance(SOON);
    let before = stock(test, product_id).await;
    assert_eq!(purge(test, Leftovers::EndedHolds, 10).await, 1);
    assert_eq!(purge(test, Leftovers::EndedHolds, 10).await, 0);
    assert!(!is_there(test, expired).await);
    for kept in [converted, active, unnoticed] {
        assert!(is_there(test, kept).await);
    }
    assert_eq!(stock(test, product_id).await, before);
    assert_eq!(test.store.orders.order(order.id).await, Ok(Some(*order)));
}

pub async fn leftovers_go_oldest_first_and_so_many_at_a_time(test: &TestStore) {
    let product_id = offer(test, 9).await;
    let mut ended = Vec::new();
    for _ in 0..5 {
        let hold_id = place(test, place_hold(product_id, 1)).await;
        test.decide(ReleaseHold { hold_id, token: TokenCheck::Right }).await.unwrap();
        test.clock.advance(SOON);
        ended.push(hold_id);
    }
    for (gone, left) in [(2, 3), (2, 1), (1, 0), (0, 0)] {
        assert_eq!(purge(test, Leftovers::EndedHolds, 2).await, gone);
        let mut there = Vec::new();
        for hold_id in &ended {
            there.extend(is_there(test, *hold_id).await.then_some(*hold_id));
        }
        assert_eq!(there, ended[5 - left..]);
    }
}

async fn verdict_of(test: &TestStore, id: EventId) -> Option<Verdict> {
    test.store.events.event(id).await.unwrap().map(|event| event.verdict)
}

pub async fn events_that_told_nothing_go_and_whatever_tells_of_money_stays(test: &TestStore) {
    let (create, code) = (create_checkout(), charge_code());
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &code)).await.unwrap();
    let product = create_product(5);
    test.decide(product.clone()).await.unwrap();
    let order = order_of_items(&[(product.id, 1)]);
    test.decide(order.clone()).await.unwrap();
    let notice = |outcome, key: &str| notified(order.id, payment_notice(order.id, outcome), key);
    let paid = paid_event(&code, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
    let foreign = || event(&charge_code(), ChargeNews::Created);
    let foreign_money = || event(&charge_code(), ChargeNews::Confirmed);
    let goes = [
        (event(&code, ChargeNews::Unknown), Verdict::Rejected),
        (foreign(), Verdict::Dead),
        (event(&code, ChargeNews::Expired), Verdict::Stale),
        (notice(PaymentOutcome::Failed, "failed-2"), Verdict::Stale),
    ];
    let stays = [
        (event(&code, ChargeNews::Created), Verdict::Applied),
        (foreign_money(), Verdict::Dead),
        (event(&charge_code(), ChargeNews::Held(Reason::Underpaid)), Verdict::Dead),
        (paid_event(&charge_code(), ChargeNews::Unknown, usd("1"), usd("1")), Verdict::Rejected),
        (paid.clone(), Verdict::Applied),
        (notice(PaymentOutcome::Paid, "paid"), Verdict::Applied),
    ];
    let late =
        [&stays[0], &stays[4], &stays[5], &goes[0], &goes[1], &stays[1], &stays[2], &stays[3], &goes[2], &goes[3]];
    for (told, _) in late {
        test.decide(told.clone()).await.unwrap();
    }
    test.clock.advance(LONGEST_WAIT);
    for (told, verdict) in goes.iter().chain(&stays) {
        if *verdict == Verdict::Dead {
            test.decide(ExpireEvent { id: told.id }).await.unwrap();
        }
        assert_eq!(verdict_of(test, told.id).await, Some(*verdict), "{told:?}");
    }
    let waiting = foreign();
    test.decide(waiting.clone()).await.unwrap();
    test.clock.advance(LONGEST_WAIT);
    assert_eq!(purge(test, Leftovers::IdleEvents, 100).await as usize, goes.len());
    for (told, _) in &goes {
        assert_eq!(verdict_of(test, told.id).await, None, "{told:?}");
    }
    for (told, verdict) in &stays {
        assert_eq!(verdict_of(test, told.id).await, Some(*verdict), "{told:?}");
    }
    assert_eq!(verdict_of(test, waiting.id).await, Some(Verdict::Waiting));
    let transactions = test.store.transactions.transactions(TransactionFilter::default(), ALL).await.unwrap();
    assert_eq!(transactions.total, 2);
    let resent = RecordEvent { id: EventId::from_uuid(create_checkout().id.as_uuid()), ..paid };
    assert_eq!(test.decide(resent).await.unwrap().verdict, Verdict::Duplicate, "what was applied is known for good");
    let again = goes[0].0.clone();
    assert_eq!(test.decide(again).await.unwrap().verdict, Verdict::Rejected, "and what is gone is decided as before");
}

pub async fn jobs_that_are_done_go_and_dead_letters_stay(test: &TestStore) {
    let (done, dead, ready) = (create_checkout(), create_checkout(), create_checkout());
    for create in [&done, &dead] {
        test.decide(create.clone()).await.unwrap();
    }
    let claim = ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 9, lease: SOON };
    assert_eq!(test.store.job_queue.claim(claim).await.unwrap().len(), 2);
    test.decide(attach_charge(&done, &charge_code())).await.unwrap();
    let lease = JobLease { job_id: dead.job_id, attempt: 1 };
    let fail = FailJob { lease, error: "no".to_owned(), jitter_permille: 0, not_before: None, give_up: true };
    test.decide(fail).await.unwrap();
    test.decide(ready.clone()).await.unwrap();
    assert_eq!(purge(test, Leftovers::DoneJobs, 9).await, 0, "done just now");
    test.clock.advance(SOON);
    assert_eq!(purge(test, Leftovers::DoneJobs, 9).await, 1);
    for (id, status) in [
        (done.job_id, None),
        (poll_job_of(done.job_id), Some(JobStatus::Ready)),
        (dead.job_id, Some(JobStatus::Dead)),
        (ready.job_id, Some(JobStatus::Ready)),
    ] {
        assert_eq!(test.store.jobs.job(id).await.unwrap().map(|job| job.status), status);
    }
    assert!(test.store.checkouts.checkout(done.id).await.unwrap().is_some());
    assert_eq!(test.store.jobs.job_of(JobKind::CreateCharge, done.id.as_uuid()).await, Ok(None));
}

async fn ask<C: Decide + Send>(test: &TestStore, command: C) -> Decided<C::Reply> {
    let scope = RequestScope::of("anonymous", "POST", "/api/holds", "one");
    let once = Once { scope, fingerprint: Fingerprint::of(&[Some("a")]) };
    execute_once(&*test.store.ledger, command, Cause::default(), Some(once)).await.unwrap()
}

pub async fn requests_that_were_decided_long_ago_are_forgotten(test: &TestStore) {
    let product_id = offer(test, 9).await;
    let Decided::Now(Ok(_)) = ask(test, place_hold(product_id, 1)).await else { panic!("refused") };
    assert_eq!(purge(test, Leftovers::DecidedRequests, 9).await, 0);
    test.clock.advance(SOON);
    let Decided::Before(_) = ask(test, place_hold(product_id, 1)).await else { panic!("done twice") };
    assert_eq!(purge(test, Leftovers::DecidedRequests, 9).await, 1);
    let Decided::Now(Ok(_)) = ask(test, place_hold(product_id, 1)).await else { panic!("still known") };
}
