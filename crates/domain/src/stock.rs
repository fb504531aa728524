use thiserror::Error;

/// The largest stock, and the largest quantity.
pub const MAX_STOCK: u32 = 1_000_000_000;

/// How many of a product: at least one, at most [`MAX_STOCK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u32);

/// A number that is no [`Quantity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a whole number from 1 to 1000000000")]
pub struct InvalidQuantity;

impl Quantity {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for Quantity {
    type Error = InvalidQuantity;

    fn try_from(number: u64) -> Result<Self, InvalidQuantity> {
        u32::try_from(number).ok().filter(|number| (1..=MAX_STOCK).contains(number)).map(Self).ok_or(InvalidQuantity)
    }
}

/// How many of a product there are, and how many of those are spoken for. Held and sold together are never more than
/// there are: no value of this type says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    total: u32,
    held: u32,
    sold: u32,
}

impl Stock {
    /// So many, none of them held or sold; `None` beyond [`MAX_STOCK`].
    #[must_use]
    pub const fn new(total: u32) -> Option<Self> {
        Self::from_parts(total, 0, 0)
    }

    /// From what was counted; `None` if it doesn't add up.
    #[must_use]
    pub const fn from_parts(total: u32, held: u32, sold: u32) -> Option<Self> {
        // Each is at most a thousand million, so that the sum fits.
        if total <= MAX_STOCK && held <= MAX_STOCK && sold <= MAX_STOCK && held + sold <= total {
            Some(Self { total, held, sold })
        } else {
            None
        }
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.total
    }

    /// Those in active holds and pending orders.
    #[must_use]
    pub const fn held(self) -> u32 {
        self.held
    }

    /// Those in paid and completed orders.
    #[must_use]
    pub const fn sold(self) -> u32 {
        self.sold
    }

    /// Those that can be had.
    #[must_use]
    pub const fn available(self) -> u32 {
        self.total - self.held - self.sold
    }

    /// Another total; `None` if more are spoken for.
    pub(crate) const fn with_total(self, total: u32) -> Option<Self> {
        Self::from_parts(total, self.held, self.sold)
    }

    /// Available ones become held; `None` if there aren't so many.
    pub(crate) fn hold(self, quantity: Quantity) -> Option<Self> {
        Self::from_parts(self.total, self.held.checked_add(quantity.get())?, self.sold)
    }

    /// Held ones become available.
    pub(crate) fn unhold(self, quantity: Quantity) -> Option<Self> {
        Self::from_parts(self.total, self.held.checked_sub(quantity.get())?, self.sold)
    }

    /// Held ones become sold.
    pub(crate) fn sell_held(self, quantity: Quantity) -> Option<Self> {
        let held = self.held.checked_sub(quantity.get())?;
        Self::from_parts(self.total, held, self.sold.checked_add(quantity.get())?)
    }

    /// Available ones become sold; `None` if there aren't so many.
    pub(crate) fn sell(self, quantity: Quantity) -> Option<Self> {
        Self::from_parts(self.total, self.held, self.sold.checked_add(quantity.get())?)
    }

    /// Sold ones become available.
    pub(crate) fn unsell(self, quantity: Quantity) -> Option<Self> {
        Self::from_parts(self.total, self.held, self.sold.checked_sub(quantity.get())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(number: u64) -> Quantity {
        Quantity::try_from(number).unwrap()
    }

    #[test]
    fn a_quantity_is_at_least_one_and_at_most_a_thousand_million() {
        assert_eq!(Quantity::try_from(0), Err(InvalidQuantity));
        assert_eq!(Quantity::try_from(1_000_000_001), Err(InvalidQuantity));
        assert_eq!(Quantity::try_from(u64::MAX), Err(InvalidQuantity));
        assert_eq!(quantity(1_000_000_000).get(), MAX_STOCK);
    }

    #[test]
    fn stock_moves_only_as_far_as_there_is_some() {
        let stock = Stock::new(3).unwrap();
        let held = stock.hold(quantity(2)).unwrap();
        assert_eq!((held.available(), held.held(), held.sold()), (1, 2, 0));
        assert_eq!(held.hold(quantity(2)), None);
        assert_eq!(held.sell(quantity(2)), None);
        let sold = held.sell_held(quantity(2)).unwrap();
        assert_eq!((sold.available(), sold.held(), sold.sold()), (1, 0, 2));
        assert_eq!(sold.unhold(quantity(1)), None);
        assert_eq!(sold.unsell(quantity(3)), None);
        assert_eq!(sold.with_total(1), None);
        assert_eq!(sold.unsell(quantity(2)), Some(stock));
    }

    #[test]
    fn numbers_that_do_not_add_up_are_no_stock() {
        assert_eq!(Stock::from_parts(1, 1, 1), None);
        assert_eq!(Stock::from_parts(u32::MAX, 0, 0), None);
        assert_eq!(Stock::from_parts(1, u32::MAX, 2), None);
    }
}
