use domain::{JobKind, JobStatus};
use ports::JobFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/admin/jobs` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct JobQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<JobStatus>))]
    status: Option<String>,
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<JobKind>))]
    kind: Option<String>,
}

impl ListQuery for JobQuery {
    type Filter = JobFilter;

    const NARROWED_BY: &'static str = "status or kind";
}

impl TryFrom<JobQuery> for JobFilter {
    type Error = ValidationErrors;

    fn try_from(query: JobQuery) -> Result<Self, Self::Error> {
        Ok(Self { status: optional("status", query.status.as_ref())?, kind: optional("kind", query.kind.as_ref())? })
    }
}
