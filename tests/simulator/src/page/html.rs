//! Small pieces of HTML.

use jiff::Timestamp;

/// Text escaped for content and for attributes in double quotes.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A coloured word; the colour adds no information.
pub(super) fn badge(class: &str, text: &str) -> String {
    format!("<span class=\"badge {class}\">{}</span>", escaped(text))
}

pub(super) fn joined(pieces: impl Iterator<Item = String>) -> String {
    pieces.collect::<Vec<_>>().concat()
}

/// A table that refreshes automatically, or one row that reports that it is empty.
pub(super) fn table(id: &str, heads: &[&str], rows: impl Iterator<Item = String>, empty: &str) -> String {
    let heading = joined(heads.iter().map(|head| format!("<th scope=col>{head}</th>")));
    let mut rows = joined(rows);
    if rows.is_empty() {
        rows = format!("<tr><td colspan={} class=quiet>{empty}</td></tr>", heads.len());
    }
    format!(
        "<div id={id} class=\"live scroll\"><table><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

/// A form of one button and hidden fields.
pub(super) fn button(action: &str, fields: &[(&str, &str)], label: &str) -> String {
    let hidden =
        |(name, value): &(&str, &str)| format!("<input type=hidden name=\"{name}\" value=\"{}\">", escaped(value));
    let hidden = joined(fields.iter().map(hidden));
    format!("<form method=post action=\"/page/{action}\">{hidden}<button>{}</button></form>", escaped(label))
}

/// A time to the second, UTC.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(escaped("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
        let form = button("x", &[("name", "\"><script>")], "<b>");
        assert!(!form.contains("<script>") && !form.contains("<b>"), "{form}");
    }
}
