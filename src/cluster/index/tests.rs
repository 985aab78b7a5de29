//! Which changes affect which subjects.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use super::*;
use crate::{
    cluster::key::Key,
    model::{
        address::Address,
        claim::State,
        confirmation::limits::RecordedMail,
        name::Domain,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL, Tenant},
    },
};

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn key(name: &str) -> Key {
    (Arc::from("ns"), Arc::from(name))
}

fn object<S>(subject: S, uid: &str, generation: i64) -> ObjectEntry<S> {
    ObjectEntry { subject, uid: uid.into(), generation, created: 0, resend: None }
}

fn claim<S: Claimable<Details: Default>>(subject: S, version: &str) -> ClaimEntry<S> {
    ClaimEntry { subject, state: State::Held, tenant: None, version: version.into(), details: S::Details::default() }
}

/// Domains, then addresses.
fn names(affected: AffectedSubjects) -> Vec<String> {
    let addresses = affected.addresses.into_iter().map(String::from);
    affected.domains.into_iter().map(String::from).chain(addresses).collect()
}

#[test]
fn a_new_generation_is_reconciled_and_a_status_write_is_not() {
    let mut index = Index::default();
    let mut put = |name, uid, generation| names(index.put_object(key("a"), object(domain(name), uid, generation)));
    assert_eq!(put("a.example.com", "u1", 1), ["a.example.com"]);
    assert!(put("a.example.com", "u1", 1).is_empty());
    assert_eq!(put("a.example.com", "u1", 2), ["a.example.com"]);
    assert_eq!(put("b.example.com", "u2", 1), ["a.example.com", "b.example.com"]);
    assert!(index.claimants(&domain("a.example.com")).is_empty());
    assert_eq!(names(index.remove_object::<Domain>(&key("a"))), ["b.example.com"]);
    assert_eq!(index.objects::<Domain>(), 0);
}

#[test]
fn a_new_request_for_a_mail_is_reconciled_once() {
    let mut index = Index::default();
    for (case, generation, resend, wakes) in [
        ("new", 1, None, true),
        ("a status write", 1, None, false),
        ("another spec", 2, None, true),
        ("another mail is asked for", 2, Some(1), true),
        ("seen again", 2, Some(1), false),
        ("once more", 2, Some(2), true),
    ] {
        let entry = ObjectEntry { resend, ..object(address("a@example.com"), "u", generation) };
        assert_eq!(!index.put_object(key("a"), entry).is_empty(), wakes, "{case}");
    }
    assert_eq!(names(index.remove_object::<Address>(&key("a"))), ["a@example.com"]);
    assert_eq!(index.objects::<Address>(), 0);
}

#[test]
fn a_relist_finds_what_the_watch_missed() {
    let mut index = Index::default();
    index.put_object(key("kept"), object(domain("kept.example.com"), "u1", 1));
    index.put_object(key("gone"), object(domain("gone.example.com"), "u2", 1));
    index.put_object(key("kept"), object(address("kept@example.com"), "u3", 1));
    index.put_object(key("gone"), object(address("gone@example.com"), "u4", 1));
    let listed = HashSet::from([key("kept")]);
    assert_eq!(names(index.keep_objects::<Domain>(None, &listed)), ["gone.example.com"]);
    assert_eq!(names(index.keep_objects::<Address>(None, &listed)), ["gone@example.com"]);
    index.put_claim(claim(domain("x.example.org"), "1"));
    index.put_claim(claim(address("x@example.org"), "1"));
    assert_eq!(names(index.keep_claims(&ListedClaims::default())), ["x.example.org", "x@example.org"]);
    assert!(!index.concerns("default", &address("x@example.org")));
}

#[test]
fn a_relist_of_one_namespace_says_nothing_of_others() {
    let mut index = Index::default();
    let other: Key = ("other".into(), "mail".into());
    index.put_object(other.clone(), object(domain("other.example.com"), "u1", 1));
    index.put_object(key("gone"), object(domain("gone.example.com"), "u2", 1));
    let namespace = key("gone").0;
    let mut keep = |namespace| names(index.keep_objects::<Domain>(Some(namespace), &HashSet::new()));
    assert_eq!(keep(&namespace), ["gone.example.com"]);
    assert_eq!(keep("other"), ["other.example.com"]);
}

#[test]
fn a_changed_claim_affects_those_above_and_below_it() {
    let mut index = Index::default();
    for (n, name) in
        ["example.com", "a.example.com", "b.a.example.com", "badexample.com", "c.example.com"].iter().enumerate()
    {
        index.put_object(key(&n.to_string()), object(domain(name), "u", 1));
    }
    let claim = |version| claim(domain("a.example.com"), version);
    assert_eq!(names(index.put_claim(claim("1"))), ["a.example.com", "b.a.example.com", "example.com"]);
    assert!(index.put_claim(claim("1")).is_empty(), "seen again");
    let affected = names(index.put_claim(claim("2")));
    assert_eq!(affected, ["a.example.com"], "only a new state or tenant matters to the others");
    let displaced = ClaimEntry { tenant: "tenant/successor".parse().ok(), ..claim("3") };
    assert_eq!(names(index.put_claim(displaced)), ["a.example.com", "b.a.example.com", "example.com"]);
}

