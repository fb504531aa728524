//! Identifiers from the operating system's randomness.

use std::fmt::Write as _;

use uuid::Uuid;

const CODE_LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const CODE_LENGTH: usize = 8;

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A version 4 UUID, the kind Coinbase gives out.
pub(crate) fn uuid() -> Result<Uuid, getrandom::Error> {
    Ok(uuid::Builder::from_random_bytes(bytes()?).into_uuid())
}

/// A charge's code: 8 of A-Z and 0-9.
pub(crate) fn code() -> Result<String, getrandom::Error> {
    let mut code = String::with_capacity(CODE_LENGTH);
    while code.len() < CODE_LENGTH {
        // 252 is the highest multiple of 36 in a byte: bytes above it would make some letters likelier than others.
        for byte in bytes::<16>()?.into_iter().filter(|byte| *byte < 252) {
            if code.len() < CODE_LENGTH {
                code.push(char::from(CODE_LETTERS[usize::from(byte % 36)]));
            }
        }
    }
    Ok(code)
}

/// 64 hexadecimal digits: the look of a transaction's or a block's hash.
pub(crate) fn hash() -> Result<String, getrandom::Error> {
    Ok(hex(&bytes::<32>()?))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_eight_capitals_and_digits_and_differ() {
        let codes: std::collections::HashSet<_> = (0..500).map(|_| code().unwrap()).collect();
        assert_eq!(codes.len(), 500);
        assert!(codes.iter().all(|code| code.len() == 8 && code.bytes().all(|b| CODE_LETTERS.contains(&b))));
    }
}
