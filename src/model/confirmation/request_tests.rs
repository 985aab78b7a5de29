use super::*;
use crate::model::{
    confirmation::{Answer, AnswerKind},
    holder::DomainTenure,
    name::Domain,
};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap()
}

fn request() -> Request {
    Request::new(
        "0".repeat(32),
        DomainTenure { domain: Domain::parse("example.com").unwrap(), tenure_id: "h1".to_owned() },
    )
}

fn with(change: impl FnOnce(Attempt) -> Attempt) -> Request {
    let request = request();
    Request { attempt: change(request.attempt.clone()), ..request }
}

fn answered(kind: AnswerKind) -> Request {
    let sent = with(|attempt| attempt.begun(at(0)).sent(at(0), at(24 * 60)));
    Request { answer: Some(Answer { kind, time: at(1) }), ..sent }
}

const DAY: i64 = 24 * 60;

#[test]
fn a_mail_is_sent_once_and_once_more_only_if_nothing_was_heard_of_the_first() {
    let sent = |attempt: Attempt| attempt.begun(at(0)).sent(at(0), at(DAY));
    for (case, request, now, expected) in [
        ("nothing sent", request(), at(0), Due::Send),
        ("just begun", with(|attempt| attempt.begun(at(0))), at(0), Due::Wait(at(1))),
        ("nothing heard for a minute", with(|attempt| attempt.begun(at(0))), at(1), Due::Send),
        ("begun twice", with(|attempt| attempt.begun(at(0)).begun(at(1))), at(1), Due::Wait(at(2))),
        ("nothing heard twice", with(|attempt| attempt.begun(at(0)).begun(at(1))), at(2), Due::Unacknowledged),
        ("refused by SES", with(|attempt| attempt.begun(at(0)).not_sent()), at(0), Due::Send),
        ("the clock was put back", with(|attempt| attempt.begun(at(60))), at(0), Due::Send),
        ("sent", with(sent), at(1), Due::Wait(at(DAY))),
        ("the last second", with(sent), at(DAY) - SignedDuration::from_secs(1), Due::Wait(at(DAY))),
        ("expired", with(sent), at(DAY), Due::Expired),
        (
            "acknowledged late",
            with(|attempt| attempt.begun(at(0)).begun(at(1)).sent(at(2), at(DAY))),
            at(3),
            Due::Wait(at(DAY)),
        ),
    ] {
        assert_eq!(due(&request, None, None, now), expected, "{case}");
    }
}

#[test]
fn what_the_owner_has_answered_ends_the_request() {
    for (kind, expected) in [
        (AnswerKind::Confirmed, Due::Allowed),
        (AnswerKind::Approved, Due::Allowed),
        (AnswerKind::Declined, Due::Declined(None)),
        (AnswerKind::Withdrawn, Due::Declined(None)),
    ] {
        assert_eq!(due(&answered(kind), None, None, at(10 * DAY)), expected, "{kind:?}, also after the link's time");
    }
    assert_eq!(due(&answered(AnswerKind::Declined), None, Some(at(DAY)), at(1)), Due::Declined(Some(at(DAY))));
}

#[test]
fn each_new_value_of_the_annotation_asks_once_more() {
    let sent = with(|attempt| attempt.begun(at(0)).sent(at(0), at(DAY)));
    let Due::Change(second) = due(&sent, Some("a"), None, at(1)) else { panic!("no second attempt") };
    assert_eq!((second.attempt, &second.id), (Attempt::new(2), &sent.id));
    let second = Request { attempt: Attempt::new(2), last_handled_resend: Some("a".to_owned()), ..sent.clone() };
    assert_eq!(due(&second, Some("a"), None, at(1)), Due::Send, "the same value is one wish");
    assert_eq!(due(&second, None, None, at(1)), Due::Send, "taking it away is none");
    assert_eq!(due(&second, Some(""), None, at(1)), Due::Send);
    let Due::Change(anew) = due(&second, Some("b"), None, at(1)) else { panic!("no new beginning") };
    assert_eq!(
        anew.attempt,
        Attempt::new(2),
        "no mail of the second was taken: the first one's link is good until then"
    );
    assert!(anew.accepts(1) && anew.accepts(2));
    let long = "x".repeat(1000);
    let Due::Change(cut) = due(&sent, Some(&long), None, at(1)) else { panic!("no attempt") };
    assert_eq!(due(&cut, Some(&long), None, at(1)), Due::Send, "a long value is one wish too");
}

#[test]
fn asking_anew_bothers_nobody_who_has_said_yes_or_does_not_want_to_be_asked() {
    let Due::Change(echo) = due(&answered(AnswerKind::Confirmed), Some("a"), None, at(1)) else { panic!("no echo") };
    assert_eq!(echo.answer, answered(AnswerKind::Confirmed).answer);
    assert_eq!(due(&echo, Some("a"), None, at(1)), Due::Allowed);
    let declined = answered(AnswerKind::Declined);
    assert_eq!(due(&declined, Some("a"), Some(at(9)), at(1)), Due::Declined(Some(at(9))));
    let Due::Change(again) = due(&declined, Some("a"), None, at(9)) else { panic!("no new attempt") };
    assert_eq!((again.answer, again.attempt.number), (None, 2));
}