#[test]
fn a_relabelled_namespace_affects_its_objects() {
    let mut index = Index::default();
    index.put_object(key("a"), object(domain("a.example.com"), "u", 1));
    index.put_object(key("a"), object(address("a@example.org"), "u", 1));
    let labels = BTreeMap::from([(TENANT_LABEL.to_owned(), "v".to_owned())]);
    assert_eq!(&*index.group(&domain("a.example.com")), "ns");
    assert_eq!(names(index.put_namespace("ns", &labels)), ["a.example.com", "a@example.org"]);
    assert_eq!(&*index.group(&domain("a.example.com")), "tenant/v", "a tenant's namespaces share its turns");
    assert_eq!(&*index.group(&address("a@example.org")), "tenant/v");
    assert!(index.put_namespace("ns", &labels).is_empty());
    assert!(index.put_namespace("other", &labels).is_empty());
    assert_eq!(names(index.remove_namespace("ns")), ["a.example.com", "a@example.org"]);
}

#[test]
fn what_other_environments_are_asked_for_concerns_nobody_here() {
    fn check<S: Indexed + Claimable<Details: Default>>(name: &S) {
        let mut index = Index::default();
        index.put_object(key("a"), object(name.clone(), "u", 1));
        assert!(!index.concerns("default", name), "its namespace was not seen yet");
        index.put_namespace("ns", &BTreeMap::from([(ENVIRONMENT_LABEL.to_owned(), "production".to_owned())]));
        assert!(!index.concerns("default", name) && index.concerns("production", name));
        assert!(index.subjects::<S>("default").is_empty());
        index.put_claim(claim(name.clone(), "1"));
        assert!(index.concerns("default", name), "a claim is to be let go");
        assert_eq!(index.subjects::<S>("default").len(), 1);
    }
    check(&domain("a.example.com"));
    check(&address("a@example.com"));
}

#[test]
fn a_domain_affects_its_addresses_and_those_below_it() {
    let mut index = Index::default();
    for (n, text) in ["a@example.com", "b@mail.example.com", "c@badexample.com", "d@example.org"].iter().enumerate() {
        index.put_object(key(&n.to_string()), object(address(text), "u", 1));
    }
    index.put_claim(claim(address("claimed@mail.example.com"), "1"));
    let all = ["a@example.com", "b@mail.example.com", "claimed@mail.example.com"];
    let addresses = |affected: AffectedSubjects| affected.addresses.into_iter().map(String::from).collect::<Vec<_>>();
    assert_eq!(addresses(index.put_object(key("d"), object(domain("example.com"), "u", 1))), all);
    assert_eq!(addresses(index.put_claim(claim(domain("mail.example.com"), "1"))), all[1..]);
    let verified = DomainDetails { verified: true, ..DomainDetails::default() };
    let claimed = |version, details| ClaimEntry { details, ..claim(domain("example.com"), version) };
    assert_eq!(addresses(index.put_claim(claimed("2", DomainDetails::default()))), all);
    assert_eq!(addresses(index.note_claim(claimed("3", verified.clone()))), all);
    let released = DomainDetails { retained: true, ..verified };
    assert!(index.put_claim(claimed("4", released)).addresses.is_empty(), "nothing that they depend on");
    assert_eq!(addresses(index.remove_claim(&domain("example.com"))), all);
    assert_eq!(addresses(index.put_namespace("ns", &BTreeMap::new())).len(), 4);
}

#[test]
fn our_own_write_affects_nobody_and_anothers_does() {
    fn check<S: Indexed + Claimable<Details: Default>>(name: &S, text: &str) {
        let mut index = Index::default();
        assert!(index.note_claim(claim(name.clone(), "1")).is_empty());
        assert!(index.put_claim(claim(name.clone(), "1")).is_empty(), "the watch delivers our own write");
        assert_eq!(names(index.put_claim(claim(name.clone(), "2"))), [text]);
        assert_eq!(names(index.keep_claims(&ListedClaims::default())), [text]);
        assert!(!index.concerns("default", name) && index.subjects::<S>("default").is_empty());
    }
    check(&domain("example.com"), "example.com");
    check(&address("a@example.com"), "a@example.com");
}

