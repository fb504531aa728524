use super::*;
use crate::charge::draft::Draft;
use crate::currency::USD;

const DELAY: Duration = Duration::from_secs(1);
const START: Timestamp = Timestamp(1_700_000_000_000);

fn charge() -> Charge {
    let body = br#"{"name":"Row 1","pricing_type":"fixed_price","local_price":{"amount":"29.99","currency":"USD"}}"#;
    let draft = Draft::parse(body, &Rates::default()).unwrap();
    draft.open(None, START, Duration::from_secs(3_600)).unwrap()
}

fn pay(charge: &mut Charge, outcome: Outcome, now: Timestamp) -> Result<Option<Kind>, Problem> {
    charge.pay(Attempt { outcome, coin: Coin::Bitcoin, amount: None, delay: DELAY }, &Rates::default(), now)
}

/// Pays an amount of dollars, and tells how that ended.
fn paid_amount(charge: &mut Charge, amount: &str) -> (Option<Kind>, Option<Context>) {
    let amount = Money::parse(amount, &USD);
    let attempt = Attempt { outcome: Outcome::Success, coin: Coin::Usdc, amount, delay: DELAY };
    charge.pay(attempt, &Rates::default(), START).unwrap();
    let told = charge.advance(START.plus(DELAY));
    (told, charge.context())
}

fn statuses(charge: &Charge) -> Vec<&'static str> {
    charge.timeline.iter().map(|entry| entry.status.name()).collect()
}

#[test]
fn a_payment_is_confirmed_when_its_time_has_come_and_not_before() {
    let mut charge = charge();
    assert_eq!(pay(&mut charge, Outcome::Success, START).unwrap(), Some(Kind::Pending));
    assert_eq!(charge.advance(START.plus(DELAY / 2)), None);
    assert_eq!(charge.advance(START.plus(DELAY)), Some(Kind::Confirmed));
    assert_eq!(statuses(&charge), ["NEW", "PENDING", "COMPLETED"]);
    assert!(charge.confirmed_at.is_some() && charge.payments[0].confirmed && charge.scheduled.is_none());
}

#[test]
fn a_second_payment_changes_nothing_while_the_first_is_under_way() {
    let mut charge = charge();
    pay(&mut charge, Outcome::Success, START).unwrap();
    assert_eq!(pay(&mut charge, Outcome::Overpaid, START).unwrap(), None);
    assert_eq!(charge.payments.len(), 1);
    assert_eq!(charge.advance(START.plus(DELAY)), Some(Kind::Confirmed));
}

#[test]
fn paying_twice_is_two_payments_and_needs_the_merchant() {
    let mut charge = charge();
    assert_eq!(pay(&mut charge, Outcome::Multiple, START).unwrap(), Some(Kind::Pending));
    assert_eq!(charge.advance(START.plus(DELAY)), Some(Kind::Failed));
    assert_eq!(charge.context(), Some(Context::Multiple));
    let [first, second] = &charge.payments[..] else { panic!("not two payments") };
    assert!(first.confirmed && second.confirmed && first.local == second.local);
    assert_ne!(first.transaction_id, second.transaction_id);
}

#[test]
fn the_amount_decides_and_little_differences_are_forgiven() {
    // Half a per cent of 29.99 is 14 cents, and less than five dollars.
    for (amount, told, context) in [
        ("29.99", Kind::Confirmed, None),
        ("29.85", Kind::Confirmed, None),
        ("30.13", Kind::Confirmed, None),
        ("29.84", Kind::Failed, Some(Context::Underpaid)),
        ("30.14", Kind::Failed, Some(Context::Overpaid)),
        ("0.01", Kind::Failed, Some(Context::Underpaid)),
    ] {
        assert_eq!(paid_amount(&mut charge(), amount), (Some(told), context), "{amount}");
    }
}

#[test]
fn an_unpaid_charge_expires_after_its_hour() {
    let mut charge = charge();
    assert_eq!(charge.advance(START.plus(Duration::from_secs(3_599))), None);
    assert_eq!(charge.advance(START.plus(Duration::from_secs(3_600))), Some(Kind::Failed));
    assert_eq!(statuses(&charge), ["NEW", "EXPIRED"]);
}

#[test]
fn a_payment_under_way_outlives_the_hour() {
    let mut charge = charge();
    pay(&mut charge, Outcome::Success, START.plus(Duration::from_secs(3_600))).unwrap();
    assert_eq!(charge.advance(START.plus(Duration::from_secs(3_602))), Some(Kind::Confirmed));
}

#[test]
fn an_expired_charge_can_only_be_paid_late() {
    let mut charge = charge();
    assert_eq!(pay(&mut charge, Outcome::Failure, START).unwrap(), None);
    assert_eq!(pay(&mut charge, Outcome::Success, START).unwrap(), None, "it is failing already");
    let failed_at = START.plus(DELAY);
    assert_eq!(charge.advance(failed_at), Some(Kind::Failed));
    assert!(pay(&mut charge, Outcome::Success, failed_at).is_err());
    assert_eq!(pay(&mut charge, Outcome::Delayed, failed_at).unwrap(), None);
    assert_eq!(charge.advance(failed_at.plus(DELAY)), Some(Kind::Delayed));
    assert_eq!(statuses(&charge), ["NEW", "EXPIRED", "PENDING", "UNRESOLVED"]);
}

#[test]
fn only_a_new_charge_is_canceled_and_only_an_unresolved_one_resolved() {
    let mut canceled = charge();
    assert!(canceled.resolve(START).is_err());
    canceled.cancel(START).unwrap();
    assert!(canceled.cancel(START).is_err() && canceled.scheduled.is_none());
    assert!(pay(&mut canceled, Outcome::Success, START).is_err());

    let mut unresolved = charge();
    pay(&mut unresolved, Outcome::Underpaid, START).unwrap();
    assert!(unresolved.cancel(START).is_err());
    assert_eq!(unresolved.advance(START.plus(DELAY)), Some(Kind::Failed));
    assert_eq!(unresolved.resolve(START), Ok(Kind::Resolved));
    assert_eq!(statuses(&unresolved), ["NEW", "PENDING", "UNRESOLVED", "RESOLVED"]);
}

#[test]
fn blocks_pile_up_while_a_payment_waits() {
    let mut charge = charge();
    let attempt = Attempt { outcome: Outcome::Slow, coin: Coin::Ethereum, amount: None, delay: DELAY * 12 };
    charge.pay(attempt, &Rates::default(), START).unwrap();
    let seen = [0, 1, 6, 11].map(|seconds| charge.payments[0].confirmations(START.plus(DELAY * seconds)));
    assert_eq!(seen, [0, 1, 6, 11]);
    assert_eq!(charge.payments[0].confirmations(START.plus(DELAY * 100)), 11, "it isn't settled yet");
    charge.advance(START.plus(DELAY * 100));
    assert_eq!(charge.payments[0].confirmations(START), 12);
}
