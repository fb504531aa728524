//! Whoever counts everything anew asks too, compares, and puts right what the gateway knows better.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::SystemIds;
use application::{
    GatewayCheck, GatewayLimits, GatewayLook, KeptReport, Pace, Reconciliation, RepairOutcome, Report, Stopped, Wish,
    unheard,
};
use domain::{ChargeNews, CheckoutStatus, IssueCode};
use ports::{AuditTrailFilter, ChargeStage, GatewayError, PageRequest};
use testkit::builders::{paid_event, usd};

use crate::desk::{Desk, NOTHING_YET, Word};

const LIMITS: GatewayLimits = GatewayLimits { checkouts: 10, time: Duration::from_secs(60) };
const PAID: Word = Ok(Some((ChargeStage::Over, Some(ChargeNews::Confirmed))));

fn reconciliation(desk: &Desk) -> Reconciliation {
    let (store, clock) = (&desk.test.store, desk.test.clock.clone());
    Reconciliation {
        audit: store.audit.clone(),
        jobs: store.jobs.clone(),
        events: store.events.clone(),
        ledger: store.ledger.clone(),
        ids: Arc::new(SystemIds),
        gateway: Some(GatewayCheck {
            gateway: desk.oracle.clone(),
            checkouts: store.checkouts.clone(),
            transactions: store.transactions.clone(),
            pace: Pace::unlimited(),
            clock: clock.clone(),
        }),
        clock,
        turn: Arc::default(),
        kept: KeptReport::default(),
    }
}

/// Counts two minutes later, when nothing is on its way any more.
async fn counted(desk: &Desk, limits: GatewayLimits, repair: bool) -> Report {
    desk.test.clock.advance(Duration::from_secs(120));
    reconciliation(desk).run(Wish { gateway: Some(limits), repair }, &unheard()).await.unwrap()
}

fn codes(report: &Report) -> Vec<IssueCode> {
    report.counts.keys().copied().collect()
}

#[tokio::test]
async fn money_that_only_the_gateway_knows_of_is_named_and_recorded_on_request() {
    let desk = Desk::open(PAID);
    let create = desk.charged().await;
    let found = counted(&desk, LIMITS, false).await;
    assert_eq!((codes(&found), found.is_ok()), (vec![IssueCode::PaidAtGateway], true));
    assert_eq!(found.attention[0].issue.facts.checkout_id, Some(create.id));
    assert_eq!(desk.status(&create).await, CheckoutStatus::Pending, "looking changes nothing");
    let repaired = counted(&desk, LIMITS, true).await;
    assert_eq!(repaired.repaired, repaired.counts);
    assert_eq!(desk.status(&create).await, CheckoutStatus::Completed);
    let after = counted(&desk, LIMITS, true).await;
    assert_eq!((codes(&after), after.gateway.unwrap().asked), (vec![], 1), "paid lately, it is asked about still");
    let of_checkout = AuditTrailFilter { subject_id: Some(create.id.as_uuid()) };
    let page = PageRequest { page: 1, page_size: 1 };
    let trail = desk.test.store.audit_trail.audit_trail(of_checkout, page).await.unwrap();
    let request_id = trail.items[0].request_id.as_ref().map(domain::RequestId::as_str);
    assert_eq!((trail.items[0].command.as_str(), request_id), ("RecordEvent", Some("reconcile")));
}

#[tokio::test]
async fn what_the_gateway_says_otherwise_is_named_and_left_alone() {
    for (word, money, code, is_broken) in [
        (NOTHING_YET, "29.99", IssueCode::PaidHereOnly, true),
        (Ok(Some((ChargeStage::Ended, Some(ChargeNews::Expired)))), "29.99", IssueCode::PaidHereOnly, true),
        (Ok(None), "29.99", IssueCode::UnknownAtGateway, false),
        (Err(GatewayError::ChargeNotFound), "29.99", IssueCode::UnknownAtGateway, false),
        (PAID, "30", IssueCode::AmountDiffersAtGateway, false),
    ] {
        let desk = Desk::open(word.clone());
        let create = desk.charged().await;
        let code_here = desk.test.store.checkouts.checkout(create.id).await.unwrap().unwrap().charge_code.unwrap();
        let mut told = paid_event(&code_here, ChargeNews::Resolved, usd("29.99"), usd(money));
        if let Ok(Some((_, Some(ChargeNews::Confirmed)))) = word {
            // The same movement as the gateway tells of.
            let theirs = paid_event(&code_here, ChargeNews::Confirmed, usd("29.99"), usd("29.99"));
            rename(&mut told.report, &theirs.report);
        }
        desk.test.decide(told).await.unwrap();
        assert_eq!(desk.status(&create).await, CheckoutStatus::Completed);
        let report = counted(&desk, LIMITS, true).await;
        assert_eq!((codes(&report), report.is_ok()), (vec![code], !is_broken), "{word:?}");
        assert!(report.repaired.is_empty(), "{word:?}");
    }
}

