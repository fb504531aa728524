use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Timestamp;

/// An id for a row that a decision makes beside those whose ids came with its command: the same decision at the same time
/// makes the same id. It has the layout of version 7 (RFC 9562, section 5.7): the milliseconds of `now`, then its
/// microseconds (method 3 of section 6.2) and `place`, so that rows sort in the order in which they were made, and the
/// first bits of a digest of what names the row.
pub(crate) fn derived_id(now: Timestamp, place: u16, names: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(now.unix_us().to_be_bytes());
    hash.update(place.to_be_bytes());
    for name in names {
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
    }
    let digest = hash.finalize();
    let unix_us = u64::try_from(now.unix_us()).unwrap_or(0);
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&(unix_us / 1000).to_be_bytes()[2..]);
    // A millisecond in 4096 parts, as many as twelve bits hold.
    let fraction = u16::try_from(unix_us % 1000 * 4096 / 1000).unwrap_or(0);
    bytes[6..8].copy_from_slice(&(0x7000 | fraction).to_be_bytes());
    // Two bits of the variant, then the place, then the digest.
    bytes[8..].copy_from_slice(&digest[..8]);
    let place = place.to_be_bytes();
    bytes[8] = 0x80 | (place[0] >> 2);
    bytes[9] = (place[0] << 6) | (place[1] >> 2);
    bytes[10] = (place[1] << 6) | (bytes[10] & 0x3f);
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_of_version_7_and_sort_by_time_and_place() {
        let at = |unix_us: i64| Timestamp::from_unix_us(1_790_000_000_000_000 + unix_us);
        let ids = [
            derived_id(at(0), 0, &[b"z"]),
            derived_id(at(0), 1, &[b"a"]),
            derived_id(at(0), 300, &[b"a"]),
            derived_id(at(0), u16::MAX, &[b"a"]),
            derived_id(at(1), 0, &[b"a"]),
            derived_id(at(999), 0, &[b"a"]),
            derived_id(at(1000), 0, &[b"a"]),
        ];
        assert!(ids.is_sorted(), "{ids:?}");
        for id in ids {
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        }
        assert_eq!(derived_id(at(5), 2, &[b"a", b"b"]), derived_id(at(5), 2, &[b"a", b"b"]));
        assert_ne!(derived_id(at(5), 2, &[b"a", b"b"]), derived_id(at(5), 2, &[b"ab"]));
    }
}
