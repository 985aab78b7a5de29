//! The page of a link, and that opening it changes nothing.

use axum::http::{Method, StatusCode};

use super::{
    PageAction, PageEvent, PageOutcome, RequestDetails,
    harness::{ADDRESS, Replica, address_claim, at, claim_of_address, domain_claim, keys, link, settings, signed},
};
use crate::{
    cluster::store::StoreError,
    mail::Language,
    model::{
        claim::{State, claim_name},
        confirmation::{AnswerKind, Attempt},
        link::Link,
        name::Domain,
    },
};

/// A name, a replica, the suffix of the link, the status, the required text in both languages, and the buttons.
type Row = (&'static str, Replica, &'static str, StatusCode, [&'static str; 2], &'static [&'static str]);

fn superseded(replica: &Replica) {
    replica.changed(|claim| {
        let attempt = Attempt::new(2).begun(at(0)).sent(at(0), at(24));
        claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().attempt = attempt;
    });
}

fn with(change: impl Fn(&Replica)) -> Replica {
    let replica = Replica::new();
    change(&replica);
    replica
}

/// A claim with this answer, after the link's expiry.
fn late(answer: Option<AnswerKind>) -> Replica {
    with(|replica| {
        replica.cluster.put(&claim_of_address(), address_claim(answer));
        replica.set(at(24));
    })
}

fn rows() -> Vec<Row> {
    let now = Replica::answered;
    let (confirmed, declined, withdrawn) = (AnswerKind::Confirmed, AnswerKind::Declined, AnswerKind::Withdrawn);
    let gone = with(|replica| replica.changed(|claim| claim.state = State::Releasing));
    let away = with(|replica| *replica.cluster.away.lock().unwrap() = Some(StoreError::Unavailable));
    let (step, none): (_, &[&str]) = ("?step=withdraw", &[]);
    let (ok, both): (_, &[&str]) = (StatusCode::OK, &["confirm", "decline"]);
    let ask = ["Allow email to be sent as", "Darf von"];
    let yes = ["is confirmed", "ist bestätigt"];
    let no = ["You have declined", "Sie haben abgelehnt"];
    let back = ["is withdrawn", "ist widerrufen"];
    let sure = ["Withdraw the permission for", "widerrufen?"];
    let unchanged = ["Nothing was changed", "Es wurde nichts geändert"];
    vec![
        ("asked", Replica::new(), "", ok, ask, both),
        ("expired", late(None), "", ok, ["ask the team to send the email again", "abgelaufen"], none),
        ("superseded", with(superseded), "", ok, ["There is a newer email", "neuere E-Mail"], none),
        ("confirmed", now(confirmed), "", ok, yes, none),
        ("confirmed long ago", late(Some(confirmed)), "", ok, yes, none),
        ("approved", now(AnswerKind::Approved), "", ok, yes, none),
        ("withdrawing", late(Some(confirmed)), step, ok, sure, &["withdraw"]),
        ("withdrawing what was not given", Replica::new(), step, ok, ask, both),
        ("declined", now(declined), "", ok, no, &["undo"]),
        ("declined, too late to undo", late(Some(declined)), "", ok, no, none),
        ("withdrawn", now(withdrawn), "", ok, back, &["undo"]),
        ("withdrawn long ago", late(Some(withdrawn)), "", ok, back, none),
        ("gone", gone, "", StatusCode::NOT_FOUND, ["copy the whole link", "Dieser Link ist ungültig"], none),
        ("the API server is away", away, "", StatusCode::SERVICE_UNAVAILABLE, unchanged, none),
    ]
}

/// The values of the buttons.
fn buttons(html: &str) -> Vec<&str> {
    html.split("name=\"action\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn every_state_of_a_link_has_its_page_in_every_language_and_opening_it_changes_nothing() {
    for (case, replica, step, status, says, expected) in rows() {
        for (language, say) in Language::ALL.into_iter().zip(says) {
            let path = format!("/confirm/{}{step}", signed(1));
            let page = replica.ask(Method::GET, &path, &[("accept-language", language.tag())], "").await;
            assert_eq!(page.status, status, "{case}");
            assert!(page.text().contains(say), "{case} in {language:?}: {}", page.text());
            assert!(page.body.contains(&format!("<html lang=\"{}\"", language.tag())), "{case}");
            assert_eq!(buttons(&page.body), expected, "{case}");
            assert_eq!(page.body.contains("id=\"code\""), !expected.is_empty(), "{case}: each button needs the code");
            assert_eq!(page.text().contains(ADDRESS), status == StatusCode::OK, "{case}");
            let head = replica.ask(Method::HEAD, &path, &[], "").await;
            assert!(head.status == status && head.body.is_empty(), "{case}");
        }
        assert_eq!(replica.writes(), 0, "{case}");
    }
}

#[tokio::test]
async fn the_question_says_who_asks_for_what_until_when_and_what_a_yes_means() {
    let replica = Replica::with(super::WebSettings { company: Some("Acme & Söhne".to_owned()), ..settings() });
    let note = Some("For the shop, see www.evil.example <b>now</b>".to_owned());
    replica.cluster.has_details(RequestDetails { note, locale: None });
    let page = replica.get(&signed(1)).await;
    let text = page.text();
    for say in [
        "Allow email to be sent as sales@shop.example.com?",
        "through the mail system of Acme & Söhne",
        "marketing (namespace web-shop, resource newsletter)",
        "Environment prod",
        "Answer by 19 November 2026, 18:00 UTC",
        "For the shop, see www. evil. example <b>now</b>",
        "We did not write or check this message.",
        "No one gets access to your mailbox or reads anything in it.",
        "You can withdraw the permission at any time",
        "If you do nothing, nothing changes",
        "Where do I find the code?",
        "Opening this page changes nothing",
    ] {
        assert!(text.contains(say), "{say} is missing: {text}");
    }
    assert!(page.body.contains("datetime=\"2026-11-19T18:00:00Z\"") && !page.body.contains("<b>now"));
    let confirmed = Replica::answered(AnswerKind::Confirmed).get(&signed(1)).await.text();
    assert!(confirmed.contains("Allowed to send marketing (namespace web-shop, resource newsletter)"), "{confirmed}");
    // The claimant's note appears only beside the request, where it is marked as a quotation.
    let answered = Replica::answered(AnswerKind::Confirmed);
    answered.cluster.has_details(RequestDetails { note: Some("a note".to_owned()), locale: None });
    assert!(!answered.get(&signed(1)).await.text().contains("a note"));
}

#[tokio::test]
async fn a_tenant_without_a_label_is_shown_by_its_namespace() {
    let replica = Replica::new();
    replica.changed(|claim| claim.tenant = Some("namespace/web-shop/1".parse().unwrap()));
    assert!(replica.get(&signed(1)).await.text().contains("Namespace web-shop, resource newsletter"));
}

#[tokio::test]
async fn the_language_is_what_was_chosen_else_the_browsers_else_the_requests_else_english() {
    for (query, accept, locale, expected) in [
        ("", "", None, "en"),
        ("", "", Some(Language::De), "de"),
        ("", "fr", Some(Language::De), "de"),
        ("", "*", Some(Language::De), "de"),
        ("", "fr", None, "en"),
        ("", "en", Some(Language::De), "en"),
        ("", "de-AT, en;q=0.5", None, "de"),
        ("?lang=de", "en", Some(Language::En), "de"),
        ("?lang=en", "de", Some(Language::De), "en"),
        ("?lang=xx", "de", None, "de"),
        ("?step=withdraw&lang=de", "", None, "de"),
    ] {
        let replica = Replica::new();
        replica.cluster.has_details(RequestDetails { note: None, locale });
        let path = format!("/confirm/{}{query}", signed(1));
        let page = replica.ask(Method::GET, &path, &[("accept-language", accept)], "").await;
        let case = format!("{query} {accept} {locale:?}");
        assert!(page.body.contains(&format!("<html lang=\"{expected}\"")), "{case}");
        for other in ["?lang=de", "?lang=en"] {
            let current = other.ends_with(expected);
            assert_eq!(page.body.contains(&format!("href=\"{other}")), !current, "{case}: the other one can be chosen");
        }
    }
    // A selected language persists through the steps.
    let replica = Replica::answered(AnswerKind::Confirmed);
    let page = replica.get(&format!("{}?lang=de", signed(1))).await;
    assert!(page.body.contains("href=\"?lang=de&amp;step=withdraw\""), "{}", page.body);
    let page = replica.get(&format!("{}?lang=de&step=withdraw", signed(1))).await;
    assert!(page.body.contains("href=\"?lang=en&amp;step=withdraw\"") && page.body.contains("href=\"?lang=de\""));
}

#[tokio::test]
async fn nobody_can_tell_a_link_that_never_was_from_one_whose_request_is_gone() {
    let gone = Replica::new();
    gone.changed(|claim| claim.confirmation = None);
    let page = gone.get(&signed(1)).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let replica = Replica::new();
    let of_another_request = keys().sign("prod", &Link { id: [5; 16], ..link(1) });
    let of_another_address = keys().sign("prod", &Link { hash: [7; 20], ..link(1) });
    let of_another_release = keys().sign("test", &link(1));
    let mut forged = signed(1);
    forged.replace_range(10..11, if &forged[10..11] == "A" { "B" } else { "A" });
    for link in [
        &of_another_request,
        &of_another_address,
        &of_another_release,
        &forged,
        "x",
        "%00%ff",
        "..%2f..",
        &"A".repeat(5000),
    ] {
        let other = replica.get(link).await;
        assert_eq!((other.status, &other.body), (page.status, &page.body), "{link}");
        assert_eq!(other.headers, page.headers, "{link}");
    }
    for path in ["/", "/confirm", "/confirm/", "/confirm/a/b", "/metrics"] {
        let other = replica.ask(Method::GET, path, &[], "").await;
        assert_eq!((other.status, &other.body), (page.status, &page.body), "{path}");
    }
}

#[tokio::test]
async fn a_flood_of_junk_links_reads_nothing() {
    let replica = Replica::new();
    let good = signed(1);
    for n in 0..10_000_usize {
        // Bytes covered by the MACs, and the last MAC.
        let at = if n % 2 == 0 { n % 60 } else { 90 + n % 17 };
        let mut junk = good.clone();
        junk.replace_range(at..=at, if &junk[at..=at] == "x" { "y" } else { "x" });
        let junk = if n % 5 == 0 { format!("{n:0108}") } else { junk };
        let answer = match n % 3 {
            0 => replica.get(&junk).await,
            1 => replica.ask(Method::HEAD, &format!("/confirm/{junk}"), &[], "").await,
            _ => replica.press_at(&junk, "confirm", "BCDF-2345").await,
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{junk}");
    }
    assert_eq!((replica.reads(), replica.writes()), (0, 0));
}

#[tokio::test]
async fn what_is_read_is_the_claim_the_domains_up_to_the_one_it_rests_on_and_the_request() {
    let replica = Replica::new();
    replica.get(&signed(1)).await;
    assert_eq!(replica.reads(), 4, "claim, shop.example.com, example.com, the asking resource");
    let other = Replica::answered(AnswerKind::Confirmed);
    other.ask(Method::GET, &format!("/confirm/{}", signed(1)), &[("accept-language", "en")], "").await;
    assert_eq!(other.reads(), 3, "nothing of the request is shown");
    let nearer = Replica::new();
    let name = claim_name("prod", &Domain::parse("shop.example.com").unwrap());
    nearer.cluster.put(&name, domain_claim("shop.example.com"));
    nearer.changed(|claim| {
        let domain = Domain::parse("shop.example.com").unwrap();
        claim.confirmation.as_mut().unwrap().request.as_mut().unwrap().domain_tenure.domain = domain;
    });
    assert!(nearer.get(&signed(1)).await.text().contains("Allow email to be sent as"));
    assert_eq!(nearer.reads(), 3, "what lies above the domain that it rests on says nothing");
    let another = keys().sign("prod", &Link { id: [5; 16], ..link(1) });
    assert_eq!(nearer.get(&another).await.status, StatusCode::NOT_FOUND);
    assert_eq!(nearer.reads(), 4, "of another request's link, only the claim is read");
}

#[tokio::test]
async fn the_question_is_asked_also_where_the_request_can_not_be_read() {
    let replica = Replica::new();
    *replica.cluster.no_details.lock().unwrap() = true;
    let page = replica.get(&signed(1)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("marketing (namespace web-shop, resource newsletter)"));
}

#[tokio::test]
async fn who_counts_learns_what_was_shown_and_nothing_of_whom() {
    let replica = Replica::new();
    replica.get(&signed(1)).await;
    replica.get("junk").await;
    *replica.cluster.away.lock().unwrap() = Some(StoreError::Unavailable);
    let away = replica.get(&signed(1)).await;
    assert_eq!(away.header("retry-after"), "60");
    let outcomes = [PageOutcome::Shown, PageOutcome::NotFound, PageOutcome::Unavailable];
    let expected = outcomes.map(|outcome| PageEvent { action: PageAction::View, outcome });
    assert_eq!(*replica.events.lock().unwrap(), expected);
}
