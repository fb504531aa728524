use super::stock::{change_stock, offered};
use crate::{
    BareAmount, Books, Currency, Description, Keys, MerchantId, Money, Product, ProductId, ProductName, Rejection,
    Stock, Timestamp,
};

/// A merchant offers something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateProduct {
    /// The id that the product gets.
    pub id: ProductId,
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

/// A merchant says anew what a product is. What was bought before keeps its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateProduct {
    /// The product.
    pub id: ProductId,
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

/// A merchant offers something no more. Its orders keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteProduct {
    /// The product.
    pub id: ProductId,
}

impl CreateProduct {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.products.push(self.id);
    }

    #[expect(clippy::unnecessary_wraps, reason = "nothing speaks against a new product, but commands share a form")]
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Product>, Rejection> {
        if let Some(same_command) = books.products().get(self.id) {
            return Ok(Box::new(same_command.clone()));
        }
        let product = Product {
            id: self.id,
            merchant_id: self.merchant_id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            price: self.price,
            stock: self.stock,
            deleted_at: None,
            created_at: now,
            updated_at: now,
        };
        books.insert_product(product.clone());
        Ok(Box::new(product))
    }
}

impl UpdateProduct {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.products.push(self.id);
        // Expired holds are not in the way of a smaller total.
        keys.wanted_stock.push((self.id, u32::MAX));
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Product>, Rejection> {
        let product = offered(books, self.id)?;
        let currency = self.currency.unwrap_or(product.price.currency());
        let price = self.price.in_currency(currency).map_err(Rejection::InvalidPrice)?;
        let change = change_stock(books, product, now, |stock| stock.with_total(self.total_stock));
        change.ok_or(Rejection::StockInUse)?.make(books, now);
        let changed = books.products().get(self.id).ok_or(Rejection::ProductNotFound)?.clone();
        let changed = Product {
            name: self.name.clone(),
            description: self.description.clone(),
            price,
            updated_at: now,
            ..changed
        };
        books.update_product(changed.clone());
        Ok(Box::new(changed))
    }
}

impl DeleteProduct {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.products.push(self.id);
        keys.wanted_stock.push((self.id, u32::MAX));
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Product>, Rejection> {
        let product = offered(books, self.id)?;
        let change = change_stock(books, product, now, |stock| (stock.held() == 0).then_some(stock));
        change.ok_or(Rejection::ProductInUse)?.make(books, now);
        let product = books.products().get(self.id).ok_or(Rejection::ProductNotFound)?.clone();
        let deleted = Product { deleted_at: Some(now), updated_at: now, ..product };
        books.update_product(deleted.clone());
        Ok(Box::new(deleted))
    }
}
