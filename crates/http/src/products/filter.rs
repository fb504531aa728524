use ports::ProductFilter;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{optional, readable};
use crate::query::{ListQuery, filled_in};

/// What `GET /api/products` can be narrowed by.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct ProductQuery {
    #[serde(default, deserialize_with = "filled_in", alias = "inStock")]
    #[validate(custom(function = readable::<bool>))]
    in_stock: Option<String>,
}

impl ListQuery for ProductQuery {
    type Filter = ProductFilter;

    const NARROWED_BY: &'static str = "in_stock";
}

impl TryFrom<ProductQuery> for ProductFilter {
    type Error = ValidationErrors;

    fn try_from(query: ProductQuery) -> Result<Self, Self::Error> {
        Ok(Self { in_stock: optional("in_stock", query.in_stock.as_ref())? })
    }
}
