//! Holds: placed, released, expired, and taken back when there is a need.

use std::time::Duration;

use domain::{
    ExpireHold, HoldId, HoldStatus, MAX_HOLDS_TAKEN_BACK, PlaceHold, ProductId, Rejection, ReleaseHold, Timestamp,
    TokenCheck,
};

use crate::shop::{HOLD_TTL, Shop, quantity};

/// Many holds of one each, of which each expires a second after the one before.
fn many_holds(shop: &mut Shop, product_id: ProductId, number: u32) -> Vec<HoldId> {
    let mut holds = Vec::new();
    for _ in 0..number {
        // Not through `Shop::decide`: hundreds of holds needn't be checked one by one.
        let place = shop.place_hold(product_id, 1);
        let now = shop.now();
        domain::Command::from(place).decide(&mut shop.books, now);
        shop.wait(Duration::from_secs(1));
        holds.push(place.id);
    }
    holds
}

fn statuses(shop: &Shop, holds: &[HoldId]) -> Vec<HoldStatus> {
    holds.iter().map(|id| shop.hold_row(*id).status).collect()
}

#[test]
fn a_hold_keeps_stock_for_its_time_and_asking_again_changes_nothing() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 3);
    let place = shop.place_hold(product_id, 2);
    let hold = shop.ask(place).unwrap();
    assert_eq!(shop.stock(product_id), (1, 2, 0));
    assert_eq!((hold.status, hold.expires_at), (HoldStatus::Active, shop.now() + HOLD_TTL));
    shop.wait(Duration::from_secs(1));
    assert_eq!(shop.ask_in_vain(place), Ok(hold));
}

#[test]
fn a_hold_for_more_than_is_free_is_refused() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 3);
    shop.hold(product_id, 2);
    let place = shop.place_hold(product_id, 2);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock));
    let place = shop.place_hold(product_id, 1);
    shop.ask(place).unwrap();
    assert_eq!(shop.stock(product_id), (0, 3, 0));
}

#[test]
fn only_whoever_shows_the_right_token_releases_a_hold_and_only_once() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 3);
    let hold_id = shop.hold(product_id, 2);
    for token in [TokenCheck::NotShown, TokenCheck::Wrong] {
        assert_eq!(shop.ask(ReleaseHold { hold_id, token }), Err(Rejection::WrongHoldToken));
    }
    let release = ReleaseHold { hold_id, token: TokenCheck::Right };
    let released = shop.ask(release).unwrap();
    assert_eq!((released.status, released.ended_at), (HoldStatus::Released, Some(shop.now())));
    assert_eq!(shop.stock(product_id), (3, 0, 0));
    assert_eq!(shop.ask(release), Err(Rejection::HoldNotActive));
}

#[test]
fn what_is_no_active_hold_is_not_released() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 3);
    let token = TokenCheck::Right;
    let unknown = HoldId::from_uuid(shop.uuid());
    assert_eq!(shop.ask(ReleaseHold { hold_id: unknown, token }), Err(Rejection::HoldNotFound));
    let converted = shop.hold(product_id, 1);
    let place = shop.place_from_hold(converted);
    shop.ask(place).unwrap();
    assert_eq!(shop.ask(ReleaseHold { hold_id: converted, token }), Err(Rejection::HoldNotActive));
    let over = shop.hold(product_id, 1);
    shop.wait(HOLD_TTL);
    assert_eq!(shop.ask(ReleaseHold { hold_id: over, token }), Err(Rejection::HoldNotActive), "nobody expired it yet");
    shop.ask(ExpireHold { hold_id: over }).unwrap();
    assert_eq!(shop.ask(ReleaseHold { hold_id: over, token }), Err(Rejection::HoldNotActive));
}

#[test]
fn a_hold_expires_when_its_time_is_up_not_before_and_once() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 3);
    let hold_id = shop.hold(product_id, 2);
    shop.wait(HOLD_TTL.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!(shop.ask_in_vain(ExpireHold { hold_id }).unwrap().status, HoldStatus::Active);
    shop.wait(Duration::from_secs(1));
    let expired = shop.ask(ExpireHold { hold_id }).unwrap();
    assert_eq!((expired.status, expired.ended_at), (HoldStatus::Expired, Some(shop.now())));
    assert_eq!(shop.stock(product_id), (3, 0, 0));
    shop.wait(Duration::from_secs(1));
    assert_eq!(shop.ask_in_vain(ExpireHold { hold_id }), Ok(expired));
}

