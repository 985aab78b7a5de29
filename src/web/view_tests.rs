use super::*;

fn subject() -> PageSubject {
    PageSubject {
        address: "sales@example.com".to_owned(),
        claimant: ClaimantName {
            namespace: "shop".to_owned(),
            name: "www.evil.example".to_owned(),
            tenant: Some("acme".to_owned()),
        },
        note: Some("see https://evil.example".to_owned()),
        expiry: "2026-11-25T18:05:30Z".parse().unwrap(),
        ended: false,
    }
}

fn frame(company: Option<&str>) -> Frame<'_> {
    Frame { language: Language::En, chosen: false, company, environment: "prod", codes: true }
}

fn request(page: ConfirmationPage) -> PageState {
    PageState::Request { page, subject: subject(), withdrawing: false, code_error: None, flash: None }
}

#[test]
fn words_of_strangers_are_sanitized_on_a_page_too() {
    let view = view(&request(ConfirmationPage::Asked), frame(Some("A<b>")));
    assert_eq!(view.note.as_deref(), Some("see https: / /evil. example"));
    assert!(view.details[0].value_html.contains("www.\u{200b}evil.\u{200b}example"), "{:?}", view.details[0]);
    assert!(view.paragraphs_html[0].contains("<bdi>A&lt;b&gt;</bdi>"), "{:?}", view.paragraphs_html);
}

#[test]
fn with_a_company_its_name_stands_in_the_question_and_without_one_nothing_is_missing() {
    for (company, expected) in [(Some("Acme"), true), (None, false)] {
        let view = view(&request(ConfirmationPage::Asked), frame(company));
        assert_eq!(view.paragraphs_html[0].contains("Acme"), expected);
        assert_eq!(view.allows_html[0].contains("mail system of <bdi>Acme</bdi>"), expected);
        assert!(!view.paragraphs_html[0].contains("<bdi></bdi>") && !view.allows_html[0].contains("<bdi></bdi>"));
    }
}

#[test]
fn a_link_that_was_cut_off_before_its_time_names_no_time_to_come() {
    for (ended, says) in [(true, true), (false, false)] {
        let state = PageState::Request {
            page: ConfirmationPage::Expired,
            subject: PageSubject { ended, ..subject() },
            withdrawing: false,
            code_error: None,
            flash: Some(Flash::Meanwhile),
        };
        let view = view(&state, frame(None));
        assert_eq!(view.paragraphs_html[0].contains("25 November 2026"), says, "{:?}", view.paragraphs_html);
        assert!(view.flash.is_none(), "the page says it itself");
    }
}

#[test]
fn each_page_state_has_its_status_and_says_when_to_come_back() {
    let wait = Duration::from_secs(90);
    for (state, status, retry) in [
        (request(ConfirmationPage::Asked), 200, None),
        (request(ConfirmationPage::Expired), 200, None),
        (PageState::Locked(subject(), wait), 429, Some(wait)),
        (PageState::TooMany(wait), 429, Some(wait)),
        (PageState::NotFound, 404, None),
        (PageState::Unavailable { uncertain: true }, 503, Some(Duration::from_mins(1))),
        (PageState::Misunderstood(StatusCode::METHOD_NOT_ALLOWED), 405, None),
    ] {
        assert_eq!((state.status().as_u16(), state.retry_after()), (status, retry), "{state:?}");
    }
    assert!(view(&PageState::Locked(subject(), wait), frame(None)).paragraphs_html[1].contains("<bdi>2</bdi> minutes"));
}

#[test]
fn a_query_keeps_the_language_only_where_it_was_chosen() {
    let chosen = Frame { chosen: true, language: Language::De, ..frame(None) };
    assert_eq!(query(chosen, &[("step", "withdraw")]), "?lang=de&step=withdraw");
    assert_eq!(query(frame(None), &[("step", "withdraw")]), "?step=withdraw");
    assert_eq!(query(frame(None), &[]), "?");
}
