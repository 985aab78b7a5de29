//! axe-core checks every page and the mail: on a desktop and a phone, light and dark, in each language.

mod axe;
pub mod page_cases;

use crate::{
    browser::story,
    looks::{DARK, DARK_PHONE, DESKTOP, PHONE},
    mail::{self, mail},
    site::Pages,
};
use page_cases::CASES;

#[tokio::test]
async fn axe_finds_nothing_serious_on_any_page() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        let mut serious = Vec::new();
        for looks in [DESKTOP, DARK, PHONE, DARK_PHONE] {
            browser.put_on(looks).await;
            for language in ["en", "de"] {
                for case in CASES {
                    page_cases::enter(browser, &pages, case, language).await;
                    let page = format!("{}, {}, {language}", case.name(), looks.name);
                    serious.extend(axe::run(browser).await.serious(&page));
                }
            }
        }
        assert!(serious.is_empty(), "{}", serious.join("\n\n"));
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_serious_in_any_mail() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        let mut serious = Vec::new();
        for looks in [DESKTOP, DARK, PHONE, DARK_PHONE] {
            browser.put_on(looks).await;
            // The complete variants: the others are subsets of them.
            for letter in &mail::variants()[..2] {
                browser.show(&mail(letter)).await;
                let page = format!("mail, {}, {}", looks.name, letter.language.tag());
                serious.extend(axe::run(browser).await.serious(&page));
            }
        }
        assert!(serious.is_empty(), "{}", serious.join("\n\n"));
    })
    .await;
}
