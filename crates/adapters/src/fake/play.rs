use std::time::Duration;

use domain::{
    ChargeCode, ChargeNews, ChargeReport, EventKey, EventReport, Money, Provider, ProviderEventId, Reason, Reported,
    ReportedPayment, Subject, Timestamp, TransactionId,
};
use ports::{ChargeStage, GatewayError, IdSource, IncomingEvent, SimulatedOutcome};
use serde_json::json;

/// One charge being paid.
pub(super) struct Play<'a> {
    pub(super) code: &'a ChargeCode,
    pub(super) asked: Money,
    pub(super) now: Timestamp,
    pub(super) pay_delay: Duration,
    pub(super) ids: &'a dyn IdSource,
}

/// One thing that a provider would tell of.
struct Scene {
    pause: Duration,
    event_type: &'static str,
    news: ChargeNews,
    paid: Option<Money>,
}

impl Play<'_> {
    /// What happens, in order, each after its pause. The events of one outcome have the same ids whenever they are
    /// played, so that playing again changes nothing.
    pub(super) fn events(&self, outcome: SimulatedOutcome) -> Result<Vec<(Duration, IncomingEvent)>, GatewayError> {
        let mut at = self.now;
        let scenes = self.scenes(outcome).into_iter();
        scenes
            .map(|scene| {
                at = at + scene.pause;
                Ok((scene.pause, self.event(&scene, at)?))
            })
            .collect()
    }

    /// The last of them that has happened by now.
    pub(super) fn latest(
        &self,
        outcome: SimulatedOutcome,
        past: Duration,
    ) -> Result<Option<IncomingEvent>, GatewayError> {
        let mut until = Duration::ZERO;
        let happened = self.events(outcome)?.into_iter().take_while(|(pause, _)| {
            until += *pause;
            until <= past
        });
        Ok(happened.last().map(|(_, event)| event))
    }

    /// It was called off.
    pub(super) fn canceled(&self) -> Result<IncomingEvent, GatewayError> {
        let scene =
            Scene { pause: Duration::ZERO, event_type: "charge:failed", news: ChargeNews::Canceled, paid: None };
        self.event(&scene, self.now)
    }

    fn scenes(&self, outcome: SimulatedOutcome) -> Vec<Scene> {
        let seen = Scene { pause: Duration::ZERO, event_type: "charge:pending", news: ChargeNews::Pending, paid: None };
        let expired = |pause| Scene { pause, event_type: "charge:failed", news: ChargeNews::Expired, paid: None };
        let paid = |event_type, news, paid| Scene { pause: self.pay_delay, event_type, news, paid: Some(paid) };
        let held = |event_type, reason, money| paid(event_type, ChargeNews::Held(reason), money);
        match outcome {
            SimulatedOutcome::Success => {
                vec![seen, paid("charge:confirmed", ChargeNews::Confirmed, self.asked)]
            }
            SimulatedOutcome::Failure => vec![expired(self.pay_delay)],
            SimulatedOutcome::Underpaid => {
                vec![seen, held("charge:failed", Reason::Underpaid, half(self.asked))]
            }
            SimulatedOutcome::Overpaid => {
                vec![seen, held("charge:failed", Reason::Overpaid, half_more(self.asked))]
            }
            SimulatedOutcome::Delayed => {
                vec![expired(Duration::ZERO), seen, held("charge:delayed", Reason::Delayed, self.asked)]
            }
        }
    }

    fn event(&self, scene: &Scene, occurred_at: Timestamp) -> Result<IncomingEvent, GatewayError> {
        let kind = kind(scene.news);
        let id = format!("{}:{kind}", self.code);
        let payments: Vec<_> = scene.paid.into_iter().map(|money| self.payment(kind, money, occurred_at)).collect();
        let raw = json!({
            "id": id,
            "type": scene.event_type,
            "created_at": occurred_at.to_string(),
            "code": self.code.as_str(),
            "asked": { "amount": self.asked.to_string(), "currency": self.asked.currency().code() },
            "paid": scene.paid.map(|money| json!({ "amount": money.to_string(), "currency": money.currency().code() })),
        });
        let provider_event_id =
            ProviderEventId::parse(id).map_err(|error| GatewayError::Unreadable(error.to_string()))?;
        Ok(IncomingEvent {
            key: EventKey { provider: Provider::Fake, provider_event_id },
            event_type: scene.event_type.to_owned(),
            subject: Some(Subject::Charge(self.code.clone())),
            raw: raw.to_string().into_bytes(),
            report: EventReport::Charge(ChargeReport {
                news: scene.news,
                asked: Reported::Amount(self.asked),
                tolerance: domain::Tolerance::default(),
                payments,
                occurred_at,
            }),
        })
    }

    /// Two outcomes are two movements of money: should both be played, by two nodes, the books show both.
    fn payment(&self, kind: &str, money: Money, occurred_at: Timestamp) -> ReportedPayment {
        ReportedPayment {
            record: TransactionId::from_uuid(self.ids.uuid_v7()),
            provider_transaction_id: format!("{}:{kind}", self.code),
            amount: Reported::Amount(money),
            occurred_at,
        }
    }
}

