//! DNS records in the status, and the reaction to DNS answers. `model/records.rs` has the table of what one answer
//! means.

use sender_operator::{api::reasons::EventReason, model::records::Doubt};

use crate::{
    setup::{ACME, DOMAIN, ready, waiting},
    simulation::{HOUR, MINUTE, record},
};

#[tokio::test(start_paused = true)]
async fn the_message_names_the_first_record_to_publish_and_all_three_are_needed() {
    let (sim, _operator) = waiting().await;
    for n in 0..3 {
        let (name, value) = record(DOMAIN, n);
        let start = format!("Missing record: {name} CNAME {value}. The record does not exist in DNS. Publish it.");
        sim.until(&start, || sim.message(ACME, "DkimReady").starts_with(&start)).await;
        let message = sim.message(ACME, "DkimReady");
        assert_eq!((sim.message(ACME, "Ready"), message.contains("More records are missing")), (message, n < 2));
        sim.never_within(10 * MINUTE, "Ready too soon", || sim.is_saying(ACME, &["Ready True Ready"])).await;
        sim.set_record(&name, &value);
    }
    sim.until_ready(ACME).await;
}

#[tokio::test(start_paused = true)]
async fn records_at_a_wrong_place_or_with_a_wrong_value_are_found_and_named_first() {
    let (sim, _operator) = waiting().await;
    let [(doubled, value), (wrong, _), (proxied, _)] = [0, 1, 2].map(|n| record(DOMAIN, n));
    sim.set_record(&format!("{doubled}.{DOMAIN}"), &value);
    sim.set_record(&wrong, "somewhere.example.net");
    sim.set_address(&proxied);
    let findings =
        ["Enter the name as t1-example-com._domainkey.", "Replace it with the expected value.", "(\"DNS only\")."];
    for (n, finding) in findings.into_iter().enumerate() {
        let seen = || sim.status(ACME).dns_records[n].finding.clone();
        sim.until(finding, || seen().is_some_and(|said| said.ends_with(finding))).await;
    }
    assert_eq!(sim.records(ACME), ["Missing", "Mismatch", "Missing"]);
    let named = format!("Wrong record: {wrong} CNAME is somewhere.example.net");
    assert!(sim.message(ACME, "DkimReady").starts_with(&named), "{}", sim.message(ACME, "DkimReady"));
}

#[tokio::test(start_paused = true)]
async fn neither_a_missing_nor_a_wrong_answer_of_dns_changes_ready_while_ses_sends() {
    let (sim, _operator) = ready().await;
    for doubt in [Some(Doubt::Timeout), Some(Doubt::ServerFailure), Some(Doubt::Disagreement), None] {
        match doubt {
            Some(doubt) => sim.dns_unknown(DOMAIN, doubt),
            None => sim.dns_denies(DOMAIN),
        }
        let (state, dkim) = match doubt {
            Some(_) => ("Unknown", "DkimReady True Signing"),
            None => ("Missing", "DkimReady False RecordsMissing"),
        };
        sim.until("it is seen", || sim.records(ACME) == [state; 3]).await;
        let flipped = || !sim.is_saying(ACME, &["Ready True Ready", dkim]);
        sim.never_within(HOUR, "Ready changed", flipped).await;
        let but = sim
            .message(ACME, "Ready")
            .starts_with("Mail can still be sent from example.com, but DkimReady is not True. Missing record: ");
        assert_eq!(but, doubt.is_none());
        sim.heal();
        sim.until("DNS is back", || sim.records(ACME) == ["Found"; 3]).await;
    }
    assert_eq!(sim.told(EventReason::BecameUnready).len() + sim.told(EventReason::VerificationRestarted).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn dns_without_an_answer_keeps_a_domain_from_becoming_ready() {
    let (sim, _operator) = waiting().await;
    sim.dns_unknown(&record(DOMAIN, 2).0, Doubt::ServerFailure);
    sim.publish(DOMAIN);
    let expected = ["DkimReady False RecordsUnknown", "Ready False RecordsUnknown", "Reconciling True RecordsUnknown"];
    sim.until_says(ACME, &expected).await;
    sim.never_within(HOUR, "Ready without an answer", || sim.is_saying(ACME, &["Ready True Ready"])).await;
    sim.heal();
    sim.until_ready(ACME).await;
}
