/// What a JSON text looks like from outside. It looks for two things that a parser passes over in values that nobody
/// reads, and that are refused wherever they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// How deep arrays and objects are nested; 0 for a bare value.
    pub(crate) depth: usize,
    /// Whether half of a surrogate pair is escaped (`"\ud800"`): no text in any encoding.
    pub(crate) has_lone_surrogate: bool,
}

impl Scan {
    /// Looks over a text that is known to be grammatical.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut scan = Self::default();
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => {
                    depth += 1;
                    scan.depth = scan.depth.max(depth);
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    at = scan.string(bytes, at + 1);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        scan
    }

    /// Passes over a string from behind its opening quote; answers where it is behind the closing one.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\\' => at += self.escape(&bytes[at..]),
                _ => at += 1,
            }
        }
        at
    }

    /// Looks at the escape that `bytes` begin with; answers how long it is, a pair of surrogates being one.
    fn escape(&mut self, bytes: &[u8]) -> usize {
        match escaped_unit(bytes) {
            None => 2,
            Some(0xD800..=0xDBFF) if matches!(escaped_unit(&bytes[6..]), Some(0xDC00..=0xDFFF)) => 12,
            Some(unit) => {
                self.has_lone_surrogate |= (0xD800..=0xDFFF).contains(&unit);
                6
            }
        }
    }
}

/// The UTF-16 unit of an escape `\uXXXX` at the very beginning.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let hex = bytes.get(..6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(str::from_utf8(hex).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_strings_only() {
        for (text, depth) in [("1", 0), ("{}", 1), (r#"{"a":[[],[1]],"b":"[[[["}"#, 3), (r#"["\"[[",[]]"#, 2)] {
            assert_eq!(Scan::of(text).depth, depth, "{text}");
        }
    }

    #[test]
    fn halves_of_surrogate_pairs_are_noticed_and_pairs_are_not() {
        for (text, is_lone) in [
            (r#""\ud83d\ude00""#, false),
            (r#""\u00e9\n""#, false),
            (r#""\\ud800""#, false),
            (r#""\ud800""#, true),
            (r#""\uDC00""#, true),
            (r#""\ud800\ud800\udc00""#, true),
            (r#""\ud800x\udc00""#, true),
            (r#""\ud83d\ude00\ude00""#, true),
        ] {
            assert_eq!(Scan::of(text).has_lone_surrogate, is_lone, "{text}");
        }
    }
}
