//! From what a client wrote to what the domain knows: each rule is the domain's own parser, each fault names its field.

mod amount;
mod faults;
mod given;
mod id;
mod label;
mod metadata;
mod value;
mod whole;

pub(crate) use amount::{Amount, bare_amount, invalid_amount, money, required_bare_amount, required_money};
pub(crate) use faults::{WHOLE, blame, both, duplicate_field, fault_of, faults};
pub(crate) use given::{Field, Given};
pub(crate) use id::Id;
pub(crate) use label::Label;
pub(crate) use metadata::{Metadata, canonical_metadata};
pub(crate) use value::{FieldValue, invalid, optional, readable, required};
pub(crate) use whole::Whole;
