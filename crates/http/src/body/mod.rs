//! Request bodies: read up to a limit and a deadline, then taken as JSON.

mod json;
mod raw;
mod scan;

pub(crate) use json::{JsonBody, OptionalJsonBody, parse};
pub(crate) use raw::{BodyPatience, read};
pub(crate) use scan::Scan;
