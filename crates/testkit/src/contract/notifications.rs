//! What merchants are told, and in which order.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{
    ChangeOrderStatus, ClaimJobs, CreateEndpoint, DISABLED_AFTER, DeleteEndpoint, Delivery, DeliveryFailure,
    DeliveryId, DeliveryReply, DeliveryStatus, DisabledReason, EnableEndpoint, EndpointId, EndpointStatus,
    FinishDelivery, Job, JobKind, JobReply, Leftovers, MAX_ENDPOINTS, MAX_RECOVERED, NotificationType, OrderId,
    OrderStatus, PREVIOUS_SECRET_VALID, Purge, RecoverDeliveries, Redeliver, Rejection, RotateEndpointSecret,
    SigningSeed, Task, UpdateEndpoint, WebhookEndpoint, WhichJobs,
};
use ports::{Clock, DeliveryFilter, EndpointFilter, PageRequest};

use super::shop::{ALL, offer, on};
use crate::builders::{
    attach_charge, attempted, charge_code, create_checkout, create_endpoint, delivery_ref, event, order_of_items,
    order_paid, paid_event, ping, usd,
};
use crate::stores::TestStore;

use DeliveryStatus::{Delivered, Failed, Pending, Waiting};

const LEASE: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(1);

async fn endpoint(test: &TestStore, id: EndpointId) -> WebhookEndpoint {
    test.store.notifications.endpoint(id).await.unwrap().unwrap()
}

async fn delivery(test: &TestStore, id: DeliveryId) -> Delivery {
    test.store.notifications.delivery(id).await.unwrap().unwrap()
}

/// The deliveries to an endpoint, the oldest first.
async fn deliveries(test: &TestStore, endpoint_id: EndpointId) -> Vec<Delivery> {
    let filter = DeliveryFilter { endpoint_id: Some(endpoint_id), status: None };
    let mut items = test.store.notifications.deliveries(filter, ALL).await.unwrap().items;
    items.sort_by_key(|row| (row.created_at, row.id));
    items
}

async fn told(test: &TestStore, endpoint_id: EndpointId) -> Vec<(&'static str, DeliveryStatus)> {
    deliveries(test, endpoint_id).await.iter().map(|row| (row.event_type.as_str(), row.status)).collect()
}

/// What is due for an endpoint, claimed.
async fn claim(test: &TestStore, endpoint_id: EndpointId) -> Vec<Job> {
    let which = WhichJobs::Queue(endpoint_id.as_uuid());
    test.store.job_queue.claim(ClaimJobs { kind: JobKind::Notify, which, limit: 100, lease: LEASE }).await.unwrap()
}

async fn finish_of(test: &TestStore, job: &Job, status_code: Option<u16>) -> FinishDelivery {
    let Task::Notify { delivery_id, endpoint_id } = job.task else { panic!("{:?}", job.task) };
    let subject = delivery(test, delivery_id).await.subject;
    let attempted = Some(attempted(test.clock.now(), status_code));
    let lease = job.lease();
    FinishDelivery { lease, delivery_id, endpoint_id, subject, attempted, retry_after: None, jitter_permille: 1000 }
}

/// Ends the one attempt that is due with this answer.
async fn answer(test: &TestStore, endpoint_id: EndpointId, status_code: Option<u16>) -> DeliveryReply {
    let [job] = &claim(test, endpoint_id).await[..] else { panic!("not one delivery is due") };
    test.decide(finish_of(test, job, status_code).await).await.unwrap()
}

/// An order of merchant `m-1` that was paid and handed over.
async fn sold(test: &TestStore) -> OrderId {
    let product_id = offer(test, 10).await;
    let order_id = test.decide(order_of_items(&[(product_id, 1)])).await.unwrap().id;
    test.decide(order_paid(order_id)).await.unwrap();
    test.clock.advance(MOMENT);
    test.decide(ChangeOrderStatus { order_id, to: OrderStatus::Completed }).await.unwrap();
    order_id
}

