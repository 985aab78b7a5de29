//! Several releases in one cluster, changed settings, wrong credentials, dry runs.

use sender_operator::{
    api::reasons::EventReason,
    model::{
        claim::State,
        tenant::{ENVIRONMENT_LABEL, TENANT_LABEL},
    },
};

use crate::world::{DAY, HOUR, SesCall, StoreCall, World};

#[tokio::test(start_paused = true)]
async fn each_release_serves_the_namespaces_that_name_it() {
    let world = World::new();
    let _default = world.start();
    let _production = world.start_with(|me| me.environment = "production".into());
    for (namespace, labels) in [
        ("plain", vec![]),
        ("named", vec![(ENVIRONMENT_LABEL, "default")]),
        ("prod", vec![(ENVIRONMENT_LABEL, "production")]),
        ("test", vec![(ENVIRONMENT_LABEL, "staging")]),
    ] {
        world.namespace(namespace, &labels);
        world.publish(&format!("{namespace}.example"));
        world.apply(&format!("{namespace}/mail"), &format!("{namespace}.example"));
    }
    for object in ["plain/mail", "named/mail", "prod/mail"] {
        world.until_ready(object).await;
    }
    for (domain, environment) in
        [("plain.example", "default"), ("named.example", "default"), ("prod.example", "production")]
    {
        assert_eq!(world.identity(domain).unwrap().environment().unwrap(), environment);
    }
    world.pass(DAY).await;
    assert_eq!(world.status("test/mail").observed_generation, -1, "nobody serves it");
    assert!(world.ses_calls("test.example").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_moves_to_another_release_is_let_go_by_one_and_taken_by_the_other() {
    let world = World::new();
    let _default = world.start();
    let _production = world.start_with(|me| me.environment = "production".into());
    world.ready("acme", "example.com").await;
    world.namespace("acme", &[(TENANT_LABEL, "acme"), (ENVIRONMENT_LABEL, "production")]);
    world.until_says("acme/mail", &["Stalled True EnvironmentChanged"]).await;
    world.until_state("example.com", State::Released).await;
    world.until_ready("acme/mail").await;
    assert_eq!(world.identity("example.com").unwrap().environment().unwrap(), "production");
}

#[tokio::test(start_paused = true)]
async fn with_the_credentials_of_another_account_nothing_is_written() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    operator.stop().await;
    let (calls, writes) = (world.journal().len(), world.all_writes());
    world.delete("acme/mail");
    for change in ["account", "region"] {
        let operator = world.start_with(|me| match change {
            "account" => me.caller.account = "999988887777".into(),
            _ => me.caller.region = "us-east-1".into(),
        });
        world.until("readiness says so", || operator.waits_for().concat().contains("AccountMismatch")).await;
        world.pass(DAY).await;
        assert_eq!((world.journal().len(), world.all_writes()), (calls, writes), "other {change}");
    }
    let operator = world.start();
    world.until_state("example.com", State::Released).await;
    assert!(operator.waits_for().is_empty());
}

#[tokio::test(start_paused = true)]
async fn readiness_recovers_when_the_claim_of_another_account_is_gone() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    operator.stop().await;
    let operator = world.start_with(|me| me.caller.account = "999988887777".into());
    world.until("readiness says so", || operator.waits_for().len() == 1).await;
    world.remove_claim("default.example.com");
    world.until("readiness recovers", || operator.waits_for().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn identities_stay_ours_when_the_owner_id_is_changed() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    operator.stop().await;
    let _operator = world.start_with(|me| me.owner_id = "owner-2".into());
    world.at_ses("example.com", |identity| identity.signing = false);
    world.until("drift is mended", || world.identity("example.com").unwrap().signing).await;
    world.until_ready("acme/mail").await;
    world.delete_at_ses("example.com");
    world.until("it is created again", || world.identity("example.com").is_some()).await;
    world.until_ready("acme/mail").await;
    world.delete("acme/mail");
    world.until_state("example.com", State::Released).await;
    assert!(world.identity("example.com").is_none());
}

#[tokio::test(start_paused = true)]
async fn identities_stay_ours_when_the_owner_id_is_changed_twice() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    operator.stop().await;
    let operator = world.start_with(|me| me.owner_id = "owner-2".into());
    world.delete_at_ses("example.com");
    world.until("it is created again", || world.identity("example.com").is_some()).await;
    world.until_ready("acme/mail").await;
    operator.stop().await;
    let _operator = world.start_with(|me| me.owner_id = "owner-3".into());
    world.pass(HOUR).await;
    assert!(world.is_saying("acme/mail", &["Ready True Ready"]), "{:?}", world.says("acme/mail"));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_tells_its_plan_and_writes_neither_claims_nor_to_ses() {
    let world = World::new();
    let _operator = world.start_with(|me| me.dry_run = true);
    world.tenant("acme");
    world.apply("acme/mail", "example.com");
    world.until_says("acme/mail", &["Owned False Claiming", "Ready False DryRun"]).await;
    assert!(world.message("acme/mail", "Ready").starts_with("Dry run: would make the claim on example.com"));
    world.until("it is told", || world.told(EventReason::Planned).len() == 1).await;
    world.pass(DAY).await;
    assert!(world.claim("example.com").is_none());
    assert_eq!(world.writes(StoreCall::CreateClaim), 0);
    assert!(world.ses_writes("example.com").is_empty());
    assert_eq!((world.history("acme/mail").len(), world.told(EventReason::Planned).len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_over_what_exists_shows_what_it_would_mend_and_delete() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", "example.com").await;
    world.ready("other", "example.org").await;
    operator.stop().await;
    let writes = world.writes(StoreCall::SwapClaim);
    let _operator = world.start_with(|me| me.dry_run = true);
    world.at_ses("example.com", |identity| identity.signing = false);
    world.until_says("acme/mail", &["Ready False DryRun"]).await;
    assert_eq!(world.message("acme/mail", "Ready"), "Dry run: would turn DKIM signing on for example.com.");
    world.delete("other/mail");
    world.pass(DAY).await;
    assert_eq!((world.state("example.org"), world.writes(StoreCall::SwapClaim)), (Some(State::Held), writes));
    assert_eq!(world.ses_writes("example.com"), [SesCall::Create]);
    assert_eq!(world.ses_writes("example.org"), [SesCall::Create]);
}
