//! Links that don't ask any more, and those that lead nowhere: each says what to do.

use sender_operator::model::{
    confirmation::AnswerKind,
    link::{KEY_BYTES, LinkKeys, RetiredKey},
};

use crate::{
    browser::story,
    looks::DESKTOP,
    site::{ADDRESS, Pages, at, keys, settings},
};

#[tokio::test]
async fn a_link_ends_after_a_day_also_on_a_page_that_lay_open() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.type_code(&pages.code()).await;
        pages.set(at(24));
        browser.press("confirm").await;
        let text = browser.sees("This link has ended").await;
        assert!(text.contains("ask the team to send the mail again"), "{text}");
        browser.open(&pages.link(1)).await;
        browser.sees("This link has ended").await;
        assert_eq!(browser.ask("return document.forms.length").await, 0);
        assert_eq!((pages.answer(), pages.writes()), (None, 0));
    })
    .await;
}

#[tokio::test]
async fn a_link_of_a_retired_key_confirms_for_a_day_longer() {
    let previous = Some(RetiredKey { key: keys().current, retired: at(2) });
    let rotated = LinkKeys { current: [2; KEY_BYTES], previous, ..keys() };
    let lost = LinkKeys { current: [2; KEY_BYTES], ..keys() };
    for (keys, say, answer) in
        [(rotated, "is confirmed", Some(AnswerKind::Confirmed)), (lost, "This link has ended", None)]
    {
        let pages = Pages::with(settings(), keys, ADDRESS).await;
        story(DESKTOP, &pages, async |browser| {
            pages.set(at(23));
            browser.open(&pages.link(1)).await;
            if answer.is_some() {
                browser.type_code(&pages.code()).await;
                browser.press("confirm").await;
            }
            browser.sees(say).await;
            assert_eq!(pages.answer(), answer);
        })
        .await;
    }
}

#[tokio::test]
async fn an_older_mail_leads_to_the_newer_one() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.type_code(&pages.code()).await;
        pages.is_sent_again();
        browser.press("confirm").await;
        let text = browser.sees("There is a newer mail").await;
        assert!(text.contains(ADDRESS), "{text}");
        browser.open(&pages.link(2)).await;
        browser.sees("May mail be sent as").await;
        assert_eq!((pages.answer(), pages.writes()), (None, 0));
    })
    .await;
}

#[tokio::test]
async fn a_garbled_link_says_what_to_do_and_no_name() {
    let pages = Pages::new().await;
    let link = pages.link(1);
    let cut = &link[..link.len() - 9];
    let forged = format!("{}A", &link[..link.len() - 1]);
    story(DESKTOP, &pages, async |browser| {
        for garbled in [cut, &forged, "x", "%3Cscript%3Ealert(1)%3C/script%3E", "..%2F..%2Fetc", "a/b", ""] {
            browser.open(garbled).await;
            let text = browser.sees("This link leads nowhere").await;
            assert!(text.contains("copy the whole link") && !text.contains(ADDRESS), "{garbled}: {text}");
            assert!(!browser.client.source().await.unwrap().contains("<script"), "{garbled}");
        }
    })
    .await;
}

#[tokio::test]
async fn while_the_cluster_is_away_the_page_says_to_come_back_and_then_works() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        browser.open(&pages.link(1)).await;
        browser.type_code(&pages.code()).await;
        pages.away(true);
        browser.press("confirm").await;
        let text = browser.sees("Please try again in a minute").await;
        assert!(text.contains("Nothing was changed"), "{text}");
        pages.away(false);
        browser.open(&pages.link(1)).await;
        browser.sees("May mail be sent as").await;
        assert_eq!(pages.answer(), None);
    })
    .await;
}
