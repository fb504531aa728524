use application::{NewProduct, ProductChange};
use domain::{Currency, Description, MAX_STOCK, MerchantId, ProductName, Stock};
use serde::Deserialize;
use validator::{Validate, ValidationError, ValidationErrors};

use crate::input::{
    Amount, Field, Given, Whole, both, invalid, optional, readable, required, required_bare_amount, required_money,
};

/// What is sent to `POST /api/products` and `PUT /api/products/{id}`. The price is no rule of one field alone: its
/// decimals are the currency's affair, which a PUT need not tell.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct ProductBody {
    #[validate(required, custom(function = readable::<ProductName>))]
    name: Option<Given<String>>,
    #[validate(custom(function = readable::<Description>))]
    description: Option<Given<String>>,
    price: Option<Given<Amount>>,
    #[validate(custom(function = readable::<Currency>))]
    currency: Option<Given<String>>,
    #[serde(alias = "totalStock", alias = "quantity")]
    #[validate(required, custom(function = readable::<TotalStock>))]
    total_stock: Option<Given<Whole>>,
}

/// A stock of which nothing is spoken for yet.
struct TotalStock(Stock);

impl Field<TotalStock> for Given<Whole> {
    fn read(&self) -> Result<TotalStock, ValidationError> {
        let total = self.within(&(0..=MAX_STOCK))?;
        Stock::new(total).map(TotalStock).ok_or_else(|| invalid("out-of-range", "is more than there can be"))
    }
}

impl TryFrom<ProductBody> for NewProduct {
    type Error = ValidationErrors;

    fn try_from(body: ProductBody) -> Result<Self, Self::Error> {
        let price = required_money("price", body.price.as_ref(), body.currency.as_ref());
        let ((), price) = both(body.validate(), price)?;
        let TotalStock(stock) = required("total_stock", body.total_stock.as_ref())?;
        Ok(Self {
            merchant_id: MerchantId::default_merchant(),
            name: required("name", body.name.as_ref())?,
            description: optional("description", body.description.as_ref())?,
            price,
            stock,
        })
    }
}

impl TryFrom<ProductBody> for ProductChange {
    type Error = ValidationErrors;

    fn try_from(body: ProductBody) -> Result<Self, Self::Error> {
        let price = required_bare_amount("price", body.price.as_ref(), body.currency.as_ref());
        let ((), price) = both(body.validate(), price)?;
        let TotalStock(stock) = required("total_stock", body.total_stock.as_ref())?;
        Ok(Self {
            name: required("name", body.name.as_ref())?,
            description: optional("description", body.description.as_ref())?,
            price,
            currency: optional("currency", body.currency.as_ref())?,
            total_stock: stock.total(),
        })
    }
}
