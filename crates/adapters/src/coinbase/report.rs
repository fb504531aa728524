use domain::{ChargeNews, ChargeReport, Reason, Reported, ReportedPayment, Timestamp, TransactionId};
use ports::{IdSource, WebhookError};

use super::charge::{TimelineEntry, WireCharge};
use super::loose::Loose;
use super::tolerance::tolerance;

/// More payments than any buyer makes for one charge.
const PAYMENTS_MAX: usize = 100;

/// The longest id of a payment that is taken for one. Transaction hashes have 66 characters.
const PAYMENT_ID_MAX_CHARS: usize = 255;

/// An authentic event, of which the parts that make it an event have been read.
pub(super) struct WireEvent<'a> {
    pub(super) id: &'a str,
    pub(super) event_type: &'a str,
    pub(super) created_at: Option<Timestamp>,
    pub(super) charge: &'a WireCharge<'a>,
}

/// One payment that a charge lists.
struct WirePayment {
    status: Option<String>,
    id: String,
    amount: Reported,
    detected_at: Option<Timestamp>,
}

impl WireEvent<'_> {
    /// Reads what the event says; `now` is for one that doesn't tell when it happened.
    pub(super) fn report(&self, now: Timestamp, ids: &dyn IdSource) -> Result<ChargeReport, WebhookError> {
        let timeline = self.charge.timeline();
        let payments = self.payments()?;
        let news = self.news(&timeline, &payments);
        let latest = timeline.iter().filter_map(|entry| entry.at).max();
        let occurred_at = self.created_at.or(latest).unwrap_or(now);
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
        match self.event_type {
            "charge:created" => ChargeNews::Created,
            "charge:pending" => ChargeNews::Pending,
            "charge:confirmed" => ChargeNews::Confirmed,
            "charge:resolved" => ChargeNews::Resolved,
            "charge:delayed" => ChargeNews::Held(Reason::Delayed),
            "charge:failed" => failure(timeline, payments),
            _ => ChargeNews::Unknown,
        }
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
        let charge = self.charge.code().map_or_else(|| self.id.to_owned(), |code| code.to_string());
        match index {
            0 => charge,
            _ => format!("{charge}#{}", index + 1),
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
        let mut settled = payments;
        settled.retain(|payment| payment.is_confirmed() || (is_money && payment.status.is_none()));
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
    fn is_confirmed(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("CONFIRMED"))
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
        // MULTIPLE, MANUAL, OTHER, and what Coinbase may think of later.
        Some(_) | None => Reason::HeldByProvider,
    }
}

fn is_usable_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= PAYMENT_ID_MAX_CHARS && !id.chars().any(char::is_control)
}
