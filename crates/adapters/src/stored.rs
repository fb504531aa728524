use std::collections::BTreeSet;
use std::fmt::Display;

use domain::{
    Change, Currency, CustomerId, Email, EventReport, Fingerprint, Money, NotificationType, Order, OrderItem, Outcome,
    ProductId, Quantity, Reason, SigningSeed, Stock, Task, UnknownState,
};
use ports::RepoError;
use thiserror::Error;
use uuid::Uuid;

/// A stored row that makes no sense. It names its table, column and id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{table}.{column} of {id} can't be read")]
pub(crate) struct ImpossibleRow {
    table: &'static str,
    column: &'static str,
    id: String,
}

/// Why a row wasn't read.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    #[error(transparent)]
    Impossible(#[from] ImpossibleRow),
}

impl From<ReadError> for RepoError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => Self::Unavailable(error.to_string()),
            ReadError::Impossible(row) => Self::Corrupt(row.to_string()),
        }
    }
}

/// Where a value was read, for the error if it makes no sense.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) id: &'a dyn IdText,
}

/// An id that can be shown.
pub(crate) trait IdText: std::fmt::Debug {
    fn text(&self) -> String;
}

impl<T: Display + std::fmt::Debug> IdText for T {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Place<'_> {
    /// Takes a value that was read and understood, or names the column that wasn't.
    pub(crate) fn read<T, E>(self, column: &'static str, result: Result<T, E>) -> Result<T, ImpossibleRow> {
        result.map_err(|_| ImpossibleRow { table: self.table, column, id: self.id.text() })
    }

    pub(crate) fn read_optional<T, E, S>(
        self,
        column: &'static str,
        value: Option<S>,
        parse: impl FnOnce(S) -> Result<T, E>,
    ) -> Result<Option<T>, ImpossibleRow> {
        value.map(|value| self.read(column, parse(value))).transpose()
    }

    pub(crate) fn money(self, minor: i64, currency: &str) -> Result<Money, ImpossibleRow> {
        let currency: Currency = self.read("currency", currency.parse())?;
        self.read("amount_minor", Money::from_minor(minor, currency))
    }

    pub(crate) fn email(self, email: Option<String>) -> Result<Option<Email>, ImpossibleRow> {
        self.read_optional("email", email, Email::parse)
    }

    pub(crate) fn reason(self, column: &'static str, reason: Option<String>) -> Result<Option<Reason>, ImpossibleRow> {
        self.read_optional(column, reason, |text| text.parse())
    }

    pub(crate) fn fingerprint(self, bytes: Vec<u8>) -> Result<Fingerprint, ImpossibleRow> {
        self.read("fingerprint", bytes.try_into().map(Fingerprint::from_bytes))
    }

    pub(crate) fn seed(self, bytes: Vec<u8>) -> Result<SigningSeed, ImpossibleRow> {
        self.read("seed", bytes.try_into().map(SigningSeed::from_bytes))
    }

    pub(crate) fn quantity(self, quantity: i32) -> Result<Quantity, ImpossibleRow> {
        let number = u64::try_from(quantity).ok();
        self.read("quantity", number.and_then(|number| Quantity::try_from(number).ok()).ok_or(()))
    }

    pub(crate) fn stock(self, total: i32, held: i32, sold: i32) -> Result<Stock, ImpossibleRow> {
        let parts = u32::try_from(total).ok().zip(u32::try_from(held).ok()).zip(u32::try_from(sold).ok());
        self.read("total_stock", parts.and_then(|((total, held), sold)| Stock::from_parts(total, held, sold)).ok_or(()))
    }

    pub(crate) fn customer(self, text: Option<String>, is_number: bool) -> Result<Option<CustomerId>, ImpossibleRow> {
        let Some(text) = text else { return Ok(None) };
        if is_number {
            return self.read("customer_id", text.parse().map(|number| Some(CustomerId::from_number(number))));
        }
        self.read("customer_id", CustomerId::parse(text).map(Some))
    }

    /// An item in the currency of its order.
    pub(crate) fn item(
        self,
        order: &Order,
        product_id: ProductId,
        quantity: i32,
        price_minor: i64,
    ) -> Result<OrderItem, ImpossibleRow> {
        let quantity = self.quantity(quantity)?;
        let price_at_purchase = self.read("price_minor", Money::from_minor(price_minor, order.total.currency()))?;
        let line_total = self.read("price_minor", price_at_purchase.checked_mul(quantity).ok_or(()))?;
        Ok(OrderItem { product_id, quantity, price_at_purchase, line_total })
    }

    pub(crate) fn changes(self, changes: &str) -> Result<Vec<Change>, ImpossibleRow> {
        let changes: Vec<(String, Option<String>, Option<String>)> =
            self.read("changes", serde_json::from_str(changes))?;
        Ok(changes.into_iter().map(|(field, from, to)| Change { field, from, to }).collect())
    }

    pub(crate) fn outcome(self, outcome: &str) -> Result<Outcome, ImpossibleRow> {
        self.read("outcome", serde_json::from_str(outcome))
    }

    pub(crate) fn task(self, kind: &str, subject_id: Uuid, queue_id: Option<Uuid>) -> Result<Task, ImpossibleRow> {
        let kind = self.read("kind", kind.parse())?;
        self.read("queue_id", Task::from_parts(kind, subject_id, queue_id).ok_or(()))
    }

    pub(crate) fn report(self, report: &str) -> Result<EventReport, ImpossibleRow> {
        self.read("report", serde_json::from_str(report))
    }
}

/// A report as it is stored. Reports hold nothing that JSON can't, so that the empty text is never stored.
pub(crate) fn report_text(report: &EventReport) -> String {
    serde_json::to_string(report).unwrap_or_default()
}

/// Changes as they are stored: a list of field, before and after.
pub(crate) fn changes_text(changes: &[Change]) -> String {
    let changes: Vec<_> = changes.iter().map(|change| (&change.field, &change.from, &change.to)).collect();
    serde_json::to_string(&changes).unwrap_or_default()
}

/// An outcome as it is stored.
pub(crate) fn outcome_text(outcome: &Outcome) -> String {
    serde_json::to_string(outcome).unwrap_or_default()
}

/// A set of types of notifications, from its words with commas between them.
pub(crate) fn event_types(words: &str) -> Result<BTreeSet<NotificationType>, UnknownState> {
    words.split(',').map(str::parse).collect()
}

/// The words of a set of types, with commas between them.
pub(crate) fn event_types_text(types: &BTreeSet<NotificationType>) -> String {
    types.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",")
}