pub async fn an_endpoint_is_made_changed_and_deleted(test: &TestStore) {
    let create = create_endpoint();
    let made = test.decide(create.clone()).await.unwrap();
    assert_eq!(*made, endpoint(test, create.id).await);
    assert_eq!((made.status, made.seeds(test.clock.now())), (EndpointStatus::Enabled, vec![create.seed]));
    test.clock.advance(MOMENT);
    assert_eq!(test.decide(create.clone()).await.unwrap(), made, "asked twice, it is made once");
    let types = BTreeSet::from([NotificationType::OrderPaid, NotificationType::OrderRefundDue]);
    let terms = domain::EndpointTerms { event_types: Some(types), is_asymmetric: true, ..create.terms.clone() };
    let changed = test.decide(UpdateEndpoint { id: create.id, terms: terms.clone() }).await.unwrap();
    assert_eq!((&changed.event_types, changed.is_asymmetric), (&terms.event_types, true));
    assert_eq!(*changed, endpoint(test, create.id).await);
    let all = EndpointFilter::default();
    assert_eq!(test.store.notifications.endpoints(all.clone(), ALL).await.unwrap().items, [*changed]);
    let nobody = EndpointFilter { merchant_id: Some(domain::MerchantId::parse("nobody").unwrap()) };
    assert_eq!(test.store.notifications.endpoints(nobody, ALL).await.unwrap().total, 0);
    test.decide(DeleteEndpoint { id: create.id }).await.unwrap();
    assert_eq!(test.store.notifications.endpoints(all, ALL).await.unwrap().total, 0);
    for gone in [create.id, create_endpoint().id] {
        let not_found = Rejection::EndpointNotFound;
        assert_eq!(test.decide(DeleteEndpoint { id: gone }).await, Err(not_found));
        assert_eq!(test.decide(UpdateEndpoint { id: gone, terms: terms.clone() }).await, Err(not_found));
        assert_eq!(test.decide(EnableEndpoint { id: gone }).await, Err(not_found));
        assert_eq!(test.decide(ping(gone)).await, Err(not_found));
    }
}

pub async fn the_secret_before_is_valid_for_a_day(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    let seed = SigningSeed::from_bytes([9; 32]);
    for _ in 0..2 {
        let rotated = test.decide(RotateEndpointSecret { id: create.id, seed }).await.unwrap();
        assert_eq!(rotated.seeds(test.clock.now()), [seed, create.seed], "asked twice, it rotates once");
    }
    let stored = endpoint(test, create.id).await;
    assert_eq!(stored.seeds(test.clock.now() + PREVIOUS_SECRET_VALID - MOMENT), [seed, create.seed]);
    assert_eq!(stored.seeds(test.clock.now() + PREVIOUS_SECRET_VALID), [seed]);
}

pub async fn a_merchant_has_so_many_endpoints_and_no_more(test: &TestStore) {
    let nodes = [test.store.clone(), test.second_node()];
    let asking = (0..MAX_ENDPOINTS + 6).map(|number| on(&nodes[number % 2], create_endpoint()));
    let replies = futures_util::future::join_all(asking).await;
    let made: Vec<EndpointId> = replies.iter().filter_map(|reply| reply.as_ref().ok()).map(|row| row.id).collect();
    assert_eq!(made.len(), MAX_ENDPOINTS);
    assert!(replies.iter().filter_map(|reply| reply.as_ref().err()).all(|no| *no == Rejection::TooManyEndpoints));
    let other = CreateEndpoint { merchant_id: domain::MerchantId::parse("m-2").unwrap(), ..create_endpoint() };
    test.decide(other).await.unwrap();
    test.decide(DeleteEndpoint { id: made[0] }).await.unwrap();
    test.decide(create_endpoint()).await.unwrap();
    nodes[1].stop().await;
}

