//! Addresses as identities: verification by a click, and settings from the domain.

use super::RuleTest;
use crate::core::NoSuch;
use crate::core::account::IdentityPatch;

const OPS: &str = "ops@acme.example";

#[test]
fn a_click_verifies_an_address_for_good_and_the_link_lives_24_hours() {
    let mut test = RuleTest::new();
    test.create(OPS);
    test.advance(24);
    assert_eq!(test.ses.confirm_address(OPS, test.now), Err(NoSuch::Link(OPS.into())));
    assert_eq!(test.states(OPS), "FAILED NOT_STARTED false");
    test.delete(OPS);
    test.create(OPS);
    test.advance(23);
    for _ in 0..2 {
        test.ses.confirm_address(OPS, test.now).unwrap();
        assert_eq!(test.states(OPS), "SUCCESS NOT_STARTED true");
        test.advance(1000);
    }
    assert!(test.identity(OPS).get("VerificationInfo").is_none(), "nobody looked at DNS");
}

#[test]
fn only_the_very_address_is_verified() {
    let mut test = RuleTest::acme();
    test.create(OPS);
    test.create("ops@Acme.example");
    test.ses.confirm_address(OPS, test.now).unwrap();
    assert_eq!(test.states("acme.example"), "PENDING PENDING false");
    assert_eq!(test.states("ops@Acme.example"), "PENDING PENDING false", "another address");
    assert_eq!(test.states(OPS), "SUCCESS PENDING true");
    for name in ["acme.example", "Ops@acme.example"] {
        assert_eq!(test.ses.confirm_address(name, test.now), Err(NoSuch::Address(name.into())), "{name}");
    }
}

#[test]
fn an_address_inherits_only_the_right_to_send_from_its_domain() {
    let mut test = RuleTest::new();
    test.put_verified("acme.example");
    test.create(OPS);
    test.ses.put_policy("acme.example", "theirs", "{}").unwrap();
    test.put("acme.example", IdentityPatch { mail_from: Some("b.acme.example".into()), ..IdentityPatch::default() });
    assert_eq!(test.states(OPS), "PENDING SUCCESS true");
    let view = test.view(OPS);
    assert!(view.policies.is_empty() && view.mail_from.is_none());
    test.ses.confirm_address(OPS, test.now).unwrap();
    test.delete("acme.example");
    assert_eq!(test.states(OPS), "SUCCESS NOT_STARTED true", "it is verified itself");
}
