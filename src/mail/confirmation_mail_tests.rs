//! The contents of a mail, in every language and variant, and the input that it must neutralize.

use super::*;

const LINK: &str = "https://mail.acme.example/confirm/v1.abcDEF-_123";

fn message() -> ConfirmationMail {
    ConfirmationMail {
        language: Language::En,
        address: "sales@example.com".to_owned(),
        domain: "example.com".to_owned(),
        claimant: ClaimantName {
            namespace: "shop".to_owned(),
            name: "sales".to_owned(),
            tenant: Some("acme".to_owned()),
        },
        environment: "production".to_owned(),
        company: Some("Acme & Söhne".to_owned()),
        note: Some("For the newsletter of the shop.".to_owned()),
        link: LINK.to_owned(),
        code: Some("7KQP4M2X".to_owned()),
        expiry: "2026-11-25T18:05:30Z".parse().unwrap(),
    }
}

fn render(message: &ConfirmationMail) -> Rendered {
    Templates::builtin().unwrap().render(message).unwrap()
}

/// Every language, with and without the optional parts.
fn variants() -> Vec<ConfirmationMail> {
    let mut all = Vec::new();
    for language in Language::ALL {
        for bits in 0..16_u8 {
            let full = ConfirmationMail { language, ..message() };
            let has = |bit: u8| bits & (1 << bit) != 0;
            all.push(ConfirmationMail {
                company: full.company.filter(|_| has(0)),
                note: full.note.filter(|_| has(1)),
                code: full.code.filter(|_| has(2)),
                claimant: ClaimantName { tenant: full.claimant.tenant.filter(|_| has(3)), ..full.claimant },
                ..full
            });
        }
    }
    all
}