pub async fn a_change_is_told_to_those_who_want_to_know(test: &TestStore) {
    let (everything, orders, others) = (create_endpoint(), create_endpoint(), create_endpoint());
    let wanted = BTreeSet::from([NotificationType::OrderCompleted]);
    let orders_terms = domain::EndpointTerms { event_types: Some(wanted), ..orders.terms.clone() };
    test.decide(everything.clone()).await.unwrap();
    test.decide(CreateEndpoint { terms: orders_terms, ..orders.clone() }).await.unwrap();
    test.decide(CreateEndpoint { merchant_id: domain::MerchantId::parse("m-2").unwrap(), ..others.clone() })
        .await
        .unwrap();
    let order_id = sold(test).await;
    let create = create_checkout();
    let code = charge_code();
    test.decide(create.clone()).await.unwrap();
    test.decide(attach_charge(&create, &code)).await.unwrap();
    test.clock.advance(MOMENT);
    test.decide(event(&code, domain::ChargeNews::Expired)).await.unwrap();
    test.clock.advance(MOMENT);
    test.decide(paid_event(&code, domain::ChargeNews::Confirmed, usd("29.99"), usd("29.99"))).await.unwrap();
    let expected = [
        ("order.paid", Pending),
        ("order.completed", Waiting),
        ("checkout.failed", Pending),
        ("checkout.completed", Waiting),
    ];
    assert_eq!(told(test, everything.id).await, expected);
    assert_eq!(told(test, orders.id).await, [("order.completed", Pending)]);
    assert_eq!(told(test, others.id).await, []);
    let first = &deliveries(test, everything.id).await[0];
    let dispatch = test.store.notifications.dispatch(first.id).await.unwrap().unwrap();
    assert_eq!((&dispatch.delivery, dispatch.endpoint.id), (first, everything.id));
    let body = &dispatch.notification.body;
    let order = test.store.orders.order(order_id).await.unwrap().unwrap();
    let start =
        format!("{{\"type\":\"order.paid\",\"timestamp\":\"{}\",\"data\":{{\"id\":\"{order_id}\",", order.created_at);
    assert!(body.starts_with(&start), "{body}");
    for part in
        ["\"status\":\"paid\"", "\"payment_status\":\"paid\"", "\"total_amount\":\"29.99\"", "\"currency\":\"USD\""]
    {
        assert!(body.contains(part), "{part} is not in {body}");
    }
}

pub async fn an_order_that_is_paid_as_soon_as_it_is_there_is_told_of(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    let product_id = offer(test, 10).await;
    let place = crate::builders::under_chosen_id(order_of_items(&[(product_id, 1)]));
    let notice = crate::builders::payment_notice(place.id, domain::PaymentOutcome::Paid);
    let amount = Some(domain::BareAmount::parse("29.99").unwrap());
    let currency = Some(domain::Currency::USD);
    let notice = domain::PaymentNotice { amount, currency, ..notice };
    test.decide(crate::builders::notified(place.id, notice, "early")).await.unwrap();
    assert_eq!(told(test, create.id).await, []);
    test.decide(place).await.unwrap();
    assert_eq!(told(test, create.id).await, [("order.paid", DeliveryStatus::Pending)]);
}

pub async fn deliveries_about_one_thing_go_one_after_the_other(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let reply = answer(test, create.id, Some(204)).await;
    assert_eq!((reply.status, reply.queued_next), (DeliveryStatus::Delivered, true));
    assert_eq!(told(test, create.id).await, [("order.paid", Delivered), ("order.completed", Pending)]);
    let reply = answer(test, create.id, Some(200)).await;
    assert_eq!((reply.job, reply.queued_next), (JobReply::Done, false));
    assert_eq!(told(test, create.id).await, [("order.paid", Delivered), ("order.completed", Delivered)]);
    assert!(claim(test, create.id).await.is_empty());
    let attempts = test.store.notifications.attempts(deliveries(test, create.id).await[0].id).await.unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].number, attempts[0].attempted.status_code), (1, Some(204)));
}

pub async fn a_delivery_that_fails_is_retried_and_given_up_and_the_next_one_goes_on(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let backoff = JobKind::Notify.backoff();
    for attempt in 1..=backoff.max_attempts {
        let reply = answer(test, create.id, if attempt % 2 == 0 { Some(500) } else { None }).await;
        if attempt == backoff.max_attempts {
            assert_eq!((reply.failure, reply.queued_next), (Some(DeliveryFailure::AttemptsUsedUp), true));
            break;
        }
        let run_at = test.clock.now() + backoff.pause_after(attempt, 1000);
        assert_eq!((reply.status, reply.job), (DeliveryStatus::Pending, JobReply::Retrying { run_at }));
        assert_eq!(deliveries(test, create.id).await[0].next_attempt_at, Some(run_at));
        // Something else arrives there meanwhile, so that the endpoint isn't disabled.
        test.clock.set(run_at - MOMENT);
        test.decide(ping(create.id)).await.unwrap();
        assert_eq!(answer(test, create.id, Some(200)).await.status, DeliveryStatus::Delivered);
        test.clock.set(run_at);
    }
    let rows = deliveries(test, create.id).await;
    let paid = rows.iter().find(|row| row.event_type == NotificationType::OrderPaid).unwrap();
    assert_eq!((paid.status, paid.failure), (DeliveryStatus::Failed, Some(DeliveryFailure::AttemptsUsedUp)));
    let next = rows.iter().find(|row| row.event_type == NotificationType::OrderCompleted).unwrap();
    assert_eq!(next.status, DeliveryStatus::Pending);
    let attempts = test.store.notifications.attempts(paid.id).await.unwrap();
    assert_eq!(u32::try_from(attempts.len()), Ok(backoff.max_attempts));
}

