//! What can be done to charges. Each change and the event it causes are committed together.

use std::sync::Arc;

use diesel::SqliteConnection;

use crate::charge::Charge;
use crate::charge::draft::Draft;
use crate::charge::life::{Attempt, Outcome};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::config::Config;
use crate::error::{Problem, Refusal};
use crate::event::{self, Kind};
use crate::limits::ADVANCE_BATCH;
use crate::sandbox::Sandbox;
use crate::storage::charges::{self, Stored};
use crate::storage::outbox::{self, Delivery, NewEvent};
use crate::{paging, random};

impl Sandbox {
    pub(crate) async fn create(&self, draft: Draft) -> Result<Charge, Problem> {
        let config = Arc::clone(self.config());
        let charge = self.storage().write(move |connection| {
            let now = Timestamp::now();
            let charge = draft.open(now, config.charge_ttl)?;
            let seq = charges::insert(connection, &charge)?;
            let stored = Stored { seq, charge };
            announce(connection, &config, &stored, Kind::Created, now)?;
            Ok(stored.charge)
        });
        let charge = charge.await?;
        self.wake();
        Ok(charge)
    }

    pub(crate) async fn charge(&self, key: String) -> Result<Charge, Problem> {
        self.storage().read(move |connection| existing(connection, &key)).await.map(|stored| stored.charge)
    }

    pub(crate) async fn list(&self, query: paging::Query) -> Result<paging::Page, Problem> {
        self.storage().read(move |connection| paging::page(connection, query)).await
    }

    pub(crate) async fn pay(&self, key: String, outcome: Outcome, coin: Coin) -> Result<Charge, Problem> {
        let attempt = Attempt { outcome, coin, delay: self.config().pay_delay };
        self.change(key, move |charge, now| charge.pay(attempt, now)).await
    }

    pub(crate) async fn cancel(&self, key: String) -> Result<Charge, Problem> {
        self.change(key, |charge, now| Ok(charge.cancel(now).map(|()| None)?)).await
    }

    pub(crate) async fn resolve(&self, key: String) -> Result<Charge, Problem> {
        self.change(key, |charge, now| Ok(charge.resolve(now).map(Some)?)).await
    }

    pub(crate) async fn deliveries(&self, limit: i64) -> Result<Vec<Delivery>, Problem> {
        self.storage().read(move |connection| outbox::newest(connection, limit)).await
    }

    /// Does what is due to a batch of charges; returns how many there were.
    pub(crate) async fn advance(&self) -> Result<usize, Problem> {
        let config = Arc::clone(self.config());
        let advance = move |connection: &mut SqliteConnection| {
            let now = Timestamp::now();
            let due = charges::due(connection, now, ADVANCE_BATCH)?;
            let count = due.len();
            for mut stored in due {
                let told = stored.charge.advance(now);
                charges::update(connection, &stored)?;
                if let Some(kind) = told {
                    announce(connection, &config, &stored, kind, now)?;
                }
            }
            Ok(count)
        };
        self.storage().write(advance).await
    }

    async fn change<F>(&self, key: String, transition: F) -> Result<Charge, Problem>
    where
        F: FnOnce(&mut Charge, Timestamp) -> Result<Option<Kind>, Problem> + Send + 'static,
    {
        let config = Arc::clone(self.config());
        let charge = self.storage().write(move |connection| {
            let now = Timestamp::now();
            let mut stored = existing(connection, &key)?;
            let told = transition(&mut stored.charge, now)?;
            charges::update(connection, &stored)?;
            if let Some(kind) = told {
                announce(connection, &config, &stored, kind, now)?;
            }
            Ok(stored.charge)
        });
        let charge = charge.await?;
        self.wake();
        Ok(charge)
    }
}

fn existing(connection: &mut SqliteConnection, key: &str) -> Result<Stored, Problem> {
    Ok(charges::find(connection, key)?.ok_or_else(Refusal::not_found)?)
}

fn announce(
    connection: &mut SqliteConnection,
    config: &Config,
    stored: &Stored,
    kind: Kind,
    now: Timestamp,
) -> Result<(), Problem> {
    let id = random::uuid()?;
    let event = NewEvent {
        id,
        charge_seq: stored.seq,
        charge_code: &stored.charge.code,
        kind,
        body: event::snapshot(id, kind, &stored.charge, now, config).to_string(),
        created_at: now,
        send_at: config.webhook_url.as_ref().map(|_| now),
    };
    outbox::insert(connection, event)
}
