//! The life of an identity, seen through the real SDK and driven by real DNS look-ups.

use std::time::{Duration, Instant};

use crate::common::{HOUR, by_hand, create, eventually, get, quick, refusal, start, states};
use ses_simulator::{DnsFault, IdentityPatch, Options, Status};

#[tokio::test]
async fn a_domain_becomes_verified_by_itself_once_its_records_are_published() {
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
async fn the_whole_life_passes_in_a_moment() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.advance(71 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false");
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR / 60).await;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
    sim.unpublish_dkim("acme.example").unwrap();
    sim.advance(71 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(1000 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true", "back in time");
    sim.unpublish_dkim("acme.example").unwrap();
    sim.advance(72 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "FAILED FAILED false");
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(1000 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "FAILED FAILED false", "SES looks no more");
}

#[tokio::test]
async fn a_search_without_success_fails_after_72_hours() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.advance(72 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "FAILED FAILED false");
    let view = sim.identity("acme.example").unwrap();
    assert_eq!(view.last_checked.unwrap().duration_since(view.created).as_hours(), 72, "and was last looked at then");
}

#[tokio::test]
async fn a_failed_domain_is_restarted_by_putting_its_signing_attributes() {
    for (restart_works, expected) in [(true, "PENDING PENDING false"), (false, "FAILED FAILED false")] {
        let (sim, ses) = start(Options { restart_works, ..by_hand() }).await;
        create(&ses, "acme.example").await;
        sim.advance(80 * HOUR).await;
        let put = ses.put_email_identity_dkim_signing_attributes().email_identity("acme.example");
        let put = put.signing_attributes_origin(aws_sdk_sesv2::types::DkimSigningAttributesOrigin::AwsSes);
        let answer = put.send().await.unwrap();
        assert_eq!(answer.dkim_tokens(), sim.identity("acme.example").unwrap().tokens);
        assert_eq!(states(&ses, "acme.example").await, expected);
        sim.advance(71 * HOUR).await;
        assert_eq!(states(&ses, "acme.example").await, expected, "it has 72 hours again");
    }
}

#[tokio::test]
async fn verification_info_tells_what_ses_saw() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    assert!(get(&ses, "acme.example").await.verification_info.is_none(), "nobody has looked yet");
    let expect = async |error: Option<&str>, why: &str| {
        sim.advance(HOUR / 60).await;
        let info = get(&ses, "acme.example").await.verification_info.unwrap();
        assert_eq!(info.error_type.map(|error| error.as_str().to_owned()).as_deref(), error, "{why}");
        let age = sim.now().as_second() - info.last_checked_timestamp.unwrap().secs();
        assert!((0..30).contains(&age), "{why}: looked {age} s ago");
        assert_eq!(info.last_success_timestamp == info.last_checked_timestamp, error.is_none(), "{why}");
    };
    let tokens = sim.identity("acme.example").unwrap().tokens;
    let [first, last] = [0, 2].map(|number| format!("{}._domainkey.acme.example", tokens[number]));
    let set = |name: &str, rtype: &str, value: &str| sim.set_record(name, rtype, &[value]).unwrap();
    let fault = |fault| sim.dns_fault(&last, fault).unwrap();

    expect(Some("HOST_NOT_FOUND"), "nothing is published").await;
    set(&first, "TXT", "x");
    expect(Some("TYPE_NOT_FOUND"), "a TXT instead").await;
    set(&first, "CNAME", "elsewhere.example");
    expect(Some("INVALID_VALUE"), "an alias of something else").await;
    sim.publish_dkim("acme.example").unwrap();
    expect(None, "all three").await;
    sim.remove_record(&last, "CNAME").unwrap();
    expect(Some("HOST_NOT_FOUND"), "one is gone").await;
    sim.publish_dkim("acme.example").unwrap();
    set(&first, "CNAME", "alias.dns.example");
    set("alias.dns.example", "CNAME", &format!("{}.dkim.amazonses.com", tokens[0]));
    expect(None, "back, with an alias between").await;
    fault(DnsFault::ServFail);
    expect(Some("DNS_SERVER_ERROR"), "the server fails").await;
    fault(DnsFault::Refused);
    expect(Some("DNS_SERVER_ERROR"), "it refuses").await;
    fault(DnsFault::Timeout);
    expect(Some("HOST_NOT_FOUND"), "it is silent").await;
    fault(DnsFault::WrongValue("elsewhere.example".into()));
    expect(Some("INVALID_VALUE"), "it lies").await;
    sim.clear_dns_fault(&last).unwrap();
    expect(None, "it is well").await;
    sim.dns_down(true);
    expect(Some("HOST_NOT_FOUND"), "all of DNS is down").await;
    sim.clear_dns_faults();
    expect(None, "and back").await;
}

