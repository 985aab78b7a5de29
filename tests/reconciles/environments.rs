//! Several releases in one cluster, changed settings, wrong credentials, dry runs.

use sender_operator::{api::reasons::EventReason, model::claim::State, model::tenant::ENVIRONMENT_LABEL};

use crate::{
    setup::{ACME, DOMAIN, ready},
    simulation::{DAY, HOUR, Simulation, StoreCall},
};

#[tokio::test(start_paused = true)]
async fn each_release_serves_the_namespaces_that_name_it() {
    let sim = Simulation::new();
    let _default = sim.start();
    let _production = sim.start_with(|config| config.environment = "production".into());
    let rows = [
        ("plain", None, Some("default")),
        ("named", Some("default"), Some("default")),
        ("prod", Some("production"), Some("production")),
        ("test", Some("staging"), None),
    ];
    for (namespace, label, _) in rows {
        sim.namespace(namespace, &label.map(|label| (ENVIRONMENT_LABEL, label)).into_iter().collect::<Vec<_>>());
        sim.publish(&format!("{namespace}.example"));
        sim.apply(&format!("{namespace}/mail"), &format!("{namespace}.example"));
    }
    for (namespace, _, served) in rows {
        let (object, domain) = (format!("{namespace}/mail"), format!("{namespace}.example"));
        if let Some(environment) = served {
            sim.until_ready(&object).await;
            assert_eq!(sim.identity(&domain).unwrap().environment().unwrap(), environment);
        } else {
            sim.advance(DAY).await;
            assert_eq!(sim.status(&object).observed_generation, -1, "no release serves it");
            assert!(sim.ses_calls(&domain).is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_credentials_of_another_account_nothing_is_written() {
    let (sim, operator) = ready().await;
    operator.stop().await;
    let (calls, writes) = (sim.journal().len(), sim.all_writes());
    sim.delete(ACME);
    for change in ["account", "region"] {
        let operator = sim.start_with(|config| match change {
            "account" => config.caller.account = "999988887777".into(),
            _ => config.caller.region = "us-east-1".into(),
        });
        sim.until("readiness reports it", || operator.waits_for().concat().contains("AccountMismatch")).await;
        sim.advance(DAY).await;
        assert_eq!((sim.journal().len(), sim.all_writes()), (calls, writes), "other {change}");
    }
    let operator = sim.start();
    sim.until_state(DOMAIN, State::Released).await;
    assert!(operator.waits_for().is_empty());
    operator.stop().await;
    let operator = sim.start_with(|config| config.caller.account = "999988887777".into());
    sim.until("readiness reports it", || operator.waits_for().len() == 1).await;
    sim.remove_claim("default.example.com");
    sim.until("without the claim readiness recovers", || operator.waits_for().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn identities_stay_ours_when_the_owner_id_is_changed_again_and_again() {
    let (sim, operator) = ready().await;
    operator.stop().await;
    let operator = sim.start_with(|config| config.owner_id = "owner-2".into());
    sim.at_ses(DOMAIN, |identity| identity.signing = false);
    sim.until("drift is repaired", || sim.identity(DOMAIN).unwrap().signing).await;
    sim.until_ready(ACME).await;
    sim.delete_at_ses(DOMAIN);
    sim.until("it is created again", || sim.identity(DOMAIN).is_some()).await;
    sim.until_ready(ACME).await;
    operator.stop().await;
    let _operator = sim.start_with(|config| config.owner_id = "owner-3".into());
    sim.advance(HOUR).await;
    assert!(sim.is_saying(ACME, &["Ready True Ready"]), "{:?}", sim.says(ACME));
    sim.delete(ACME);
    sim.until_state(DOMAIN, State::Released).await;
    assert!(sim.identity(DOMAIN).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_shows_its_plan_and_writes_neither_claims_nor_to_ses() {
    let sim = Simulation::new();
    let operator = sim.start();
    sim.ready("acme", DOMAIN).await;
    sim.ready("other", "example.org").await;
    operator.stop().await;
    let writes = [StoreCall::SwapClaim, StoreCall::CreateClaim].map(|call| sim.writes(call));
    // The simulation checks that a dry run never writes to SES.
    let _operator = sim.start_with(|config| config.dry_run = true);
    sim.at_ses(DOMAIN, |identity| identity.signing = false);
    sim.until_says(ACME, &["Ready False DryRun"]).await;
    assert_eq!(sim.message(ACME, "Ready"), "Dry run: the operator would turn on DKIM signing for example.com.");
    sim.delete("other/mail");
    let object = sim.asking("new", "example.net").await;
    sim.until_says(&object, &["Owned False Claiming", "Ready False DryRun"]).await;
    assert!(sim.message(&object, "Ready").starts_with("Dry run: the operator would set the claim on example.net to"));
    sim.advance(DAY).await;
    assert_eq!([StoreCall::SwapClaim, StoreCall::CreateClaim].map(|call| sim.writes(call)), writes);
    assert_eq!((sim.state("example.org"), sim.state("example.net")), (Some(State::Held), None));
    let planned = sim.events_of(&object).iter().filter(|event| **event == EventReason::Planned).count();
    assert_eq!((sim.history(&object).len(), planned), (1, 1), "it is reported once");
}
