//! Several releases in one cluster, changed settings, wrong credentials, dry runs.

use sender_operator::{api::reasons::EventReason, model::claim::State, model::tenant::ENVIRONMENT_LABEL};

use crate::{
    setup::{ACME, DOMAIN, ready},
    world::{DAY, HOUR, StoreCall, World},
};

#[tokio::test(start_paused = true)]
async fn each_release_serves_the_namespaces_that_name_it() {
    let world = World::new();
    let _default = world.start();
    let _production = world.start_with(|me| me.environment = "production".into());
    let rows = [
        ("plain", None, Some("default")),
        ("named", Some("default"), Some("default")),
        ("prod", Some("production"), Some("production")),
        ("test", Some("staging"), None),
    ];
    for (namespace, label, _) in rows {
        world.namespace(namespace, &label.map(|label| (ENVIRONMENT_LABEL, label)).into_iter().collect::<Vec<_>>());
        world.publish(&format!("{namespace}.example"));
        world.apply(&format!("{namespace}/mail"), &format!("{namespace}.example"));
    }
    for (namespace, _, served) in rows {
        let (object, domain) = (format!("{namespace}/mail"), format!("{namespace}.example"));
        if let Some(environment) = served {
            world.until_ready(&object).await;
            assert_eq!(world.identity(&domain).unwrap().environment().unwrap(), environment);
        } else {
            world.pass(DAY).await;
            assert_eq!(world.status(&object).observed_generation, -1, "nobody serves it");
            assert!(world.ses_calls(&domain).is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_credentials_of_another_account_nothing_is_written() {
    let (world, operator) = ready().await;
    operator.stop().await;
    let (calls, writes) = (world.journal().len(), world.all_writes());
    world.delete(ACME);
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
    world.until_state(DOMAIN, State::Released).await;
    assert!(operator.waits_for().is_empty());
    operator.stop().await;
    let operator = world.start_with(|me| me.caller.account = "999988887777".into());
    world.until("readiness says so", || operator.waits_for().len() == 1).await;
    world.remove_claim("default.example.com");
    world.until("without the claim readiness recovers", || operator.waits_for().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn identities_stay_ours_when_the_owner_id_is_changed_again_and_again() {
    let (world, operator) = ready().await;
    operator.stop().await;
    let operator = world.start_with(|me| me.owner_id = "owner-2".into());
    world.at_ses(DOMAIN, |identity| identity.signing = false);
    world.until("drift is mended", || world.identity(DOMAIN).unwrap().signing).await;
    world.until_ready(ACME).await;
    world.delete_at_ses(DOMAIN);
    world.until("it is created again", || world.identity(DOMAIN).is_some()).await;
    world.until_ready(ACME).await;
    operator.stop().await;
    let _operator = world.start_with(|me| me.owner_id = "owner-3".into());
    world.pass(HOUR).await;
    assert!(world.is_saying(ACME, &["Ready True Ready"]), "{:?}", world.says(ACME));
    world.delete(ACME);
    world.until_state(DOMAIN, State::Released).await;
    assert!(world.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_tells_its_plan_and_writes_neither_claims_nor_to_ses() {
    let world = World::new();
    let operator = world.start();
    world.ready("acme", DOMAIN).await;
    world.ready("other", "example.org").await;
    operator.stop().await;
    let writes = [StoreCall::SwapClaim, StoreCall::CreateClaim].map(|call| world.writes(call));
    // That a dry run never writes to SES is a law of the world.
    let _operator = world.start_with(|me| me.dry_run = true);
    world.at_ses(DOMAIN, |identity| identity.signing = false);
    world.until_says(ACME, &["Ready False DryRun"]).await;
    assert_eq!(world.message(ACME, "Ready"), "Dry run: the operator would turn DKIM signing on for example.com.");
    world.delete("other/mail");
    let object = world.asking("new", "example.net").await;
    world.until_says(&object, &["Owned False Claiming", "Ready False DryRun"]).await;
    assert!(world.message(&object, "Ready").starts_with("Dry run: the operator would set the claim on example.net to"));
    world.pass(DAY).await;
    assert_eq!([StoreCall::SwapClaim, StoreCall::CreateClaim].map(|call| world.writes(call)), writes);
    assert_eq!((world.state("example.org"), world.state("example.net")), (Some(State::Held), None));
    let planned = world.events_of(&object).iter().filter(|event| **event == EventReason::Planned).count();
    assert_eq!((world.history(&object).len(), planned), (1, 1), "it is told once");
}
