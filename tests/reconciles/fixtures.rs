//! The operator's complete statuses in each situation, as files: input for the engines of Argo CD, Flux and kubectl
//! (`tests/gitops`). `make fixtures` regenerates them.

use std::{collections::BTreeMap, fs, path::Path};

use kube::ResourceExt;
use sender_operator::{
    api::{SenderClaim, SenderClaimSpec},
    model::{claim::State, confirmation::answer::Act, confirmation::limits::MailLimits},
    ses::SesError,
};
use serde_json::{Value, json};

use crate::simulation::{DAY, HOUR, MINUTE, Simulation};

const DOMAIN: &str = "example.com";
const OBJECT: &str = "acme/mail";
const SALES: &str = "sales@example.com";
const ADDRESS: &str = "acme/sales";

type Fixtures = BTreeMap<String, Value>;

/// Random ids differ from run to run.
fn without_chance(value: &mut Value) {
    match value {
        Value::String(text) if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            *text = "0".repeat(32);
        }
        Value::Array(items) => items.iter_mut().for_each(without_chance),
        Value::Object(fields) => fields.values_mut().for_each(without_chance),
        _ => {}
    }
}

fn put(all: &mut Fixtures, name: &str, kind: &str, mut object: Value) {
    without_chance(&mut object);
    object["apiVersion"] = json!("sender-operator.io/v1alpha1");
    object["kind"] = json!(kind);
    assert!(all.insert(name.to_owned(), object).is_none(), "{name} twice");
}

fn domain(all: &mut Fixtures, name: &str, sim: &Simulation, object: &str) {
    put(all, name, "SenderDomain", json!(sim.object(object)));
}

fn address(all: &mut Fixtures, name: &str, sim: &Simulation, object: &str) {
    let found = sim
        .all_addresses()
        .into_iter()
        .find(|one| format!("{}/{}", one.namespace().unwrap(), one.name_any()) == object);
    put(all, name, "SenderAddress", json!(found.unwrap()));
}

fn claim(all: &mut Fixtures, name: &str, sim: &Simulation) {
    let claim = sim.claim(DOMAIN).unwrap();
    let object = SenderClaim::new(&format!("default.{DOMAIN}"), SenderClaimSpec { claim });
    put(all, name, "SenderClaim", json!(object));
}

async fn on_the_way_to_ready(all: &mut Fixtures) {
    let sim = Simulation::new();
    sim.tenant("acme");
    sim.apply(OBJECT, DOMAIN);
    domain(all, "domain-no-operator-has-seen-it", &sim, OBJECT);
    let operator = sim.start_proving();
    sim.until_challenged(OBJECT).await;
    sim.until("the records are listed", || sim.records(OBJECT).len() == 4).await;
    domain(all, "domain-waits-for-its-records", &sim, OBJECT);
    claim(all, "claim-provisional", &sim);
    sim.prove(OBJECT).await;
    sim.until_says(OBJECT, &["Owned True Held", "DkimReady False RecordsMissing"]).await;
    domain(all, "domain-proven-and-waits-for-dkim", &sim, OBJECT);
    sim.publish(DOMAIN);
    sim.until_ready(OBJECT).await;
    domain(all, "domain-ready", &sim, OBJECT);
    claim(all, "claim-held", &sim);
    operator.stop().await;
    sim.edit(OBJECT, |spec| spec.suspend = Some(false));
    domain(all, "domain-ready-and-edited-since", &sim, OBJECT);
    sim.begin_delete(OBJECT);
    domain(all, "domain-being-deleted", &sim, OBJECT);
}

async fn ready_and_then(all: &mut Fixtures) {
    let sim = Simulation::new();
    let _operator = sim.start_proving();
    sim.proven("acme", DOMAIN).await;
    let (name, _) = crate::simulation::record(DOMAIN, 0);
    sim.set_record(&name, "elsewhere.example.net");
    sim.until_says_within(HOUR, OBJECT, &["DkimReady False RecordsMissing", "Ready True Ready"]).await;
    domain(all, "domain-ready-with-a-wrong-record", &sim, OBJECT);
    sim.publish(DOMAIN);
    sim.unprove(OBJECT);
    sim.until_lost(OBJECT).await;
    domain(all, "domain-ready-with-its-proof-gone", &sim, OBJECT);
    let rival = sim.asking("rival", DOMAIN).await;
    sim.until_says(&rival, &["Stalled True OwnedByAnotherTenant"]).await;
    domain(all, "domain-of-another-tenant", &sim, &rival);
    sim.prove(&rival).await;
    sim.until_within(9 * DAY, "it has a new holder", || sim.owner(DOMAIN).as_deref() == Some("tenant/rival")).await;
    sim.until_says(OBJECT, &["Stalled True Displaced"]).await;
    domain(all, "domain-displaced", &sim, OBJECT);
}