/// Calls the payments of one report as another calls its own.
fn rename(report: &mut domain::EventReport, as_in: &domain::EventReport) {
    let (domain::EventReport::Charge(report), domain::EventReport::Charge(other)) = (report, as_in) else {
        panic!("both are news of a charge")
    };
    for (payment, named) in report.payments.iter_mut().zip(&other.payments) {
        payment.provider_transaction_id.clone_from(&named.provider_transaction_id);
    }
}

#[tokio::test]
async fn the_gateway_is_asked_no_more_than_it_should_be() {
    let desk = Desk::open(NOTHING_YET);
    for _ in 0..5 {
        desk.charged().await;
    }
    let few = counted(&desk, GatewayLimits { checkouts: 3, ..LIMITS }, false).await.gateway.unwrap();
    assert_eq!(few, GatewayLook { asked: 3, unanswered: 0, left_out: 2, stopped: None });
    let no_time = counted(&desk, GatewayLimits { time: Duration::ZERO, ..LIMITS }, false).await.gateway.unwrap();
    assert_eq!(no_time, GatewayLook { asked: 0, unanswered: 0, left_out: 5, stopped: Some(Stopped::TimeUp) });
    // After three days nobody asks any more.
    desk.test.clock.advance(Duration::from_secs(4 * 24 * 3600));
    assert_eq!(counted(&desk, LIMITS, false).await.gateway, Some(GatewayLook::default()));
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_is_left_alone_and_the_count_goes_on() {
    let unavailable = GatewayError::Unavailable("away".to_owned());
    for (error, asked) in [(unavailable, 3), (GatewayError::RateLimited { retry_after: None }, 1)] {
        let desk = Desk::open(Err(error.clone()));
        for _ in 0..5 {
            desk.charged().await;
        }
        let report = counted(&desk, LIMITS, true).await;
        let look =
            GatewayLook { asked, unanswered: asked, left_out: 5 - asked, stopped: Some(Stopped::Trouble(error)) };
        assert_eq!((report.gateway, report.counted.checkouts), (Some(look), 5));
    }
}

#[tokio::test]
async fn a_report_that_nobody_waited_for_is_kept_for_whoever_asks_next() {
    let desk = Desk::open(NOTHING_YET);
    desk.charged().await;
    let reconciliation = reconciliation(&desk);
    desk.oracle.hanging.send_replace(true);
    let overloaded = Err(ports::LedgerError::Overloaded.into());
    let hurried = reconciliation.report_within(Duration::from_millis(20), Some(LIMITS)).await;
    assert_eq!(hurried, overloaded);
    assert_eq!(reconciliation.report_within(Duration::from_secs(5), None).await, overloaded, "one at a time");
    desk.oracle.hanging.send_replace(false);
    drop(reconciliation.turn.lock().await);
    let asked = desk.asked();
    let kept = reconciliation.report_within(Duration::from_secs(5), Some(LIMITS)).await.unwrap();
    assert_eq!((desk.asked(), kept.gateway.unwrap().asked), (asked, 1), "it isn't counted again");
    reconciliation.report_within(Duration::from_secs(5), Some(LIMITS)).await.unwrap();
    assert_eq!(desk.asked(), asked + 1, "it is handed out once");
}

#[tokio::test]
async fn whoever_listens_hears_of_each_repair_as_it_happens() {
    let desk = Desk::open(NOTHING_YET);
    let create = desk.charged().await;
    // Long after the checkout's time, and nobody has ended it.
    desk.test.clock.advance(Duration::from_secs(24 * 3600));
    let heard: Arc<Mutex<Vec<(IssueCode, RepairOutcome)>>> = Arc::default();
    let ears = heard.clone();
    let listener: application::Listener =
        Arc::new(move |issue, outcome| ears.lock().unwrap().push((issue.code, outcome.clone())));
    let wish = Wish { gateway: None, repair: true };
    let report = reconciliation(&desk).run(wish, &listener).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), [(IssueCode::CheckoutOverdue, RepairOutcome::Repaired)]);
    assert_eq!((report.repaired, desk.status(&create).await), (report.counts, CheckoutStatus::Expired));
}
