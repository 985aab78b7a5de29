use super::*;
use crate::model::{
    claim::{Account, ClaimSubject, ClaimedIdentity},
    confirmation::Confirmation,
};

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn tenant(name: &str) -> Tenant {
    format!("tenant/{name}").parse().unwrap()
}

/// A claim, as `name state tenant tenure_id`; a final `!`: not verified.
fn claim(text: &str) -> Claim {
    let (text, verified) = text.strip_suffix('!').map_or((text, true), |text| (text, false));
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap();
    let name = domain(word());
    let state = word();
    let state = State::ALL.into_iter().find(|other| other.as_str() == state).unwrap();
    let verified_time = verified.then_some(jiff::Timestamp::UNIX_EPOCH);
    let account = Account { id: String::new(), region: String::new(), owner_id: String::new() };
    Claim {
        state,
        tenant: Some(tenant(word())),
        tenure_id: Some(word().to_owned()),
        identity: ClaimedIdentity { verified_time, ..ClaimedIdentity::default() },
        ..Claim::new("default", ClaimSubject { domain: name, address: None }, &account)
    }
}

fn suffixes(claims: &[&str]) -> Suffixes {
    let address = Address::parse("sales@mail.example.com").unwrap();
    let claims: Vec<Claim> = claims.iter().map(|text| claim(text)).collect();
    Suffixes::of(&address, &claims)
}

fn domain_tenure(name: &str, tenure_id: &str) -> DomainTenure {
    DomainTenure { domain: domain(name), tenure_id: tenure_id.to_owned() }
}

#[test]
fn the_longest_suffix_that_anybody_holds_covers_for_its_own_tenant() {
    let parent = "example.com Held acme h1";
    for (case, claims, expected) in [
        ("nobody", vec![], "missing"),
        ("a stranger's domain", vec!["example.org Held acme h1", "badexample.com Held acme h1"], "missing"),
        ("a domain below", vec!["a.mail.example.com Held acme h1"], "missing"),
        ("its own", vec!["mail.example.com Held acme h1"], "mail.example.com"),
        ("one above", vec![parent], "example.com"),
        ("one above that is another tenant's", vec!["example.com Held rival h1"], "another"),
        ("the longer of both", vec![parent, "mail.example.com Held acme h2"], "mail.example.com"),
        ("a longer one of another tenant", vec![parent, "mail.example.com Held rival h2"], "another"),
        ("one that another tenant lets go", vec![parent, "mail.example.com Releasing rival h2"], "another"),
        ("one that nobody has proven", vec![parent, "mail.example.com Provisional rival h2"], "example.com"),
        ("one that is free", vec![parent, "mail.example.com Released rival h2"], "example.com"),
        ("let go by the tenant itself", vec!["mail.example.com Releasing acme h1"], "mail.example.com releasing"),
        ("not verified", vec!["mail.example.com Held acme h1!"], "mail.example.com unverified"),
    ] {
        let suffixes = suffixes(&claims);
        let shown = match suffixes.cover(&tenant("acme")) {
            Cover::Missing => "missing".to_owned(),
            Cover::AnotherTenant(_) => "another".to_owned(),
            Cover::Own { domain_tenure, releasing, verified, .. } => {
                let notes = [(releasing, " releasing"), (!verified, " unverified")];
                notes
                    .into_iter()
                    .filter(|(note, _)| *note)
                    .fold(domain_tenure.domain.to_string(), |shown, (_, note)| shown + note)
            }
        };
        assert_eq!(shown, expected, "{case}");
    }
}

#[test]
fn an_addresss_own_claim_covers_nothing() {
    let address = Address::parse("sales@mail.example.com").unwrap();
    let mut own = claim("mail.example.com Held acme h1");
    own.subject.address = Some(address.clone());
    own.confirmation = Some(Confirmation::default());
    assert_eq!(Suffixes::of(&address, [&own]).cover(&tenant("acme")), Cover::Missing);
}

#[test]
fn a_request_is_void_when_its_tenure_ends_or_a_longer_suffix_is_anothers() {
    let parent = domain_tenure("example.com", "h1");
    for (case, claims, rests_on, expected) in [
        ("as it was", vec!["example.com Held acme h1"], &parent, Some((parent.clone(), "acme"))),
        ("let go, and may come back", vec!["example.com Releasing acme h1"], &parent, Some((parent.clone(), "acme"))),
        ("free", vec!["example.com Released acme h1"], &parent, None),
        ("gone", vec![], &parent, None),
        ("another tenure of the same tenant", vec!["example.com Held acme h2"], &parent, None),
        ("another tenant", vec!["example.com Held rival h2"], &parent, None),
        (
            "a longer suffix of the same tenant",
            vec!["example.com Held acme h1", "mail.example.com Held acme h2"],
            &parent,
            Some((domain_tenure("mail.example.com", "h2"), "acme")),
        ),
        (
            "a longer suffix of another tenant",
            vec!["example.com Held acme h1", "mail.example.com Held rival h2"],
            &parent,
            None,
        ),
        (
            "the longer suffix ended, the shorter one goes on",
            vec!["example.com Held acme h1", "mail.example.com Released acme h2"],
            &domain_tenure("mail.example.com", "h2"),
            None,
        ),
        (
            "the same tenure under another uid of the namespace",
            vec!["example.com Held approved h1"],
            &parent,
            Some((parent.clone(), "approved")),
        ),
    ] {
        let suffixes = suffixes(&claims);
        let current =
            suffixes.current_tenure(rests_on).map(|(domain_tenure, tenant)| (domain_tenure.clone(), tenant.clone()));
        assert_eq!(current, expected.map(|(domain_tenure, name)| (domain_tenure, tenant(name))), "{case}");
    }
}
