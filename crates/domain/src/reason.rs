use crate::state_machine::words;

words! {
    /// Why a checkout failed or an event had the verdict it had: a stable code for programs.
    Reason {
        /// Nobody paid in time.
        Expired = "expired",
        /// Less was paid than asked.
        Underpaid = "underpaid",
        /// More was paid than asked.
        Overpaid = "overpaid",
        /// The payment came after the charge had expired.
        Delayed = "delayed",
        /// More than one payment came for the same charge.
        Multiple = "multiple",
        /// The provider held the payment back for another reason.
        HeldByProvider = "held-by-provider",
        /// The charge was cancelled.
        Canceled = "canceled",
        /// The charge isn't for the amount of the checkout.
        AmountMismatch = "amount-mismatch",
        /// The charge isn't in the currency of the checkout.
        CurrencyMismatch = "currency-mismatch",
        /// The event's amounts can't be read.
        AmountUnreadable = "amount-unreadable",
        /// Money came for what was paid already.
        PaidAgain = "paid-again",
        /// An event had to wait for its order, and doesn't tell how much was paid.
        AmountMissing = "amount-missing",
        /// Money came late, and there is nothing left to sell for it.
        NoStockLeft = "no-stock-left",
        /// The stock of a product doesn't add up: a fault of ours.
        StockBroken = "stock-broken",
        /// An event of a type that isn't known here.
        UnknownEventType = "unknown-event-type",
        /// An event that doesn't name what it is about.
        MissingSubject = "missing-subject",
        /// More events wait for the same charge or order than are kept.
        TooManyWaiting = "too-many-waiting",
        /// What the event waited for didn't come in days.
        WaitedTooLong = "waited-too-long",
    }
}
