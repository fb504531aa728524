use std::fmt::Display;

use domain::{ChargeReport, Currency, Email, Fingerprint, Money, Reason};
use ports::RepoError;
use thiserror::Error;

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

    pub(crate) fn report(self, report: &str) -> Result<ChargeReport, ImpossibleRow> {
        self.read("report", serde_json::from_str(report))
    }
}

/// A report as it is stored. Reports hold nothing that JSON can't, so that the empty text is never stored.
pub(crate) fn report_text(report: &ChargeReport) -> String {
    serde_json::to_string(report).unwrap_or_default()
}
