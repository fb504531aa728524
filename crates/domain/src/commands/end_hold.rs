use crate::{Books, Hold, HoldId, HoldStatus, Keys, Rejection, Timestamp, TokenCheck};

/// A buyer gives a hold up before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseHold {
    /// The hold.
    pub hold_id: HoldId,
    /// Whether it is theirs: only the token's owner may.
    pub token: TokenCheck,
}

/// A hold's time is up. If it isn't, or the hold has ended, nothing happens: whoever found it may have been late, or one
/// of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpireHold {
    /// The hold.
    pub hold_id: HoldId,
}

impl ReleaseHold {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.holds.push(self.hold_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Hold>, Rejection> {
        let hold = books.holds().get(self.hold_id).ok_or(Rejection::HoldNotFound)?.clone();
        match self.token {
            TokenCheck::Right => {}
            TokenCheck::NotShown | TokenCheck::Wrong => return Err(Rejection::WrongHoldToken),
        }
        if hold.status != HoldStatus::Active || hold.is_over(now) {
            return Err(Rejection::HoldNotActive);
        }
        end(books, &hold, HoldStatus::Released, now)
    }
}

impl ExpireHold {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.holds.push(self.hold_id);
    }

    /// Answers with the hold as it is afterwards.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Hold>, Rejection> {
        let hold = books.holds().get(self.hold_id).ok_or(Rejection::HoldNotFound)?.clone();
        if hold.status != HoldStatus::Active || !hold.is_over(now) {
            return Ok(Box::new(hold));
        }
        end(books, &hold, HoldStatus::Expired, now)
    }
}

fn end(books: &mut Books, hold: &Hold, status: HoldStatus, now: Timestamp) -> Result<Box<Hold>, Rejection> {
    let product = books.products().get(hold.product_id).ok_or(Rejection::StockBroken)?;
    let stock = product.stock.unhold(hold.quantity).ok_or(Rejection::StockBroken)?;
    let ended = hold.ended(status, None, now).ok_or(Rejection::HoldNotActive)?;
    books.set_stock(hold.product_id, stock, now);
    books.update_hold(ended.clone());
    Ok(Box::new(ended))
}
