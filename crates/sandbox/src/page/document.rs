//! What all pages have around them.

use super::escape::text;

/// Where the files are for a page in a folder beside `pay/`, such as `checkout/{id}`.
pub(super) const ASSETS_FROM_BESIDE: &str = "../pay/assets/";

/// A page. `head` and `view` are HTML already; the rest is text.
pub(super) struct Document<'a> {
    pub(super) title: &'a str,
    pub(super) shop: &'a str,
    /// The folder of the style sheet as the page's address sees it, with a slash at the end.
    pub(super) assets: &'a str,
    pub(super) head: &'a str,
    pub(super) view: &'a str,
}

impl Document<'_> {
    pub(super) fn render(&self) -> String {
        let Self { assets, head, view, .. } = self;
        let (title, shop) = (text(self.title), text(self.shop));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n\
             <link rel=\"stylesheet\" href=\"{assets}page.css\">\n{head}</head>\n<body>\n\
             <header class=\"top\"><p class=\"shop\"><bdi>{shop}</bdi></p>\
             <p class=\"notice\">Sandbox <span>no real money</span></p></header>\n{view}\n</body>\n</html>\n"
        )
    }
}
