//! Making strangers' text harmless in HTML.

use url::Url;

/// Safe as an element's text and inside a quoted attribute.
pub(super) fn text(raw: &str) -> String {
    raw.chars().fold(String::with_capacity(raw.len()), |mut safe, letter| {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
        safe
    })
}

/// Safe in a link; `None` for anything a browser might run instead of visit.
pub(super) fn link(raw: Option<&str>) -> Option<String> {
    let url = Url::parse(raw?).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| text(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_text_or_its_attribute() {
        let hostile = "<script>alert('x')</script>\" onload=\"&amp;";
        let safe = text(hostile);
        assert!(!safe.contains(['<', '>', '"', '\'']));
        assert_eq!(safe, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;&amp;amp;");
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(link(Some("https://shop.example/?a=1&b=2")).unwrap(), "https://shop.example/?a=1&amp;b=2");
        for hostile in
            ["javascript:alert(1)", " JaVaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "/x", ""]
        {
            assert_eq!(link(Some(hostile)), None, "{hostile}");
        }
    }
}
