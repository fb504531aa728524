//! What can be done in the sandbox. Each change and the events it causes are committed together.

mod charges;
mod checkouts;
mod deliveries;
mod invoices;
mod merchants;
mod settings;

pub(crate) use charges::Payment;
pub(crate) use deliveries::Sent;
pub(crate) use merchants::MerchantDraft;

use crate::error::Problem;
use crate::paging::{Page, Query, page};
use crate::sandbox::Sandbox;
use crate::storage::resources::{self, Document, Scope, Stored};

impl Sandbox {
    pub(crate) async fn list<T: Document + Send + 'static>(
        &self,
        merchant_id: i64,
        query: Query,
    ) -> Result<Page<T>, Problem> {
        self.storage().read(move |connection| page(connection, merchant_id, query)).await
    }

    /// The resource of this id or code.
    pub(crate) async fn find<T: Document + Send + 'static>(
        &self,
        scope: Scope,
        key: String,
    ) -> Result<Stored<T>, Problem> {
        self.storage().read(move |connection| resources::existing(connection, scope, &key)).await
    }
}
