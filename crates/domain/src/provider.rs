use crate::state_machine::words;

words! {
    /// Who sent an event or moved money.
    Provider {
        /// Coinbase Commerce, or a sandbox that speaks its wire.
        Coinbase = "coinbase",
        /// The in-process gateway.
        Fake = "fake",
    }
}
