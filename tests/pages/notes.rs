//! A stranger's note is shown as plain text.

use serde_json::json;

use crate::{
    browser::{Browser, story},
    looks::{DESKTOP, NARROW},
    site::Pages,
};

const MARKUP: &str = "</blockquote><h1>You have won</h1><img src=https://evil.example/x.png onerror=alert(1)>\
    <a href='https://evil.example/login'>log in</a><style>*{display:none}</style><script>alert(2)</script>";
/// Everything on the page that links to or loads from elsewhere.
const FOREIGN: &str = "return [...document.querySelectorAll('[href], [src], [action]')]
    .map(at => at.href || at.src || at.action).filter(url => !url.startsWith(location.origin + '/'))";
/// Active content that a note could inject.
const ACTIVE: &str = "return document.querySelectorAll('script, iframe, object, embed, [onerror], [onclick]').length";

/// Format characters that reverse or hide adjacent text.
fn is_strange(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

async fn assert_only_text(browser: &Browser, note: &str) {
    let shown = browser.ask_text("return document.querySelector('blockquote').innerText").await;
    assert!(!shown.is_empty() && !shown.contains(is_strange), "{shown:?}");
    assert!(shown.chars().count() <= 240, "longer than a truncated note with gaps: {shown}");
    assert_eq!(browser.ask("return document.querySelectorAll('blockquote *').length").await, 1, "a paragraph: {shown}");
    assert_eq!(browser.ask("return document.querySelectorAll('h1').length").await, 1, "{shown}");
    assert_eq!(browser.ask(ACTIVE).await, 0, "{shown}");
    assert_eq!(browser.ask(FOREIGN).await, json!([]), "{shown}");
    // The text contains no address that another program turns into a link after copying.
    assert!(!shown.contains("https://evil.example") && !shown.contains("www.evil.example"), "{shown}");
    let beside = browser.ask("return document.scrollingElement.scrollWidth - innerWidth").await;
    assert!(beside.as_i64().unwrap() <= 0, "{note}: {beside} pixels too wide");
}

#[tokio::test]
async fn a_note_with_markup_links_and_tricks_is_shown_as_plain_text() {
    let pages = Pages::new().await;
    let long_word = "W".repeat(200);
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, NARROW] {
            browser.put_on(looks).await;
            for note in [
                MARKUP,
                "Please log in at https://evil.example/login or www.evil.example today",
                "Invoice \u{202E}gnp.exe\u{202C} \u{2066}hidden\u{2069} \u{200B}\u{0000}\u{1b}[31mred",
                "{{ code }} {% include 'x' %} &lt;b&gt; &#x41;",
                &long_word,
            ] {
                pages.says(note);
                browser.open(&pages.link(1)).await;
                browser.sees("Message from the team:").await;
                assert_only_text(browser, note).await;
            }
        }
    })
    .await;
}