#[tokio::test]
async fn verification_info_names_the_zone_ses_saw() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "mail.acme.example").await;
    let soa = async || {
        sim.advance(HOUR / 60).await;
        let soa = get(&ses, "mail.acme.example").await.verification_info.unwrap().soa_record.unwrap();
        format!("{} {} {}", soa.primary_name_server.unwrap(), soa.admin_email.unwrap(), soa.serial_number)
    };
    let seen = soa().await;
    assert!(seen.starts_with("ns1.acme.example hostmaster.acme.example "), "{seen}");
    sim.set_record("acme.example", "SOA", &["dns.host.example admin.host.example 42 1 2 3 4"]).unwrap();
    assert_eq!(soa().await, "dns.host.example admin.host.example 42");
}

#[tokio::test]
async fn a_recreated_domain_has_its_tokens_again_and_is_verified_at_once() {
    let (sim, ses) = start(by_hand()).await;
    sim.publish_dkim("acme.example").unwrap();
    create(&ses, "acme.example").await;
    sim.advance(HOUR / 60).await;
    let tokens = sim.identity("acme.example").unwrap().tokens;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
    ses.delete_email_identity().email_identity("acme.example").send().await.unwrap();
    create(&ses, "ACME.example").await;
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false");
    sim.advance(HOUR / 60).await;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
    assert_eq!(sim.identity("acme.example").unwrap().tokens, tokens);
}

#[tokio::test]
async fn a_verified_domain_covers_subdomains_and_addresses_for_sending() {
    let (sim, ses) = start(by_hand()).await;
    for name in
        ["acme.example", "news.acme.example", "ops@acme.example", "ops@news.acme.example", "ops@deep.acme.example"]
    {
        create(&ses, name).await;
    }
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR).await;
    assert_eq!(states(&ses, "news.acme.example").await, "PENDING PENDING true", "sends through its parent");
    assert_eq!(states(&ses, "ops@acme.example").await, "PENDING SUCCESS true", "shows the DKIM of its domain");
    assert_eq!(states(&ses, "ops@news.acme.example").await, "PENDING PENDING true", "the one after the @");
    assert_eq!(states(&ses, "ops@deep.acme.example").await, "PENDING NOT_STARTED true", "never a grandparent's");
    let dkim = get(&ses, "ops@deep.acme.example").await.dkim_attributes.unwrap();
    assert!(!dkim.signing_enabled && dkim.tokens().is_empty());
    sim.advance(24 * HOUR).await;
    assert_eq!(states(&ses, "ops@acme.example").await, "FAILED SUCCESS true", "the link in the mail lives 24 hours");
}

#[tokio::test]
async fn a_state_set_by_hand_stays_until_it_is_released() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::status(Status::Success));
    sim.advance(1000 * HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
    sim.change_identity("acme.example", IdentityPatch { pinned: Some(false), ..IdentityPatch::default() });
    sim.advance(HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
    assert!(sim.remove_identity("acme.example"));
    let gone = ses.get_email_identity().email_identity("acme.example").send().await;
    assert_eq!(refusal(gone), "404 NotFoundException Email identity acme.example does not exist.");
}

#[tokio::test]
async fn a_key_of_ones_own_is_a_txt_record_under_its_selector() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR).await;
    sim.change_identity("acme.example", IdentityPatch::default().origin("EXTERNAL"));
    sim.advance(HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "TEMPORARY_FAILURE TEMPORARY_FAILURE true");
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR).await;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
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

#[tokio::test]
async fn a_thousand_domains_are_looked_at_only_when_their_zone_changes() {
    let options = Options { dns_timeout: Duration::from_millis(500), ..by_hand() };
    let one_after_the_other = 1000 * options.dns_timeout;
    let (sim, _ses) = start(options).await;
    for number in 0..1000 {
        let name = format!("d{number}.example");
        sim.put_identity(&name, IdentityPatch::default());
        sim.publish_dkim(&name).unwrap();
    }
    let begun = Instant::now();
    sim.advance(HOUR).await;
    let thousand = begun.elapsed();
    // On a busy machine an answer may come too late for the first look; it is looked for again.
    eventually("all are seen", async || {
        sim.advance(HOUR / 60).await;
        sim.identities().iter().all(|view| view.verification_status == Status::Success)
    })
    .await;
    // Whatever else the machine does, it does not do it each time.
    let mut least = thousand;
    for number in 0..5 {
        sim.unpublish_dkim(&format!("d{number}.example")).unwrap();
        let begun = Instant::now();
        sim.advance(HOUR).await;
        least = least.min(begun.elapsed());
        let failing = sim.identities().into_iter().filter(|view| view.verification_status != Status::Success);
        assert!(failing.clone().all(|view| view.verification_status == Status::TemporaryFailure));
        assert_eq!(failing.count(), number + 1);
    }
    assert!(least < thousand / 3, "one look, not a thousand: {least:?} of {thousand:?}");
    sim.dns_down(true);
    let begun = Instant::now();
    sim.advance(HOUR).await;
    assert!(begun.elapsed() < one_after_the_other / 4, "silence is waited for together");
    assert!(sim.identities().iter().all(|view| view.verification_status == Status::TemporaryFailure));
}
