//! Invoices: made, looked at, paid through a charge, voided and resolved.

use super::charges::{change, open_charge};
use crate::charge::Charge;
use crate::charge::draft::Draft;
use crate::error::{Problem, Refusal};
use crate::event::Kind;
use crate::invoice::{ChargeName, Invoice, InvoiceDraft, InvoiceStatus};
use crate::limits::PAGES_KEPT;
use crate::random;
use crate::sandbox::Sandbox;
use crate::storage::resources::{self, Scope, Stored};

impl Sandbox {
    pub(crate) async fn create_invoice(
        &self,
        merchant_id: i64,
        draft: InvoiceDraft,
    ) -> Result<Stored<Invoice>, Problem> {
        let scene = self.scene();
        let made = self.change(move |connection| {
            let now = scene.clock.now();
            let invoice = Invoice::new(random::uuid()?, random::code()?, draft, now);
            let stored = resources::insert(connection, merchant_id, None, invoice, PAGES_KEPT)?;
            scene.tell_of_invoice(connection, &stored, Kind::InvoiceCreated, now)?;
            Ok(stored)
        });
        made.await
    }

    pub(crate) async fn void_invoice(&self, scope: Scope, key: String) -> Result<Stored<Invoice>, Problem> {
        let scene = self.scene();
        let voided = self.change(move |connection| {
            let mut stored = resources::existing::<Invoice>(connection, scope, &key)?;
            let now = scene.clock.now();
            let told = stored.document.void(now)?;
            scene.change_invoice(connection, &stored, told, now)?;
            Ok(stored)
        });
        voided.await
    }

    /// The merchant takes what came for what was billed: the charge is resolved, and the invoice with it.
    pub(crate) async fn resolve_invoice(&self, scope: Scope, key: String) -> Result<Stored<Invoice>, Problem> {
        let scene = self.scene();
        let resolved = self.change(move |connection| {
            let invoice = resources::existing::<Invoice>(connection, scope, &key)?;
            let charge =
                invoice.document.charge.as_ref().filter(|_| invoice.document.status == InvoiceStatus::Unresolved);
            let code = charge.map(|charge| charge.code.clone());
            let code = code.ok_or_else(|| Refusal::invalid("Invoice can't be resolved: only an unresolved one can"))?;
            let mut charge = resources::existing::<Charge>(connection, Scope::Everybody, &code)?;
            change(connection, &scene, &mut charge, |charge, now| Ok(charge.resolve(now).map(Some)?))?;
            resources::existing(connection, scope, &key)
        });
        resolved.await
    }

    /// The customer opens the invoice's page.
    pub(crate) async fn view_invoice(&self, key: String) -> Result<Stored<Invoice>, Problem> {
        let found = self.find::<Invoice>(Scope::Everybody, key.clone()).await?;
        if found.document.status != InvoiceStatus::Open {
            return Ok(found);
        }
        let scene = self.scene();
        let viewed = self.change(move |connection| {
            let mut stored = resources::existing::<Invoice>(connection, Scope::Everybody, &key)?;
            let now = scene.clock.now();
            let told = stored.document.view(now);
            scene.change_invoice(connection, &stored, told, now)?;
            Ok(stored)
        });
        viewed.await
    }

    /// The customer begins to pay: with the charge that is open, or a new one.
    pub(crate) async fn pay_invoice(&self, key: String) -> Result<Stored<Charge>, Problem> {
        let scene = self.scene();
        let made = self.change(move |connection| {
            let mut invoice = resources::existing::<Invoice>(connection, Scope::Everybody, &key)?;
            if !invoice.document.is_payable() {
                return Err(Refusal::invalid("This invoice can't be paid any more").into());
            }
            let now = scene.clock.now();
            if let Some(name) = &invoice.document.charge
                && let Some(open) = resources::find::<Charge>(connection, Scope::Everybody, &name.code)?
                && open.document.is_open()
                && open.document.expires_at > now
            {
                return Ok(open);
            }
            let charge = Draft::of_invoice(&invoice.document, &scene.config.rates)?;
            let charge = charge.open(None, now, scene.config.charge_ttl)?;
            invoice.document.charge = Some(ChargeName { id: charge.id, code: charge.code.clone() });
            resources::update(connection, &invoice)?;
            open_charge(connection, &scene, invoice.merchant_id, Some(invoice.seq), charge, now)
        });
        made.await
    }
}
