//! Creates the pictures of the README: `make pictures`.

use std::path::Path;

use sender_operator::{
    mail::{Language, confirmation_mail::link_url},
    model::confirmation::AnswerKind,
};

use crate::{
    accessibility::page_cases::{self, PageCase},
    browser::{Browser, story},
    looks::{DESKTOP, Looks, PHONE},
    mail::{mail, message},
    site::Pages,
};

/// As wide as the content needs.
const WINDOW: Looks = Looks { width: 760, height: 400, ..DESKTOP };
const DARK_WINDOW: Looks = Looks { dark: true, ..WINDOW };
const HAND: Looks = Looks { height: 600, ..PHONE };

async fn keep(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), browser.picture().await).unwrap();
}

#[tokio::test]
#[ignore = "writes docs/pictures: make pictures"]
async fn make() {
    let pages = Pages::new().await;
    // The pictures show another address than that of the test.
    let link = link_url("https://mail.acme.example", &pages.link(1));
    story(WINDOW, &pages, async |browser| {
        for (name, looks, language) in [
            ("mail", WINDOW, Language::En),
            ("mail-dark", DARK_WINDOW, Language::En),
            ("mail-phone", HAND, Language::En),
        ] {
            browser.put_on(looks).await;
            browser.show(&mail(&message(language, &link, &pages.code()))).await;
            keep(browser, name).await;
        }
        for (name, looks, case, language) in [
            ("asked", WINDOW, PageCase::Asked, "en"),
            ("asked-dark", DARK_WINDOW, PageCase::Asked, "en"),
            ("asked-phone", HAND, PageCase::Asked, "en"),
            ("asked-german", WINDOW, PageCase::Asked, "de"),
            ("confirmed", WINDOW, PageCase::Confirmed, "en"),
            ("withdrawing", WINDOW, PageCase::Withdrawing, "en"),
            ("withdrawn", WINDOW, PageCase::Withdrawn, "en"),
            ("declined", WINDOW, PageCase::Declined, "en"),
            ("expired", WINDOW, PageCase::Expired, "en"),
        ] {
            browser.put_on(looks).await;
            page_cases::enter(browser, &pages, case, language).await;
            keep(browser, name).await;
        }
        browser.put_on(WINDOW).await;
        page_cases::enter(browser, &pages, PageCase::Asked, "en").await;
        browser.answers("K7QP 4M2X", "confirm", "This code does not match this link.").await;
        keep(browser, "wrong-code").await;
        assert_ne!(pages.answer(), Some(AnswerKind::Confirmed));
    })
    .await;
}
