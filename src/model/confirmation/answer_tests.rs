use super::*;
use crate::model::{
    address::Address,
    claim::{Account, ClaimSubject, Holder},
    confirmation::Attempt,
    holder::DomainTenure,
    link::Link,
    name::Domain,
    tenant::Tenant,
};

const HOUR: i64 = 3600;
const ID: &str = "04040404040404040404040404040404";

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(hours * HOUR).unwrap()
}

fn tenant() -> Tenant {
    "tenant/acme".parse().unwrap()
}

fn domain_tenure() -> DomainTenure {
    DomainTenure { domain: Domain::parse("example.com").unwrap(), tenure_id: "h1".to_owned() }
}

fn verified(attempt: u32, confirms: bool) -> VerifiedLink {
    let link = Link { hash: [0; 20], id: [4; 16], attempt, expiry: at(24) };
    VerifiedLink { link, code: "BCDF-2345".to_owned(), confirms }
}

fn base(subject: ClaimSubject) -> Claim {
    let account = Account { id: String::new(), region: String::new(), owner_id: String::new() };
    let holder = Holder {
        namespace: "mail".to_owned(),
        namespace_uid: "n".to_owned(),
        name: "sales".to_owned(),
        uid: "u".to_owned(),
    };
    Claim {
        state: State::Held,
        tenant: Some(tenant()),
        holder: Some(holder),
        tenure_id: Some("h1".to_owned()),
        ..Claim::new("default", subject, &account)
    }
}

fn suffixes() -> Suffixes {
    let address = Address::parse("sales@example.com").unwrap();
    Suffixes::of(&address, [&base(ClaimSubject { domain: domain_tenure().domain, address: None })])
}

/// A claim whose second attempt was sent.
fn claim(answer: Option<AnswerKind>) -> Claim {
    let address = Address::parse("sales@example.com").unwrap();
    let attempt = Attempt::new(2).begun(at(0)).sent(at(0), at(24));
    let answer = answer.map(|kind| Answer { kind, time: at(1) });
    let request = Request { attempt, answer, ..Request::new(ID.to_owned(), domain_tenure()) };
    let confirmation = Confirmation { request: Some(request), ..Confirmation::default() };
    Claim {
        confirmation: Some(confirmation),
        ..base(ClaimSubject { domain: address.domain().clone(), address: Some(address) })
    }
}

fn changed(change: impl FnOnce(&mut Claim)) -> Claim {
    let mut claim = claim(None);
    change(&mut claim);
    claim
}

fn request(claim: &mut Claim) -> &mut Request {
    claim.confirmation.as_mut().unwrap().request.as_mut().unwrap()
}

#[test]
fn a_page_says_what_is_so_now() {
    let link = verified(2, true);
    let late = verified(2, false);
    for (case, claim, verified, expected) in vec![
        ("asked", Some(claim(None)), &link, ConfirmationPage::Asked),
        ("too late", Some(claim(None)), &late, ConfirmationPage::Expired),
        ("an older mail", Some(claim(None)), &verified(1, true), ConfirmationPage::Superseded),
        ("an older and late one", Some(claim(None)), &verified(1, false), ConfirmationPage::Superseded),
        (
            "an older one, and SES has not taken the newer mail yet",
            Some(changed(|claim| request(claim).attempt = Attempt::new(2).begun(at(1)))),
            &verified(1, true),
            ConfirmationPage::Asked,
        ),
        ("an attempt that never was", Some(claim(None)), &verified(3, true), ConfirmationPage::Superseded),
        ("confirmed", Some(claim(Some(AnswerKind::Confirmed))), &link, ConfirmationPage::Confirmed),
        ("confirmed long ago", Some(claim(Some(AnswerKind::Confirmed))), &late, ConfirmationPage::Confirmed),
        ("approved", Some(claim(Some(AnswerKind::Approved))), &late, ConfirmationPage::Confirmed),
        ("declined", Some(claim(Some(AnswerKind::Declined))), &link, ConfirmationPage::Declined { undo: true }),
        (
            "declined, too late",
            Some(claim(Some(AnswerKind::Declined))),
            &late,
            ConfirmationPage::Declined { undo: false },
        ),
        ("withdrawn", Some(claim(Some(AnswerKind::Withdrawn))), &late, ConfirmationPage::Withdrawn { undo: false }),
        ("no claim", None, &link, ConfirmationPage::Gone),
        ("another request", Some(changed(|claim| request(claim).id = "0".repeat(32))), &link, ConfirmationPage::Gone),
        ("let go", Some(changed(|claim| claim.state = State::Releasing)), &link, ConfirmationPage::Gone),
        (
            "the domain is in other hands",
            Some(changed(|claim| request(claim).domain_tenure.tenure_id = "h0".to_owned())),
            &link,
            ConfirmationPage::Gone,
        ),
    ] {
        assert_eq!(page(claim.as_ref(), &suffixes(), verified), expected, "{case}");
    }
}

fn a_click(act: Act, code: Option<&str>) -> Click<'_> {
    let visitor = Visitor::new("192.0.2.1", "Browser");
    Click { act, code, visitor, decline_time: SignedDuration::from_hours(720), now: at(2) }
}

