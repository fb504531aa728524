/// Beyond so many rows nobody counts, and nobody pages.
pub const COUNT_CAP: u32 = 10_000;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The first page is 1.
    pub page: u32,
    /// How many rows a page has: 1 to 100.
    pub page_size: u32,
}

impl PageRequest {
    /// How many rows come before the page.
    #[must_use]
    pub const fn offset(self) -> u32 {
        self.page.saturating_sub(1).saturating_mul(self.page_size)
    }
}

/// One part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many there are in all, but no more than [`COUNT_CAP`].
    pub total: u32,
    /// Whether there are more than [`COUNT_CAP`].
    pub total_is_capped: bool,
}

impl<T> Page<T> {
    /// From a count that stopped at one more than [`COUNT_CAP`].
    #[must_use]
    pub fn new(items: Vec<T>, counted: i64) -> Self {
        let total_is_capped = counted > i64::from(COUNT_CAP);
        let total = u32::try_from(counted).unwrap_or(COUNT_CAP).min(COUNT_CAP);
        Self { items, total, total_is_capped }
    }
}
