//! Rules for every page: valid HTML, readable by a screen reader, with sufficient contrast.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::*;
use crate::{
    mail::ClaimantName,
    model::confirmation::answer::ConfirmationPage,
    web::view::{CodeError, Flash, PageSubject},
};

/// Every page state, in every variant with a different appearance.
fn states() -> Vec<PageState> {
    let subject = PageSubject {
        address: "sales@example.com".to_owned(),
        claimant: ClaimantName { namespace: "shop".to_owned(), name: "sales".to_owned(), tenant: None },
        note: Some("A note".to_owned()),
        expiry: jiff::Timestamp::UNIX_EPOCH,
        ended: true,
    };
    let mut states = vec![
        PageState::Locked(subject.clone(), Duration::from_mins(6)),
        PageState::NotFound,
        PageState::Unavailable { uncertain: true },
        PageState::Unavailable { uncertain: false },
        PageState::TooMany(Duration::from_secs(3)),
        PageState::Misunderstood(axum::http::StatusCode::BAD_REQUEST),
    ];
    let pages =
        [ConfirmationPage::Asked, ConfirmationPage::Confirmed, ConfirmationPage::Expired, ConfirmationPage::Superseded];
    let undoable = [true, false]
        .into_iter()
        .flat_map(|undo| [ConfirmationPage::Declined { undo }, ConfirmationPage::Withdrawn { undo }]);
    for page in pages.into_iter().chain(undoable) {
        for withdrawing in [true, false] {
            for code_error in [None, Some(CodeError::Missing), Some(CodeError::Wrong)] {
                for flash in [None, Some(Flash::Undone), Some(Flash::Meanwhile)] {
                    let subject = subject.clone();
                    states.push(PageState::Request { page, subject, withdrawing, code_error, flash });
                }
            }
        }
    }
    states
}

fn every_page() -> Vec<(String, String)> {
    let pages = [PageRenderer::new("", None).unwrap(), PageRenderer::new("/x", Some("v".to_owned())).unwrap()];
    let mut all = Vec::new();
    for state in states() {
        for language in Language::ALL {
            for (pages, company) in pages.iter().zip([None, Some("Acme & Co")]) {
                let frame = Frame { language, chosen: true, company, environment: "prod", codes: company.is_none() };
                all.push((format!("{state:?} {language:?}"), pages.render(&state, frame).unwrap()));
            }
        }
    }
    all
}

/// Tags with their attributes, in order.
fn tags(html: &str) -> Vec<(&str, BTreeMap<&str, &str>)> {
    let (head, rest) = html.split_once("<style>").unwrap();
    let pieces = head.split('<').skip(1).chain(rest.split_once("</style>").unwrap().1.split('<').skip(1));
    let parse = |piece: &'_ str| -> (usize, usize) { (piece.find([' ', '>']).unwrap(), piece.find('>').unwrap()) };
    pieces
        .map(|piece| {
            let (name_end, end) = parse(piece);
            let attributes = piece[name_end..end].split("\" ").filter_map(|pair| {
                let pair = pair.trim();
                let (key, value) = pair.split_once("=\"").unwrap_or((pair, ""));
                (!key.is_empty()).then_some((key, value.trim_end_matches('"')))
            });
            (&piece[..name_end], attributes.collect())
        })
        .collect()
}

