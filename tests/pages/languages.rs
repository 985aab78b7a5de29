//! A page uses the language that the browser prefers; a language that the user selects persists.

use crate::{
    browser::story,
    looks::GERMAN,
    site::{ADDRESS, Pages},
};

#[tokio::test]
async fn a_browser_that_prefers_german_gets_german_until_english_is_chosen() {
    let pages = Pages::new().await;
    story(GERMAN, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.sees(&format!("Darf von {ADDRESS} gesendet werden?")).await;
        assert_eq!(browser.ask_text("return document.documentElement.lang").await, "de");
        browser.answers("BCDF-2345", "confirm", "Dieser Code passt nicht zu diesem Link.").await;
        browser.follow("nav a[lang=en]").await;
        browser.sees("Allow email to be sent as").await;
        browser.answers(&pages.code(), "decline", "You have declined").await;
        browser.answers(&pages.code(), "undo", "Your answer was undone").await;
    })
    .await;
}
