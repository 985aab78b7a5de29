//! On a phone, nothing overflows the screen, and all targets are large enough to touch.

use serde_json::Value;

use crate::{
    accessibility::page_cases::{self, CASES},
    browser::{Browser, story},
    looks::{Looks, NARROW, PHONE},
    site::Pages,
};

/// Minimum side of a touch target, in CSS pixels (WCAG 2.5.5). Links within a sentence are as high as its lines.
const SMALLEST: f64 = 44.0;
/// Touch targets: a name, its width and its height.
const TARGETS: &str = "return [...document.querySelectorAll('a, button, input, summary')]
    .filter(at => at.getClientRects().length && !(at.matches('a') && getComputedStyle(at).display === 'inline'))
    .map(at => { const box = at.getBoundingClientRect(); return [at.id || at.value || at.textContent.trim(), box.width, box.height] })";
/// Elements that overflow the screen.
const BESIDE: &str = "return [...document.querySelectorAll('body *')]
    .filter(at => { const box = at.getBoundingClientRect(); return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5) })
    .map(at => at.tagName + '.' + at.className)";

async fn assert_fits(browser: &Browser, looks: Looks, case: &str) {
    let at = format!("{case} at {} pixels", looks.width);
    let wide = browser.ask("return [innerWidth, document.scrollingElement.scrollWidth]").await;
    assert_eq!(wide[0], looks.width, "{at}: the page is scaled");
    assert!(wide[1].as_u64().unwrap() <= u64::from(looks.width), "{at}: scrolls sideways: {wide}");
    assert_eq!(browser.ask(BESIDE).await, Value::Array(Vec::new()), "{at}");
    let targets = browser.ask(TARGETS).await;
    let targets = targets.as_array().unwrap();
    assert!(!targets.is_empty(), "{at}: no touch target");
    for target in targets {
        let side = |index: usize| target[index].as_f64().unwrap();
        assert!(side(1) >= SMALLEST && side(2) >= SMALLEST, "{at}: the touch target is too small: {target}");
    }
}

#[tokio::test]
async fn no_page_scrolls_sideways_and_everything_to_touch_is_large_enough() {
    // Long and without a place to break.
    let address = format!("{}@{}.example.com", "w".repeat(64), "m".repeat(60));
    let pages = Pages::new().await;
    pages.is_about(&address);
    story(PHONE, &pages, async |browser| {
        for case in CASES {
            for (looks, language) in [(PHONE, "en"), (NARROW, "de")] {
                browser.put_on(looks).await;
                page_cases::enter(browser, &pages, case, language).await;
                assert_fits(browser, looks, case.name()).await;
            }
        }
    })
    .await;
}