#[test]
fn a_hold_that_ended_otherwise_does_not_expire() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 3);
    let (converted, released) = (shop.hold(product_id, 1), shop.hold(product_id, 1));
    let place = shop.place_from_hold(converted);
    shop.ask(place).unwrap();
    shop.ask(ReleaseHold { hold_id: released, token: TokenCheck::Right }).unwrap();
    shop.wait(HOLD_TTL);
    assert_eq!(shop.ask_in_vain(ExpireHold { hold_id: converted }).unwrap().status, HoldStatus::Converted);
    assert_eq!(shop.ask_in_vain(ExpireHold { hold_id: released }).unwrap().status, HoldStatus::Released);
    let unknown = HoldId::from_uuid(shop.uuid());
    assert_eq!(shop.ask(ExpireHold { hold_id: unknown }), Err(Rejection::HoldNotFound));
}

#[test]
fn expired_holds_are_taken_back_only_when_the_stock_is_short() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 5);
    let over = shop.hold(product_id, 3);
    shop.wait(HOLD_TTL);
    let running = shop.hold(product_id, 1);
    assert_eq!(statuses(&shop, &[over]), [HoldStatus::Active], "there was enough");
    assert_eq!(shop.stock(product_id), (1, 4, 0));
    shop.hold(product_id, 2);
    assert_eq!(statuses(&shop, &[over, running]), [HoldStatus::Expired, HoldStatus::Active]);
    assert_eq!(shop.stock(product_id), (2, 3, 0));
}

#[test]
fn what_the_expired_holds_cannot_make_up_for_is_refused_and_they_stay() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 5);
    let over = shop.hold(product_id, 3);
    shop.wait(HOLD_TTL);
    shop.hold(product_id, 1);
    let place = shop.place_hold(product_id, 5);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock));
    assert_eq!(statuses(&shop, &[over]), [HoldStatus::Active]);
}

#[test]
fn a_product_takes_back_its_own_expired_holds_and_no_other_products() {
    let mut shop = Shop::new();
    let (short, other) = (shop.product("5", 2), shop.product("5", 2));
    let (of_short, of_other) = (shop.hold(short, 2), shop.hold(other, 2));
    shop.wait(HOLD_TTL);
    shop.hold(short, 1);
    assert_eq!(statuses(&shop, &[of_short, of_other]), [HoldStatus::Expired, HoldStatus::Active]);
}

#[test]
fn the_oldest_expired_holds_are_taken_back_256_at_a_time() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 300);
    let holds = many_holds(&mut shop, product_id, 300);
    shop.wait(HOLD_TTL);
    let place = shop.place_hold(product_id, 257);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock), "more than are taken back at a time");
    shop.hold(product_id, 1);
    let (back, rest) = holds.split_at(MAX_HOLDS_TAKEN_BACK);
    assert!(statuses(&shop, back).iter().all(|status| *status == HoldStatus::Expired));
    assert!(statuses(&shop, rest).iter().all(|status| *status == HoldStatus::Active));
    assert_eq!(shop.stock(product_id), (255, 45, 0));
    shop.hold(product_id, 256);
    assert!(statuses(&shop, rest).iter().all(|status| *status == HoldStatus::Expired));
    assert_eq!(shop.stock(product_id), (43, 257, 0));
}

#[test]
fn holds_that_still_run_are_never_taken_back() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 20);
    let holds = many_holds(&mut shop, product_id, 20);
    shop.seconds = 1_000 + i64::try_from(HOLD_TTL.as_secs()).unwrap() + 9;
    let place = shop.place_hold(product_id, 11);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock), "ten are over by now");
    shop.hold(product_id, 10);
    let running = statuses(&shop, &holds).iter().filter(|status| **status == HoldStatus::Active).count();
    assert_eq!(running, 10);
}

#[test]
fn a_hold_without_end_never_ends_by_itself() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 1);
    let id = HoldId::from_uuid(shop.uuid());
    let place = PlaceHold { id, product_id, quantity: quantity(1), time_to_live: Duration::MAX };
    assert_eq!(shop.ask(place).unwrap().expires_at, Timestamp::from_unix_us(i64::MAX), "time doesn't wrap");
    let place = shop.place_hold(product_id, 1);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock));
}

#[test]
fn a_row_that_is_loaded_again_after_it_changed_gives_no_stock_back_twice() {
    let mut shop = Shop::new();
    let product_id = shop.product("5", 2);
    let hold_id = shop.hold(product_id, 1);
    let stored = shop.hold_row(hold_id).clone();
    shop.books.mark_stored();
    shop.wait(HOLD_TTL);
    let (expire, now) = (ExpireHold { hold_id }, shop.now());
    domain::Command::from(expire).decide(&mut shop.books, now);
    shop.books.load_hold(stored);
    let place = shop.place_hold(product_id, 2);
    shop.ask(place).unwrap();
    assert_eq!(shop.stock(product_id), (0, 2, 0));
    let place = shop.place_hold(product_id, 1);
    assert_eq!(shop.ask(place), Err(Rejection::InsufficientStock));
}
