//! Which language a page speaks, and that it stays.

use crate::{
    browser::story,
    looks::{DESKTOP, GERMAN},
    site::{ADDRESS, Pages},
};

#[tokio::test]
async fn a_browser_that_prefers_german_gets_german_through_to_the_end() {
    let pages = Pages::new().await;
    story(GERMAN, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.sees(&format!("Darf von {ADDRESS} gesendet werden?")).await;
        assert_eq!(browser.ask_text("return document.documentElement.lang").await, "de");
        browser.type_code("BCDF-2345").await;
        browser.press("confirm").await;
        browser.sees("Das ist nicht der Code zu diesem Link.").await;
        browser.type_code(&pages.code()).await;
        browser.press("confirm").await;
        let text = browser.sees("ist bestätigt").await;
        assert!(!text.contains("Thank you"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_language_chosen_on_the_page_wins_over_the_browsers_and_stays() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.sees("May mail be sent as").await;
        browser.follow("nav a[lang=de]").await;
        browser.sees("Darf von").await;
        browser.type_code(&pages.code()).await;
        browser.press("decline").await;
        browser.sees("Sie haben abgelehnt").await;
        browser.type_code(&pages.code()).await;
        browser.press("undo").await;
        browser.sees("Ihre Ablehnung ist zurückgenommen").await;
        browser.follow("nav a[lang=en]").await;
        browser.sees("May mail be sent as").await;
        browser.open(&format!("{}?lang=de", pages.link(1))).await;
        browser.sees("Darf von").await;
    })
    .await;
}
