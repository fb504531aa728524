use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// `Retry-After` is a number of seconds, or a moment (RFC 9110, section 10.2.3), which is taken against the sender's
/// own clock; against ours if it doesn't tell. Zero for a moment that has passed.
pub(crate) fn retry_after(headers: &HeaderMap, now: Option<Timestamp>) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = text(RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let sent_at = text(DATE).and_then(moment).or(now.map(Timestamp::as_datetime))?;
    Some((moment(wanted)? - sent_at).to_std().unwrap_or_default())
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|moment| moment.to_utc())
}
