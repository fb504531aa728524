use uuid::Uuid;

use crate::FieldError;

/// The longest key, in bytes.
const MAX_LEN: usize = 255;

/// Reads the header: a string as structured fields have it (RFC 9651, section 3.3.3), or the same without its quotes.
///
/// Keys of callers without credentials must be UUIDs, which nobody guesses: two buyers never meet under one.
pub(super) fn parse(header: &str) -> Result<String, FieldError> {
    let header = header.trim_matches([' ', '\t']);
    let key = match header.strip_prefix('"') {
        Some(quoted) => unquoted(quoted).ok_or_else(|| fault("invalid", "must be a well-formed string"))?,
        None => header.to_owned(),
    };
    if key.is_empty() || key.len() > MAX_LEN || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(fault("invalid", "must be 1 to 255 printable ASCII characters without spaces"));
    }
    match Uuid::try_parse(&key) {
        Ok(uuid) => Ok(uuid.to_string()),
        Err(_) => Err(fault("invalid-uuid", "must be a UUID where the caller has no credentials")),
    }
}

/// The text between the quotes, of which the first is gone.
fn unquoted(text: &str) -> Option<String> {
    let mut characters = text.strip_suffix('"')?.chars();
    let mut key = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        match character {
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            '"' => return None,
            other => key.push(other),
        }
    }
    Some(key)
}

fn fault(code: &'static str, message: &'static str) -> FieldError {
    FieldError { field: "Idempotency-Key".to_owned(), code: code.into(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_the_same_key_quoted_or_bare_and_however_it_is_spelt() {
        let key = "0190a5f0-1234-4abc-8def-0123456789ab";
        for header in
            [key.to_owned(), format!("\"{key}\""), format!("  \"{key}\"\t"), key.to_uppercase(), key.replace('-', "")]
        {
            assert_eq!(parse(&header).unwrap(), key, "{header}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_named() {
        for (header, code) in [
            ("", "invalid"),
            ("\"\"", "invalid"),
            ("order-1", "invalid-uuid"),
            ("\"order-1\"", "invalid-uuid"),
            ("\"0190a5f0-1234-4abc-8def-0123456789ab", "invalid"),
            ("\"a\\b\"", "invalid"),
            ("\"a\\\"", "invalid"),
            ("\"a\"b\"", "invalid"),
            ("a b", "invalid"),
            ("0190a5f0-1234-4abc-8def-0123456789ab, 0190a5f0-1234-4abc-8def-0123456789ab", "invalid"),
            ("ä", "invalid"),
        ] {
            let fault = parse(header).unwrap_err();
            assert_eq!((fault.field.as_str(), &*fault.code), ("Idempotency-Key", code), "{header}");
        }
        assert_eq!(&*parse(&"x".repeat(256)).unwrap_err().code, "invalid");
    }

    #[test]
    fn what_is_escaped_is_read_as_it_is_meant() {
        assert_eq!(unquoted(r#"a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
    }
}
