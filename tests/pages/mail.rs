//! The mail in a browser, the best case of a mail program.

use sender_operator::mail::{ClaimantName, ConfirmationMail, Language, Templates, confirmation_mail::link_url};
use serde_json::json;

use crate::{
    accessibility::page_cases::note,
    browser::story,
    looks::{DARK, DARK_PHONE, DESKTOP, NARROW, PHONE},
    site::{ADDRESS, ENVIRONMENT, Pages, at},
};

/// The mail of the first attempt.
pub fn message(language: Language, link: &str, code: &str) -> ConfirmationMail {
    ConfirmationMail {
        language,
        address: ADDRESS.to_owned(),
        domain: "shop.example.com".to_owned(),
        claimant: ClaimantName {
            namespace: "web-shop".to_owned(),
            name: "newsletter".to_owned(),
            tenant: Some("marketing".to_owned()),
        },
        environment: ENVIRONMENT.to_owned(),
        company: Some("Acme & Söhne".to_owned()),
        note: Some(note(language.tag()).to_owned()),
        link: link.to_owned(),
        code: Some(code.to_owned()),
        expiry: at(24),
    }
}

/// A complete and a minimal mail in each language.
pub fn variants() -> Vec<ConfirmationMail> {
    let link = format!("https://mail.acme.example/confirm/{}", "Ab3-_".repeat(30));
    let full = Language::ALL.map(|language| message(language, &link, "K7QP-4M2X"));
    let bare = full.clone().map(|message| ConfirmationMail { company: None, note: None, code: None, ..message });
    full.into_iter().chain(bare).collect()
}

/// The HTML part.
pub fn mail(message: &ConfirmationMail) -> String {
    Templates::builtin().unwrap().render(message).unwrap().html
}

#[tokio::test]
async fn a_mail_fits_its_window_and_loads_nothing() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, PHONE, NARROW] {
            browser.put_on(looks).await;
            for message in variants() {
                browser.show(&mail(&message)).await;
                let at = format!("{} at {} pixels", message.language.tag(), looks.width);
                let wide = browser.ask("return [innerWidth, document.scrollingElement.scrollWidth]").await;
                assert_eq!(wide, json!([looks.width, looks.width]), "{at}");
                let button = "const box = document.querySelector('.button a').getBoundingClientRect(); return [box.width, box.height]";
                let button = browser.ask(button).await;
                assert!(button[0].as_f64().unwrap() >= 44.0 && button[1].as_f64().unwrap() >= 44.0, "{at}: {button}");
                let broken = "return [...document.querySelectorAll('p, td')]
                    .filter(at => getComputedStyle(at).wordBreak === 'break-all').length";
                assert_eq!(browser.ask(broken).await, 0, "{at}: words are broken in the middle");
                if message.code.is_some() {
                    let code = "const style = getComputedStyle(document.querySelector('.code')), box = document.createRange();
                        box.selectNodeContents(document.querySelector('.code'));
                        return [parseFloat(style.fontSize), box.getClientRects().length]";
                    let code = browser.ask(code).await;
                    assert!(code[0].as_f64().unwrap() >= 24.0 && code[1] == 1, "{at}: the code is small or broken: {code}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn mail_and_pages_are_dark_in_dark_mode() {
    let pages = Pages::new().await;
    // Brightness of the background and of the text, from 0, black, to 255, white.
    let light = "const grey = colour => { const [r, g, b] = colour.match(/[0-9.]+/g).map(Number); return 0.3 * r + 0.6 * g + 0.1 * b };
        const paper = getComputedStyle(document.querySelector('main, .paper')), text = getComputedStyle(document.querySelector('h1'));
        return [grey(getComputedStyle(document.body).backgroundColor), grey(paper.backgroundColor), grey(text.color)]";
    story(DARK, &pages, async |browser| {
        for (looks, dark) in [(DARK, true), (DARK_PHONE, true), (DESKTOP, false), (PHONE, false)] {
            browser.put_on(looks).await;
            for what in ["mail", "page"] {
                match what {
                    "mail" => browser.show(&mail(&variants()[0])).await,
                    _ => browser.open(&pages.link(1)).await,
                }
                let seen = browser.ask(light).await;
                let [back, paper, text] = [0, 1, 2].map(|index| seen[index].as_f64().unwrap());
                let right = if dark {
                    back < 64.0 && paper < 64.0 && text > 190.0
                } else {
                    back > 190.0 && paper > 190.0 && text < 64.0
                };
                assert!(right, "{what}, {}: {seen}", looks.name);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_button_of_the_mail_leads_to_the_page_on_which_its_code_works() {
    let pages = Pages::new().await;
    let message = message(Language::En, &link_url(&pages.origin, &pages.link(1)), &pages.code());
    story(PHONE, &pages, async |browser| {
        browser.show(&mail(&message)).await;
        let code = browser.ask_text("return document.querySelector('.code').innerText").await;
        // A browser does not let a link of such a document open a window, so read the address from it.
        let link = browser.ask_text("return document.querySelector('.button a').href").await;
        browser.client.goto(&link).await.unwrap();
        browser.answers(&code, "confirm", "is confirmed").await;
    })
    .await;
}
