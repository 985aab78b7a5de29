use super::*;

fn matter() -> Matter {
    Matter {
        address: "sales@example.com".to_owned(),
        asker: Asker {
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

fn request(page: Page) -> Scene {
    Scene::Request { page, matter: matter(), withdrawing: false, trouble: None, remark: None }
}

#[test]
fn words_of_strangers_are_tame_on_a_page_too() {
    let view = view(&request(Page::Asked), frame(Some("A<b>")));
    assert_eq!(view.note.as_deref(), Some("see https: / /evil. example"));
    assert!(view.facts[0].value_html.contains("www.\u{200b}evil.\u{200b}example"), "{:?}", view.facts[0]);
    assert!(view.paragraphs_html[0].contains("<bdi>A&lt;b&gt;</bdi>"), "{:?}", view.paragraphs_html);
}

#[test]
fn with_a_company_its_name_stands_in_the_question_and_without_one_nothing_is_missing() {
    for (company, expected) in [(Some("Acme"), true), (None, false)] {
        let view = view(&request(Page::Asked), frame(company));
        assert_eq!(view.paragraphs_html[0].contains("Acme"), expected);
        assert_eq!(view.allows_html[0].contains("mail system of <bdi>Acme</bdi>"), expected);
        assert!(!view.paragraphs_html[0].contains("<bdi></bdi>") && !view.allows_html[0].contains("<bdi></bdi>"));
    }
}

#[test]
fn a_link_that_was_cut_off_before_its_time_names_no_time_to_come() {
    for (ended, says) in [(true, true), (false, false)] {
        let scene = Scene::Request {
            page: Page::Expired,
            matter: Matter { ended, ..matter() },
            withdrawing: false,
            trouble: None,
            remark: Some(Remark::Meanwhile),
        };
        let view = view(&scene, frame(None));
        assert_eq!(view.paragraphs_html[0].contains("25 November 2026"), says, "{:?}", view.paragraphs_html);
        assert!(view.remark.is_none(), "the page says it itself");
    }
}

#[test]
fn each_scene_has_its_status_and_says_when_to_come_back() {
    let wait = Duration::from_secs(90);
    for (scene, status, retry) in [
        (request(Page::Asked), 200, None),
        (request(Page::Expired), 200, None),
        (Scene::Locked(matter(), wait), 429, Some(wait)),
        (Scene::TooMany(wait), 429, Some(wait)),
        (Scene::NotFound, 404, None),
        (Scene::Trouble { unsure: true }, 503, Some(Duration::from_mins(1))),
        (Scene::Misunderstood(StatusCode::METHOD_NOT_ALLOWED), 405, None),
    ] {
        assert_eq!((scene.status().as_u16(), scene.retry_after()), (status, retry), "{scene:?}");
    }
    assert!(view(&Scene::Locked(matter(), wait), frame(None)).paragraphs_html[1].contains("<bdi>2</bdi> minutes"));
}

#[test]
fn a_query_keeps_the_language_only_where_it_was_chosen() {
    let chosen = Frame { chosen: true, language: Language::De, ..frame(None) };
    assert_eq!(query(chosen, &[("step", "withdraw")]), "?lang=de&step=withdraw");
    assert_eq!(query(frame(None), &[("step", "withdraw")]), "?step=withdraw");
    assert_eq!(query(frame(None), &[]), "?");
}
