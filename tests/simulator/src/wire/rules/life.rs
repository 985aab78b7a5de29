//! The life of a domain's verification, driven by what DNS shows.

use super::World;
use crate::core::account::{IdentityPatch, VerificationError};
use crate::core::dns::DnsFault;
use crate::core::lifecycle::Status;

#[test]
fn verification_info_tells_what_ses_saw_and_when_it_gave_up() {
    use VerificationError::{DnsServerError, HostNotFound, InvalidValue, TypeNotFound};
    /// What DNS shows from then on, and what SES says of it.
    type Row = (&'static str, fn(&mut World, &str, &str), Option<VerificationError>);
    let rows: [Row; 13] = [
        ("nothing is published", |_, _, _| {}, Some(HostNotFound)),
        ("a TXT instead", |world, first, _| world.set(first, "TXT", &["x"]), Some(TypeNotFound)),
        ("an alias elsewhere", |world, first, _| world.set(first, "CNAME", &["b.example"]), Some(InvalidValue)),
        ("all three", |world, _, _| world.publish("acme.example", true), None),
        ("one is gone", |world, _, last| assert!(world.zone.remove(last, "CNAME").unwrap()), Some(HostNotFound)),
        (
            "an alias between",
            |world, first, _| {
                world.publish("acme.example", true);
                let target = world.ses.dkim_records("acme.example")[0].2.clone();
                world.set(first, "CNAME", &["alias.dns.example"]);
                world.set("alias.dns.example", "CNAME", &[&target]);
            },
            None,
        ),
        (
            "the server fails",
            |world, _, last| world.zone.set_fault(last, Some(DnsFault::ServFail)).unwrap(),
            Some(DnsServerError),
        ),
        (
            "it refuses",
            |world, _, last| world.zone.set_fault(last, Some(DnsFault::Refused)).unwrap(),
            Some(DnsServerError),
        ),
        (
            "it is silent",
            |world, _, last| world.zone.set_fault(last, Some(DnsFault::Timeout)).unwrap(),
            Some(HostNotFound),
        ),
        (
            "it lies",
            |world, _, last| {
                world.zone.set_fault(last, Some(DnsFault::WrongValue("b.example".into()))).unwrap();
            },
            Some(InvalidValue),
        ),
        ("it is well", |world, _, last| world.zone.set_fault(last, None).unwrap(), None),
        ("all of DNS is down", |world, _, _| world.zone.set_down(true), Some(HostNotFound)),
        ("and back", |world, _, _| world.zone.clear_faults(), None),
    ];
    let mut world = World::acme();
    assert!(world.identity("acme.example").get("VerificationInfo").is_none(), "nobody has looked yet");
    let records = world.ses.dkim_records("acme.example");
    let (first, last) = (&records[0].0, &records[2].0);
    for (why, change, error) in rows {
        change(&mut world, first, last);
        world.pass(1);
        let view = world.view("acme.example");
        assert_eq!((view.error, view.last_checked), (error, Some(world.now)), "{why}");
        assert_eq!(view.last_success == view.last_checked, error.is_none(), "{why}");
    }
    world.publish("acme.example", false);
    let before = world.now;
    world.pass(1000);
    let given_up = world.view("acme.example").last_checked.unwrap();
    assert_eq!(given_up.duration_since(before).as_hours(), 72);
}

#[test]
fn verification_info_names_the_zone_ses_saw() {
    let mut world = World::new();
    world.create("mail.acme.example");
    world.pass(1);
    let soa = |world: &World| world.view("mail.acme.example").soa.unwrap();
    assert_eq!(
        [soa(&world).primary_name_server, soa(&world).admin_email],
        ["ns1.acme.example", "hostmaster.acme.example"]
    );
    world.set("acme.example", "SOA", &["dns.host.example admin.host.example 42 1 2 3 4"]);
    world.pass(1);
    assert_eq!((soa(&world).primary_name_server.as_str(), soa(&world).serial_number), ("dns.host.example", 42));
}

#[test]
fn a_recreated_domain_has_its_tokens_again_and_is_verified_at_once() {
    let mut world = World::acme();
    world.publish("acme.example", true);
    world.pass(1);
    let tokens = world.view("acme.example").tokens;
    world.delete("acme.example");
    world.create("ACME.example");
    assert_eq!(world.states("acme.example"), "PENDING PENDING false");
    world.pass(1);
    assert_eq!(world.states("acme.example"), "SUCCESS SUCCESS true");
    assert_eq!(world.view("acme.example").tokens, tokens);
}

#[test]
fn a_verified_domain_covers_subdomains_and_addresses_for_sending() {
    let mut world = World::acme();
    for (name, expected, why) in [
        ("news.acme.example", "PENDING PENDING true", "sends through its parent"),
        ("ops@acme.example", "PENDING SUCCESS true", "shows the DKIM of its domain"),
        ("ops@news.acme.example", "PENDING PENDING true", "of the one after the @"),
        ("ops@deep.acme.example", "PENDING NOT_STARTED true", "never of a grandparent"),
    ] {
        world.create(name);
        world.publish("acme.example", true);
        world.pass(1);
        assert_eq!(world.states(name), expected, "{why}");
    }
    let dkim = world.identity("ops@deep.acme.example")["DkimAttributes"].clone();
    assert!(dkim["SigningEnabled"] == false && dkim["Tokens"].is_null());
}

#[test]
fn a_state_set_by_hand_stays_until_it_is_released() {
    let mut world = World::new();
    world.put("acme.example", IdentityPatch::status(Status::Success));
    world.pass(1000);
    assert_eq!(world.states("acme.example"), "SUCCESS SUCCESS true");
    world.put("acme.example", IdentityPatch { pinned: Some(false), ..IdentityPatch::default() });
    world.pass(1);
    assert_eq!(world.states("acme.example"), "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
}

#[test]
fn a_key_of_ones_own_is_a_txt_record_under_its_selector() {
    let mut world = World::acme();
    world.publish("acme.example", true);
    world.pass(1);
    world.put("acme.example", IdentityPatch::default().origin("EXTERNAL"));
    world.pass(1);
    assert_eq!(world.states("acme.example"), "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
    world.publish("acme.example", true);
    world.pass(1);
    assert_eq!(world.states("acme.example"), "SUCCESS SUCCESS true");
}