pub async fn an_endpoint_may_ask_for_a_pause_of_a_day_at_most(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    for (asked_s, pause_s) in [(600, 600), (10_000_000, 86_400)] {
        let job = claim(test, create.id).await.remove(0);
        let finish = finish_of(test, &job, Some(429)).await;
        let finish = FinishDelivery { retry_after: Some(Duration::from_secs(asked_s)), ..finish };
        let run_at = test.clock.now() + Duration::from_secs(pause_s);
        assert_eq!(test.decide(finish).await.unwrap().job, JobReply::Retrying { run_at });
        test.clock.set(run_at);
    }
}

pub async fn an_outcome_that_came_too_late_changes_nothing(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let first = claim(test, create.id).await.remove(0);
    let late = finish_of(test, &first, Some(200)).await;
    test.clock.advance(LEASE);
    let second = claim(test, create.id).await.remove(0);
    assert_eq!((second.id, second.attempts), (first.id, 2));
    let reply = test.decide(late.clone()).await.unwrap();
    assert_eq!((reply.job, reply.status), (JobReply::LeaseLost, DeliveryStatus::Pending));
    assert!(test.store.notifications.attempts(late.delivery_id).await.unwrap().is_empty());
    let reply = test.decide(finish_of(test, &second, Some(200)).await).await.unwrap();
    assert_eq!((reply.status, reply.queued_next), (DeliveryStatus::Delivered, true));
    assert_eq!(test.decide(late).await.unwrap().job, JobReply::Done, "nothing is left to say");
}

pub async fn an_endpoint_that_is_gone_is_disabled_and_what_it_missed_is_recovered_in_order(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let since = test.clock.now() - Duration::from_secs(3600);
    let reply = answer(test, create.id, Some(410)).await;
    assert_eq!((reply.disabled, reply.failure), (Some(DisabledReason::Gone), Some(DeliveryFailure::EndpointGone)));
    let disabled = endpoint(test, create.id).await;
    assert_eq!((disabled.status, disabled.disabled_reason), (EndpointStatus::Disabled, Some(DisabledReason::Gone)));
    assert_eq!(disabled.disabled_at, Some(test.clock.now()));
    test.clock.advance(MOMENT);
    // Something more happens, which is written down as missed.
    sold(test).await;
    let missed =
        [("order.paid", Failed), ("order.completed", Failed), ("order.paid", Failed), ("order.completed", Failed)];
    assert_eq!(told(test, create.id).await, missed);
    assert!(claim(test, create.id).await.is_empty());
    let rows = test.store.notifications.missed(create.id, since, 100).await.unwrap();
    let recover = RecoverDeliveries { endpoint_id: create.id, deliveries: rows.iter().map(delivery_ref).collect() };
    assert!(rows.len() == 4 && MAX_RECOVERED >= 4);
    for refused in [
        test.decide(recover.clone()).await.map(drop),
        test.decide(ping(create.id)).await.map(drop),
        test.decide(Redeliver { delivery: delivery_ref(&rows[0]) }).await.map(drop),
    ] {
        assert_eq!(refused, Err(Rejection::EndpointDisabled));
    }
    let enabled = test.decide(EnableEndpoint { id: create.id }).await.unwrap();
    assert_eq!((enabled.status, enabled.disabled_at, enabled.failing_since), (EndpointStatus::Enabled, None, None));
    test.clock.advance(MOMENT);
    assert_eq!(test.decide(recover.clone()).await, Ok(4));
    assert_eq!(test.decide(recover).await, Ok(0), "what is sent again is not sent once more");
    assert!(test.store.notifications.missed(create.id, since, 100).await.unwrap().is_empty());
    let again = told(test, create.id).await;
    let expected = [("order.paid", Pending), ("order.completed", Waiting)];
    assert_eq!(again[4..], [expected, expected].concat());
    for job in claim(test, create.id).await {
        test.decide(finish_of(test, &job, Some(200)).await).await.unwrap();
    }
    assert_eq!(claim(test, create.id).await.len(), 2, "the second of each lane follows");
}

