use std::cell::RefCell;

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

/// A new key that nobody can guess.
pub(crate) fn random_key() -> [u8; 32] {
    random()
}

/// How many bytes a thread asks the operating system for at a time: a call for each id would be a noticeable part of what a
/// request costs.
const POOL_BYTES: usize = 1024;

/// Random bytes of the operating system's that nobody has had yet.
struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

impl Pool {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no id is safe to give out, and nothing else can be done"
    )]
    fn take<const N: usize>(&mut self) -> [u8; N] {
        if self.used + N > POOL_BYTES {
            getrandom::fill(&mut self.bytes).expect("the operating system gives random bytes");
            self.used = 0;
        }
        let mut taken = [0; N];
        let unused = &mut self.bytes[self.used..self.used + N];
        taken.copy_from_slice(unused);
        // What is given out is kept nowhere else.
        unused.fill(0);
        self.used += N;
        taken
    }
}

fn random<const N: usize>() -> [u8; N] {
    POOL.with_borrow_mut(Pool::take)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_byte_is_given_out_twice() {
        let mut pool = Pool { bytes: [7; POOL_BYTES], used: POOL_BYTES - 9 };
        assert_eq!(pool.take::<8>(), [7; 8]);
        assert_eq!(pool.bytes[POOL_BYTES - 9..], [0, 0, 0, 0, 0, 0, 0, 0, 7]);
        let fresh: [u8; 32] = pool.take();
        assert_ne!(fresh, [7; 32], "there was too little left");
        assert_eq!((pool.used, &pool.bytes[..32]), (32, &[0; 32][..]));
    }

    #[test]
    fn ids_are_version_7_and_differ() {
        let ids: HashSet<Uuid> = (0..1000).map(|_| SystemIds.uuid_v7()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
