//! Addresses as identities: the click that verifies them, and what they take from their domain.

use super::World;
use crate::core::NoSuch;
use crate::core::account::IdentityPatch;

const OPS: &str = "ops@acme.example";

#[test]
fn a_click_verifies_an_address_for_good_and_the_link_lives_24_hours() {
    let mut world = World::new();
    world.create(OPS);
    world.pass(24);
    assert_eq!(world.ses.confirm_address(OPS, world.now), Err(NoSuch::Link(OPS.into())));
    assert_eq!(world.states(OPS), "FAILED NOT_STARTED false");
    world.delete(OPS);
    world.create(OPS);
    world.pass(23);
    for _ in 0..2 {
        world.ses.confirm_address(OPS, world.now).unwrap();
        assert_eq!(world.states(OPS), "SUCCESS NOT_STARTED true");
        world.pass(1000);
    }
    assert!(world.identity(OPS).get("VerificationInfo").is_none(), "nobody looked at DNS");
}

#[test]
fn only_the_very_address_is_verified() {
    let mut world = World::acme();
    world.create(OPS);
    world.create("ops@Acme.example");
    world.ses.confirm_address(OPS, world.now).unwrap();
    assert_eq!(world.states("acme.example"), "PENDING PENDING false");
    assert_eq!(world.states("ops@Acme.example"), "PENDING PENDING false", "another address");
    assert_eq!(world.states(OPS), "SUCCESS PENDING true");
    for name in ["acme.example", "Ops@acme.example"] {
        assert_eq!(world.ses.confirm_address(name, world.now), Err(NoSuch::Address(name.into())), "{name}");
    }
}

#[test]
fn an_address_lends_from_its_domain_the_right_to_send_and_nothing_else() {
    let mut world = World::new();
    world.put_verified("acme.example");
    world.create(OPS);
    world.ses.put_policy("acme.example", "theirs", "{}").unwrap();
    world.put("acme.example", IdentityPatch { mail_from: Some("b.acme.example".into()), ..IdentityPatch::default() });
    assert_eq!(world.states(OPS), "PENDING SUCCESS true");
    let view = world.view(OPS);
    assert!(view.policies.is_empty() && view.mail_from.is_none());
    world.ses.confirm_address(OPS, world.now).unwrap();
    world.delete("acme.example");
    assert_eq!(world.states(OPS), "SUCCESS NOT_STARTED true", "it stands by itself");
}
