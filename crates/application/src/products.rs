use std::sync::Arc;

use domain::{
    BareAmount, CreateProduct, Currency, DeleteProduct, Description, Fingerprint, Made, MerchantId, Money, Product,
    ProductId, ProductName, Stock, UpdateProduct,
};
use ports::{IdSource, Ledger, LedgerError, Page, PageRequest, ProductFilter, ProductRepo};

use crate::caller::Settled;
use crate::{Answer, Caller, Error, ProductCache};

/// What a merchant offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    /// Who sells it.
    pub merchant_id: MerchantId,
    /// What it is called.
    pub name: ProductName,
    /// What is said of it.
    pub description: Option<Description>,
    /// What one costs.
    pub price: Money,
    /// How many there are.
    pub stock: Stock,
}

impl NewProduct {
    /// Tells another product.
    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&[
            Some(self.merchant_id.as_str()),
            Some(self.name.as_str()),
            self.description.as_ref().map(Description::as_str),
            Some(&self.price.to_string()),
            Some(self.price.currency().code()),
            Some(&self.stock.total().to_string()),
        ])
    }
}

/// What a product is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductChange {
    /// What it is called.
    pub name: ProductName,
    /// What is said of it.
    pub description: Option<Description>,
    /// What one costs.
    pub price: BareAmount,
    /// In which currency; as before if it isn't told.
    pub currency: Option<Currency>,
    /// How many there are, those spoken for included.
    pub total_stock: u32,
}

/// What is offered.
#[derive(Clone)]
pub struct Products {
    /// Where they are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn ProductRepo>,
    /// What was read or stored a moment ago.
    pub cache: Arc<ProductCache>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

impl Products {
    /// Offers something.
    pub async fn create(&self, caller: &Caller, new: NewProduct) -> Result<Answer<Product>, Error> {
        let asked = new.fingerprint();
        let NewProduct { merchant_id, name, description, price, stock } = new;
        let id = ProductId::from_uuid(self.ids.uuid_v7());
        let command = CreateProduct { id, merchant_id, name, description, price, stock };
        match caller.make(&*self.ledger, command, asked).await? {
            Settled::Now(product) => Ok(Answer::first(*product)),
            Settled::Before(Made::Product(id)) => {
                Ok(Answer::repeated(self.repo.product(id).await?.ok_or(Error::NotFound)?))
            }
            Settled::Before(_) => Err(LedgerError::Internal.into()),
        }
    }

    /// Says anew what a product is.
    pub async fn update(&self, caller: &Caller, id: ProductId, change: ProductChange) -> Result<Product, Error> {
        let ProductChange { name, description, price, currency, total_stock } = change;
        let command = UpdateProduct { id, name, description, price, currency, total_stock };
        Ok(*caller.execute(&*self.ledger, command).await?)
    }

    /// Offers something no more.
    pub async fn delete(&self, caller: &Caller, id: ProductId) -> Result<(), Error> {
        caller.execute(&*self.ledger, DeleteProduct { id }).await.map(drop)
    }

    /// The product, a few seconds old at most; or as it is in the store, past the cache.
    pub async fn get(&self, id: ProductId, past_the_cache: bool) -> Result<Arc<Product>, Error> {
        let found = if past_the_cache {
            self.cache.get_anew(&*self.repo, id).await?
        } else {
            self.cache.get(&*self.repo, id).await?
        };
        found.filter(|product| product.is_offered()).ok_or(Error::NotFound)
    }

    /// A page of what is offered.
    pub async fn list(&self, filter: ProductFilter, page: PageRequest) -> Result<Page<Product>, Error> {
        Ok(self.repo.products(filter, page).await?)
    }
}
