//! The delivery log, and sending things again.

use crate::announce::Scene;
use crate::error::{Problem, Refusal};
use crate::sandbox::Sandbox;
use crate::storage::outbox::{self, Attempt, Delivery, Filter};
use crate::worker::post;

/// A delivery with every request that was made for it, byte for byte, as far as its event is still kept.
pub(crate) struct Sent {
    pub(crate) delivery: Delivery,
    pub(crate) attempts: Vec<(Attempt, Option<String>)>,
}

impl Sandbox {
    pub(crate) async fn deliveries(&self, filter: Filter) -> Result<Vec<Delivery>, Problem> {
        self.storage().read(move |connection| outbox::list(connection, &filter)).await
    }

    pub(crate) async fn delivery(&self, seq: i64) -> Result<Sent, Problem> {
        let read = self.storage().read(move |connection| {
            let delivery = outbox::find(connection, seq)?.ok_or_else(Refusal::not_found)?;
            let mut attempts = Vec::new();
            for attempt in outbox::attempts_of(connection, seq)? {
                let body = post::body_of(connection, &delivery, &attempt)?;
                attempts.push((attempt, body));
            }
            Ok(Sent { delivery, attempts })
        });
        read.await
    }

    pub(crate) async fn redeliver(&self, seq: i64) -> Result<Delivery, Problem> {
        let scene: Scene = self.scene();
        let again = self.change(move |connection| {
            let delivery = outbox::find(connection, seq)?.ok_or_else(Refusal::not_found)?;
            if !scene.directory.endpoints().any(|endpoint| endpoint.id == delivery.endpoint_id) {
                return Err(Refusal::invalid("The endpoint of this delivery was removed").into());
            }
            if outbox::event_body(connection, delivery.event_seq)?.is_none() {
                return Err(Refusal::invalid("The event of this delivery is too old to be kept").into());
            }
            outbox::begin_again(connection, seq, scene.clock.now())?;
            Ok(outbox::find(connection, seq)?.ok_or_else(Refusal::not_found)?)
        });
        again.await
    }
}
