use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, in whole microseconds: the finest unit that every database here keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    unix_us: i64,
}

impl Timestamp {
    /// From microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix_us(unix_us: i64) -> Self {
        Self { unix_us }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_us(self) -> i64 {
        self.unix_us
    }

    /// The same moment as chrono has it.
    #[must_use]
    pub fn as_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.unix_us).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// How long after `earlier` this is; zero if it isn't.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.unix_us.saturating_sub(earlier.unix_us)).unwrap_or(0))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// Cuts off what is finer than a microsecond.
    fn from(moment: DateTime<Utc>) -> Self {
        Self::from_unix_us(moment.timestamp_micros())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self::from_unix_us(self.unix_us.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self::from_unix_us(self.unix_us.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with `Z`, as on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = self.as_datetime();
        let (date, time) = (moment.date_naive(), moment.time());
        let year = date.year();
        if !(0..=9999).contains(&year) {
            // RFC 3339 has four digits; nothing that is stored here comes near its ends.
            return f.write_str(&moment.to_rfc3339_opts(SecondsFormat::Micros, true));
        }
        // Digit by digit: answers have two or three of these, and a general formatter takes longer than the rest of them.
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let fields = [
            (0, 4, year.unsigned_abs()),
            (5, 2, date.month()),
            (8, 2, date.day()),
            (11, 2, time.hour()),
            (14, 2, time.minute()),
            (17, 2, time.second()),
            (20, 6, time.nanosecond() / 1000),
        ];
        for (start, digits, mut number) in fields {
            for place in (start..start + digits).rev() {
                text[place] = b'0' + u8::try_from(number % 10).unwrap_or(0);
                number /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut_off() {
        let fine = DateTime::from_timestamp(1, 123_456_789).unwrap();
        assert_eq!(Timestamp::from(fine).to_string(), "1970-01-01T00:00:01.123456Z");
    }

    #[test]
    fn moments_are_written_as_a_general_formatter_writes_them() {
        for unix_us in [
            0,
            1,
            951_782_400_123_456,
            1_767_225_599_999_999,
            253_402_300_799_999_999,
            -62_167_219_200_000_000,
            i64::MIN,
        ] {
            let moment = Timestamp::from_unix_us(unix_us);
            let general = moment.as_datetime().to_rfc3339_opts(SecondsFormat::Micros, true);
            assert_eq!(moment.to_string(), general, "{unix_us}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends_instead_of_wrapping() {
        let last = Timestamp::from_unix_us(i64::MAX);
        assert_eq!(last + Duration::from_secs(1), last);
        assert_eq!(Timestamp::from_unix_us(5).since(last), Duration::ZERO);
    }
}
