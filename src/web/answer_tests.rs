//! The effects of the buttons, including simultaneous clicks and failures of the API server.

use axum::http::{Method, StatusCode};

use super::{
    PageAction, PageEvent, PageOutcome, WebSettings,
    harness::{Fate, Replica, at, code, settings, signed},
};
use crate::{
    cluster::store::StoreError,
    model::{
        claim::{Claim, State},
        confirmation::{Answer, AnswerKind, Attempt, evidence},
    },
};

const CONFIRMED: Option<AnswerKind> = Some(AnswerKind::Confirmed);
const DECLINED: Option<AnswerKind> = Some(AnswerKind::Declined);
const WITHDRAWN: Option<AnswerKind> = Some(AnswerKind::Withdrawn);

fn start(answer: Option<AnswerKind>) -> Replica {
    answer.map_or_else(Replica::new, Replica::answered)
}

/// A concurrent answer.
fn says(kind: AnswerKind) -> Fate {
    Fate::After(Box::new(move |claim: &mut Claim| {
        claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().answer = Some(Answer { kind, time: at(1) });
    }))
}

#[tokio::test]
async fn each_button_writes_once_however_often_it_is_pressed_and_leads_to_a_page_that_says_what_is_written() {
    for (before, action, after, event, say) in [
        (None, "confirm", CONFIRMED, evidence::EvidenceEvent::Confirmed, "is confirmed"),
        (None, "decline", DECLINED, evidence::EvidenceEvent::Declined, "You have declined"),
        (DECLINED, "undo", None, evidence::EvidenceEvent::Undone, "Your answer was undone"),
        (CONFIRMED, "withdraw", WITHDRAWN, evidence::EvidenceEvent::Withdrawn, "The permission is withdrawn"),
        (WITHDRAWN, "undo", None, evidence::EvidenceEvent::Undone, "Allow email to be sent as"),
    ] {
        let replica = start(before);
        let answer = replica.press(action, &code().to_lowercase().replace('-', " ")).await;
        assert_eq!(replica.cluster.answer(), after, "{action}");
        assert!(answer.body.is_empty() && answer.header("location").starts_with(&signed(1)), "{action}: {answer:?}");
        let page = replica.follow(&answer).await;
        assert!(page.text().contains(say), "{action}: {}", page.text());
        assert!(!page.text().contains("in the meantime"), "{action}");
        assert_eq!(replica.writes(), 1, "{action}");
        let kept = replica.cluster.claim_now().confirmation.unwrap().evidence.pop().unwrap();
        let visitor = kept.visitor.unwrap();
        assert_eq!((kept.event, kept.time, kept.attempt), (event, at(1), 1));
        assert_eq!((visitor.ip.as_str(), visitor.user_agent.as_str()), ("203.0.113.7", "Browser/1"));

        // Reloading, double clicks and the back button change nothing more.
        for _ in 0..2 {
            let answer = replica.press(action, &code()).await;
            let page = replica.follow(&answer).await;
            assert!(
                page.status == StatusCode::OK && !page.text().contains("in the meantime"),
                "{action}: {}",
                page.text()
            );
        }
        assert_eq!((replica.cluster.answer(), replica.writes()), (after, 1), "{action}");
        let mut outcomes: Vec<PageOutcome> = replica.events.lock().unwrap().iter().map(|event| event.outcome).collect();
        outcomes.retain(|outcome| *outcome != PageOutcome::Shown);
        assert_eq!(outcomes, [PageOutcome::Changed, PageOutcome::Unchanged, PageOutcome::Unchanged], "{action}");
    }
}

