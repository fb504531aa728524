use domain::{Provider, Verdict};
use ports::EventFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/admin/events` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct EventQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<Verdict>))]
    verdict: Option<String>,
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<Provider>))]
    provider: Option<String>,
}

impl ListQuery for EventQuery {
    type Filter = EventFilter;

    const NARROWED_BY: &'static str = "verdict or provider";
}

impl TryFrom<EventQuery> for EventFilter {
    type Error = ValidationErrors;

    fn try_from(query: EventQuery) -> Result<Self, Self::Error> {
        Ok(Self {
            verdict: optional("verdict", query.verdict.as_ref())?,
            provider: optional("provider", query.provider.as_ref())?,
        })
    }
}