#[test]
fn our_own_write_affects_those_above_and_below_it() {
    let mut index = Index::default();
    for name in ["example.com", "a.example.com"] {
        index.put_object(key(name), object(domain(name), "u", 1));
    }
    assert_eq!(names(index.note_claim(claim(domain("a.example.com"), "1"))), ["example.com"]);
}

#[test]
fn what_was_before_our_own_write_hides_no_mail_that_is_counted_since() {
    let mut index = Index::default();
    let mail = RecordedMail { tenant: "tenant/acme".parse().unwrap(), time: jiff::Timestamp::UNIX_EPOCH };
    let claim = |version| claim(address("a@example.com"), version);
    index.note_claim(claim("8"));
    index.note_claim(ClaimEntry { details: [mail].into(), ..claim("9") });
    for (version, mails) in [("7", 1), ("8", 1), ("9", 1), ("10", 0), ("9", 0)] {
        index.put_claim(claim(version));
        assert_eq!(index.mails().count(), mails, "{version}");
    }
}

#[test]
fn what_was_before_our_own_write_hides_no_tenant_that_has_won_the_domain() {
    let mut index = Index::default();
    let claim = |version| claim(domain("example.com"), version);
    let below = domain("a.example.com");
    index.put_claim(claim("7"));
    index.note_claim(ClaimEntry { tenant: "tenant/acme".parse().ok(), ..claim("9") });
    assert!(index.put_claim(claim("8")).is_empty());
    assert_eq!(index.held_above(&below).len(), 1);
    assert_eq!(names(index.put_claim(claim("10"))), ["example.com"]);
    assert!(index.held_above(&below).is_empty());
}

#[test]
fn a_foreign_claim_affects_only_what_is_claimed_here() {
    let mut index = Index::default();
    index.put_object(key("a"), object(domain("a.example.com"), "u", 1));
    let (mut observed, account) = (
        Vec::new(),
        crate::model::claim::Account { id: String::new(), region: String::new(), owner_id: String::new() },
    );
    for (name, state, gone) in [
        ("a.example.com", State::Provisional, false),
        ("a.example.com", State::Held, false),
        ("a.example.com", State::Held, false),
        ("b.example.com", State::Held, false),
        ("a.example.com", State::Held, true),
    ] {
        let subject = crate::model::claim::ClaimSubject { domain: domain(name), address: None };
        let claim = crate::model::claim::Claim { state, ..crate::model::claim::Claim::new("other", subject, &account) };
        let affected =
            index.observe_claim("default", ObservedClaim { claim: &claim, name: "other.x", version: "1", gone });
        observed.push((names(affected).len(), index.foreign_claims(&domain("a.example.com")).len()));
    }
    assert_eq!(observed, [(0, 0), (1, 1), (0, 1), (0, 1), (1, 0)]);
    assert_eq!(index.foreign_claims(&domain("b.example.com")), ["other.x"]);
}

#[test]
fn a_tenant_has_a_limited_number_of_open_domains_and_the_oldest_count() {
    let mut index = Index::default();
    for (namespace, tenant, environment) in [
        ("ns", "acme", "default"),
        ("ns-too", "acme", "default"),
        ("old", "acme", "staging"),
        ("other", "zenith", "default"),
    ] {
        let labels = [(TENANT_LABEL, tenant), (ENVIRONMENT_LABEL, environment)];
        index.put_namespace(namespace, &labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
    for (namespace, name, created) in
        [("ns", "a", 1), ("ns-too", "b", 2), ("other", "x", 1), ("old", "y", 1), ("ns", "c", 3), ("ns", "d", 3)]
    {
        let entry = ObjectEntry { created, ..object(domain(&format!("{name}.example.com")), name, 1) };
        index.put_object((Arc::from(namespace), Arc::from(name)), entry);
    }
    let tenant = Tenant::Label("acme".to_owned());
    let last = |index: &Index, limit, delegated: &str| {
        let last = index.last_open("default", &tenant, limit, |domain: &Domain| domain.as_str() != delegated);
        last.map(|(_, uid)| uid.to_string())
    };
    assert_eq!(last(&index, 4, ""), None);
    assert_eq!(last(&index, 3, "").as_deref(), Some("c"));
    assert_eq!(last(&index, 2, "").as_deref(), Some("b"));
    assert_eq!(last(&index, 2, "a.example.com").as_deref(), Some("c"), "a delegated domain does not count");
    for (state, owner, expected) in [
        (State::Held, "acme", "c"),
        (State::Releasing, "acme", "c"),
        (State::Provisional, "acme", "b"),
        (State::Held, "zenith", "b"),
    ] {
        let owner = Some(Tenant::Label(owner.to_owned()));
        let version = format!("{state:?}{owner:?}");
        index.put_claim(ClaimEntry { state, tenant: owner, ..claim(domain("a.example.com"), &version) });
        assert_eq!(last(&index, 2, "").as_deref(), Some(expected), "{version}");
    }
}
