//! From what a client wrote to what the domain knows: each rule is the domain's own parser, each fault names its field.

mod amount;
mod faults;
mod given;
mod metadata;
mod value;

pub(crate) use amount::{Amount, money};
pub(crate) use faults::{blame, duplicate_field, fault_of, faults};
pub(crate) use given::{Given, TextField};
pub(crate) use metadata::{Metadata, canonical_metadata};
pub(crate) use value::{FieldValue, invalid, optional, readable, required};
