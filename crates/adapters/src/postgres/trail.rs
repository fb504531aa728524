//! The audit trail, and the requests that had a name: rows that are only ever added.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use domain::{
    AuditEntry, AuditId, AuditSubject, Books, DecidedRequest, EventId, Keys, RequestId, RequestScope, Timestamp,
};
use uuid::Uuid;

use super::flush::{Flush, collect, time};
use super::schema::{audit_trail, decided_requests};
use super::statement::Column;
use crate::stored::{ImpossibleRow, Place, ReadError, changes_text, outcome_text};

const INSERT_ENTRIES: &str = "INSERT INTO audit_trail (id, subject, subject_id, changes, actor, command, event_id, \
request_id, at) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_REQUESTS: &str = "INSERT INTO decided_requests (scope, fingerprint, outcome, decided_at) \
SELECT * FROM unnest(?, ?, ?, ?)";

pub(super) fn insert_entries<'a>(flush: &mut Flush<'a>, rows: &[&'a AuditEntry]) {
    if rows.is_empty() {
        return;
    }
    flush.add(
        INSERT_ENTRIES,
        rows.len(),
        vec![
            Column::Uuids(collect(rows, |row| row.id.as_uuid())),
            Column::Texts(collect(rows, |row| row.subject.as_str())),
            Column::Uuids(collect(rows, |row| row.subject_id)),
            Column::OwnedTexts(collect(rows, |row| changes_text(&row.changes))),
            Column::OwnedTexts(collect(rows, |row| row.actor.to_string())),
            Column::Texts(rows.iter().map(|row| row.command.as_str()).collect()),
            Column::OptionalUuids(collect(rows, |row| row.event_id.map(EventId::as_uuid))),
            Column::OptionalTexts(rows.iter().map(|row| row.request_id.as_ref().map(RequestId::as_str)).collect()),
            Column::Times(collect(rows, |row| time(row.at))),
        ],
    );
}

/// In the order of their names, so that two nodes that insert the same ones wait for each other.
pub(super) fn insert_requests<'a>(flush: &mut Flush<'a>, mut rows: Vec<&'a DecidedRequest>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|row| row.scope);
    flush.add(
        INSERT_REQUESTS,
        rows.len(),
        vec![
            Column::Bytes(rows.iter().map(|row| &row.scope.as_bytes()[..]).collect()),
            Column::Bytes(rows.iter().map(|row| &row.fingerprint.as_bytes()[..]).collect()),
            Column::OwnedTexts(collect(&rows, |row| outcome_text(&row.outcome))),
            Column::Times(collect(&rows, |row| time(row.decided_at))),
        ],
    );
}

pub(super) fn load_requests(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.requests.is_empty() {
        return Ok(());
    }
    let scopes = keys.requests.iter().map(|scope| &scope.as_bytes()[..]);
    let rows: Vec<RequestRow> = decided_requests::table
        .filter(decided_requests::scope.eq_any(scopes))
        .select(RequestRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_request(row.try_into()?);
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = decided_requests)]
struct RequestRow {
    scope: Vec<u8>,
    fingerprint: Vec<u8>,
    outcome: String,
    decided_at: DateTime<Utc>,
}

impl TryFrom<RequestRow> for DecidedRequest {
    type Error = ImpossibleRow;

    fn try_from(row: RequestRow) -> Result<Self, Self::Error> {
        let place = Place { table: "decided_requests", id: &"a request" };
        Ok(Self {
            scope: place.read("scope", row.scope.try_into().map(RequestScope::from_bytes))?,
            fingerprint: place.fingerprint(row.fingerprint)?,
            outcome: place.outcome(&row.outcome)?,
            decided_at: row.decided_at.into(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_trail)]
pub(super) struct EntryRow {
    id: Uuid,
    subject: String,
    subject_id: Uuid,
    changes: String,
    actor: String,
    command: String,
    event_id: Option<Uuid>,
    request_id: Option<String>,
    at: DateTime<Utc>,
}

impl TryFrom<EntryRow> for AuditEntry {
    type Error = ImpossibleRow;

    fn try_from(row: EntryRow) -> Result<Self, Self::Error> {
        let place = Place { table: "audit_trail", id: &row.id };
        let subject: AuditSubject = place.read("subject", row.subject.parse())?;
        Ok(Self {
            id: AuditId::from_uuid(row.id),
            subject,
            subject_id: row.subject_id,
            changes: place.changes(&row.changes)?,
            actor: place.read("actor", row.actor.parse())?,
            command: row.command,
            event_id: row.event_id.map(EventId::from_uuid),
            request_id: place.read_optional("request_id", row.request_id, |id| RequestId::parse(&id).ok_or(()))?,
            at: Timestamp::from(row.at),
        })
    }
}
