use domain::Timestamp;
use uuid::Uuid;

/// Tells the time. The only way to it: `clippy.toml` bans the direct calls.
pub trait Clock: Send + Sync {
    /// The present moment. It may jump when the system's clock is set.
    fn now(&self) -> Timestamp;
}

/// Makes ids and chance.
pub trait IdSource: Send + Sync {
    /// A UUIDv7 of the present moment, its other bits from the operating system's randomness, with no counter: ids
    /// tell when something was made and nothing about how many there are.
    fn uuid_v7(&self) -> Uuid;

    /// A number from 0 to 1000 for spreading retries.
    fn jitter_permille(&self) -> u16;
}
