use domain::{ChargeCode, ChargeReport, EventKey, EventReport, Fingerprint, Provider, ProviderEventId, Subject};
use ports::{ChargeStage, ChargeState, Clock, GatewayError, IdSource, IncomingEvent};

use super::charge::{Status, WireCharge};
use super::report::{Told, WireNews};
use super::webhook::is_too_deep;

/// The type of the events that are made of a charge that was asked for. It is none of Coinbase's.
pub(super) const POLLED: &str = "charge:polled";

/// The largest charge that is stored; webhooks may be as large.
const CHARGE_MAX_BYTES: usize = 256 * 1024;

/// How much of a digest tells two states of one charge apart.
const DIGEST_BYTES: usize = 8;

/// What the answer to a question for a charge says.
pub(super) fn read(
    answer: &str,
    asked_for: &ChargeCode,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> Result<ChargeState, GatewayError> {
    let (raw, wire) = WireCharge::answered_with_text(answer)?;
    let charge = wire.read()?;
    if charge.code != *asked_for {
        return Err(unreadable("another charge than the one that was asked for"));
    }
    let status = wire.status();
    let stage = stage(status);
    if stage == ChargeStage::Open {
        return Ok(ChargeState { charge, stage, news: None });
    }
    if raw.len() > CHARGE_MAX_BYTES || is_too_deep(raw) {
        return Err(unreadable("a charge that is too large"));
    }
    let news = WireNews { told: Told::ByItself, charge: &wire };
    let report = news.report(clock.now(), ids).map_err(|error| GatewayError::Unreadable(error.to_string()))?;
    let news = IncomingEvent {
        key: key(asked_for, status, &report)?,
        event_type: POLLED.to_owned(),
        subject: Some(Subject::Charge(asked_for.clone())),
        raw: raw.as_bytes().to_vec(),
        report: EventReport::Charge(report),
    };
    Ok(ChargeState { charge, stage, news: Some(news) })
}

const fn stage(status: Status) -> ChargeStage {
    match status {
        Status::New => ChargeStage::Open,
        Status::Pending => ChargeStage::Paying,
        Status::Expired | Status::Unresolved | Status::Canceled => ChargeStage::Ended,
        Status::Completed | Status::Resolved => ChargeStage::Over,
    }
}

/// The same for as long as the charge is in the same state with the same money. Of the rest, exchange rates for one,
/// nothing is decided, and it may change from question to question.
fn key(code: &ChargeCode, status: Status, report: &ChargeReport) -> Result<EventKey, GatewayError> {
    let payments: Vec<_> =
        report.payments.iter().map(|payment| (&payment.provider_transaction_id, payment.amount)).collect();
    let state = serde_json::to_string(&(report.news, report.asked, payments));
    let state = state.map_err(|error| GatewayError::Unreadable(error.to_string()))?;
    let digest = Fingerprint::of(&[Some(&state)]);
    let (first, _) = digest.as_bytes().split_at(DIGEST_BYTES);
    let number = first.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let id = ProviderEventId::parse(format!("poll:{code}:{}:{number:016x}", status.name()));
    let provider_event_id = id.map_err(|error| GatewayError::Unreadable(error.to_string()))?;
    Ok(EventKey { provider: Provider::Coinbase, provider_event_id })
}

fn unreadable(what: &str) -> GatewayError {
    GatewayError::Unreadable(what.to_owned())
}
