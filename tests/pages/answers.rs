//! The effect of each button, and the page that confirms it.

use sender_operator::model::confirmation::{AnswerKind, evidence::EvidenceEvent};

use crate::{
    browser::story,
    looks::{DESKTOP, NO_SCRIPTS, PHONE},
    site::{ADDRESS, ENVIRONMENT, Pages, at},
};

#[tokio::test]
async fn typing_the_code_and_confirming_shows_that_the_address_is_confirmed() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, PHONE, NO_SCRIPTS] {
            browser.put_on(looks).await;
            pages.is_answered(None);
            browser.open(&pages.link(1)).await;
            let text = browser.sees(&format!("Allow email to be sent as {ADDRESS}?")).await;
            for fact in ["marketing", "namespace web-shop", "resource newsletter", ENVIRONMENT, "Acme & Söhne"] {
                assert!(text.contains(fact), "{fact} is missing: {text}");
            }
            assert_eq!((pages.answer(), pages.writes()), (None, 0), "opening a page changes nothing");
            browser.answers(&pages.code(), "confirm", &format!("{ADDRESS} is confirmed")).await;
            assert_eq!(pages.answer(), Some(AnswerKind::Confirmed), "{}", looks.name);
            let (event, visitor) = pages.kept().pop().unwrap();
            assert_eq!(event, EvidenceEvent::Confirmed);
            assert_eq!((visitor.user_agent.as_str(), visitor.ip.as_str()), ("Browser/1", "127.0.0.1"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_mistaken_decline_is_undone_and_the_page_asks_again() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, NO_SCRIPTS] {
            browser.put_on(looks).await;
            pages.is_answered(None);
            browser.open(&pages.link(1)).await;
            browser.answers(&pages.code(), "decline", "You have declined").await;
            assert_eq!(pages.answer(), Some(AnswerKind::Declined));
            browser.answers(&pages.code(), "undo", "Your answer was undone").await;
            assert_eq!(pages.answer(), None);
            browser.answers(&pages.code(), "confirm", "is confirmed").await;
            assert_eq!(pages.answer(), Some(AnswerKind::Confirmed));
        }
    })
    .await;
}

#[tokio::test]
async fn withdrawing_takes_a_second_step_from_which_one_can_go_back() {
    let pages = Pages::new().await;
    // The link of an old mail never expires for withdrawing.
    pages.set(at(24 * 400));
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, NO_SCRIPTS] {
            browser.put_on(looks).await;
            pages.is_answered(Some(AnswerKind::Confirmed));
            browser.open(&pages.link(1)).await;
            browser.sees("is confirmed").await;
            browser.follow(".aside a").await;
            browser.sees(&format!("Withdraw the permission for {ADDRESS}?")).await;
            browser.follow("a.back").await;
            browser.sees("is confirmed").await;
            assert_eq!((pages.answer(), pages.writes()), (Some(AnswerKind::Confirmed), 0));
            browser.follow(".aside a").await;
            browser.sees("Withdraw the permission for").await;
            browser.answers(&pages.code(), "withdraw", "The permission is withdrawn").await;
            assert_eq!(pages.answer(), Some(AnswerKind::Withdrawn));
        }
    })
    .await;
}
