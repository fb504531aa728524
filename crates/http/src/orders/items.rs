//! The items of an order: each is read on its own, so that each fault is reported at its place.

use std::collections::BTreeMap;

use domain::{MAX_ORDER_ITEMS, ProductId, Quantity};
use serde::Deserialize;
use serde_json::value::RawValue;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::input::{Given, Id, WHOLE, Whole, duplicate_field, fault_of, invalid, readable, required};

const NAME: &str = "items";

/// A list of whatever.
pub(super) type Items = Given<Vec<Box<RawValue>>>;

#[derive(Debug, Deserialize, Validate)]
struct ItemBody {
    #[serde(alias = "productId")]
    #[validate(required, custom(function = readable::<ProductId>))]
    product_id: Option<Given<Id<ProductId>>>,
    #[validate(required, custom(function = readable::<Quantity>))]
    quantity: Option<Given<Whole>>,
}

/// Reads all items, or finds the faults of all of them.
pub(super) fn read(items: &Items) -> Result<Vec<(ProductId, Quantity)>, ValidationErrors> {
    let items = items.value("an array of items").map_err(|error| fault_of(NAME, error))?;
    if items.is_empty() {
        return Err(fault_of(NAME, invalid("required", "must have at least one item")));
    }
    if items.len() > MAX_ORDER_ITEMS {
        return Err(fault_of(NAME, invalid("too-many", format!("must be at most {MAX_ORDER_ITEMS} items"))));
    }
    let (mut read, mut faults) = (Vec::with_capacity(items.len()), BTreeMap::new());
    for (index, item) in items.iter().enumerate() {
        match read_another(item, &read) {
            Ok(item) => read.push(item),
            Err(errors) => drop(faults.insert(index, Box::new(errors))),
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(at_their_places(faults)) }
}

fn read_another(item: &RawValue, others: &[(ProductId, Quantity)]) -> Result<(ProductId, Quantity), ValidationErrors> {
    let item = object(item)?;
    item.validate()?;
    let product_id = required("product_id", item.product_id.as_ref())?;
    if others.iter().any(|(other, _)| *other == product_id) {
        return Err(fault_of("product_id", invalid("product-twice", "is the product of another item")));
    }
    Ok((product_id, required("quantity", item.quantity.as_ref())?))
}

fn object(item: &RawValue) -> Result<ItemBody, ValidationErrors> {
    let other_form = || fault_of(WHOLE, invalid("invalid-type", "must be an object with product_id and quantity"));
    // A struct would also be read from an array of its fields.
    if !item.get().starts_with('{') {
        return Err(other_form());
    }
    serde_json::from_str(item.get()).map_err(|error| duplicate_field(&error.to_string()).unwrap_or_else(other_form))
}

fn at_their_places(faults: BTreeMap<usize, Box<ValidationErrors>>) -> ValidationErrors {
    let mut errors = ValidationErrors::new();
    errors.errors_mut().insert(NAME.into(), ValidationErrorsKind::List(faults));
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::faults;

    const A: &str = r#"{"product_id":"01900000-0000-7000-8000-00000000000a","quantity":2}"#;
    const B: &str = r#"{"quantity":1000000000,"x":[1e400],"productId":"01900000-0000-7000-8000-00000000000b"}"#;

    fn quantities(json: &str) -> Result<Vec<u32>, Vec<String>> {
        let items: Items = serde_json::from_str(json).unwrap();
        let read = read(&items).map_err(|errors| {
            let found = faults(&errors).into_iter().map(|fault| format!("{} {}", fault.field, fault.code));
            found.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
        });
        read.map(|items| items.into_iter().map(|(_, quantity)| quantity.get()).collect())
    }

    #[test]
    fn items_are_read_in_their_order() {
        assert_eq!(quantities(&format!("[{B},{A}]")), Ok(vec![1_000_000_000, 2]));
    }

    #[test]
    fn every_fault_is_found_at_its_place() {
        let twice = r#"{"product_id":null,"productId":null}"#;
        let list = format!(r#"[{A},7,["01900000-0000-7000-8000-00000000000b",1],{{"quantity":0}},{A},{twice}]"#);
        let expected = [
            "items[1] invalid-type",
            "items[2] invalid-type",
            "items[3].product_id required",
            "items[3].quantity out-of-range",
            "items[4].product_id product-twice",
            "items[5].product_id duplicate",
        ];
        assert_eq!(quantities(&list), Err(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_list_has_one_to_a_hundred_items() {
        let many = |count: usize| {
            let items =
                (0..count).map(|at| format!(r#"{{"product_id":"01900000-0000-7000-8000-{at:012}","quantity":1}}"#));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        };
        assert_eq!(quantities(&many(100)).map(|items| items.len()), Ok(100));
        assert_eq!(quantities(&many(101)), Err(vec!["items too-many".to_owned()]));
        assert_eq!(quantities("[]"), Err(vec!["items required".to_owned()]));
        for json in ["{}", "1", "\"x\"", A] {
            assert_eq!(quantities(json), Err(vec!["items invalid-type".to_owned()]), "{json}");
        }
    }
}
