use domain::{ChargeNews, ChargeReport, Reason, Reported, ReportedPayment, Timestamp, TransactionId};
use ports::{IdSource, WebhookError};

use super::charge::{Status, TimelineEntry, WireCharge};
use super::loose::Loose;
use super::tolerance::tolerance;

/// More payments than any buyer makes for one charge.
const PAYMENTS_MAX: usize = 100;

/// The longest id of a payment that is taken for one. Transaction hashes have 66 characters.
const PAYMENT_ID_MAX_CHARS: usize = 255;

/// Who says that something happened to a charge.
pub(super) enum Told<'a> {
    /// An authentic event, of which the parts that make it an event have been read.
    ByEvent { id: &'a str, event_type: &'a str, created_at: Option<Timestamp> },
    /// Nobody: the charge was asked for, and its history tells.
    ByItself,
}

/// A charge with the word of what happened to it.
pub(super) struct WireNews<'a> {
    pub(super) told: Told<'a>,
    pub(super) charge: &'a WireCharge<'a>,
}

/// One payment that a charge lists.
struct WirePayment {
    status: Option<String>,
    id: String,
    amount: Reported,
    detected_at: Option<Timestamp>,
}

impl WireNews<'_> {
    /// Reads what happened; `now` is for what doesn't tell when it did.
    pub(super) fn report(&self, now: Timestamp, ids: &dyn IdSource) -> Result<ChargeReport, WebhookError> {
        let timeline = self.charge.timeline();
        let payments = self.payments()?;
        let news = self.news(&timeline, &payments);
        let latest = timeline.iter().filter_map(|entry| entry.at).max();
        let created_at = match self.told {
            Told::ByEvent { created_at, .. } => created_at,
            Told::ByItself => None,
        };
        let occurred_at = created_at.or(latest).unwrap_or(now);
        let report = |payment: WirePayment| ReportedPayment {
            record: TransactionId::from_uuid(ids.uuid_v7()),
            provider_transaction_id: payment.id,
            amount: payment.amount,
            occurred_at: payment.detected_at.unwrap_or(occurred_at),
        };
        let payments = self.settled(news, payments).into_iter().map(report).collect();
        let asked = self.charge.asked();
        let tolerance = tolerance(&self.charge.fields, asked);
        Ok(ChargeReport { news, asked, tolerance, payments, occurred_at })
    }

    fn news(&self, timeline: &[TimelineEntry], payments: &[WirePayment]) -> ChargeNews {
        let event_type = match self.told {
            Told::ByEvent { event_type, .. } => event_type,
            Told::ByItself => return by_status(self.charge.status(), timeline, payments),
        };
        let unproven = self.unproven(event_type, timeline, payments);
        match event_type {
            "charge:created" => ChargeNews::Created,
            "charge:pending" => ChargeNews::Pending,
            "charge:confirmed" => unproven.unwrap_or(ChargeNews::Confirmed),
            "charge:resolved" => unproven.unwrap_or(ChargeNews::Resolved),
            "charge:delayed" => unproven.unwrap_or(ChargeNews::Held(Reason::Delayed)),
            "charge:failed" => unproven.unwrap_or_else(|| failure(timeline, payments)),
            _ => ChargeNews::Unknown,
        }
    }

    /// What an event's body says, if it shows a charge to which the end that the event speaks of hasn't come. The body is
    /// believed, not the type: the payment that it would take for final has no final form yet, and what is made up in its
    /// place couldn't be told from the real one. A charge without a history contradicts nothing.
    fn unproven(&self, event_type: &str, timeline: &[TimelineEntry], payments: &[WirePayment]) -> Option<ChargeNews> {
        if self.charge.is_confirmed() || payments.iter().any(WirePayment::is_confirmed) {
            return None;
        }
        let last = timeline.last()?;
        if last.is("NEW") {
            // Senders that write events by hand leave the history as it began, and name no payments. Only late money needs
            // more than their word: how much of it came can't be made up.
            let is_bare = payments.is_empty() && event_type != "charge:delayed";
            return (!is_bare).then_some(ChargeNews::Created);
        }
        if last.is("PENDING") {
            return Some(ChargeNews::Pending);
        }
        // Late money is told of by an event whose charge was written before it came.
        let is_unpaid = last.is("EXPIRED") || last.is("CANCELED");
        (is_unpaid && payments.iter().all(WirePayment::is_pending)).then(|| failure(timeline, payments))
    }

    fn payments(&self) -> Result<Vec<WirePayment>, WebhookError> {
        let items = self.charge.fields.items("payments").unwrap_or_default();
        if items.len() > PAYMENTS_MAX {
            return Err(WebhookError::Malformed(format!("it lists more than {PAYMENTS_MAX} payments")));
        }
        Ok(items.into_iter().enumerate().map(|(index, json)| self.payment(index, json)).collect())
    }

    fn payment(&self, index: usize, json: &str) -> WirePayment {
        let Some(payment) = Loose::parse(json) else {
            return self.unspecified(index, Reported::Unreadable);
        };
        let id = ["transaction_id", "payment_id"]
            .into_iter()
            .find_map(|name| payment.text(name).filter(|id| is_usable_id(id)));
        WirePayment {
            status: payment.text("status"),
            id: id.unwrap_or_else(|| self.own_id(index)),
            amount: payment.local_money("value"),
            detected_at: payment.moment("detected_at"),
        }
    }

    fn unspecified(&self, index: usize, amount: Reported) -> WirePayment {
        WirePayment { status: None, id: self.own_id(index), amount, detected_at: None }
    }

    /// An id for a payment that has none: the same in each event of its charge, so that it is recorded once.
    fn own_id(&self, index: usize) -> String {
        let name = match (self.charge.code(), &self.told) {
            (Some(code), _) => code.to_string(),
            (None, Told::ByEvent { id, .. }) => (*id).to_owned(),
            // What is asked for by its code has one.
            (None, Told::ByItself) => String::new(),
        };
        match index {
            0 => name,
            _ => format!("{name}#{}", index + 1),
        }
    }

    /// The payments that are final. News of money always have one, be it unspecified, unless the provider holds it.
    fn settled(&self, news: ChargeNews, payments: Vec<WirePayment>) -> Vec<WirePayment> {
        let (is_money, is_free) = match news {
            ChargeNews::Confirmed | ChargeNews::Resolved => (true, true),
            ChargeNews::Held(_) => (true, false),
            ChargeNews::Created
            | ChargeNews::Pending
            | ChargeNews::Expired
            | ChargeNews::Canceled
            | ChargeNews::Unknown => (false, false),
        };
        let is_settled = |payment: &WirePayment| payment.is_confirmed() || (is_money && payment.status.is_none());
        let has_settled = payments.iter().any(is_settled);
        let mut settled = payments;
        // A finished charge whose payments still look pending was written before they were: they have the right ids.
        settled.retain(|payment| is_settled(payment) || (is_free && !has_settled && payment.is_pending()));
        if settled.is_empty() && is_free {
            let is_listed = self.charge.fields.json("payments").is_some();
            let is_list = self.charge.fields.items("payments").is_some();
            let amount = if is_listed && !is_list { Reported::Unreadable } else { Reported::Missing };
            settled.push(self.unspecified(0, amount));
        }
        settled
    }
}

