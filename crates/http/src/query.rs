use actix_web::HttpRequest;
use actix_web::web::Query;
use ports::PageRequest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use validator::{Validate, ValidationErrors};

use crate::input::{duplicate_field, faults};
use crate::page::PageQuery;
use crate::{Problem, ProblemType};

/// What a list can be narrowed by: the fields of a query, and the filter they make.
pub(crate) trait ListQuery: DeserializeOwned + Validate {
    type Filter: TryFrom<Self, Error = ValidationErrors>;

    /// The fields that narrow most, for the advice to those who page too deep.
    const NARROWED_BY: &'static str;
}

/// Reads the part of a list that a request asks for. All faults are reported together.
pub(crate) fn list_request<Q: ListQuery>(request: &HttpRequest) -> Result<(Q::Filter, PageRequest), Problem> {
    let query: Q = read(request)?;
    let page: PageQuery = read(request)?;
    let mut found = Vec::new();
    for errors in [query.validate(), page.validate()].into_iter().filter_map(Result::err) {
        found.extend(faults(&errors));
    }
    if !found.is_empty() {
        return Err(Problem::invalid_fields(found));
    }
    Ok((Q::Filter::try_from(query)?, page.request(Q::NARROWED_BY)?))
}

/// Reads what a request that isn't for a list says after its path.
pub(crate) fn options<Q: DeserializeOwned + Validate>(request: &HttpRequest) -> Result<Q, Problem> {
    let query: Q = read(request)?;
    query.validate()?;
    Ok(query)
}

fn read<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    Query::from_query(request.query_string()).map(Query::into_inner).map_err(|error| {
        match duplicate_field(&error.to_string()) {
            Some(errors) => errors.into(),
            None => Problem::new(ProblemType::ValidationFailed).with_detail("The query can't be read."),
        }
    })
}

/// A field without a value (`?status=`) is what forms send for one that wasn't filled in.
pub(crate) fn filled_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}
