use super::*;

const LIMITS: MailLimits = MailLimits { address: 3, tenant: 4, domain: 5, all: 6 };

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap()
}

fn tenant(name: &str) -> Tenant {
    format!("tenant/{name}").parse().unwrap()
}

fn mails(of: &str, minutes: impl IntoIterator<Item = i64>) -> Vec<RecordedMail> {
    minutes.into_iter().map(|minute| RecordedMail { tenant: tenant(of), time: at(minute) }).collect()
}

/// The mails that `acme` may send to `example.com` at minute 30.
#[allow(clippy::unwrap_in_result, reason = "the result is what the test compares")]
fn room(own: &[RecordedMail], others: &[(&str, Vec<RecordedMail>)]) -> Result<(), (Limit, Timestamp)> {
    let example = Domain::parse("example.com").unwrap();
    let others: Vec<(Domain, RecordedMail)> = others
        .iter()
        .flat_map(|(domain, mails)| mails.iter().map(|mail| (Domain::parse(domain).unwrap(), mail.clone())))
        .collect();
    let own_counted = own.iter().map(|mail| Counted { domain: &example, mail });
    let all = own_counted.chain(others.iter().map(|(domain, mail)| Counted { domain, mail }));
    LIMITS.room(&tenant("acme"), &example, own, &all, at(30))
}

#[test]
fn each_limit_holds_by_itself_and_says_until_when() {
    let day = 24 * 60;
    for (case, own, others, expected) in [
        ("nothing yet", vec![], vec![], Ok(())),
        ("two of a day", mails("acme", [0, 1]), vec![], Ok(())),
        ("three of a day", mails("acme", [0, 1, 2]), vec![], Err((Limit::Address, at(day)))),
        ("three of a day, whoever asked", mails("rival", [0, 1, 2]), vec![], Err((Limit::Address, at(day)))),
        ("the first of them is a day old", mails("acme", [30 - day, 1, 2]), vec![], Ok(())),
        ("three of the tenant", vec![], vec![("a.org", mails("acme", [1, 2, 3]))], Ok(())),
        ("four of the tenant", vec![], vec![("a.org", mails("acme", [1, 2, 3, 4]))], Err((Limit::Tenant, at(61)))),
        ("six of the tenant", vec![], vec![("a.org", mails("acme", 1..7))], Err((Limit::Tenant, at(63)))),
        ("four of another tenant", vec![], vec![("a.org", mails("rival", [1, 2, 3, 4]))], Ok(())),
        ("four, one an hour ago", vec![], vec![("a.org", mails("acme", [-30, 2, 3, 4]))], Ok(())),
        ("five to the domain", vec![], vec![("example.com", mails("rival", 1..6))], Err((Limit::Domain, at(61)))),
        ("five to another domain", vec![], vec![("a.org", mails("rival", 1..6))], Ok(())),
        ("six reserved for later", vec![], vec![("a.org", mails("rival", 200..206))], Ok(())),
        ("six reserved within the hour", vec![], vec![("a.org", mails("rival", 60..66))], Err((Limit::All, at(120)))),
        ("six in all", vec![], vec![("a.org", mails("rival", 1..7))], Err((Limit::All, at(61)))),
    ] {
        assert_eq!(room(&own, &others), expected, "{case}");
    }
    let nobody = MailLimits { tenant: 0, ..LIMITS };
    let example = Domain::parse("example.com").unwrap();
    let none = nobody.room(&tenant("acme"), &example, &[], &std::iter::empty(), at(0));
    assert_eq!(none, Err((Limit::Tenant, Timestamp::MAX)));
}

#[test]
fn mails_are_kept_as_long_as_they_count_and_one_that_was_never_sent_is_taken_back() {
    let kept = with_mail(&mails("acme", [-24 * 60, -1]), &tenant("rival"), at(0));
    assert_eq!(kept, [mails("acme", [-1]), mails("rival", [0])].concat());
    assert_eq!(without_mail(&kept, &tenant("rival"), at(0)), mails("acme", [-1]));
    assert_eq!(without_mail(&kept, &tenant("acme"), at(0)), kept, "another one's stays");
    let flood = (0..100).fold(Vec::new(), |all, n| with_mail(&all, &tenant("acme"), at(n)));
    assert_eq!((flood.len(), flood[0].time), (KEPT_MAILS, at(68)));
}

#[test]
fn a_refusal_holds_for_its_tenant_until_it_ends() {
    let decline = |name: &str, until: i64| Decline { tenant: tenant(name), until_time: at(until) };
    let declines = with_decline(&[decline("acme", 5), decline("old", 1)], decline("acme", 9), at(2));
    assert_eq!(declines, [decline("acme", 9)], "the tenant's new one counts, and what is over is dropped");
    assert_eq!(declined_until(&declines, &tenant("acme"), at(8)), Some(at(9)));
    assert_eq!(declined_until(&declines, &tenant("acme"), at(9)), None);
    assert_eq!(declined_until(&declines, &tenant("rival"), at(8)), None);
    assert_eq!(without_decline(&declines, &tenant("acme")), []);
}
