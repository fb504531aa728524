//! Charges: made, paid, canceled, resolved, and moved along by the clock.

use std::time::Duration;

use diesel::SqliteConnection;

use crate::announce::Scene;
use crate::charge::Charge;
use crate::charge::draft::Draft;
use crate::charge::life::{Attempt, Outcome};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::error::{Problem, Refusal};
use crate::event::Kind;
use crate::fields::amount_of;
use crate::limits::ADVANCE_BATCH;
use crate::sandbox::Sandbox;
use crate::storage::resources::{self, Range, Scope, Stored};

/// A payment that somebody asks to play.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payment {
    pub(crate) outcome: Outcome,
    pub(crate) coin: Coin,
    /// In the charge's own currency. It decides by itself whether it is too little or too much.
    pub(crate) amount: Option<serde_json::Value>,
    pub(crate) confirm_after: Option<Duration>,
}

impl Sandbox {
    pub(crate) async fn create_charge(&self, merchant_id: i64, draft: Draft) -> Result<Stored<Charge>, Problem> {
        let scene = self.scene();
        let made = self.change(move |connection| {
            let now = scene.clock.now();
            let charge = draft.open(None, now, scene.config.charge_ttl)?;
            open_charge(connection, &scene, merchant_id, None, charge, now)
        });
        made.await
    }

    pub(crate) async fn pay(&self, key: String, payment: Payment) -> Result<Stored<Charge>, Problem> {
        let config = self.config();
        let delay = match payment.outcome {
            Outcome::Slow => config.slow_pay_delay,
            Outcome::Success
            | Outcome::Failure
            | Outcome::Underpaid
            | Outcome::Overpaid
            | Outcome::Delayed
            | Outcome::Multiple => config.pay_delay,
        };
        let delay = payment.confirm_after.unwrap_or(delay);
        let rates = config.rates.clone();
        self.change_charge(Scope::Everybody, key, move |charge, now| {
            let amount = payment.amount.as_ref().map(|amount| read_amount(charge, amount)).transpose()?;
            let attempt = Attempt { outcome: payment.outcome, coin: payment.coin, amount, delay };
            charge.pay(attempt, &rates, now)
        })
        .await
    }

    pub(crate) async fn cancel_charge(&self, scope: Scope, key: String) -> Result<Stored<Charge>, Problem> {
        self.change_charge(scope, key, |charge, now| Ok(charge.cancel(now).map(|()| None)?)).await
    }

    pub(crate) async fn resolve_charge(&self, scope: Scope, key: String) -> Result<Stored<Charge>, Problem> {
        self.change_charge(scope, key, |charge, now| Ok(charge.resolve(now).map(Some)?)).await
    }

    /// The newest charges of all merchants.
    pub(crate) async fn newest_charges(&self, limit: i64) -> Result<Vec<Stored<Charge>>, Problem> {
        let range = Range { above: i64::MIN, below: i64::MAX, ascending: false, limit };
        self.storage().read(move |connection| resources::range(connection, Scope::Everybody, range)).await
    }

    /// Does what is due to a batch of charges; returns how many there were.
    pub(crate) async fn advance(&self) -> Result<usize, Problem> {
        let scene = self.scene();
        let advance = move |connection: &mut SqliteConnection| {
            let now = scene.clock.now();
            let due = resources::due(connection, now, ADVANCE_BATCH)?;
            let count = due.len();
            for mut stored in due {
                let told = stored.document.advance(now);
                resources::update(connection, &stored)?;
                scene.tell_of_charge(connection, &stored, told, now)?;
            }
            Ok(count)
        };
        self.storage().write(advance).await
    }

    async fn change_charge<F>(&self, scope: Scope, key: String, transition: F) -> Result<Stored<Charge>, Problem>
    where
        F: FnOnce(&mut Charge, Timestamp) -> Result<Option<Kind>, Problem> + Send + 'static,
    {
        let scene = self.scene();
        let changed = self.change(move |connection| {
            let mut stored = resources::existing::<Charge>(connection, scope, &key)?;
            change(connection, &scene, &mut stored, transition)?;
            Ok(stored)
        });
        changed.await
    }
}

/// Changes a charge and tells of it, in the transaction of the caller.
pub(super) fn change(
    connection: &mut SqliteConnection,
    scene: &Scene,
    stored: &mut Stored<Charge>,
    transition: impl FnOnce(&mut Charge, Timestamp) -> Result<Option<Kind>, Problem>,
) -> Result<(), Problem> {
    let now = scene.clock.now();
    // What is due comes first, even if the worker hasn't come to it yet: an hour that is over is over.
    if let Some(kind) = stored.document.advance(now) {
        scene.tell_of_charge(connection, stored, Some(kind), now)?;
    }
    let told = transition(&mut stored.document, now)?;
    resources::update(connection, stored)?;
    scene.tell_of_charge(connection, stored, told, now)
}

/// Stores a new charge and tells of it, in the transaction of the caller.
pub(super) fn open_charge(
    connection: &mut SqliteConnection,
    scene: &Scene,
    merchant_id: i64,
    invoice_seq: Option<i64>,
    charge: Charge,
    now: Timestamp,
) -> Result<Stored<Charge>, Problem> {
    let stored = resources::insert(connection, merchant_id, invoice_seq, charge, scene.config.charges_kept.max(1))?;
    scene.tell_of_charge(connection, &stored, Some(Kind::Created), now)?;
    Ok(stored)
}

fn read_amount(charge: &Charge, amount: &serde_json::Value) -> Result<crate::money::Money, Problem> {
    let price = charge.price.as_ref().map(|price| price.local);
    let currency = price.map_or(&crate::currency::USD, |price| price.currency);
    let amount = amount_of(amount, currency).filter(|amount| amount.is_price());
    Ok(amount.ok_or_else(|| {
        Refusal::invalid(format!("amount must be a positive decimal with at most {} decimals", currency.decimals))
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charge::Status;
    use crate::config::Config;
    use crate::rates::Rates;

    #[actix_web::test]
    async fn an_hour_that_is_over_is_over_though_no_worker_has_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let url = "http://127.0.0.1:1/".parse().unwrap();
        let config = Config::new(folder.path().join("sandbox.db"), "key".to_owned(), "secret".to_owned(), url);
        let sandbox = Sandbox::open(config).unwrap();
        let draft = Draft::parse(br#"{"name":"Seat","pricing_type":"no_price"}"#, &Rates::default()).unwrap();
        let charge = sandbox.create_charge(1, draft).await.unwrap();
        sandbox.set_clock(|clock| clock.frozen().advanced(Duration::from_secs(3_600))).await.unwrap();
        let key = charge.document.code.clone();
        let refused = sandbox.pay(key.clone(), Payment::default()).await;
        assert!(matches!(refused, Err(Problem::Refused(_))));
        let late = Payment { outcome: Outcome::Delayed, ..Payment::default() };
        let late = sandbox.pay(key, late).await.unwrap();
        let statuses: Vec<_> = late.document.timeline.iter().map(|entry| entry.status).collect();
        assert_eq!(statuses, [Status::New, Status::Expired, Status::Pending]);
    }
}