pub async fn what_was_sent_before_an_endpoint_changed_says_nothing_of_it(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let job = claim(test, create.id).await.remove(0);
    let gone = finish_of(test, &job, Some(410)).await;
    test.clock.advance(MOMENT);
    let changed = test.decide(UpdateEndpoint { id: create.id, terms: create.terms.clone() }).await.unwrap();
    let reply = test.decide(gone).await.unwrap();
    assert_eq!((reply.disabled, reply.status), (None, DeliveryStatus::Pending));
    assert_eq!(endpoint(test, create.id).await, *changed, "neither disabled nor failing");
    test.clock.advance(Duration::from_secs(3600));
    assert_eq!(answer(test, create.id, Some(410)).await.disabled, Some(DisabledReason::Gone), "now it is meant");
}

pub async fn an_endpoint_that_takes_nothing_for_days_is_disabled(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let began = test.clock.now();
    answer(test, create.id, Some(500)).await;
    assert_eq!(endpoint(test, create.id).await.failing_since, Some(began));
    // A success in between ends it.
    test.clock.advance(Duration::from_secs(60));
    answer(test, create.id, Some(200)).await;
    assert_eq!(endpoint(test, create.id).await.failing_since, None);
    let began = test.clock.now();
    let mut last = answer(test, create.id, None).await;
    while last.disabled.is_none() {
        assert!(test.clock.now().since(began) < DISABLED_AFTER * 2, "it is never disabled");
        test.clock.advance(Duration::from_secs(6 * 3600));
        if claim_is_due(test, create.id).await {
            last = answer_claimed(test, create.id, Some(503)).await;
        } else {
            test.decide(ping(create.id)).await.unwrap();
        }
    }
    assert_eq!(last.disabled, Some(DisabledReason::Failing));
    assert!(test.clock.now().since(began) >= DISABLED_AFTER);
    assert_eq!(endpoint(test, create.id).await.failing_since, Some(began));
}

async fn claim_is_due(test: &TestStore, endpoint_id: EndpointId) -> bool {
    let due = test.store.jobs.queues_with_due(JobKind::Notify, test.clock.now(), 10).await.unwrap();
    due.contains(&endpoint_id.as_uuid())
}

/// Ends all attempts that are due with this answer; tells of the last.
async fn answer_claimed(test: &TestStore, endpoint_id: EndpointId, status_code: Option<u16>) -> DeliveryReply {
    let mut last = None;
    for job in claim(test, endpoint_id).await {
        let reply = test.decide(finish_of(test, &job, status_code).await).await.unwrap();
        last = last.filter(|before: &DeliveryReply| before.disabled.is_some()).or(Some(reply));
    }
    last.unwrap()
}

pub async fn what_goes_to_a_deleted_endpoint_ends(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    test.decide(DeleteEndpoint { id: create.id }).await.unwrap();
    sold(test).await;
    let job = claim(test, create.id).await.remove(0);
    let finish = FinishDelivery { attempted: None, ..finish_of(test, &job, None).await };
    let reply = test.decide(finish).await.unwrap();
    assert_eq!((reply.failure, reply.queued_next), (Some(DeliveryFailure::EndpointDeleted), false));
    let rows = deliveries(test, create.id).await;
    assert_eq!(rows.len(), 2, "nothing more is written down for it");
    assert!(rows.iter().all(|row| row.failure == Some(DeliveryFailure::EndpointDeleted)));
}

