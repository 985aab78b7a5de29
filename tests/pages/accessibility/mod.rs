//! axe-core looks at every page and at the mail: on a desktop and a phone, light and dark, in each language.

mod axe;
pub mod scenes;

use crate::{
    browser::story,
    looks::{DARK, DARK_PHONE, DESKTOP, PHONE},
    mail::{self, mail},
    site::Pages,
};
use axe::Table;
use scenes::SCENES;

#[tokio::test]
async fn on_no_page_does_axe_find_anything_serious() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        let mut table = Table::default();
        for looks in [DESKTOP, DARK, PHONE, DARK_PHONE] {
            browser.put_on(looks).await;
            for language in ["en", "de"] {
                for scene in SCENES {
                    scenes::enter(browser, &pages, scene, language).await;
                    table.add(scene.name(), looks, language, axe::run(browser).await);
                }
            }
        }
        table.print_and_judge(SCENES.len() * 8);
    })
    .await;
}

#[tokio::test]
async fn in_no_mail_does_axe_find_anything_serious() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        let mut table = Table::default();
        for looks in [DESKTOP, DARK, PHONE, DARK_PHONE] {
            browser.put_on(looks).await;
            // With everything: what is left out of others can't be wrong.
            for letter in &mail::variants()[..2] {
                browser.show(&mail(letter)).await;
                table.add("mail", looks, letter.language.tag(), axe::run(browser).await);
            }
        }
        table.print_and_judge(8);
    })
    .await;
}
