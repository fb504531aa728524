//! What merchants are told: an event and its deliveries, stored in the transaction of the change that they tell of.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::SqliteConnection;
use serde_json::Value;

use crate::charge::Charge;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::error::Problem;
use crate::event::{Event, Kind};
use crate::faults::{DeliveryFaults, FaultPlan};
use crate::invoice::Invoice;
use crate::limits::{HELD_MAX, PURGE_EVERY};
use crate::merchant::{Directory, Endpoint};
use crate::random;
use crate::storage::outbox::{self, DROPPED, NewDelivery, WAITING};
use crate::storage::resources::{self, Stored};
use crate::storage::{merchants, retention};

/// The sandbox as one change sees it.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) config: Arc<Config>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: FaultPlan,
    /// Counts events, so that there is a clean-up now and then.
    pub(crate) told: Arc<AtomicU64>,
}

/// What an event is about.
struct About<'a> {
    merchant_id: i64,
    seq: i64,
    /// Its number among those of its kind, for the dice.
    number: i64,
    /// Tells the dice of charges and invoices apart.
    kind: &'static str,
    code: &'a str,
}

impl Scene {
    pub(crate) fn charge_to_wire(&self, stored: &Stored<Charge>, now: Timestamp) -> Value {
        stored.document.to_wire(&self.config, self.directory.name_of(stored.merchant_id), now)
    }

    /// Tells of a charge that has changed, if that is news, and lets the invoice that it pays follow.
    pub(crate) fn tell_of_charge(
        &self,
        connection: &mut SqliteConnection,
        charge: &Stored<Charge>,
        kind: Option<Kind>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let about = About {
            merchant_id: charge.merchant_id,
            seq: charge.seq,
            number: charge.number,
            kind: "charge",
            code: &charge.document.code,
        };
        if let Some(kind) = kind {
            self.tell(connection, &about, kind, &self.charge_to_wire(charge, now), now)?;
        }
        let Some(invoice_seq) = charge.parent_seq else { return Ok(()) };
        let Some(mut invoice) = resources::at::<Invoice>(connection, invoice_seq)? else { return Ok(()) };
        match invoice.document.follow(&charge.document, now) {
            Some(kind) => self.change_invoice(connection, &invoice, Some(kind), now),
            None => resources::update(connection, &invoice),
        }
    }

    /// Stores an invoice that has changed, and tells of it if that is news.
    pub(crate) fn change_invoice(
        &self,
        connection: &mut SqliteConnection,
        invoice: &Stored<Invoice>,
        kind: Option<Kind>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        resources::update(connection, invoice)?;
        kind.map_or(Ok(()), |kind| self.tell_of_invoice(connection, invoice, kind, now))
    }

    pub(crate) fn tell_of_invoice(
        &self,
        connection: &mut SqliteConnection,
        invoice: &Stored<Invoice>,
        kind: Kind,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let about = About {
            merchant_id: invoice.merchant_id,
            seq: invoice.seq,
            number: invoice.number,
            kind: "invoice",
            code: &invoice.document.code,
        };
        self.tell(connection, &about, kind, &invoice.document.to_wire(&self.config), now)
    }

    fn tell(
        &self,
        connection: &mut SqliteConnection,
        about: &About<'_>,
        kind: Kind,
        data: &Value,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let nth = resources::events_about(connection, about.seq)?;
        let id = random::uuid()?;
        let event = Event::new(id, kind, data, now);
        let event = resources::insert(connection, about.merchant_id, Some(about.seq), event, i64::MAX)?;
        let endpoints = merchants::endpoints_of(connection, about.merchant_id)?;
        for (place, endpoint) in endpoints.iter().enumerate() {
            let dice = format!("{}.{}.{}.{nth}.{place}", about.merchant_id, about.kind, about.number);
            let delivery = NewDelivery {
                merchant_id: about.merchant_id,
                endpoint_id: endpoint.id,
                url: endpoint.url.clone(),
                event_seq: event.seq,
                event_id: id.to_string(),
                event_type: kind.name().to_owned(),
                charge_code: Some(about.code.to_owned()),
                lane: about.seq,
                dice,
                faults: None,
                is_held: false,
                state: WAITING,
                created_at_ms: now.0,
                begun_at_ms: now.0,
                next_attempt_at_ms: Some(now.0),
            };
            self.send(connection, delivery, endpoint, now)?;
        }
        // The first one too: many short runs leave as much behind as a long one.
        if self.told.fetch_add(1, Ordering::Relaxed).is_multiple_of(PURGE_EVERY) {
            retention::purge(connection, self.config.deliveries_kept.max(0))?;
        }
        Ok(())
    }

    /// Stores a delivery with the faults that the dice give it.
    fn send(
        &self,
        connection: &mut SqliteConnection,
        delivery: NewDelivery,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let faults = self.faults.of_delivery(&delivery.dice);
        let delivery = NewDelivery { faults: faults.names(), ..delivery };
        if faults.is_dropped {
            let dropped = NewDelivery { state: DROPPED, next_attempt_at_ms: None, ..delivery };
            outbox::insert(connection, dropped)?;
            return Ok(());
        }
        let send_at = match faults {
            DeliveryFaults { is_held: true, .. } => now.plus(HELD_MAX),
            DeliveryFaults { delay, .. } => {
                let delayed = now.plus(delay.unwrap_or(Duration::ZERO));
                outbox::lane_free_at(connection, delivery.lane, endpoint.id)?.map_or(delayed, |free| free.max(delayed))
            }
        };
        let delivery = NewDelivery { is_held: faults.is_held, next_attempt_at_ms: Some(send_at.0), ..delivery };
        let again =
            faults.is_duplicated.then(|| NewDelivery { dice: format!("{}.again", delivery.dice), ..delivery.clone() });
        for delivery in [Some(delivery), again].into_iter().flatten() {
            outbox::insert(connection, delivery)?;
        }
        Ok(())
    }
}