#[test]
fn every_page_is_sound_and_read_well() {
    for (case, html) in every_page() {
        let tags = tags(&html);
        let count = |name: &str| tags.iter().filter(|(tag, _)| *tag == name).count();
        for landmark in ["h1", "main", "header", "footer", "nav", "title"] {
            assert_eq!(count(landmark), 1, "{landmark}: {case}");
        }
        let ids: Vec<&str> = tags.iter().filter_map(|(_, attributes)| attributes.get("id").copied()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique: {case}");
        for (tag, attributes) in &tags {
            for key in ["for", "aria-describedby", "aria-labelledby"] {
                let named = attributes.get(key).copied().unwrap_or_default();
                assert!(named.split_whitespace().all(|id| ids.contains(&id)), "{tag} {key}={named}: {case}");
            }
            assert!(!attributes.keys().any(|key| key.starts_with("on") || *key == "style"), "{tag}: {case}");
            assert!(*tag != "img" || attributes.contains_key("alt"), "{case}");
            assert!(*tag != "input" || ids.contains(&"code") && html.contains("<label for=\"code\">"), "{case}");
            let target = attributes.get("href").or(attributes.get("src")).copied().unwrap_or("?");
            assert!(target.starts_with(['?', '#', '/']) && !target.starts_with("//"), "stays here: {target}: {case}");
        }
        for forbidden in ["<script", "<iframe", "http:", "https:", "undefined", "{{", "{%", "{address"] {
            assert!(!html.contains(forbidden), "{forbidden}: {case}");
        }
    }
}

#[test]
fn every_tag_that_is_opened_is_closed() {
    let void = ["!DOCTYPE", "meta", "link", "img", "input", "path", "circle", "rect"];
    for (case, html) in every_page() {
        let mut open: Vec<&str> = Vec::new();
        for (tag, _) in tags(&html) {
            match tag.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{case}"),
                None if void.contains(&tag) => {}
                None => open.push(tag),
            }
        }
        assert!(open.is_empty(), "{open:?}: {case}");
    }
}

#[test]
fn the_field_has_a_label_a_hint_and_what_phones_need() {
    let (asked, wrong) = (&states()[6..], CodeError::Wrong);
    for state in asked.iter().filter(|state| matches!(state, PageState::Request { page: ConfirmationPage::Asked, .. }))
    {
        let frame = Frame { language: Language::En, chosen: false, company: None, environment: "prod", codes: true };
        let html = PageRenderer::new("", None).unwrap().render(state, frame).unwrap();
        let input = tags(&html).into_iter().find(|(tag, _)| *tag == "input").unwrap().1;
        for (key, value) in
            [("autocomplete", "one-time-code"), ("inputmode", "text"), ("name", "code"), ("spellcheck", "false")]
        {
            assert_eq!(input.get(key), Some(&value));
        }
        let PageState::Request { code_error, .. } = state else { continue };
        assert_eq!(input.contains_key("aria-invalid"), code_error.is_some());
        assert_eq!(html.contains("role=\"alert\""), code_error.is_some());
        assert_eq!(html.contains("This code does not match"), *code_error == Some(wrong));
    }
}

/// The relative luminance of a colour such as `#1c2530` (WCAG 2.2, "relative luminance").
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The colours of a style sheet, by name, in the order of their blocks: light, dark.
fn palettes() -> [BTreeMap<&'static str, &'static str>; 2] {
    let (light, dark) = STYLE.split_once("@media (prefers-color-scheme: dark)").unwrap();
    [light, dark].map(|block| {
        let block = block.split_once("--back").map(|_| &block[block.find("--back").unwrap()..]).unwrap();
        let block = block.split_once('}').unwrap().0;
        block.split(';').filter_map(|pair| pair.trim().split_once(": ")).collect()
    })
}

#[test]
fn text_can_be_read_in_light_and_in_dark() {
    for palette in palettes() {
        for (text, back) in [
            ("--ink", "--paper"),
            ("--ink", "--back"),
            ("--ink", "--soft"),
            ("--quiet", "--paper"),
            ("--quiet", "--back"),
            ("--accent", "--paper"),
            ("--accent", "--back"),
            ("--pressed", "--paper"),
            ("--on-accent", "--accent"),
            ("--on-accent", "--pressed"),
            ("--on-danger", "--danger"),
            ("--on-danger", "--danger-pressed"),
            ("--good", "--good-back"),
            ("--wait", "--wait-back"),
            ("--bad", "--bad-back"),
            ("--bad", "--paper"),
            ("--calm", "--calm-back"),
        ] {
            let ratio = contrast(palette[text], palette[back]);
            assert!(ratio >= 4.5, "{text} on {back}: {ratio:.2}");
        }
        // Visible parts that are not text (WCAG 2.2, 1.4.11): borders of fields, the focus.
        for (line, back) in [("--edge", "--paper"), ("--edge", "--soft"), ("--accent", "--paper")] {
            let ratio = contrast(palette[line], palette[back]);
            assert!(ratio >= 3.0, "{line} on {back}: {ratio:.2}");
        }
    }
    assert!(palettes().iter().all(|palette| palette.len() >= 19));
    let black_on_white = contrast("#000000", "#ffffff");
    assert!((black_on_white - 21.0).abs() < 0.01);
}
