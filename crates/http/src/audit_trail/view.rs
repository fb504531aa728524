use domain::{AuditEntry, AuditId, AuditSubject, Change, EventId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

/// An entry of the audit trail as operators see it: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub(crate) struct AuditEntryView<'a> {
    id: AuditId,
    subject: AuditSubject,
    subject_id: Uuid,
    changes: Vec<ChangeView<'a>>,
    actor: String,
    command: &'a str,
    event_id: Option<EventId>,
    request_id: Option<&'a str>,
    at: Timestamp,
}

#[derive(Debug, Serialize)]
struct ChangeView<'a> {
    field: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

impl<'a> From<&'a AuditEntry> for AuditEntryView<'a> {
    fn from(entry: &'a AuditEntry) -> Self {
        Self {
            id: entry.id,
            subject: entry.subject,
            subject_id: entry.subject_id,
            changes: entry.changes.iter().map(ChangeView::from).collect(),
            actor: entry.actor.to_string(),
            command: &entry.command,
            event_id: entry.event_id,
            request_id: entry.request_id.as_ref().map(domain::RequestId::as_str),
            at: entry.at,
        }
    }
}

impl<'a> From<&'a Change> for ChangeView<'a> {
    fn from(change: &'a Change) -> Self {
        Self { field: &change.field, from: change.from.as_deref(), to: change.to.as_deref() }
    }
}
