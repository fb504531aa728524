use std::time::Duration;

use ports::GatewayError;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::loose::Loose;

/// How much of the other side's own words is kept, in characters.
const MESSAGE_MAX_CHARS: usize = 200;

/// The longest pause that is believed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// What the other side answered, whatever it was.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// The body, if the answer is a yes.
    pub(super) fn accepted(&self) -> Result<&str, GatewayError> {
        let status = self.status;
        if status.is_success() {
            return self.text().ok_or_else(|| GatewayError::Unreadable("not UTF-8".to_owned()));
        }
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => GatewayError::Unauthorized,
            StatusCode::TOO_MANY_REQUESTS => GatewayError::RateLimited { retry_after: self.retry_after },
            StatusCode::REQUEST_TIMEOUT => GatewayError::Unavailable(status.to_string()),
            _ if status.is_server_error() => GatewayError::Unavailable(status.to_string()),
            _ if status.is_client_error() => GatewayError::Refused(self.refusal()),
            _ => GatewayError::Unreadable(status.to_string()),
        })
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }

    /// `{"error": {"type": …, "message": …}}` in one line, or the bare status for what isn't that.
    fn refusal(&self) -> String {
        let error = self.text().and_then(Loose::parse).and_then(|body| body.object("error"));
        let Some(error) = error else { return self.status.to_string() };
        match (error.text("type"), error.text("message")) {
            (Some(kind), Some(message)) => printable(&format!("{kind}: {message}")),
            (Some(text), None) | (None, Some(text)) => printable(&text),
            (None, None) => self.status.to_string(),
        }
    }
}

/// Text from outside, fit for a log: one line of bounded length.
pub(super) fn printable(text: &str) -> String {
    let line = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    line.take(MESSAGE_MAX_CHARS).collect()
}

/// How long the other side wants to be left alone, as far as that is believed.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    crate::retry_after::retry_after(headers, None).map(|pause| pause.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{DATE, HeaderValue, RETRY_AFTER};

    use super::*;

    fn pause(retry_after_header: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry_after_header).unwrap());
        headers.insert(DATE, HeaderValue::from_static("Wed, 21 Oct 2015 07:28:00 GMT"));
        retry_after(&headers)
    }

    fn refused(status: u16, body: &str) -> GatewayError {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, retry_after: None, body: body.into() }.accepted().unwrap_err()
    }

    #[test]
    fn a_pause_may_be_told_in_seconds_or_as_a_moment() {
        assert_eq!(pause("30"), Some(Duration::from_secs(30)));
        assert_eq!(pause("Wed, 21 Oct 2015 07:28:45 GMT"), Some(Duration::from_secs(45)));
        assert_eq!(pause("Wed, 21 Oct 2015 07:27:00 GMT"), Some(Duration::ZERO));
        assert_eq!(pause("soon"), None);
        assert_eq!(pause("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn nobody_can_make_us_wait_for_ever() {
        assert_eq!(pause("18446744073709551615"), Some(RETRY_AFTER_MAX));
        assert_eq!(pause("Wed, 21 Oct 2099 07:28:00 GMT"), Some(RETRY_AFTER_MAX));
    }

    #[test]
    fn a_refusal_is_one_bounded_line() {
        let body = r#"{"error":{"type":"invalid_request","message":"no\nnot \u001b[31mthat"}}"#;
        assert_eq!(refused(400, body), GatewayError::Refused("invalid_request: no not  [31mthat".to_owned()));
        let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(5_000));
        assert_eq!(refused(422, &long), GatewayError::Refused("é".repeat(200)));
        assert_eq!(refused(404, "<html>"), GatewayError::Refused("404 Not Found".to_owned()));
        assert_eq!(refused(400, r#"{"error":[]}"#), GatewayError::Refused("400 Bad Request".to_owned()));
    }

    #[test]
    fn a_redirect_is_no_answer() {
        assert!(matches!(refused(302, ""), GatewayError::Unreadable(_)));
    }
}
