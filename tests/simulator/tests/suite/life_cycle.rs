//! The life of an identity through the real SDK, with the clock of the simulator.

use crate::common::{by_hand, create, eventually, get, quick, start, states};
use ses_simulator::Options;

#[tokio::test]
async fn a_domain_is_verified_automatically_once_its_records_are_published() {
    let (sim, ses) = start(quick()).await;
    let created = ses.create_email_identity().email_identity("acme.example").send().await.unwrap();
    let dkim = created.dkim_attributes.unwrap();
    assert_eq!(dkim.status.unwrap().as_str(), "NOT_STARTED", "the create call says so");
    assert!(!created.verified_for_sending_status);
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false");

    let zone = dkim.signing_hosted_zone.unwrap();
    for token in dkim.tokens.unwrap() {
        sim.set_record(&format!("{token}._domainkey.acme.example"), "CNAME", &[&format!("{token}.{zone}")]).unwrap();
    }
    eventually("verified", async || states(&ses, "acme.example").await == "SUCCESS SUCCESS true").await;
}

#[tokio::test]
async fn a_clock_set_forward_ages_and_set_back_does_not() {
    let start_at: jiff::Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    let (sim, ses) = start(Options { start: Some(start_at), ..by_hand() }).await;
    create(&ses, "acme.example").await;
    let later = |hours| start_at + jiff::SignedDuration::from_hours(hours);
    sim.set_time(later(71)).await;
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false");
    sim.set_time(start_at).await;
    assert!(sim.now() < later(1));
    sim.set_time(later(73)).await;
    assert_eq!(states(&ses, "acme.example").await, "FAILED FAILED false");
    let info = get(&ses, "acme.example").await.verification_info.unwrap();
    assert_eq!(info.last_checked_timestamp.unwrap().secs() - start_at.as_second(), 72 * 3600, "SES gave up then");
}
