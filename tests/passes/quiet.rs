//! What is settled costs next to nothing, and what strangers do to a status does not last.

use crate::world::{HOUR, MINUTE, SesCall, World};

#[tokio::test(start_paused = true)]
async fn two_hundred_settled_domains_cost_no_write_and_only_sweeps_and_slow_refreshes() {
    let world = World::new();
    let _operator = world.start_with(|me| me.refresh_interval = 6 * HOUR);
    world.tenant("acme");
    let names: Vec<String> = (0..200).map(|n| format!("d{n}.example")).collect();
    for name in &names {
        world.publish(name);
        world.apply(&format!("acme/{name}"), name);
    }
    for name in &names {
        world.until_ready(&format!("acme/{name}")).await;
    }
    world.pass(HOUR).await;
    let (writes, calls, lists) = (world.all_writes(), world.journal().len(), world.lists());
    let questions = world.dns_questions();
    world.pass(10 * HOUR).await;
    assert_eq!(world.all_writes(), writes, "not one write to the API server");
    let made = world.journal()[calls..].to_vec();
    assert!(made.iter().all(|call| call.operation == SesCall::Get));
    let (gets, lists, questions) = (made.len(), world.lists() - lists, world.dns_questions() - questions);
    println!("200 settled domains, ten hours: {gets} full reads, {lists} lists, {questions} DNS look-ups, no write");
    // A full look every 5.4 to 6 hours, a page of the list every 4.5 to 5 minutes, DNS every 9 to 10 minutes.
    assert!((200..=400).contains(&gets), "{gets} full looks");
    assert!((120..=134).contains(&lists), "{lists} lists");
    assert!((200 * 3 * 60..=200 * 3 * 67).contains(&questions), "{questions} questions");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_due_takes_one_pass() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    world.pass(HOUR).await;
    let passes = operator.passes("settled");
    world.pass(10 * HOUR).await;
    // DNS and the identity every 9 to 10 minutes each.
    let passes = operator.passes("settled") - passes;
    assert!((60..=140).contains(&passes), "{passes} passes in ten hours");
}

#[tokio::test(start_paused = true)]
async fn a_restart_over_settled_domains_writes_nothing() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    world.ready("other", "example.org").await;
    operator.stop().await;
    world.pass(HOUR).await;
    let (writes, calls) = (world.all_writes(), world.journal().len());
    let _operator = world.start();
    world.pass(HOUR).await;
    assert!(world.journal().len() > calls);
    assert_eq!(world.all_writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_a_stranger_edited_is_put_right_at_the_next_look() {
    let world = World::new();
    let _operator = world.start();
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until("the records are listed", || world.records("acme/mail").len() == 3).await;
    world.edit_status("acme/mail", |status| {
        status.dns_records.clear();
        status.conditions.retain(|condition| condition.type_ != "Reconciling");
        for condition in &mut status.conditions {
            condition.status = "True".into();
        }
    });
    assert_eq!(world.says("acme/mail")[3], "Ready True RecordsMissing");
    let expected = ["Owned True Held", "IdentityVerified False Pending", "Ready False RecordsMissing"];
    world.until_says_within(10 * MINUTE, "acme/mail", &expected).await;
    assert_eq!(world.records("acme/mail"), ["Missing"; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_claims_a_domain_gives_no_right_to_it() {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", "example.com").await;
    world.tenant("rival");
    world.apply("rival/mail", "example.com");
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    let stolen = world.status("acme/mail");
    world.edit_status("rival/mail", |status| *status = stolen);
    world.until_says("rival/mail", &["Stalled True OwnedByAnotherTenant"]).await;
    assert!(world.status("rival/mail").dns_records.is_empty());
    assert_eq!(world.owner("example.com").unwrap(), "tenant/acme");
}
