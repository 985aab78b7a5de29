//! Clicking twice, reloading and going back have no further effect.

use sender_operator::model::confirmation::{AnswerKind, evidence::EvidenceEvent};
use sender_operator_harness::eventually;

use crate::{
    browser::story,
    looks::{DESKTOP, NO_SCRIPTS},
    site::Pages,
};

#[tokio::test]
async fn two_clicks_at_once_are_one_answer() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for (action, answer, event, say) in [
            ("confirm", AnswerKind::Confirmed, EvidenceEvent::Confirmed, "is confirmed"),
            ("decline", AnswerKind::Declined, EvidenceEvent::Declined, "You have declined"),
        ] {
            pages.is_answered(None);
            browser.open(&pages.link(1)).await;
            browser.type_code(&pages.code()).await;
            // The second click comes during the write of the first one. The driver would pause between two clicks of
            // its own. A browser that is too slow to send a form before the next click drops it, so the pauses grow.
            let gate = pages.hold_writes();
            let clicks = format!(
                "const button = document.querySelector('button[value={action}]');
                const click = pause => {{ button.click(); setTimeout(() => click(2 * pause), pause) }};
                click(200)"
            );
            let both = async {
                let twice = async || (pages.writes() >= 2).then_some(()).ok_or(format!("{} writes", pages.writes()));
                let seen = eventually("two submitted forms", twice).await;
                gate.add_permits(100);
                seen.unwrap();
            };
            tokio::join!(browser.ask(&clicks), both);
            let text = browser.sees(say).await;
            assert!(!text.contains("in the meantime"), "{text}");
            assert_eq!(pages.answer(), Some(answer));
            let events: Vec<EvidenceEvent> = pages.kept().into_iter().map(|(event, _)| event).collect();
            assert_eq!(events, [event], "recorded once");
        }
    })
    .await;
}

#[tokio::test]
async fn reloading_going_back_and_pressing_again_do_nothing_more() {
    let pages = Pages::new().await;
    story(DESKTOP, &pages, async |browser| {
        for looks in [DESKTOP, NO_SCRIPTS] {
            browser.put_on(looks).await;
            pages.is_answered(None);
            browser.open(&pages.link(1)).await;
            browser.answers(&pages.code(), "confirm", "is confirmed").await;
            for _ in 0..2 {
                browser.client.refresh().await.unwrap();
                browser.sees("is confirmed").await;
            }
            // Browsers keep the previous page in spite of `no-store`: its button must do no harm.
            browser.client.back().await.unwrap();
            let text = browser.sees("sales@shop.example.com").await;
            if text.contains("Allow email to be sent as") {
                browser.type_code(&pages.code()).await;
                browser.press("confirm").await;
            }
            let text = browser.sees("is confirmed").await;
            assert!(!text.contains("in the meantime"), "{text}");
            assert_eq!((pages.answer(), pages.writes()), (Some(AnswerKind::Confirmed), 1));
            assert_eq!(pages.kept().len(), 1);
        }
    })
    .await;
}