/// The same thing as it is told to somebody who asks.
pub(super) fn polled(event: IncomingEvent) -> Result<IncomingEvent, GatewayError> {
    let id = ProviderEventId::parse(format!("poll:{}", event.key.provider_event_id));
    let provider_event_id = id.map_err(|error| GatewayError::Unreadable(error.to_string()))?;
    let key = EventKey { provider_event_id, ..event.key };
    Ok(IncomingEvent { key, event_type: "charge:polled".to_owned(), ..event })
}

/// How far a charge has come of which this is told.
pub(super) fn stage_after(event: &IncomingEvent) -> ChargeStage {
    let EventReport::Charge(report) = &event.report else { return ChargeStage::Open };
    match report.news {
        ChargeNews::Created | ChargeNews::Unknown => ChargeStage::Open,
        ChargeNews::Pending => ChargeStage::Paying,
        ChargeNews::Expired | ChargeNews::Held(_) | ChargeNews::Canceled => ChargeStage::Ended,
        ChargeNews::Confirmed | ChargeNews::Resolved => ChargeStage::Over,
    }
}

fn kind(news: ChargeNews) -> &'static str {
    match news {
        ChargeNews::Created => "created",
        ChargeNews::Pending => "pending",
        ChargeNews::Confirmed => "confirmed",
        ChargeNews::Expired => "expired",
        ChargeNews::Canceled => "canceled",
        ChargeNews::Held(reason) => reason.as_str(),
        ChargeNews::Resolved => "resolved",
        ChargeNews::Unknown => "unknown",
    }
}

/// Half, rounded down; a single minor unit can't be halved and stays.
fn half(money: Money) -> Money {
    Money::from_minor(money.minor() / 2, money.currency()).unwrap_or(money)
}

/// Half as much again, and one minor unit more at least, as far as amounts go.
fn half_more(money: Money) -> Money {
    let more = |minor: i64| Money::from_minor(minor, money.currency()).ok().and_then(|more| money.checked_add(more));
    more(money.minor() / 2).or_else(|| more(1)).unwrap_or(money)
}

#[cfg(test)]
mod tests {
    use domain::{Currency, MAX_AMOUNT_MAJOR};

    use super::*;

    fn yen(minor: i64) -> Money {
        Money::from_minor(minor, "JPY".parse::<Currency>().unwrap()).unwrap()
    }

    #[test]
    fn wrong_amounts_are_exact_and_differ_where_they_can() {
        assert_eq!((half(yen(2_999)), half_more(yen(2_999))), (yen(1_499), yen(4_498)));
        assert_eq!((half(yen(2)), half_more(yen(2))), (yen(1), yen(3)));
        assert_eq!((half(yen(1)), half_more(yen(1))), (yen(1), yen(2)));
        assert_eq!(half_more(yen(MAX_AMOUNT_MAJOR)), yen(MAX_AMOUNT_MAJOR / 2 * 3), "more may come than be asked for");
        assert_eq!(half_more(yen(i64::MAX)), yen(i64::MAX));
    }
}
