//! The audit trail, and the requests that had a name: rows that are only ever added.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{
    AuditEntry, AuditId, AuditSubject, Books, DecidedRequest, EventId, Keys, RequestId, RequestScope, Timestamp,
};

use super::flush::run;
use super::key::Key;
use super::load::{find, select};
use super::schema::{audit_trail, decided_requests};
use super::statement::{Value, statement};
use crate::stored::{ImpossibleRow, Place, ReadError, changes_text, outcome_text};

statement! { InsertEntry, "INSERT INTO audit_trail (id, subject, subject_id, changes, actor, command, event_id, request_id, \
at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" }

statement! { InsertRequest, "INSERT INTO decided_requests (scope, fingerprint, outcome, decided_at) VALUES (?, ?, ?, ?)" }

select!(
    RequestsByScope,
    decided_requests,
    "scope, fingerprint, outcome, decided_at",
    "decided_requests WHERE scope IN (SELECT unhex(value) FROM json_each(?))"
);

pub(super) fn insert_entry(connection: &mut SqliteConnection, row: &AuditEntry) -> QueryResult<()> {
    let actor = row.actor.to_string();
    let values = [
        Value::key(row.id.as_uuid()),
        Value::Text(row.subject.as_str()),
        Value::key(row.subject_id),
        Value::Made(changes_text(&row.changes)),
        Value::Text(&actor),
        Value::Text(&row.command),
        Value::optional_key(row.event_id.map(EventId::as_uuid)),
        Value::OptionalText(row.request_id.as_ref().map(RequestId::as_str)),
        Value::BigInt(row.at.unix_us()),
    ];
    run::<InsertEntry, _>(connection, values)
}

pub(super) fn insert_request(connection: &mut SqliteConnection, row: &DecidedRequest) -> QueryResult<()> {
    let values = [
        Value::Bytes(row.scope.as_bytes()),
        Value::Bytes(row.fingerprint.as_bytes()),
        Value::Made(outcome_text(&row.outcome)),
        Value::BigInt(row.decided_at.unix_us()),
    ];
    run::<InsertRequest, _>(connection, values)
}

pub(super) fn load_requests(
    connection: &mut SqliteConnection,
    keys: &Keys,
    books: &mut Books,
) -> Result<(), ReadError> {
    let scopes: Vec<String> = keys.requests.iter().map(|scope| hexadecimal(scope.as_bytes())).collect();
    let found = find::<RequestsByScope, RequestRow, _>(connection, Value::list(&scopes))?;
    for request in found {
        books.load_request(request);
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    digits.map(char::from).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = decided_requests)]
struct RequestRow {
    scope: Vec<u8>,
    fingerprint: Vec<u8>,
    outcome: String,
    decided_at: i64,
}

impl TryFrom<RequestRow> for DecidedRequest {
    type Error = ImpossibleRow;

    fn try_from(row: RequestRow) -> Result<Self, Self::Error> {
        let place = Place { table: "decided_requests", id: &"a request" };
        Ok(Self {
            scope: place.read("scope", row.scope.try_into().map(RequestScope::from_bytes))?,
            fingerprint: place.fingerprint(row.fingerprint)?,
            outcome: place.outcome(&row.outcome)?,
            decided_at: Timestamp::from_unix_us(row.decided_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_trail)]
pub(super) struct EntryRow {
    id: Key,
    subject: String,
    subject_id: Key,
    changes: String,
    actor: String,
    command: String,
    event_id: Option<Key>,
    request_id: Option<String>,
    at: i64,
}

impl TryFrom<EntryRow> for AuditEntry {
    type Error = ImpossibleRow;

    fn try_from(row: EntryRow) -> Result<Self, Self::Error> {
        let place = Place { table: "audit_trail", id: &row.id.0 };
        let subject: AuditSubject = place.read("subject", row.subject.parse())?;
        Ok(Self {
            id: AuditId::from_uuid(row.id.0),
            subject,
            subject_id: row.subject_id.0,
            changes: place.changes(&row.changes)?,
            actor: place.read("actor", row.actor.parse())?,
            command: row.command,
            event_id: row.event_id.map(|key| EventId::from_uuid(key.0)),
            request_id: place.read_optional("request_id", row.request_id, |id| RequestId::parse(&id).ok_or(()))?,
            at: Timestamp::from_unix_us(row.at),
        })
    }
}
