//! Many checkouts that are due at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use adapters::SystemIds;
use application::{Background, ChargeWorker, Charges, Health, JobBell, JobRunner, PollWorker};
use domain::{ChargeNews, CheckoutStatus, CreateCheckout};
use ports::ChargeStage;
use testkit::builders::create_checkout;
use tokio::sync::watch;

use crate::desk::{Desk, FIRST, NOTHING_YET};

fn runner(desk: &Desk) -> JobRunner {
    let store = &desk.test.store;
    let charges = Charges {
        ledger: store.ledger.clone(),
        gateway: desk.oracle.clone(),
        ids: Arc::new(SystemIds),
        poll_after: FIRST,
    };
    let background = Background::on(tokio::runtime::Handle::current());
    let (checkouts, room) = (store.checkouts.clone(), background.gateway_room().clone());
    JobRunner {
        queue: store.job_queue.clone(),
        workers: vec![
            Arc::new(ChargeWorker { checkouts, charges, room }),
            Arc::new(PollWorker::new(desk.polls.clone(), &background)),
        ],
        background,
        bell: JobBell::default(),
        health: Arc::new(Health::new(store.health.clone(), desk.test.clock.clone())),
        ids: Arc::new(SystemIds),
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok(), "waited in vain for: {what}");
}

async fn many_due(desk: &Desk, count: usize) -> Vec<CreateCheckout> {
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(desk.charged().await);
    }
    desk.test.clock.advance(FIRST);
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_stuck_on_questions_still_makes_charges() {
    let desk = Desk::open(NOTHING_YET);
    desk.oracle.hanging.send_replace(true);
    many_due(&desk, 100).await;
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(runner(&desk).run(stopped));
    until("questions", async || desk.oracle.being_asked.load(Ordering::SeqCst) == 8).await;
    let made: Vec<_> = (0..50).map(|_| create_checkout()).collect();
    for create in &made {
        desk.test.decide(create.clone()).await.unwrap();
    }
    for create in &made {
        let checkouts = &desk.test.store.checkouts;
        until("a charge", async || checkouts.checkout(create.id).await.unwrap().unwrap().charge_code.is_some()).await;
    }
    assert_eq!(desk.asked(), 8, "no more at once");
    desk.oracle.hanging.send_replace(false);
    until("the rest", async || desk.asked() >= 100).await;
    stop.send_replace(true);
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_worked_off_without_a_pause_between_handfuls() {
    let desk = Desk::open(Ok(Some((ChargeStage::Over, Some(ChargeNews::Confirmed)))));
    let made = many_due(&desk, 400).await;
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(runner(&desk).run(stopped));
    until("all of them", async || desk.asked() >= 400).await;
    stop.send_replace(true);
    running.await.unwrap();
    for create in made {
        assert_eq!(desk.status(&create).await, CheckoutStatus::Completed);
    }
}
