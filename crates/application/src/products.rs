use std::sync::Arc;

use domain::{
    BareAmount, CreateProduct, Currency, DeleteProduct, Description, MerchantId, Money, Product, ProductId,
    ProductName, Stock, UpdateProduct,
};
use ports::{IdSource, Ledger, Page, PageRequest, ProductFilter, ProductRepo, execute};

use crate::{Error, ProductCache};

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
    pub async fn create(&self, new: NewProduct) -> Result<Product, Error> {
        let NewProduct { merchant_id, name, description, price, stock } = new;
        let id = ProductId::from_uuid(self.ids.uuid_v7());
        let command = CreateProduct { id, merchant_id, name, description, price, stock };
        Ok(*execute(&*self.ledger, command).await??)
    }

    /// Says anew what a product is.
    pub async fn update(&self, id: ProductId, change: ProductChange) -> Result<Product, Error> {
        let ProductChange { name, description, price, currency, total_stock } = change;
        let command = UpdateProduct { id, name, description, price, currency, total_stock };
        Ok(*execute(&*self.ledger, command).await??)
    }

    /// Offers something no more.
    pub async fn delete(&self, id: ProductId) -> Result<(), Error> {
        execute(&*self.ledger, DeleteProduct { id }).await??;
        Ok(())
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
