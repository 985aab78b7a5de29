//! What the pages say, each language in one table of its own.
//!
//! `{address}` and the like stand for values; [`fill`] puts them in, and escapes them.

mod de;
mod en;
mod table;

use minijinja::HtmlEscape;

pub use self::table::Words;
use crate::mail::Language;

/// The table of a language.
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &en::WORDS,
        Language::De => &de::WORDS,
    }
}

/// The text with values in place of their names, as HTML: everything is escaped, and values stand apart from the text
/// around them, whatever direction their letters have.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    place(text, values, |text| HtmlEscape(text).to_string(), |value| format!("<bdi>{}</bdi>", HtmlEscape(value)))
}

/// The same without markup, for a title. It still has to be escaped.
pub fn fill_plain(text: &str, values: &[(&str, &str)]) -> String {
    place(text, values, str::to_owned, str::to_owned)
}

fn place(
    text: &str,
    values: &[(&str, &str)],
    literal: impl Fn(&str) -> String,
    value: impl Fn(&str) -> String,
) -> String {
    let mut filled = String::new();
    let mut rest = text;
    // A value is never looked at for names: one that holds `{name}` shows it.
    while let Some((before, name, after)) = next_name(rest) {
        filled.push_str(&literal(before));
        if let Some((_, found)) = values.iter().find(|(key, _)| *key == name) {
            filled.push_str(&value(found));
        }
        rest = after;
    }
    filled + &literal(rest)
}

fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of a table with the name of its field.
    fn all(words: &Words) -> Vec<(String, String)> {
        let table = serde_json::to_value(words).unwrap();
        table.as_object().unwrap().iter().map(|(key, text)| (key.clone(), text.as_str().unwrap().to_owned())).collect()
    }

    fn names(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_says_everything_with_the_same_values() {
        let english = all(of(Language::En));
        for language in Language::ALL {
            for ((field, text), (_, english)) in all(of(language)).iter().zip(&english) {
                assert!(!text.trim().is_empty() && text.trim() == text, "{language:?} {field}");
                assert!(!text.contains("  ") && !text.contains('\n'), "{language:?} {field}: {text:?}");
                assert_eq!(names(text), names(english), "{language:?} {field}");
                for name in names(text) {
                    let known = ["address", "company", "tenant", "namespace", "name", "expiry", "seconds", "minutes"];
                    assert!(known.contains(&name), "{field}: {name}");
                }
            }
        }
    }

    #[test]
    fn german_is_not_english_and_has_its_letters() {
        let (english, german) = (all(of(Language::En)), all(of(Language::De)));
        for ((field, english), (_, german)) in english.iter().zip(&german) {
            assert_ne!(english, german, "{field}");
            for substitute in ["bestaetig", "fuer", "koennen", "moecht", "zurueck", "ueber", "geaendert", "spaeter"] {
                assert!(!german.contains(substitute), "{field}: {german}");
            }
        }
        assert!(german.iter().any(|(_, text)| text.contains('ä') || text.contains('ö') || text.contains('ü')));
    }

    #[test]
    fn values_are_escaped_and_never_read_as_texts() {
        let values = [("address", "<b>{name}&"), ("name", "\"x\"")];
        assert_eq!(
            fill("A <{address}> & {name}", &values),
            "A &lt;<bdi>&lt;b&gt;{name}&amp;</bdi>&gt; &amp; <bdi>&quot;x&quot;</bdi>"
        );
        assert_eq!(fill_plain("A {address}", &values), "A <b>{name}&");
        assert_eq!(fill("{unknown}.{", &values), ".{");
    }
}
