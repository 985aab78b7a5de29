//! Wrong codes: reported at the field, and corrected there.

use sender_operator::model::confirmation::AnswerKind;

use crate::{
    browser::{Browser, story},
    looks::{DESKTOP, NARROW, NO_SCRIPTS},
    site::Pages,
};

const WRONG: &str = "BCDF-2345";

/// The focus is in the field. The message is beside it, and screen readers announce it with the field.
async fn assert_field_is_pointed_at(browser: &Browser) {
    let field = "const field = document.getElementById('code'), said = document.getElementById('code-error');";
    assert_eq!(browser.ask_text("return document.activeElement.id").await, "code", "the focus");
    let described = format!("{field} return field.getAttribute('aria-describedby').split(' ').includes(said.id)");
    assert_eq!(browser.ask(&described).await, true);
    let gap = format!("{field} return field.getBoundingClientRect().top - said.getBoundingClientRect().bottom");
    let gap = browser.ask(&gap).await.as_f64().unwrap();
    assert!((0.0..24.0).contains(&gap), "the error is {gap} pixels above the field");
    let seen =
        format!("{field} const box = field.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight");
    assert_eq!(browser.ask(&seen).await, true, "the field is in view");
    assert!(browser.client.title().await.unwrap().starts_with("Error: "));
}

#[tokio::test]
async fn a_wrong_code_is_reported_beside_the_field_and_the_right_one_works_afterwards() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, NARROW, NO_SCRIPTS] {
            browser.put_on(looks).await;
            for (action, answer, say) in [
                ("confirm", AnswerKind::Confirmed, "is confirmed"),
                ("decline", AnswerKind::Declined, "You have declined"),
            ] {
                pages.is_answered(None);
                browser.open(&pages.link(1)).await;
                browser.answers(WRONG, action, "This code does not match this link.").await;
                assert_field_is_pointed_at(browser).await;
                if action == "confirm" && looks.name == NARROW.name {
                    // The request is repeated: it counts towards the link's limit of wrong codes.
                    browser.client.refresh().await.unwrap();
                    browser.sees("This code does not match this link.").await;
                }
                browser.click(".summary a").await;
                assert_eq!(
                    browser.ask_text("return document.activeElement.id").await,
                    "code",
                    "the target of the summary"
                );
                assert_eq!((pages.answer(), pages.writes()), (None, 0));
                // As people type: small letters, a space instead of the hyphen.
                browser.answers(&pages.code().to_lowercase().replace('-', " "), action, say).await;
                assert_eq!(pages.answer(), Some(answer), "{}", looks.name);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_field_is_noticed_before_sending_and_blanks_get_a_message() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.click("button[value=confirm]").await;
        assert_eq!(browser.ask("return document.getElementById('code').validity.valueMissing").await, true);
        assert_eq!(browser.ask_text("return document.activeElement.id").await, "code");
        browser.answers("  ", "confirm", "Enter the code from the email.").await;
        assert_field_is_pointed_at(browser).await;
        assert_eq!(pages.writes(), 0);
    })
    .await;
}
