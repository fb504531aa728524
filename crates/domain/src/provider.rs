use crate::state_machine::words;

words! {
    /// Who sent an event or moved money.
    Provider {
        /// Coinbase Commerce, or a sandbox that speaks its wire.
        Coinbase = "coinbase",
        /// The in-process gateway.
        Fake = "fake",
        /// A payment backend of the merchant's own, by the signed webhook of our API.
        Generic = "generic",
    }
}
