//! The clock, the faults and the rate limits; how everything stands, and how to begin anew.

use std::sync::Arc;

use diesel::SqliteConnection;
use serde::Serialize;

use crate::charge::Charge;
use crate::checkout::Checkout;
use crate::clock;
use crate::error::Problem;
use crate::event::Event;
use crate::faults::FaultPlan;
use crate::invoice::Invoice;
use crate::rate_limit;
use crate::sandbox::{Sandbox, configure};
use crate::storage::resources::{self, Scope};
use crate::storage::{merchants, outbox, settings};

/// How many there are of everything.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Overview {
    charges: i64,
    checkouts: i64,
    invoices: i64,
    events: i64,
    deliveries_waiting: i64,
}

impl Sandbox {
    pub(crate) async fn overview(&self) -> Result<Overview, Problem> {
        let count = |connection: &mut SqliteConnection| {
            Ok(Overview {
                charges: resources::total::<Charge>(connection, Scope::Everybody)?,
                checkouts: resources::total::<Checkout>(connection, Scope::Everybody)?,
                invoices: resources::total::<Invoice>(connection, Scope::Everybody)?,
                events: resources::total::<Event>(connection, Scope::Everybody)?,
                deliveries_waiting: outbox::waiting(connection)?,
            })
        };
        self.storage().read(count).await
    }

    /// Sets the clock; what is due by then happens at once.
    pub(crate) async fn set_clock(
        &self,
        change: impl FnOnce(clock::Setting) -> clock::Setting + Send + 'static,
    ) -> Result<clock::Setting, Problem> {
        // One after the other: each starts from where the one before left the clock.
        let set = |sandbox: Self| async move {
            let setting = change(sandbox.clock().setting());
            let store = move |connection: &mut SqliteConnection| settings::store(connection, settings::CLOCK, &setting);
            sandbox.storage().write(store).await?;
            sandbox.clock().set(setting);
            sandbox.wake();
            Ok(setting)
        };
        self.in_turn(set).await
    }

    /// From now on this goes wrong; the seed's sequence begins anew.
    pub(crate) async fn set_faults(&self, plan: FaultPlan) -> Result<(), Problem> {
        let store = move |connection: &mut SqliteConnection| {
            resources::number_anew(connection)?;
            settings::store(connection, settings::FAULTS, &plan)
        };
        let set = move |sandbox: Self| async move {
            sandbox.storage().write(store).await?;
            sandbox.weather().set(plan);
            Ok(())
        };
        self.in_turn(set).await
    }

    pub(crate) async fn set_rate_limits(&self, setting: rate_limit::Setting) -> Result<(), Problem> {
        let store =
            move |connection: &mut SqliteConnection| settings::store(connection, settings::RATE_LIMITS, &setting);
        let set = move |sandbox: Self| async move {
            sandbox.storage().write(store).await?;
            sandbox.limiter().set(setting);
            Ok(())
        };
        self.in_turn(set).await
    }

    /// Everything is gone but what the configuration gives.
    pub(crate) async fn reset(&self) -> Result<(), Problem> {
        let reset = |sandbox: Self| async move {
            let config = Arc::clone(sandbox.config());
            let clear = move |connection: &mut SqliteConnection| {
                settings::clear(connection)?;
                merchants::clear(connection)?;
                // A rotated secret and a clock that was set are gone, too.
                configure(connection, &config, clock::Setting::default().now())
            };
            sandbox.change_directory(clear).await?;
            sandbox.clock().set(clock::Setting::default());
            sandbox.weather().set(FaultPlan::default());
            sandbox.limiter().set(rate_limit::Setting::default());
            sandbox.wake();
            Ok(())
        };
        self.in_turn(reset).await
    }
}