impl WirePayment {
    fn is_pending(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("PENDING"))
    }

    fn is_confirmed(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("CONFIRMED"))
    }
}

/// What the status of a charge means by itself.
fn by_status(status: Status, timeline: &[TimelineEntry], payments: &[WirePayment]) -> ChargeNews {
    match status {
        Status::New => ChargeNews::Created,
        Status::Pending => ChargeNews::Pending,
        Status::Completed => ChargeNews::Confirmed,
        Status::Resolved => ChargeNews::Resolved,
        Status::Expired | Status::Unresolved | Status::Canceled => failure(timeline, payments),
    }
}

/// Coinbase has one event for a charge that nobody paid and for one that was paid wrongly; the timeline tells them
/// apart. Where it doesn't, a payment on the list does: money must never be overlooked.
fn failure(timeline: &[TimelineEntry], payments: &[WirePayment]) -> ChargeNews {
    if let Some(unresolved) = timeline.iter().rev().find(|entry| entry.is("UNRESOLVED")) {
        return ChargeNews::Held(hold_reason(unresolved.context.as_deref()));
    }
    if payments.iter().any(WirePayment::is_confirmed) {
        return ChargeNews::Held(Reason::HeldByProvider);
    }
    match timeline.last() {
        Some(last) if last.is("CANCELED") => ChargeNews::Canceled,
        Some(_) | None => ChargeNews::Expired,
    }
}

fn hold_reason(context: Option<&str>) -> Reason {
    match context.map(str::to_ascii_uppercase).as_deref() {
        Some("UNDERPAID") => Reason::Underpaid,
        Some("OVERPAID") => Reason::Overpaid,
        Some("DELAYED") => Reason::Delayed,
        Some("MULTIPLE") => Reason::Multiple,
        // MANUAL, OTHER, and what Coinbase may think of later.
        Some(_) | None => Reason::HeldByProvider,
    }
}

fn is_usable_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= PAYMENT_ID_MAX_CHARS && !id.chars().any(char::is_control)
}