#[tokio::test]
async fn without_the_code_of_the_mail_nothing_happens_and_the_field_says_why() {
    for (before, action, typed, say) in [
        (None, "confirm", "", "Enter the code from the email."),
        (None, "confirm", "  ", "Enter the code from the email."),
        (None, "confirm", "BCDF-2345", "This code does not match this link."),
        (None, "decline", "%3Cscript%3E", "This code does not match this link."),
        (DECLINED, "undo", "BCDF-2345", "This code does not match this link."),
        (WITHDRAWN, "undo", "", "Enter the code from the email."),
        (CONFIRMED, "withdraw", "BCDF-2345", "This code does not match this link."),
    ] {
        let replica = start(before);
        let page = replica.press(action, typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{action}");
        assert!(page.text().contains(say), "{action}: {}", page.text());
        for mark in [
            "<title>Error: ",
            "aria-invalid=\"true\" autofocus",
            "aria-describedby=\"code-error code-hint\"",
            "id=\"code-error\"",
            "href=\"#code\"",
        ] {
            assert!(page.body.contains(mark), "{action}: {mark}");
        }
        let button = format!("value=\"{action}\"");
        assert!(page.body.contains(&button) && !page.body.contains("<script"), "{action}: the same step again");
        assert_eq!((replica.cluster.answer(), replica.writes()), (before, 0), "{action}");
        assert_eq!(replica.events.lock().unwrap()[0].outcome, PageOutcome::WrongCode);
    }
    let without = Replica::with(WebSettings { code_required: false, ..settings() });
    without.press("confirm", "").await;
    assert_eq!(without.cluster.answer(), CONFIRMED, "where none is required");
}

#[tokio::test(start_paused = true)]
async fn who_tries_codes_is_told_to_wait_and_not_which_one_is_right() {
    let replica = Replica::new();
    for _ in 0..3 {
        assert_eq!(replica.press("confirm", "").await.status, StatusCode::UNPROCESSABLE_ENTITY, "costs no try");
    }
    for _ in 0..9 {
        assert_eq!(replica.press("confirm", "BCDF-2345").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for typed in ["BCDF-2345", "BCDF-2345", &code()] {
        let page = replica.press("confirm", typed).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{typed}");
        assert!(
            page.text().contains("Too many wrong codes") && page.text().contains("in 6 minutes"),
            "{}",
            page.text()
        );
        assert_eq!(page.header("retry-after"), "360");
    }
    let page = replica.get(&signed(1)).await;
    assert!(page.status == StatusCode::TOO_MANY_REQUESTS && !page.body.contains("<form"), "{}", page.text());
    assert_eq!((replica.cluster.answer(), replica.writes()), (None, 0));
    // The link of another mail is not locked, and this one not for long.
    replica.changed(|claim| {
        let attempt = Attempt::new(2).begun(at(0));
        claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().attempt = attempt;
    });
    assert_eq!(replica.get(&signed(2)).await.status, StatusCode::OK);
    tokio::time::advance(std::time::Duration::from_mins(6)).await;
    assert_eq!(replica.press("confirm", &code()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(replica.cluster.answer(), CONFIRMED);
}

#[tokio::test]
async fn a_write_that_loses_a_race_is_done_anew_on_the_fresh_record() {
    let replica = Replica::new();
    // The controller writes something unrelated to the answer.
    for _ in 0..3 {
        replica.cluster.next_write(Fate::After(Box::new(|claim| claim.barred_tenant = claim.tenant.clone())));
    }
    let answer = replica.press("confirm", &code()).await;
    assert!(replica.follow(&answer).await.text().contains("is confirmed"));
    let claim = replica.cluster.claim_now();
    assert!(claim.barred_tenant.is_some(), "what was written in between is kept");
    assert_eq!((replica.cluster.answer(), replica.writes()), (CONFIRMED, 4));
}

#[tokio::test]
async fn of_confirm_and_decline_at_the_same_moment_one_wins_and_the_other_page_says_what_is_true() {
    for (mine, theirs, say) in
        [("confirm", AnswerKind::Declined, "You have declined"), ("decline", AnswerKind::Confirmed, "is confirmed")]
    {
        let replica = Replica::new();
        replica.cluster.next_write(says(theirs));
        let answer = replica.press(mine, &code()).await;
        let page = replica.follow(&answer).await;
        assert!(page.text().contains(say) && page.text().contains("in the meantime"), "{mine}: {}", page.text());
        assert_eq!((replica.cluster.answer(), replica.writes()), (Some(theirs), 1));
        assert_eq!(replica.events.lock().unwrap()[0].outcome, PageOutcome::Unchanged);
    }
}

#[tokio::test]
async fn a_page_says_confirmed_only_when_it_is_written() {
    let unavailable = || Fate::Fails(StoreError::Unavailable);
    let denied = || Fate::Fails(StoreError::Denied("no".to_owned()));
    let failing = |fate: &dyn Fn() -> Fate| (0..9).map(|_| fate()).collect::<Vec<_>>();
    let conflict = || Fate::Fails(StoreError::Conflict);
    let unknown = "We do not know whether your answer was saved";
    let unchanged = "Nothing was changed";
    for (case, fates, status, say, after) in [
        ("the answer was lost", vec![Fate::AnswerLost], StatusCode::SEE_OTHER, "", CONFIRMED),
        ("one try failed", vec![unavailable()], StatusCode::SEE_OTHER, "", CONFIRMED),
        ("no try came through", failing(&unavailable), StatusCode::SERVICE_UNAVAILABLE, unknown, None),
        ("not allowed", failing(&denied), StatusCode::SERVICE_UNAVAILABLE, unchanged, None),
        ("every race was lost", failing(&conflict), StatusCode::SERVICE_UNAVAILABLE, unchanged, None),
        ("lost, then not allowed", vec![unavailable(), denied()], StatusCode::SERVICE_UNAVAILABLE, unknown, None),
    ] {
        let replica = Replica::new();
        for fate in fates {
            replica.cluster.next_write(fate);
        }
        let page = replica.press("confirm", &code()).await;
        assert_eq!(page.status, status, "{case}");
        assert!(page.text().contains(say) && !page.text().contains("is confirmed"), "{case}: {}", page.text());
        assert_eq!(replica.cluster.answer(), after, "{case}");
        if status == StatusCode::SEE_OTHER {
            assert!(replica.follow(&page).await.text().contains("is confirmed"), "{case}");
        }
    }
    let replica = Replica::new();
    *replica.cluster.away.lock().unwrap() = Some(StoreError::Unavailable);
    let page = replica.press("confirm", &code()).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains(unchanged) && !page.text().contains(unknown), "{}", page.text());
}

#[tokio::test]
async fn a_click_counts_until_the_last_second_and_later_changes_nothing() {
    let last = at(24) - jiff::SignedDuration::from_secs(1);
    for (time, after, say) in [(last, CONFIRMED, "is confirmed"), (at(24), None, "This link has expired")] {
        let replica = Replica::new();
        replica.set(time);
        let answer = replica.press("confirm", &code()).await;
        let page = replica.follow(&answer).await;
        assert!(page.text().contains(say) && !page.text().contains("in the meantime"), "{}", page.text());
        assert_eq!(replica.cluster.answer(), after);
    }
}

#[tokio::test]
async fn a_button_of_a_page_that_lay_open_too_long_says_how_it_stands() {
    let newer = |claim: &mut Claim| {
        let attempt = Attempt::new(2).begun(at(0)).sent(at(0), at(24));
        claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().attempt = attempt;
    };
    let gone = |claim: &mut Claim| claim.state = State::Released;
    for (case, before, action, change, say) in [
        ("withdrawn what was never given", None, "withdraw", None, "Allow email to be sent as"),
        ("confirmed what was declined", DECLINED, "confirm", None, "You have declined"),
        ("declined what is confirmed", CONFIRMED, "decline", None, "is confirmed"),
        ("a newer mail was sent", None, "confirm", Some(newer as fn(&mut Claim)), "There is a newer email"),
        ("the request is gone", None, "confirm", Some(gone), "This link is not valid"),
    ] {
        let replica = start(before);
        if let Some(change) = change {
            replica.changed(change);
        }
        let answer = replica.press(action, &code()).await;
        let page = if answer.body.is_empty() { replica.follow(&answer).await } else { answer };
        assert!(page.text().contains(say), "{case}: {}", page.text());
        assert_eq!(page.text().contains("in the meantime"), change.is_none(), "{case}");
        assert_eq!(replica.writes(), 0, "{case}");
    }
}

#[tokio::test]
async fn the_chosen_language_stays_through_an_answer() {
    let replica = Replica::new();
    let answer = replica.press_at(&format!("{}?lang=de", signed(1)), "decline", &code()).await;
    assert!(answer.header("location").contains("lang=de"), "{answer:?}");
    assert!(replica.follow(&answer).await.text().contains("Sie haben abgelehnt"));
}

#[tokio::test]
async fn who_counts_learns_what_each_button_did() {
    let replica = Replica::new();
    for (action, typed) in [("confirm", "x"), ("confirm", &*code()), ("decline", &*code())] {
        replica.press(action, typed).await;
    }
    replica.press_at("junk", "undo", "").await;
    let expected = [
        (PageAction::Confirm, PageOutcome::WrongCode),
        (PageAction::Confirm, PageOutcome::Changed),
        (PageAction::Decline, PageOutcome::Unchanged),
        (PageAction::Undo, PageOutcome::NotFound),
    ];
    let events = replica.events.lock().unwrap().clone();
    assert_eq!(events, expected.map(|(action, outcome)| PageEvent { action, outcome }));
    assert!(expected.iter().all(|(action, outcome)| !action.as_str().is_empty() && !outcome.as_str().is_empty()));
    assert_eq!(replica.ask(Method::PUT, "/confirm/x", &[], "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}
