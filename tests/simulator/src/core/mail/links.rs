//! The links in a mail, as a mail program or a scanner finds them.

use scraper::{ElementRef, Html};

/// All distinct `http` and `https` links of a plain text, in order.
pub(crate) fn of_text(text: &str) -> Vec<String> {
    distinct(spans(text).into_iter().map(|(start, end)| text[start..end].to_owned()))
}

/// Positions of the links in a plain text.
pub(crate) fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(start) = next_link(text, from) {
        let rest = &text[start..];
        let ends = |letter: char| letter.is_whitespace() || letter.is_control() || "<>\"`".contains(letter);
        let link = rest.split(ends).next().unwrap_or(rest);
        // Closing punctuation belongs to the sentence, not to the link.
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'']);
        from = start + link.len().max("http".len());
        if link.split_once("://").is_some_and(|(_, rest)| !rest.is_empty()) {
            spans.push((start, start + link.len()));
        }
    }
    spans
}

fn next_link(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min().map(|at| from + at)
}

/// All distinct `http` and `https` links of an HTML text, in order: clickable links and loaded resources.
pub(crate) fn of_html(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let elements = document.root_element().descendants().filter_map(ElementRef::wrap);
    let links = elements.flat_map(|element| {
        let value = element.value();
        ["href", "src"]
            .into_iter()
            .filter_map(|name| value.attr(name))
            .map(|link| link.trim().to_owned())
            .collect::<Vec<_>>()
    });
    distinct(links.filter(|link| is_web(link)))
}

fn is_web(link: &str) -> bool {
    let scheme = link.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// Distinct links, in order.
pub(crate) fn distinct(links: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for link in links {
        if !all.contains(&link) {
            all.push(link);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_text() {
        for (text, expected) in [
            ("see http://a.example/x?y=1&z=2.", vec!["http://a.example/x?y=1&z=2"]),
            ("(https://a.example/) and <http://b.example/c>,", vec!["https://a.example/", "http://b.example/c"]),
            ("http://a.example/ http://a.example/", vec!["http://a.example/"]),
            ("http:// nothing https://", vec![]),
            ("ftp://a.example/ mailto:ann@a.example", vec![]),
            ("line\nhttp://127.0.0.1:80/a#b\r\nline", vec!["http://127.0.0.1:80/a#b"]),
            ("ühttp://a.example/ü", vec!["http://a.example/ü"]),
        ] {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }

    #[test]
    fn links_of_html() {
        let html = "<a href='http://a.example/?x=1&amp;y=2'>one</a> <A HREF=HTTPS://b.example/>two</a>\
                    <img src=http://c.example/pixel> <a href=mailto:a@b.example>no</a> <a href=/relative>no</a>\
                    <!-- <a href=http://d.example/> --> http://e.example/";
        assert_eq!(of_html(html), ["http://a.example/?x=1&y=2", "HTTPS://b.example/", "http://c.example/pixel"]);
    }
}
