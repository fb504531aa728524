use std::collections::HashMap;

use domain::{CheckoutId, EventAccount, EventId, EventKey, EventReport, OrderId, ProviderEventId, Subject, Verdict};
use uuid::Uuid;

use super::Moment;
use crate::stored::{ImpossibleRow, Place};

/// An event: id, provider, the provider's id, subject, report, verdict, reason, checkout, order, when it came.
pub(crate) type EventRow<K, M> =
    (K, String, String, Option<String>, String, String, Option<String>, Option<K>, Option<K>, M);

/// An event that was read, and nothing yet of what came of it.
pub(crate) fn event_account<K: Into<Uuid>, M: Moment>(row: EventRow<K, M>) -> Result<EventAccount, ImpossibleRow> {
    let (id, provider, provider_event_id, subject, report, verdict, reason, checkout_id, order_id, received_at) = row;
    let id: Uuid = id.into();
    let place = Place { table: "events", id: &id };
    let report: EventReport = place.report(&report)?;
    let key = EventKey {
        provider: place.read("provider", provider.parse())?,
        provider_event_id: place.read("provider_event_id", ProviderEventId::parse(provider_event_id))?,
    };
    Ok(EventAccount {
        id: EventId::from_uuid(id),
        subject: place.read_optional("subject", subject, |text| text.parse())?,
        recorded: Vec::new(),
        report,
        key,
        verdict: place.read("verdict", verdict.parse())?,
        reason: place.reason("reason", reason)?,
        checkout_id: checkout_id.map(|id| CheckoutId::from_uuid(id.into())),
        order_id: order_id.map(|id| OrderId::from_uuid(id.into())),
        received_at: received_at.moment(),
        is_subject_there: false,
        has_unnamed: false,
    })
}

/// What a movement is called that no news named.
fn charge_of(event: &EventAccount) -> Option<&str> {
    match &event.subject {
        Some(Subject::Charge(code)) => Some(code.as_str()),
        Some(Subject::Order(_)) | None => None,
    }
}

/// The names of the movements that events tell of, and of those that no news named.
pub(crate) fn movements_of(events: &[EventAccount]) -> Vec<String> {
    let mut names: Vec<String> = events.iter().flat_map(|event| event.report.movements(&event.key)).collect();
    names.extend(events.iter().filter_map(charge_of).map(str::to_owned));
    names.sort_unstable();
    names.dedup();
    names
}

/// The charges and the orders that events wait for.
pub(crate) fn waited_for(events: &[EventAccount]) -> (Vec<String>, Vec<Uuid>) {
    let (mut charges, mut orders) = (Vec::new(), Vec::new());
    for event in events.iter().filter(|event| event.verdict == Verdict::Waiting) {
        match &event.subject {
            Some(Subject::Charge(code)) => charges.push(code.as_str().to_owned()),
            Some(Subject::Order(id)) => orders.push(id.as_uuid()),
            None => {}
        }
    }
    (charges, orders)
}

/// A movement in the ledger: its provider's name for it, checkout, order.
pub(crate) type RecordedRow<K> = (String, Option<K>, Option<K>);

/// The checkout that money came through, and the order that it is for.
type PayeeIds = (Option<Uuid>, Option<Uuid>);

/// Notes which movements of events are in the ledger for whom they were about.
pub(crate) fn note_recorded<K: Into<Uuid>>(events: &mut [EventAccount], recorded: Vec<RecordedRow<K>>) {
    let mut payees: HashMap<String, Vec<PayeeIds>> = HashMap::new();
    for (name, checkout_id, order_id) in recorded {
        payees.entry(name).or_default().push((checkout_id.map(Into::into), order_id.map(Into::into)));
    }
    for event in events {
        let checkout_id = event.checkout_id.map(CheckoutId::as_uuid);
        let order_id = event.order_id.map(OrderId::as_uuid);
        let is_payee = |(through, to): &PayeeIds| match checkout_id {
            Some(_) => *through == checkout_id,
            None => through.is_none() && order_id.is_some() && *to == order_id,
        };
        let mut known = event.report.movements(&event.key);
        let is_known = |name: &str| payees.get(name).is_some_and(|payees| payees.iter().any(is_payee));
        known.retain(|name| is_known(name));
        event.has_unnamed = charge_of(event).is_some_and(is_known);
        event.recorded = known;
    }
}

/// Notes which of the events that wait do so for what is there.
pub(crate) fn note_subjects(events: &mut [EventAccount], charges: &[String], orders: &[Uuid]) {
    for event in events.iter_mut().filter(|event| event.verdict == Verdict::Waiting) {
        event.is_subject_there = match &event.subject {
            Some(Subject::Charge(code)) => charges.iter().any(|known| known == code.as_str()),
            Some(Subject::Order(id)) => orders.contains(&id.as_uuid()),
            None => false,
        };
    }
}
