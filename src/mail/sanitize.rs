//! Sanitizes untrusted text for mails and pages. Pure.
//!
//! The claimant chooses notes, object names and labels, and the mail carries them to another person's inbox. So they
//! must not imitate the operator's text, hide or reverse characters, or become clickable: mail clients link anything
//! that looks like a web name.

/// Separator that breaks up a potential link.
const SPACE: char = ' ';
/// The same if the text must keep its appearance: a zero-width space.
const ZERO_WIDTH: char = '\u{200b}';
/// Longest shown note, in characters; the CRD allows no longer one.
const LONGEST_NOTE: usize = 200;
/// Longest shown name: that of a Kubernetes object.
const LONGEST_NAME: usize = 253;

/// A claimant's note: one paragraph without anything that a mail client would link. `None` if nothing is left.
pub fn note(text: &str) -> Option<String> {
    let calm = without_links(&cut(&plain(text), LONGEST_NOTE), SPACE);
    (!calm.is_empty()).then_some(calm)
}

/// The name of an object, a namespace, a tenant or an environment: its appearance is unchanged and it is no link.
pub fn name(text: &str) -> String {
    without_links(&cut(&plain(text), LONGEST_NAME), ZERO_WIDTH)
}

/// One line of at most `longest` characters, without control characters and characters that reverse or hide text. For
/// subjects and other headers, where a line break would start another header.
pub fn line(text: &str, longest: usize) -> String {
    cut(&plain(text), longest)
}

/// Visible characters with single spaces between words.
fn plain(text: &str) -> String {
    let visible = text.chars().filter_map(|letter| match letter {
        letter if letter.is_whitespace() || letter.is_control() => Some(' '),
        letter if turns_or_hides(letter) => None,
        // Browsers treat them as the dot of a name.
        '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' => Some('.'),
        letter => Some(letter),
    });
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Format characters of Unicode (general category Cf) and invisible fillers: they change the direction of text, join,
/// or hide.
fn turns_or_hides(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let kept: String = text.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Breaks up everything that mail clients link: `www.example.com`, `https://…`, `mailto:…`, `a@b`, `//host`, `\\host`.
fn without_links(text: &str, gap: char) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut calm = String::with_capacity(text.len());
    for (at, letter) in letters.iter().enumerate() {
        calm.push(*letter);
        let (before, after) = (at.checked_sub(1).map(|at| letters[at]), letters.get(at + 1).copied());
        if after.is_some_and(|after| links(before, *letter, after)) {
            calm.push(gap);
        }
    }
    calm
}

fn links(before: Option<char>, letter: char, after: char) -> bool {
    match letter {
        // Not a decimal point.
        '.' => after.is_alphabetic() || (after.is_alphanumeric() && before.is_some_and(char::is_alphabetic)),
        // Not the colon in a time of day.
        ':' => {
            let in_time = after.is_ascii_digit() && before.is_some_and(|c| c.is_ascii_digit());
            !after.is_whitespace() && !in_time
        }
        '@' => !after.is_whitespace(),
        '/' | '\\' => matches!(after, '/' | '\\'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_paragraph_in_which_nothing_becomes_a_link() {
        for (text, expected) in [
            ("For the newsletter of our shop.", "For the newsletter of our shop."),
            ("See www.evil.example now", "See www. evil. example now"),
            ("evil.example/login", "evil. example/login"),
            ("https://evil.example", "https: / /evil. example"),
            ("hTTp:\\\\evil.example", "hTTp: \\ \\evil. example"),
            ("mailto:a@evil.example", "mailto: a@ evil. example"),
            ("tel:0190123", "tel: 0190123"),
            ("//10.0.0.1/x", "/ /10.0.0.1/x"),
            ("host1.2evil", "host1.2evil"),
            ("a.2evil", "a. 2evil"),
            ("evil。example and evil．example", "evil. example and evil. example"),
            ("Version 2.5 at 10:30, 99.50 EUR", "Version 2.5 at 10:30, 99.50 EUR"),
            ("Grüße, z.B. für Ümläute", "Grüße, z. B. für Ümläute"),
            ("one\r\n\r\ntwo\tthree\u{0}four", "one two three four"),
            ("\u{202e}moc.live\u{202c} \u{200b}x\u{ad}y", "moc. live xy"),
            ("evil\u{200d}.\u{2060}example", "evil. example"),
            ("<b>bold</b> {{ link }}", "<b>bold</b> {{ link }}"),
        ] {
            assert_eq!(note(text).as_deref(), Some(expected), "{text:?}");
        }
        for nothing in ["", "  \n", "\u{200b}\u{202e}\u{3164}"] {
            assert_eq!(note(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_name_looks_as_it_is_written_and_is_no_link() {
        let calm = name("click-here.evil.example");
        assert_eq!(calm, "click-here.\u{200b}evil.\u{200b}example");
        assert_eq!(calm.replace('\u{200b}', ""), "click-here.evil.example");
        assert_eq!(name("shop"), "shop");
    }

    #[test]
    fn what_is_too_long_is_cut_and_shows_it() {
        assert_eq!(note(&"a".repeat(201)).unwrap(), format!("{}…", "a".repeat(199)));
        assert_eq!(note(&"ä".repeat(200)).unwrap(), "ä".repeat(200));
        assert_eq!(name(&"a".repeat(300)).chars().count(), 253);
        assert_eq!(line("one two", 5), "one…");
    }

    #[test]
    fn a_header_is_one_line() {
        for hostile in [
            "a\r\nBcc: b@example.com",
            "a\nBcc: b@example.com",
            "a\u{2028}Bcc:\u{85} b@example.com",
            "a\u{0}\u{b}Bcc: b@example.com",
        ] {
            assert_eq!(line(hostile, 200), "a Bcc: b@example.com", "{hostile:?}");
        }
    }
}