pub async fn a_delivery_is_sent_again_by_hand_beside_its_lane(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    let rows = deliveries(test, create.id).await;
    let redeliver = |row: &Delivery| Redeliver { delivery: delivery_ref(row) };
    assert_eq!(test.decide(redeliver(&rows[1])).await, Err(Rejection::DeliveryWaits));
    let job = claim(test, create.id).await.remove(0);
    let still = test.decide(redeliver(&rows[0])).await.unwrap();
    assert_eq!(still.id, rows[0].id, "somebody is at it");
    test.decide(finish_of(test, &job, Some(500)).await).await.unwrap();
    assert!(claim(test, create.id).await.is_empty());
    test.clock.advance(MOMENT);
    let hastened = test.decide(redeliver(&rows[0])).await.unwrap();
    assert_eq!((hastened.id, hastened.next_attempt_at), (rows[0].id, Some(test.clock.now())));
    assert_eq!(answer(test, create.id, Some(200)).await.status, DeliveryStatus::Delivered);
    test.clock.advance(MOMENT);
    let again = test.decide(redeliver(&rows[0])).await.unwrap();
    assert_eq!(
        (again.notification_id, again.place, again.status),
        (rows[0].notification_id, None, DeliveryStatus::Pending)
    );
    assert_eq!(delivery(test, rows[0].id).await.redelivered_as, Some(again.id));
    assert_eq!(claim(test, create.id).await.len(), 2, "the next of the lane, and the one beside it");
    let unknown = Redeliver {
        delivery: domain::DeliveryRef { id: DeliveryId::from_uuid(create.id.as_uuid()), ..delivery_ref(&rows[0]) },
    };
    assert_eq!(test.decide(unknown).await, Err(Rejection::DeliveryNotFound));
}

/// One node finishes what another adds to, again and again.
pub async fn two_nodes_never_lose_who_waits_in_a_lane(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    let nodes = [test.store.clone(), test.second_node()];
    let product_id = offer(test, 100).await;
    let mut orders = Vec::new();
    for _ in 0..40 {
        let order_id = test.decide(order_of_items(&[(product_id, 1)])).await.unwrap().id;
        test.decide(order_paid(order_id)).await.unwrap();
        orders.push(order_id);
        test.clock.advance(MOMENT);
    }
    let jobs = claim(test, create.id).await;
    assert_eq!(jobs.len(), 40);
    let mut finishing = Vec::new();
    for job in &jobs {
        finishing.push(finish_of(test, job, Some(200)).await);
    }
    let finish = finishing.into_iter().map(|finish| on(&nodes[0], finish));
    let complete =
        orders.iter().map(|id| on(&nodes[1], ChangeOrderStatus { order_id: *id, to: OrderStatus::Completed }));
    let (finished, completed) =
        futures_util::future::join(futures_util::future::join_all(finish), futures_util::future::join_all(complete))
            .await;
    assert!(finished.iter().all(|reply| reply.as_ref().is_ok_and(|reply| reply.status == DeliveryStatus::Delivered)));
    assert!(completed.iter().all(Result::is_ok));
    test.clock.advance(MOMENT);
    let next = claim(test, create.id).await;
    assert_eq!(next.len(), 40, "each lane goes on");
    for job in &next {
        on(&nodes[1], finish_of(test, job, Some(200)).await).await.unwrap();
    }
    let filter = DeliveryFilter { endpoint_id: Some(create.id), status: Some(DeliveryStatus::Delivered) };
    assert_eq!(
        test.store.notifications.deliveries(filter, PageRequest { page: 1, page_size: 1 }).await.unwrap().total,
        80
    );
    nodes[1].stop().await;
}

pub async fn what_was_told_goes_when_it_is_old_enough_and_what_is_under_way_stays(test: &TestStore) {
    let create = create_endpoint();
    test.decide(create.clone()).await.unwrap();
    sold(test).await;
    answer(test, create.id, Some(200)).await;
    let rows = deliveries(test, create.id).await;
    let purge = async |what| {
        let before = test.clock.now();
        test.store.purger.purge(Purge { what, before, limit: 100 }).await.unwrap()
    };
    assert_eq!(purge(Leftovers::FinishedDeliveries).await, 0, "it has just arrived");
    test.clock.advance(MOMENT);
    assert_eq!(purge(Leftovers::ToldNotifications).await, 0, "its delivery is still there");
    assert_eq!(purge(Leftovers::FinishedDeliveries).await, 1);
    assert_eq!(purge(Leftovers::FinishedDeliveries).await, 0);
    assert_eq!(purge(Leftovers::ToldNotifications).await, 1);
    assert_eq!(test.store.notifications.delivery(rows[0].id).await.unwrap(), None);
    assert!(test.store.notifications.attempts(rows[0].id).await.unwrap().is_empty());
    assert_eq!(test.store.notifications.notification(rows[0].notification_id).await.unwrap(), None);
    assert_eq!(deliveries(test, create.id).await.len(), 1);
    assert!(test.store.notifications.dispatch(rows[1].id).await.unwrap().is_some());
}
