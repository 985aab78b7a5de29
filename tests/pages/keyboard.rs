//! Everything works without a mouse, and the focus is always visible.

use fantoccini::key::Key;
use sender_operator::model::confirmation::AnswerKind;

use crate::{
    browser::{Browser, story},
    looks::{DARK, DESKTOP, NO_SCRIPTS},
    site::Pages,
};

/// The focused element: its id, value or text.
async fn focus(browser: &Browser) -> String {
    let name = "const at = document.activeElement; return at.id || at.value || at.textContent.trim()";
    browser.ask_text(name).await
}

/// The focus ring: its width in pixels, and its contrast with the surroundings.
async fn assert_ring(browser: &Browser, at: &str) {
    let ring = "const style = getComputedStyle(document.activeElement); return [style.outlineStyle, parseFloat(style.outlineWidth)]";
    let ring = browser.ask(ring).await;
    assert!(ring[0] == "solid" && ring[1].as_f64().unwrap() >= 2.0, "no focus ring around {at}: {ring}");
}

async fn tab_through(browser: &Browser, held: &[char], expected: &[&str]) {
    for name in expected {
        browser.keys(held, Key::Tab.into()).await;
        assert_eq!(focus(browser).await, *name);
        assert_ring(browser, name).await;
    }
}

#[tokio::test]
async fn the_tab_key_goes_through_the_page_in_the_order_in_which_it_is_read() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, DARK] {
            browser.put_on(looks).await;
            browser.open(&pages.link(1)).await;
            let there = ["Deutsch", "code", "Where do I find the code?", "confirm", "decline"];
            tab_through(browser, &[], &there).await;
            let back = ["confirm", "Where do I find the code?", "code", "Deutsch"];
            tab_through(browser, &[Key::Shift.into()], &back).await;
        }
    })
    .await;
}

#[tokio::test]
async fn enter_in_the_field_confirms_and_the_space_bar_presses_buttons() {
    let pages = Pages::new().await;
    story(NO_SCRIPTS, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        tab_through(browser, &[], &["Deutsch", "code"]).await;
        for letter in "BCDF2345".chars() {
            browser.keys(&[], letter).await;
        }
        browser.keys(&[], Key::Enter.into()).await;
        browser.sees("This code does not match this link.").await;
        assert_eq!(focus(browser).await, "code");
        assert_ring(browser, "the field with the wrong code").await;
        // The help opens and closes.
        browser.keys(&[], Key::Tab.into()).await;
        browser.keys(&[], ' ').await;
        browser.sees("in large letters above the link").await;
        browser.keys(&[Key::Shift.into()], Key::Tab.into()).await;
        for letter in pages.code().chars() {
            browser.keys(&[], letter).await;
        }
        browser.keys(&[], Key::Enter.into()).await;
        browser.sees("is confirmed").await;
        assert_eq!(pages.answer(), Some(AnswerKind::Confirmed));
        tab_through(browser, &[], &["Deutsch", "Withdraw the permission"]).await;
        browser.keys(&[], Key::Enter.into()).await;
        browser.sees("Withdraw the permission for").await;
        tab_through(browser, &[], &["Deutsch", "code"]).await;
        for letter in pages.code().chars() {
            browser.keys(&[], letter).await;
        }
        tab_through(browser, &[], &["Where do I find the code?", "withdraw"]).await;
        browser.keys(&[], ' ').await;
        browser.sees("The permission is withdrawn").await;
        assert_eq!(pages.answer(), Some(AnswerKind::Withdrawn));
    })
    .await;
}
