//! When a webhook that wasn't taken is tried again.

use crate::clock::Timestamp;
use crate::config::Retry;

/// The time of the next attempt after the `attempt`-th (from 1) failed now. `None`: give up.
pub(super) fn next(retry: Retry, created_at: Timestamp, attempt: i32, now: Timestamp) -> Option<Timestamp> {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0);
    let wait = retry.first.saturating_mul(2_u32.saturating_pow(doublings)).min(retry.longest);
    let next = now.plus(wait);
    (next <= created_at.plus(retry.give_up_after)).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_second_to_an_hour_for_three_days() {
        let retry = Retry::default();
        let created_at = Timestamp(1_700_000_000_000);
        let (mut now, mut waits) = (created_at, Vec::new());
        for attempt in 1.. {
            let Some(next_at) = next(retry, created_at, attempt, now) else {
                break;
            };
            waits.push(now.until(next_at).as_secs());
            now = next_at;
        }
        assert_eq!(waits[..5], [1, 2, 4, 8, 16]);
        assert_eq!(waits[11..14], [2_048, 3_600, 3_600]);
        assert_eq!(waits.len(), 82);
        assert!(created_at.until(now).as_secs() <= 3 * 86_400);
    }

    #[test]
    fn the_highest_attempt_number_overflows_nothing() {
        let now = Timestamp(1_700_000_000_000);
        assert_eq!(next(Retry::default(), now, i32::MAX, now), Some(Timestamp(now.0 + 3_600_000)));
    }
}
