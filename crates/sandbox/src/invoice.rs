//! An invoice: a bill to one customer, who pays it through a charge.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::charge::{Charge, Status};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::error::Refusal;
use crate::event::Kind;
use crate::fields::{Fields, missing, wrong};
use crate::limits::{EMAIL_CHARS_MAX, MEMO_CHARS_MAX, NAME_CHARS_MAX};
use crate::money::Money;

/// What a merchant bills: the body of `POST /invoices`, checked.
#[derive(Clone, Debug)]
pub(crate) struct InvoiceDraft {
    business_name: String,
    customer_name: Option<String>,
    customer_email: String,
    memo: String,
    price: Money,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: Uuid,
    pub(crate) code: String,
    pub(crate) status: InvoiceStatus,
    pub(crate) business_name: String,
    pub(crate) customer_name: Option<String>,
    pub(crate) customer_email: String,
    pub(crate) memo: String,
    pub(crate) price: Money,
    /// The charge that is to pay it, once somebody began to.
    pub(crate) charge: Option<ChargeName>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChargeName {
    pub(crate) id: Uuid,
    pub(crate) code: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum InvoiceStatus {
    Open,
    Viewed,
    PaymentPending,
    Paid,
    Unresolved,
    Resolved,
    Void,
}

impl InvoiceStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Viewed => "VIEWED",
            Self::PaymentPending => "PAYMENT_PENDING",
            Self::Paid => "PAID",
            Self::Unresolved => "UNRESOLVED",
            Self::Resolved => "RESOLVED",
            Self::Void => "VOID",
        }
    }
}

impl InvoiceDraft {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = Fields::parse(body)?;
        let customer_email = body.required_text("customer_email", EMAIL_CHARS_MAX)?;
        if !customer_email.contains('@') {
            return Err(wrong("customer_email", "must be an e-mail address"));
        }
        Ok(Self {
            business_name: body.required_text("business_name", NAME_CHARS_MAX)?,
            customer_name: body.text("customer_name", NAME_CHARS_MAX)?,
            customer_email,
            memo: body.text("memo", MEMO_CHARS_MAX)?.unwrap_or_default(),
            price: body.price("local_price")?.ok_or_else(|| missing("local_price"))?,
        })
    }
}

impl Invoice {
    pub(crate) fn new(id: Uuid, code: String, draft: InvoiceDraft, now: Timestamp) -> Self {
        let InvoiceDraft { business_name, customer_name, customer_email, memo, price } = draft;
        Self {
            id,
            code,
            status: InvoiceStatus::Open,
            business_name,
            customer_name,
            customer_email,
            memo,
            price,
            charge: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether its page may begin a payment.
    pub(crate) fn is_payable(&self) -> bool {
        matches!(self.status, InvoiceStatus::Open | InvoiceStatus::Viewed)
    }

    /// The customer opens it. `None`: that is no news.
    pub(crate) fn view(&mut self, now: Timestamp) -> Option<Kind> {
        (self.status == InvoiceStatus::Open).then(|| self.become_status(InvoiceStatus::Viewed, now))?
    }

    /// The merchant takes it back.
    pub(crate) fn void(&mut self, now: Timestamp) -> Result<Option<Kind>, Refusal> {
        if self.is_payable() {
            Ok(self.become_status(InvoiceStatus::Void, now))
        } else {
            Err(Refusal::invalid("Invoice can't be voided: only an open or a viewed one can"))
        }
    }

    /// Its charge has moved on. `None`: that makes no difference to it.
    pub(crate) fn follow(&mut self, charge: &Charge, now: Timestamp) -> Option<Kind> {
        let status = match charge.status() {
            Status::New | Status::Expired | Status::Canceled => InvoiceStatus::Viewed,
            Status::Pending => InvoiceStatus::PaymentPending,
            Status::Completed => InvoiceStatus::Paid,
            Status::Unresolved => InvoiceStatus::Unresolved,
            Status::Resolved => InvoiceStatus::Resolved,
        };
        if self.charge.as_ref().is_some_and(|own| own.id != charge.id) {
            // An earlier charge was paid late. That counts as long as the newer one wasn't paid.
            if !self.is_payable() || status == InvoiceStatus::Viewed {
                return None;
            }
            self.charge = Some(ChargeName { id: charge.id, code: charge.code.clone() });
        }
        // Money for an invoice that was voided meanwhile is for the merchant to look at.
        if self.status == status || (self.status == InvoiceStatus::Void && status == InvoiceStatus::Viewed) {
            return None;
        }
        self.become_status(status, now)
    }

    fn become_status(&mut self, status: InvoiceStatus, now: Timestamp) -> Option<Kind> {
        self.status = status;
        self.updated_at = now;
        match status {
            InvoiceStatus::Open => Some(Kind::InvoiceCreated),
            InvoiceStatus::Viewed => Some(Kind::InvoiceViewed),
            InvoiceStatus::PaymentPending => Some(Kind::InvoicePaymentPending),
            InvoiceStatus::Paid => Some(Kind::InvoicePaid),
            InvoiceStatus::Unresolved => Some(Kind::InvoiceUnresolved),
            InvoiceStatus::Void => Some(Kind::InvoiceVoided),
            InvoiceStatus::Resolved => None,
        }
    }

    pub(crate) fn to_wire(&self, config: &Config) -> Value {
        let mut wire = json!({
            "id": self.id,
            "resource": "invoice",
            "code": self.code,
            "status": self.status.name(),
            "business_name": self.business_name,
            "customer_email": self.customer_email,
            "memo": self.memo,
            "local_price": self.price,
            "hosted_url": config.public(&format!("/invoice/{}", self.code)),
            "created_at": self.created_at.to_wire(),
            "updated_at": self.updated_at.to_wire(),
        });
        if let Some(name) = &self.customer_name {
            wire["customer_name"] = json!(name);
        }
        if let Some(charge) = &self.charge {
            let hosted_url = config.public(&format!("/pay/{}", charge.code));
            wire["charge"] = json!({ "id": charge.id, "code": charge.code, "hosted_url": hosted_url });
        }
        wire
    }
}
