use ports::AuditTrailFilter;
use serde::Deserialize;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/admin/audit-trail` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct AuditTrailQuery {
    #[serde(default, deserialize_with = "filled_in", alias = "subjectId")]
    #[validate(custom(function = readable::<Uuid>))]
    subject_id: Option<String>,
}

impl ListQuery for AuditTrailQuery {
    type Filter = AuditTrailFilter;

    const NARROWED_BY: &'static str = "subject_id";
}

impl TryFrom<AuditTrailQuery> for AuditTrailFilter {
    type Error = ValidationErrors;

    fn try_from(query: AuditTrailQuery) -> Result<Self, Self::Error> {
        Ok(Self { subject_id: optional("subject_id", query.subject_id.as_ref())? })
    }
}
