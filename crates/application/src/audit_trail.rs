use std::sync::Arc;

use domain::AuditEntry;
use ports::{AuditTrailFilter, AuditTrailRepo, Page, PageRequest};

use crate::Error;

/// Who changed what, when and why.
#[derive(Clone)]
pub struct AuditTrail {
    /// Where it is read.
    pub repo: Arc<dyn AuditTrailRepo>,
}

impl AuditTrail {
    /// A page of its entries, newest first.
    pub async fn list(&self, filter: AuditTrailFilter, page: PageRequest) -> Result<Page<AuditEntry>, Error> {
        Ok(self.repo.audit_trail(filter, page).await?)
    }
}
