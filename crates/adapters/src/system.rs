use domain::Timestamp;
use ports::{Clock, IdSource};
use uuid::{Builder, Uuid};

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

/// Ids and chance from the operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn uuid_v7(&self) -> Uuid {
        let millis = u64::try_from(SystemClock.now().unix_us() / 1000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random()).into_uuid()
    }

    fn jitter_permille(&self) -> u16 {
        u16::from_be_bytes(random()) % 1001
    }
}

#[expect(clippy::expect_used, reason = "without randomness no id is safe to give out, and nothing else can be done")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_version_7_and_differ() {
        let ids: HashSet<Uuid> = (0..1000).map(|_| SystemIds.uuid_v7()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
