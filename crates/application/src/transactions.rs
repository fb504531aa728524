use std::sync::Arc;

use domain::Transaction;
use ports::{Page, PageRequest, TransactionFilter, TransactionRepo};

use crate::Error;

/// The ledger of settled payments.
#[derive(Clone)]
pub struct Transactions {
    /// Where they are read.
    pub repo: Arc<dyn TransactionRepo>,
}

impl Transactions {
    /// A page of transactions.
    pub async fn list(&self, filter: TransactionFilter, page: PageRequest) -> Result<Page<Transaction>, Error> {
        Ok(self.repo.transactions(filter, page).await?)
    }
}