/// The visible text of an HTML document: without head, comments and tags, with single spaces.
fn read(html: &str) -> String {
    let body = html.split_once("<body").unwrap().1;
    let mut text = String::new();
    let mut rest = body.split_once('>').unwrap().1;
    while let Some((before, from)) = rest.split_once('<') {
        text.push_str(before);
        let end = if from.starts_with("!--") { "-->" } else { ">" };
        let (tag, after) = from.split_once(end).unwrap();
        // One word may continue across an inline tag.
        if !["strong", "/strong", "q", "/q", "span", "/span"].contains(&tag.split(' ').next().unwrap()) {
            text.push(' ');
        }
        rest = after;
    }
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    words(&plain.iter().fold(text, |text, (from, to)| text.replace(from, to)))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_parts_say_who_asks_for_what_until_when_and_how_to_answer() {
    for message in variants() {
        let mail = render(&message);
        let (text, html) = (words(&mail.text), read(&mail.html));
        let moment = message.language.moment(message.expiry);
        let mut wanted =
            vec![message.address.as_str(), "shop", "sales", "production", LINK, &moment, "24", "example.com"];
        wanted.extend(message.company.as_deref());
        wanted.extend(message.note.as_deref());
        wanted.extend(message.claimant.tenant.as_deref());
        wanted.extend(message.code.as_ref().map(|_| "7KQP 4M2X"));
        for part in [&text, &html] {
            for word in &wanted {
                assert!(part.contains(word), "{word} is missing in {message:?}:\n{part}");
            }
            assert_eq!(part.contains("7KQP"), message.code.is_some(), "{part}");
            assert!(!part.contains("none") && !part.contains("{{") && !part.contains("{%"), "{part}");
        }
        assert!(
            mail.subject.contains(&message.address) && !mail.subject.contains("7KQP") && !mail.subject.contains('\n')
        );
    }
}

#[test]
fn text_and_html_say_the_same_in_the_same_words() {
    for message in variants() {
        let mail = render(&message);
        let html = read(&mail.html);
        for paragraph in mail.text.split("\n\n").map(words) {
            let paragraph = paragraph.trim_start_matches("> ");
            // The facts form one paragraph there and a table here.
            let facts = ["Requested by:", "Anfrage von:", "Environment:", "Umgebung:"];
            let parts: Vec<&str> = if facts.iter().any(|fact| paragraph.starts_with(fact)) {
                paragraph.split(": ").collect()
            } else {
                vec![paragraph]
            };
            for part in parts {
                assert!(html.contains(part), "the HTML lacks {part:?}:\n{html}");
            }
        }
    }
}

#[test]
fn the_html_asks_nothing_of_old_programs_and_fetches_nothing() {
    for message in variants() {
        let html = render(&message).html;
        let lower = html.to_lowercase();
        assert!(
            html.starts_with("<!DOCTYPE html>") && html.contains(&format!("<html lang=\"{}\"", message.language.tag()))
        );
        for needed in [
            "name=\"color-scheme\" content=\"light dark\"",
            "supported-color-schemes",
            "prefers-color-scheme: dark",
            "mso-hide:all",
        ] {
            assert!(html.contains(needed), "{needed}");
        }
        for forbidden in [
            "<img",
            "<script",
            "<link",
            "<form",
            "<iframe",
            "url(",
            "@import",
            "@font-face",
            " src=",
            " background=",
            "onclick",
            "javascript:",
        ] {
            assert!(!lower.contains(forbidden), "{forbidden}");
        }
        assert_eq!(lower.matches("<table").count(), lower.matches("<table role=\"presentation\"").count());
        assert_eq!(lower.matches("<h1").count(), 1);
        // The mail links only to the page of its link.
        let targets: Vec<&str> = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(targets, [LINK, LINK]);
        assert!(html.len() < 20_000, "{} bytes", html.len());
    }
}

#[test]
fn each_language_speaks_its_own_words() {
    let mail = |language| render(&ConfirmationMail { language, ..message() });
    let (english, german) = (mail(Language::En), mail(Language::De));
    for (part, own, other) in [
        (&english.subject, "Please confirm", "Bitte"),
        (&english.text, "No one gets access to your mailbox", "Postfach"),
        (&english.html, "View the request", "Anfrage"),
        (&german.subject, "Bitte bestätigen Sie", "Please"),
        (&german.text, "Niemand erhält Zugang zu Ihrem", "mailbox"),
        (&german.html, "Anfrage ansehen", "request"),
    ] {
        assert!(part.contains(own) && !part.contains(other), "{part}");
    }
}

#[test]
fn what_a_stranger_writes_stays_text_and_becomes_no_link() {
    let rows = [
        ("<img src=https://evil.example/x.png>", "<img"),
        ("</q></td></table><a href=\"https://evil.example\">Confirm here</a>", "</q></td></table>"),
        ("Log in at https://evil.example/login", "https://evil"),
        ("Log in at www.evil.example", "www.evil"),
        ("{{ code }} {% raw %}", "7KQP 4M2X 7KQP"),
        ("a\r\nBcc: victim@example.com\r\n\r\n<html>", "\nBcc:"),
        ("\u{202e}elpmaxe.live//:sptth", "\u{202e}"),
        ("\" onmouseover=\"alert(1)", "\" onmouseover=\"alert"),
        ("--> <b>", "--> <b>"),
    ];
    let links = |html: &str| html.matches("<a ").count();
    for language in Language::ALL {
        let calm = render(&ConfirmationMail { language, ..message() });
        for (hostile, forbidden) in rows {
            let claimant = ClaimantName {
                namespace: hostile.to_owned(),
                name: hostile.to_owned(),
                tenant: Some(hostile.to_owned()),
            };
            let note = Some(hostile.to_owned());
            let mail =
                render(&ConfirmationMail { claimant, note, environment: hostile.to_owned(), language, ..message() });
            assert!(!mail.html.contains(forbidden), "{hostile:?} in HTML");
            assert_eq!(links(&mail.html), links(&calm.html), "{hostile:?}");
            // HTML markup is harmless in plain text.
            if !forbidden.starts_with(['<', '"', '-']) {
                assert!(!mail.text.contains(forbidden), "{hostile:?} in the text");
            }
        }
    }
}

#[test]
fn a_note_is_marked_as_words_of_somebody_else() {
    for (language, marked) in
        [(Language::En, "which we did not write or check"), (Language::De, "weder verfasst noch geprüft")]
    {
        let noted = render(&ConfirmationMail { language, ..message() });
        assert!(words(&noted.text).contains(marked) && noted.text.contains("\n> For the newsletter"), "{}", noted.text);
        assert!(read(&noted.html).contains(marked) && noted.html.contains("<q>For the newsletter"));
        let silent = render(&ConfirmationMail { language, note: Some("\u{200b} \n".to_owned()), ..message() });
        assert!(!words(&silent.text).contains(marked) && !read(&silent.html).contains(marked));
    }
}

#[test]
fn a_subject_is_one_line_whatever_the_address_holds() {
    for (address, expected) in [
        (
            "sales@example.com\r\nBcc: victim@example.com",
            "Please confirm sales@example.com Bcc: victim@example.com as a sender address".to_owned(),
        ),
        ("sales@example.com\u{0}\u{2028}x", "Please confirm sales@example.com x as a sender address".to_owned()),
    ] {
        assert_eq!(render(&ConfirmationMail { address: address.to_owned(), ..message() }).subject, expected);
    }
    // A setting of the operator cannot break out of it either.
    let mail = render(&ConfirmationMail { company: Some("Acme\r\nBcc: x <b>".to_owned()), ..message() });
    assert!(mail.html.contains("Acme Bcc: x &lt;b&gt;") && !mail.subject.contains('\n'));
    let long =
        render(&ConfirmationMail { address: format!("{}@{}.example", "a".repeat(64), "b".repeat(200)), ..message() });
    assert_eq!(long.subject.chars().count(), 200);
    assert!(long.subject.ends_with('…'));
}

#[test]
fn neither_link_nor_code_nor_address_reaches_a_log() {
    let message = message();
    let told = format!("{message:?} {:?}", render(&message));
    assert!(!told.contains("abcDEF") && !told.contains("7KQP") && !told.contains("sales@"), "{told}");
}
