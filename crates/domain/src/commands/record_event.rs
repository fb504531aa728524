use crate::{
    Books, ChargeCode, ChargeNews, ChargeReport, CheckoutId, Event, EventId, EventKey, Keys, MAX_WAITING_PER_SUBJECT,
    Reason, Rejection, Timestamp, Verdict, settle,
};

/// An authenticated webhook came. It is stored whatever it says, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEvent {
    /// The id that the event gets here.
    pub id: EventId,
    /// What the sender calls it.
    pub key: EventKey,
    /// The sender's word for what happened.
    pub event_type: String,
    /// The charge that it is about.
    pub subject: Option<ChargeCode>,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
    /// What the body says.
    pub report: ChargeReport,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventReply {
    /// What became of it.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't tell.
    pub reason: Option<Reason>,
    /// The checkout that it was measured against.
    pub checkout_id: Option<CheckoutId>,
}

impl RecordEvent {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.events.push(self.key.clone());
        keys.charges.extend(self.subject.clone());
        keys.movements.extend(self.report.payments.iter().map(|payment| payment.provider_transaction_id.clone()));
    }

    #[expect(clippy::unnecessary_wraps, reason = "an event is stored whatever it says, but commands share a form")]
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<EventReply, Rejection> {
        if let Some(earlier) = books.event_by_key(&self.key) {
            let verdict = if earlier.id == self.id { earlier.verdict } else { Verdict::Duplicate };
            return Ok(EventReply { verdict, reason: earlier.reason, checkout_id: earlier.checkout_id });
        }
        let checkout_id =
            self.subject.as_ref().and_then(|code| books.checkout_by_charge(code)).map(|checkout| checkout.id);
        let (verdict, reason) = self.verdict_on_arrival(books);
        let event = self.event(verdict, reason, checkout_id, now);
        books.insert_event(event.clone());
        Ok(match checkout_id {
            Some(checkout_id) if verdict == Verdict::Waiting => apply(books, checkout_id, event, now),
            _ => EventReply { verdict, reason, checkout_id },
        })
    }

    /// Waiting, unless nothing could ever come of it. What waits for a checkout that is there is applied at once.
    fn verdict_on_arrival(&self, books: &Books) -> (Verdict, Option<Reason>) {
        let Some(subject) = &self.subject else {
            let reason = match self.report.news {
                ChargeNews::Unknown => Reason::UnknownEventType,
                ChargeNews::Created
                | ChargeNews::Pending
                | ChargeNews::Confirmed
                | ChargeNews::Expired
                | ChargeNews::Canceled
                | ChargeNews::Held(_)
                | ChargeNews::Resolved => Reason::MissingSubject,
            };
            return (Verdict::Rejected, Some(reason));
        };
        if self.report.news == ChargeNews::Unknown {
            return (Verdict::Rejected, Some(Reason::UnknownEventType));
        }
        if books.waiting_for(subject).len() >= MAX_WAITING_PER_SUBJECT {
            return (Verdict::Dead, Some(Reason::TooManyWaiting));
        }
        (Verdict::Waiting, None)
    }

    fn event(
        &self,
        verdict: Verdict,
        reason: Option<Reason>,
        checkout_id: Option<CheckoutId>,
        now: Timestamp,
    ) -> Event {
        Event {
            id: self.id,
            key: self.key.clone(),
            event_type: self.event_type.clone(),
            subject: self.subject.clone(),
            raw: self.raw.clone(),
            report: self.report.clone(),
            verdict,
            reason,
            checkout_id,
            received_at: now,
            processed_at: (verdict != Verdict::Waiting).then_some(now),
        }
    }
}

/// Settles a checkout by an event that is in the books, and gives the event its verdict.
pub(super) fn apply(books: &mut Books, checkout_id: CheckoutId, event: Event, now: Timestamp) -> EventReply {
    let Some(checkout) = books.checkouts().get(checkout_id) else {
        return EventReply { verdict: event.verdict, reason: event.reason, checkout_id: None };
    };
    let settlement = settle(checkout, &event, |movement| books.has_movement(checkout_id, movement), now);
    if let Some(checkout) = settlement.checkout {
        books.update_checkout(checkout);
    }
    for transaction in settlement.transactions {
        books.insert_transaction(transaction);
    }
    let (verdict, reason) = (settlement.verdict, settlement.reason);
    let checkout_id = Some(checkout_id);
    books.update_event(Event { verdict, reason, checkout_id, processed_at: Some(now), ..event });
    EventReply { verdict, reason, checkout_id }
}
