//! Checkouts: made, changed, deleted, and turned into charges by their visitors.

use serde_json::{Map, Value};

use super::charges::open_charge;
use crate::charge::Charge;
use crate::charge::draft::Draft;
use crate::checkout::{Checkout, CheckoutChange, CheckoutDraft};
use crate::error::Problem;
use crate::limits::PAGES_KEPT;
use crate::random;
use crate::sandbox::Sandbox;
use crate::storage::resources::{self, Scope, Stored};

impl Sandbox {
    pub(crate) async fn create_checkout(
        &self,
        merchant_id: i64,
        draft: CheckoutDraft,
    ) -> Result<Stored<Checkout>, Problem> {
        let scene = self.scene();
        let made = self.storage().write(move |connection| {
            let checkout = Checkout::new(random::uuid()?, draft, scene.clock.now());
            resources::insert(connection, merchant_id, None, checkout, PAGES_KEPT)
        });
        made.await
    }

    pub(crate) async fn change_checkout(
        &self,
        scope: Scope,
        key: String,
        change: CheckoutChange,
    ) -> Result<Stored<Checkout>, Problem> {
        let scene = self.scene();
        let changed = self.storage().write(move |connection| {
            let stored = resources::existing::<Checkout>(connection, scope, &key)?;
            let changed = stored.document.changed(&change, scene.clock.now())?;
            let stored = Stored { document: changed, ..stored };
            resources::update(connection, &stored)?;
            Ok(stored)
        });
        changed.await
    }

    pub(crate) async fn delete_checkout(&self, scope: Scope, key: String) -> Result<Stored<Checkout>, Problem> {
        let deleted = self.storage().write(move |connection| {
            let stored = resources::existing::<Checkout>(connection, scope, &key)?;
            resources::delete(connection, stored.seq)?;
            Ok(stored)
        });
        deleted.await
    }

    /// Somebody has filled in a checkout's page.
    pub(crate) async fn visit_checkout(
        &self,
        key: String,
        filled_in: Map<String, Value>,
    ) -> Result<Stored<Charge>, Problem> {
        let scene = self.scene();
        let made = self.change(move |connection| {
            let checkout = resources::existing::<Checkout>(connection, Scope::Everybody, &key)?;
            let now = scene.clock.now();
            let draft = Draft::of_checkout(&checkout.document, filled_in, &scene.config.rates)?;
            let charge = draft.open(Some(checkout.document.id), now, scene.config.charge_ttl)?;
            open_charge(connection, &scene, checkout.merchant_id, None, charge, now)
        });
        made.await
    }
}
