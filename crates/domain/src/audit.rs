//! Who changed what, when and why: one entry for each change of state, made where the books change.

use crate::derived_id::derived_id;
use crate::state_machine::words;
use crate::{AuditId, Cause, Checkout, EventId, Hold, Order, Product, Record, RequestId, Sum, Timestamp, cause::Actor};
use uuid::Uuid;

words! {
    /// What a change was made to.
    AuditSubject {
        /// A [`Product`].
        Product = "product",
        /// A [`Hold`].
        Hold = "hold",
        /// An [`Order`].
        Order = "order",
        /// A [`Checkout`].
        Checkout = "checkout",
    }
}

/// One field that changed, in the words of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which field.
    pub field: String,
    /// What it was; `None` if it was empty, or the row is new.
    pub from: Option<String>,
    /// What it is from then on.
    pub to: Option<String>,
}

/// A change of state. Entries are only ever added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Identifies it. Later entries have larger ids.
    pub id: AuditId,
    /// What was changed.
    pub subject: AuditSubject,
    /// Its id.
    pub subject_id: Uuid,
    /// Which of its fields.
    pub changes: Vec<Change>,
    /// Who wanted it.
    pub actor: Actor,
    /// By which command.
    pub command: String,
    /// Which event told of it, if one did.
    pub event_id: Option<EventId>,
    /// Which request asked for it, if one did.
    pub request_id: Option<RequestId>,
    /// When.
    pub at: Timestamp,
}

impl Record for AuditEntry {
    type Id = AuditId;

    fn id(&self) -> AuditId {
        self.id
    }
}

fn text_bytes(text: Option<&String>) -> &[u8] {
    text.map(String::as_str).unwrap_or_default().as_bytes()
}

/// Why the books are changed just now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Why {
    pub(crate) cause: Cause,
    pub(crate) command: &'static str,
    pub(crate) event_id: Option<EventId>,
}

impl Why {
    /// The id of an entry. `place` tells entries of one moment apart, in their order.
    pub(crate) fn entry_id(&self, subject_id: Uuid, changes: &[Change], place: u16, at: Timestamp) -> AuditId {
        let mut names = vec![&subject_id.as_bytes()[..], self.command.as_bytes()];
        for Change { field, from, to } in changes {
            names.extend([field.as_bytes(), text_bytes(from.as_ref()), text_bytes(to.as_ref())]);
        }
        AuditId::from_uuid(derived_id(at, place, &names))
    }

    /// An entry for what differs between two states of a row.
    pub(crate) fn entry(
        &self,
        id: AuditId,
        subject: AuditSubject,
        subject_id: Uuid,
        changes: Vec<Change>,
        at: Timestamp,
    ) -> AuditEntry {
        AuditEntry {
            id,
            subject,
            subject_id,
            changes,
            actor: self.cause.actor.clone(),
            command: self.command.to_owned(),
            event_id: self.event_id,
            request_id: self.cause.request_id.clone(),
            at,
        }
    }
}

/// A row whose changes of state are written down.
pub(crate) trait Audited: Record {
    /// What it is.
    const SUBJECT: AuditSubject;

    /// Its id, as a bare UUID.
    fn subject_id(&self) -> Uuid;

    /// The fields that make its state, with what they are.
    fn state(&self) -> Vec<(&'static str, Option<String>)>;
}

/// The fields in which two states differ; all that aren't empty where there was no row before.
pub(crate) fn changes<R: Audited>(before: Option<&R>, after: &R) -> Vec<Change> {
    let mut from = before.map(Audited::state).unwrap_or_default().into_iter();
    let fields = after.state().into_iter().map(|(field, to)| (field, from.next().and_then(|(_, from)| from), to));
    let differing = fields.filter(|(_, from, to)| from != to);
    differing.map(|(field, from, to)| Change { field: field.to_owned(), from, to }).collect()
}

impl Audited for Product {
    const SUBJECT: AuditSubject = AuditSubject::Product;

    fn subject_id(&self) -> Uuid {
        self.id.as_uuid()
    }

    /// What is held and sold isn't in it: the holds and orders tell that.
    fn state(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("status", Some(if self.is_offered() { "offered" } else { "deleted" }.to_owned())),
            ("name", Some(self.name.as_str().to_owned())),
            ("price", Some(self.price.to_string())),
            ("currency", Some(self.price.currency().code().to_owned())),
            ("total_stock", Some(self.stock.total().to_string())),
        ]
    }
}

impl Audited for Hold {
    const SUBJECT: AuditSubject = AuditSubject::Hold;

    fn subject_id(&self) -> Uuid {
        self.id.as_uuid()
    }

    fn state(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("status", Some(self.status.as_str().to_owned())), ("order_id", self.order_id.map(|id| id.to_string()))]
    }
}

impl Audited for Order {
    const SUBJECT: AuditSubject = AuditSubject::Order;

    fn subject_id(&self) -> Uuid {
        self.id.as_uuid()
    }

    fn state(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("status", Some(self.status.as_str().to_owned())),
            ("payment_status", Some(self.payment_status.as_str().to_owned())),
            (
                "amount_refunded",
                (self.refunded_minor > 0).then(|| Sum::new(self.refunded_minor, self.total.currency()).to_string()),
            ),
            ("checkout_id", self.checkout_id.map(|id| id.to_string())),
        ]
    }
}

impl Audited for Checkout {
    const SUBJECT: AuditSubject = AuditSubject::Checkout;

    fn subject_id(&self) -> Uuid {
        self.id.as_uuid()
    }

    fn state(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("status", Some(self.status.as_str().to_owned())),
            ("failure_reason", self.failure_reason.map(|reason| reason.to_string())),
            ("charge_code", self.charge_code.as_ref().map(|code| code.as_str().to_owned())),
            ("detected_at", self.detected_at.map(|moment| moment.to_string())),
        ]
    }
}
