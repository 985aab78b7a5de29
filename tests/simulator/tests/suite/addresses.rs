//! Addresses as identities: the click that verifies them, and what they take from their domain.

use ses_simulator::{IdentityPatch, NoSuch, Status};

use crate::common::{HOUR, by_hand, create, get, http, refusal, start, states};

#[tokio::test]
async fn a_click_on_the_link_in_the_mail_verifies_an_address_for_good() {
    let (sim, ses) = start(by_hand()).await;
    let created = ses.create_email_identity().email_identity("Ops@acme.example").send().await.unwrap();
    assert_eq!(created.identity_type.unwrap().as_str(), "EMAIL_ADDRESS");
    assert_eq!(states(&ses, "Ops@acme.example").await, "PENDING NOT_STARTED false");
    sim.advance(23 * HOUR).await;
    sim.confirm_address("Ops@acme.example").unwrap();
    assert_eq!(states(&ses, "Ops@acme.example").await, "SUCCESS NOT_STARTED true");
    sim.advance(1000 * HOUR).await;
    sim.confirm_address("Ops@acme.example").unwrap();
    assert_eq!(states(&ses, "Ops@acme.example").await, "SUCCESS NOT_STARTED true");
    assert!(get(&ses, "Ops@acme.example").await.verification_info.is_none(), "nobody looked at DNS");
}

#[tokio::test]
async fn the_link_dies_after_24_hours_and_only_delete_and_create_bring_another() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "ops@acme.example").await;
    sim.advance(24 * HOUR).await;
    assert_eq!(sim.confirm_address("ops@acme.example"), Err(NoSuch::Link("ops@acme.example".into())));
    assert_eq!(states(&ses, "ops@acme.example").await, "FAILED NOT_STARTED false");
    let again = ses.create_email_identity().email_identity("ops@acme.example").send().await;
    assert_eq!(refusal(again), "400 AlreadyExistsException Email identity ops@acme.example already exist.");
    ses.delete_email_identity().email_identity("ops@acme.example").send().await.unwrap();
    create(&ses, "ops@acme.example").await;
    sim.advance(23 * HOUR).await;
    sim.confirm_address("ops@acme.example").unwrap();
    assert_eq!(states(&ses, "ops@acme.example").await, "SUCCESS NOT_STARTED true");
}

#[tokio::test]
async fn only_the_very_address_is_verified() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "ops@acme.example").await;
    create(&ses, "ops@Acme.example").await;
    create(&ses, "acme.example").await;
    sim.confirm_address("ops@acme.example").unwrap();
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false");
    assert_eq!(states(&ses, "ops@Acme.example").await, "PENDING PENDING false", "another address");
    assert_eq!(states(&ses, "ops@acme.example").await, "SUCCESS PENDING true");
    for name in ["acme.example", "Ops@acme.example"] {
        assert_eq!(sim.confirm_address(name), Err(NoSuch::Address(name.into())), "{name}");
    }
}

#[tokio::test]
async fn a_verified_domain_lets_its_addresses_send_but_does_not_verify_them() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::status(Status::Success));
    create(&ses, "ops@acme.example").await;
    assert_eq!(states(&ses, "ops@acme.example").await, "PENDING SUCCESS true");
    sim.confirm_address("ops@acme.example").unwrap();
    ses.delete_email_identity().email_identity("acme.example").send().await.unwrap();
    assert_eq!(states(&ses, "ops@acme.example").await, "SUCCESS NOT_STARTED true", "it stands by itself");
}

#[tokio::test]
async fn an_address_has_policies_and_a_mail_from_domain_of_its_own() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create(&ses, "ops@acme.example").await;
    sim.put_policy("acme.example", "theirs", "{}").unwrap();
    let patch = IdentityPatch { mail_from: Some("bounce.acme.example".into()), ..IdentityPatch::default() };
    sim.change_identity("acme.example", patch);
    let address = get(&ses, "ops@acme.example").await;
    assert!(address.policies.unwrap().is_empty());
    assert_eq!(address.mail_from_attributes.unwrap().mail_from_domain, "");
}

#[tokio::test]
async fn an_address_travels_in_a_path_in_any_spelling() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "a+b/c=d%25@acme.example").await;
    get(&ses, "a+b/c=d%25@acme.example").await;
    let (status, _) = http(&sim.url(), "GET", "/v2/email/identities/a%2Bb%2Fc%3Dd%2525%40acme.example", "").await;
    assert_eq!(status, 200);
}