async fn refused(all: &mut Fixtures) {
    let sim = Simulation::new();
    let _operator = sim.start();
    sim.ready("acme", DOMAIN).await;
    sim.apply("acme/second", DOMAIN);
    sim.until_says("acme/second", &["Stalled True Duplicate"]).await;
    domain(all, "domain-asked-for-twice", &sim, "acme/second");
    let suffix = sim.asking("web", "co.uk").await;
    sim.until_says(&suffix, &["Stalled True PublicSuffix"]).await;
    domain(all, "domain-public-suffix", &sim, &suffix);
    sim.create_at_ses("example.org", &[]);
    let foreign = sim.asking("other", "example.org").await;
    sim.until_says(&foreign, &["Stalled True ForeignIdentity"]).await;
    domain(all, "domain-identity-of-others", &sim, &foreign);
    sim.edit(OBJECT, |spec| spec.suspend = Some(true));
    sim.until_says(OBJECT, &["Ready False Suspended"]).await;
    domain(all, "domain-suspended", &sim, OBJECT);
    sim.delete("acme/second");
    sim.delete(OBJECT);
    sim.until_state(DOMAIN, State::Releasing).await;
    claim(all, "claim-releasing", &sim);
    sim.until_state(DOMAIN, State::Released).await;
    claim(all, "claim-released", &sim);
}

async fn dry_run_and_outages(all: &mut Fixtures) {
    let sim = Simulation::new();
    let _operator = sim.start_with(|config| config.dry_run = true);
    sim.tenant("acme");
    sim.apply(OBJECT, DOMAIN);
    sim.until_says(OBJECT, &["Ready False DryRun"]).await;
    domain(all, "domain-dry-run", &sim, OBJECT);

    let sim = Simulation::new();
    let _operator = sim.start();
    sim.ready("acme", DOMAIN).await;
    sim.ses_down(&SesError::Server);
    sim.until_says(OBJECT, &["IdentityVerified True SesUnavailable", "Ready True Ready"]).await;
    domain(all, "domain-ready-while-aws-is-down", &sim, OBJECT);
    let never = sim.asking("other", "example.org").await;
    sim.until_says(&never, &["Ready False SesUnavailable"]).await;
    domain(all, "domain-never-ready-while-aws-is-down", &sim, &never);
}

async fn addresses_asked(all: &mut Fixtures) {
    let sim = Simulation::new();
    sim.verify_sender();
    sim.tenant("acme");
    sim.ask(ADDRESS, SALES);
    address(all, "address-no-operator-has-seen-it", &sim, ADDRESS);
    let _operator = sim.start();
    sim.until_address_says(ADDRESS, "Ready False DomainMissing").await;
    address(all, "address-without-a-domain", &sim, ADDRESS);
    sim.ready("acme", DOMAIN).await;
    sim.until_address_says(ADDRESS, "Ready False AwaitingOwner").await;
    address(all, "address-waits-for-its-owner", &sim, ADDRESS);
    sim.click(SALES, Act::Confirm);
    sim.until_address_says(ADDRESS, "Ready True Ready").await;
    address(all, "address-ready", &sim, ADDRESS);
    sim.tenant("rival");
    sim.ask("rival/sales", SALES);
    sim.until_address_says("rival/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    address(all, "address-of-another-tenants-domain", &sim, "rival/sales");
    sim.edit(OBJECT, |spec| spec.suspend = Some(true));
    sim.until_address_says(ADDRESS, "Ready False DomainNotReady").await;
    address(all, "address-whose-domain-is-not-ready", &sim, ADDRESS);
    sim.edit(OBJECT, |spec| spec.suspend = None);
    sim.until_address_says(ADDRESS, "Ready True Ready").await;
    sim.click(SALES, Act::Withdraw);
    sim.until_address_says(ADDRESS, "Stalled True Withdrawn").await;
    address(all, "address-withdrawn", &sim, ADDRESS);
}

async fn addresses_refused(all: &mut Fixtures) {
    let sim = Simulation::new();
    let mut mail_config = Simulation::mail_config();
    mail_config.limits = MailLimits { tenant: 2, ..mail_config.limits };
    let _operator = sim.start_with(|config| config.mail = Some(std::sync::Arc::new(mail_config)));
    sim.verify_sender();
    sim.ready("acme", DOMAIN).await;
    for (object, at) in [(ADDRESS, SALES), ("acme/info", "info@example.com")] {
        sim.ask(object, at);
        sim.until_address_says(object, "Ready False AwaitingOwner").await;
    }
    sim.ask("acme/third", "third@example.com");
    sim.until_address_says("acme/third", "Ready False MailLimit").await;
    address(all, "address-held-back-by-a-limit", &sim, "acme/third");
    sim.click("info@example.com", Act::Decline);
    sim.until_address_says("acme/info", "Stalled True Declined").await;
    address(all, "address-declined", &sim, "acme/info");
    sim.advance(DAY + MINUTE).await;
    sim.until_address_says(ADDRESS, "Stalled True Expired").await;
    address(all, "address-expired", &sim, ADDRESS);
}

#[tokio::test(start_paused = true)]
async fn the_fixtures_for_gitops_match_the_operators_statuses() {
    let mut all = Fixtures::new();
    on_the_way_to_ready(&mut all).await;
    ready_and_then(&mut all).await;
    refused(&mut all).await;
    dry_run_and_outages(&mut all).await;
    addresses_asked(&mut all).await;
    addresses_refused(&mut all).await;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gitops/fixtures");
    let update = std::env::var_os("UPDATE").is_some();
    if update {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
    }
    for (name, object) in &all {
        let file = folder.join(name).with_extension("json");
        let text = serde_json::to_string_pretty(object).unwrap() + "\n";
        if update {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "{name} differs from the operator's status: run `make fixtures` and `make gitops`");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), all.len(), "a fixture without a situation");
}