/// The effect of a click with the right code: the new answer and its page, or the page if nothing changes.
fn effect(
    answer: Option<AnswerKind>,
    verified: &VerifiedLink,
    act: Act,
) -> Result<(Option<AnswerKind>, ConfirmationPage), ConfirmationPage> {
    match click(Some(&claim(answer)), &suffixes(), verified, &a_click(act, Some("bcdf 2345"))) {
        Effect::Write(mut next, page) => Ok((request(&mut next).answer.map(|answer| answer.kind), page)),
        Effect::Nothing(page) => Err(page),
        Effect::WrongCode(page) => panic!("the code is right: {page:?}"),
    }
}

#[test]
fn each_button_does_one_thing_and_a_second_click_nothing() {
    let (link, late) = (verified(2, true), verified(2, false));
    let (yes, no, back) = (Some(AnswerKind::Confirmed), Some(AnswerKind::Declined), Some(AnswerKind::Withdrawn));
    for (case, answer, verified, act, expected) in [
        ("confirm", None, &link, Act::Confirm, Ok((yes, ConfirmationPage::Confirmed))),
        ("confirm twice", yes, &link, Act::Confirm, Err(ConfirmationPage::Confirmed)),
        ("confirm too late", None, &late, Act::Confirm, Err(ConfirmationPage::Expired)),
        ("confirm by an older mail", None, &verified(1, true), Act::Confirm, Err(ConfirmationPage::Superseded)),
        ("decline by an older mail", None, &verified(1, true), Act::Decline, Err(ConfirmationPage::Superseded)),
        ("undo by an older mail", no, &verified(1, true), Act::Undo, Err(ConfirmationPage::Declined { undo: false })),
        (
            "confirm by an older mail what was declined",
            no,
            &verified(1, true),
            Act::Confirm,
            Err(ConfirmationPage::Declined { undo: false }),
        ),
        ("confirm what was declined", no, &link, Act::Confirm, Err(ConfirmationPage::Declined { undo: true })),
        ("decline", None, &link, Act::Decline, Ok((no, ConfirmationPage::Declined { undo: true }))),
        ("decline twice", no, &link, Act::Decline, Err(ConfirmationPage::Declined { undo: true })),
        ("decline what is confirmed", yes, &link, Act::Decline, Err(ConfirmationPage::Confirmed)),
        ("undo", no, &link, Act::Undo, Ok((None, ConfirmationPage::Asked))),
        ("undo too late", no, &late, Act::Undo, Err(ConfirmationPage::Declined { undo: false })),
        ("undo nothing", None, &link, Act::Undo, Err(ConfirmationPage::Asked)),
        ("withdraw", yes, &link, Act::Withdraw, Ok((back, ConfirmationPage::Withdrawn { undo: true }))),
        ("withdraw after years", yes, &late, Act::Withdraw, Ok((back, ConfirmationPage::Withdrawn { undo: false }))),
        (
            "withdraw by an older mail",
            yes,
            &verified(1, false),
            Act::Withdraw,
            Ok((back, ConfirmationPage::Withdrawn { undo: false })),
        ),
        ("withdraw what is not confirmed", None, &link, Act::Withdraw, Err(ConfirmationPage::Asked)),
        ("undo a withdrawal", back, &link, Act::Undo, Ok((None, ConfirmationPage::Asked))),
    ] {
        assert_eq!(effect(answer, verified, act), expected, "{case}");
    }
}

#[test]
fn nothing_changes_without_the_code_of_the_mail() {
    for (answer, act) in [
        (None, Act::Confirm),
        (None, Act::Decline),
        (Some(AnswerKind::Declined), Act::Undo),
        (Some(AnswerKind::Confirmed), Act::Withdraw),
    ] {
        for typed in ["", "x", "BCDF-2346"] {
            let effect = click(Some(&claim(answer)), &suffixes(), &verified(2, true), &a_click(act, Some(typed)));
            assert!(matches!(effect, Effect::WrongCode(_)), "{act:?} {typed:?}: {effect:?}");
        }
        let effect = click(Some(&claim(answer)), &suffixes(), &verified(2, true), &a_click(act, None));
        assert!(matches!(effect, Effect::Write(..)), "{act:?} where none is required: {effect:?}");
    }
}

#[test]
fn a_refusal_blocks_the_tenant_and_undoing_it_does_not() {
    let declined = click(Some(&claim(None)), &suffixes(), &verified(2, true), &a_click(Act::Decline, None));
    let Effect::Write(declined, _) = declined else { panic!("{declined:?}") };
    let kept = declined.confirmation.as_ref().unwrap();
    assert_eq!(kept.declines, [Decline { tenant: tenant(), until_time: at(722) }]);
    let entry = kept.evidence.last().unwrap();
    assert_eq!((entry.event, entry.attempt, entry.time), (EvidenceEvent::Declined, 2, at(2)));
    assert_eq!(entry.visitor.as_ref().unwrap().ip, "192.0.2.1");
    let undone = click(Some(&declined), &suffixes(), &verified(2, true), &a_click(Act::Undo, None));
    let Effect::Write(undone, ConfirmationPage::Asked) = undone else { panic!("{undone:?}") };
    let kept = undone.confirmation.as_ref().unwrap();
    assert!(kept.declines.is_empty() && kept.evidence.len() == 2);
}
