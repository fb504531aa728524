use std::error::Error;

use reqwest::Response;

/// How much of an answer's body is read. Whatever comes after it is not waited for.
const READ_MAX_BYTES: usize = 64 * 1024;
/// How much of it is kept.
const KEPT_BYTES: usize = 1024;
/// How much is kept of what went wrong, in characters.
const ERROR_MAX_CHARS: usize = 300;

/// Reads the beginning of a body, until it is too long to be of interest. What a body that breaks off had up to there counts.
pub(super) async fn read(response: &mut Response) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        kept.extend(chunk.iter().take(KEPT_BYTES - kept.len()));
        read += chunk.len();
        if read >= READ_MAX_BYTES {
            break;
        }
    }
    text(&kept)
}

/// Text from outside, fit to be stored and shown.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|char| if char.is_control() && char != '\n' { ' ' } else { char }).collect()
}

/// An error with its causes, as the outermost alone says only that something failed; without the URL, which may hold a token.
pub(super) fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    let line = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    line.take(ERROR_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_can_be_stored_whatever_it_is() {
        assert_eq!(text(b"{\"ok\":\xff\0\x1b[31m}\nbye"), "{\"ok\":\u{fffd}  [31m}\nbye");
    }
}
