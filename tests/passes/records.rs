//! What the status says of the DNS records, and what it makes of the answers of DNS.

use sender_operator::{api::reasons::EventReason, model::records::Doubt};

use crate::world::{HOUR, MINUTE, World, record};

/// A world where SES waits for the records of example.com.
async fn waiting() -> (World, crate::world::Operator) {
    let world = World::new();
    let operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail") == ["Missing"; 3]).await;
    (world, operator)
}

#[tokio::test(start_paused = true)]
async fn the_message_names_the_first_record_to_publish() {
    let (world, _operator) = waiting().await;
    for n in 0..3 {
        let (name, value) = record("example.com", n);
        let start = format!("Missing record: {name} CNAME {value}. DNS has no such record. Publish it.");
        world.until(&start, || world.message("acme/mail", "DkimReady").starts_with(&start)).await;
        assert_eq!(world.message("acme/mail", "Ready"), world.message("acme/mail", "DkimReady"));
        let more = world.message("acme/mail", "DkimReady").contains(&format!("({} more in", 2 - n));
        assert_eq!(more, n < 2);
        world.set_record(&name, &value);
    }
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_value_is_named_before_what_is_missing() {
    let (world, _operator) = waiting().await;
    let (name, value) = record("example.com", 1);
    world.set_record(&name, "somewhere.example.net");
    world.until("the record is seen", || world.records("acme/mail") == ["Missing", "Mismatch", "Missing"]).await;
    let message = world.message("acme/mail", "DkimReady");
    let start = format!("Wrong record: {name} CNAME is somewhere.example.net, but must be {value}.");
    assert!(message.starts_with(&start), "{message}");
    assert_eq!(world.status("acme/mail").dns_records[1].observed.as_deref(), Some("somewhere.example.net"));
}

#[tokio::test(start_paused = true)]
async fn a_zone_appended_to_the_name_or_the_value_is_recognised() {
    let (world, _operator) = waiting().await;
    let (first, second) = (record("example.com", 0), record("example.com", 1));
    world.set_record(&format!("{}.example.com", first.0), &first.1);
    world.set_record(&second.0, &format!("{}.example.com", second.1));
    world.until("both are seen", || world.records("acme/mail") == ["Missing", "Mismatch", "Missing"]).await;
    let records = world.status("acme/mail").dns_records;
    let short = first.0.trim_end_matches(".example.com").to_owned();
    assert!(records[0].finding.as_ref().unwrap().ends_with(&format!("Enter the name as {short}.")), "{records:?}");
    assert!(records[1].finding.as_ref().unwrap().contains("with a dot at its end"), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn a_proxied_name_is_recognised() {
    let (world, _operator) = waiting().await;
    world.set_address(&record("example.com", 0).0);
    let finding = || world.status("acme/mail").dns_records[0].finding.clone().unwrap_or_default();
    world.until("the proxy is named", || finding().contains("DNS only")).await;
}

#[tokio::test(start_paused = true)]
async fn dns_without_an_answer_never_flips_ready() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    for doubt in [Doubt::Timeout, Doubt::ServerFailure, Doubt::Disagreement] {
        world.dns_unknown("example.com", doubt);
        world.until("it is seen", || world.records("acme/mail") == ["Unknown"; 3]).await;
        world
            .never_within(HOUR, "Ready was flipped", || {
                !world.is_saying("acme/mail", &["Ready True Ready", "DkimReady True Signing"])
            })
            .await;
        world.heal();
        world.until("DNS is back", || world.records("acme/mail") == ["Found"; 3]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_answer_of_dns_never_flips_ready_while_ses_sends() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.dns_denies("example.com");
    world.until_says("acme/mail", &["DkimReady False RecordsMissing", "Ready True Ready"]).await;
    assert!(world.message("acme/mail", "Ready").starts_with("Mail can still be sent from example.com, but: Missing"));
    world.pass(HOUR).await;
    world.heal();
    world.until_says("acme/mail", &["DkimReady True Signing", "Ready True Ready"]).await;
    assert_eq!(world.told(EventReason::BecameUnready).len() + world.told(EventReason::VerificationRestarted).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn dns_without_an_answer_keeps_a_domain_from_becoming_ready() {
    let (world, _operator) = waiting().await;
    world.dns_unknown(&record("example.com", 2).0, Doubt::ServerFailure);
    world.publish("example.com");
    let expected = ["DkimReady False RecordsUnknown", "Ready False RecordsUnknown", "Reconciling True RecordsUnknown"];
    world.until_says("acme/mail", &expected).await;
    world.never_within(HOUR, "Ready on a doubt", || world.is_saying("acme/mail", &["Ready True Ready"])).await;
    world.heal();
    world.until_ready("acme/mail").await;
}

#[tokio::test(start_paused = true)]
async fn all_three_records_are_needed() {
    let (world, _operator) = waiting().await;
    world.publish("example.com");
    world.remove_record(&record("example.com", 2).0);
    world.until("two are found", || world.records("acme/mail") == ["Found", "Found", "Missing"]).await;
    world.never_within(10 * MINUTE, "Ready with two", || world.is_saying("acme/mail", &["Ready True Ready"])).await;
}
