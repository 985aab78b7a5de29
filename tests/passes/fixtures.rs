//! What the operator writes in each situation, whole, as files: the engines of Argo CD, Flux and kubectl are tested with them
//! (`tests/gitops`). `make fixtures` writes them anew.

use std::{collections::BTreeMap, fs, path::Path};

use kube::ResourceExt;
use sender_operator::{
    api::{SenderClaim, SenderClaimSpec},
    model::{claim::State, confirmation::answering::Act, confirmation::limits::Limits},
    ses::SesError,
};
use serde_json::{Value, json};

use crate::world::{DAY, HOUR, MINUTE, World};

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

fn domain(all: &mut Fixtures, name: &str, world: &World, object: &str) {
    put(all, name, "SenderDomain", json!(world.object(object)));
}

fn address(all: &mut Fixtures, name: &str, world: &World, object: &str) {
    let found = world
        .all_addresses()
        .into_iter()
        .find(|one| format!("{}/{}", one.namespace().unwrap(), one.name_any()) == object);
    put(all, name, "SenderAddress", json!(found.unwrap()));
}

fn claim(all: &mut Fixtures, name: &str, world: &World) {
    let claim = world.claim(DOMAIN).unwrap();
    let object = SenderClaim::new(&format!("default.{DOMAIN}"), SenderClaimSpec { claim });
    put(all, name, "SenderClaim", json!(object));
}

async fn on_the_way_to_ready(all: &mut Fixtures) {
    let world = World::new();
    world.tenant("acme");
    world.apply(OBJECT, DOMAIN);
    domain(all, "domain-no-operator-has-seen-it", &world, OBJECT);
    let operator = world.start_proving();
    world.until_challenged(OBJECT).await;
    world.until("the records are listed", || world.records(OBJECT).len() == 4).await;
    domain(all, "domain-waits-for-its-records", &world, OBJECT);
    claim(all, "claim-provisional", &world);
    world.prove(OBJECT).await;
    world.until_says(OBJECT, &["Owned True Held", "DkimReady False RecordsMissing"]).await;
    domain(all, "domain-proven-and-waits-for-dkim", &world, OBJECT);
    world.publish(DOMAIN);
    world.until_ready(OBJECT).await;
    domain(all, "domain-ready", &world, OBJECT);
    claim(all, "claim-held", &world);
    operator.stop().await;
    world.edit(OBJECT, |spec| spec.suspend = Some(false));
    domain(all, "domain-ready-and-edited-since", &world, OBJECT);
    world.begin_delete(OBJECT);
    domain(all, "domain-being-deleted", &world, OBJECT);
}

async fn ready_and_then(all: &mut Fixtures) {
    let world = World::new();
    let _operator = world.start_proving();
    world.proven("acme", DOMAIN).await;
    let (name, _) = crate::world::record(DOMAIN, 0);
    world.set_record(&name, "elsewhere.example.net");
    world.until_says_within(HOUR, OBJECT, &["DkimReady False RecordsMissing", "Ready True Ready"]).await;
    domain(all, "domain-ready-with-a-wrong-record", &world, OBJECT);
    world.publish(DOMAIN);
    world.unprove(OBJECT);
    world.until_lost(OBJECT).await;
    domain(all, "domain-ready-with-its-proof-gone", &world, OBJECT);
    let rival = world.asking("rival", DOMAIN).await;
    world.until_says(&rival, &["Stalled True OwnedByAnotherTenant"]).await;
    domain(all, "domain-of-another-tenant", &world, &rival);
    world.prove(&rival).await;
    world.until_within(9 * DAY, "it changes hands", || world.owner(DOMAIN).as_deref() == Some("tenant/rival")).await;
    world.until_says(OBJECT, &["Stalled True Displaced"]).await;
    domain(all, "domain-displaced", &world, OBJECT);
}

async fn refused(all: &mut Fixtures) {
    let world = World::new();
    let _operator = world.start();
    world.ready("acme", DOMAIN).await;
    world.apply("acme/second", DOMAIN);
    world.until_says("acme/second", &["Stalled True Duplicate"]).await;
    domain(all, "domain-asked-for-twice", &world, "acme/second");
    let suffix = world.asking("web", "co.uk").await;
    world.until_says(&suffix, &["Stalled True PublicSuffix"]).await;
    domain(all, "domain-public-suffix", &world, &suffix);
    world.create_at_ses("example.org", &[]);
    let foreign = world.asking("other", "example.org").await;
    world.until_says(&foreign, &["Stalled True ForeignIdentity"]).await;
    domain(all, "domain-identity-of-others", &world, &foreign);
    world.edit(OBJECT, |spec| spec.suspend = Some(true));
    world.until_says(OBJECT, &["Ready False Suspended"]).await;
    domain(all, "domain-suspended", &world, OBJECT);
    world.delete("acme/second");
    world.delete(OBJECT);
    world.until_state(DOMAIN, State::Releasing).await;
    claim(all, "claim-releasing", &world);
    world.until_state(DOMAIN, State::Released).await;
    claim(all, "claim-released", &world);
}

async fn dry_run_and_outages(all: &mut Fixtures) {
    let world = World::new();
    let _operator = world.start_with(|me| me.dry_run = true);
    world.tenant("acme");
    world.apply(OBJECT, DOMAIN);
    world.until_says(OBJECT, &["Ready False DryRun"]).await;
    domain(all, "domain-dry-run", &world, OBJECT);

    let world = World::new();
    let _operator = world.start();
    world.ready("acme", DOMAIN).await;
    world.ses_down(&SesError::Server);
    world.until_says(OBJECT, &["IdentityVerified True SesUnavailable", "Ready True Ready"]).await;
    domain(all, "domain-ready-while-aws-is-down", &world, OBJECT);
    let never = world.asking("other", "example.org").await;
    world.until_says(&never, &["Ready False SesUnavailable"]).await;
    domain(all, "domain-never-ready-while-aws-is-down", &world, &never);
}

async fn addresses_asked(all: &mut Fixtures) {
    let world = World::new();
    world.verify_sender();
    world.tenant("acme");
    world.ask(ADDRESS, SALES);
    address(all, "address-no-operator-has-seen-it", &world, ADDRESS);
    let _operator = world.start();
    world.until_address_says(ADDRESS, "Ready False DomainMissing").await;
    address(all, "address-without-a-domain", &world, ADDRESS);
    world.ready("acme", DOMAIN).await;
    world.until_address_says(ADDRESS, "Ready False AwaitingOwner").await;
    address(all, "address-waits-for-its-owner", &world, ADDRESS);
    world.click(SALES, Act::Confirm);
    world.until_address_says(ADDRESS, "Ready True Ready").await;
    address(all, "address-ready", &world, ADDRESS);
    world.tenant("rival");
    world.ask("rival/sales", SALES);
    world.until_address_says("rival/sales", "Stalled True DomainOwnedByAnotherTenant").await;
    address(all, "address-of-another-tenants-domain", &world, "rival/sales");
    world.edit(OBJECT, |spec| spec.suspend = Some(true));
    world.until_address_says(ADDRESS, "Ready False DomainNotReady").await;
    address(all, "address-whose-domain-is-not-ready", &world, ADDRESS);
    world.edit(OBJECT, |spec| spec.suspend = None);
    world.until_address_says(ADDRESS, "Ready True Ready").await;
    world.click(SALES, Act::Withdraw);
    world.until_address_says(ADDRESS, "Stalled True Withdrawn").await;
    address(all, "address-withdrawn", &world, ADDRESS);
}

async fn addresses_refused(all: &mut Fixtures) {
    let world = World::new();
    let mut post = World::post();
    post.limits = Limits { tenant: 2, ..post.limits };
    let _operator = world.start_with(|me| me.mail = Some(std::sync::Arc::new(post)));
    world.verify_sender();
    world.ready("acme", DOMAIN).await;
    for (object, at) in [(ADDRESS, SALES), ("acme/info", "info@example.com")] {
        world.ask(object, at);
        world.until_address_says(object, "Ready False AwaitingOwner").await;
    }
    world.ask("acme/third", "third@example.com");
    world.until_address_says("acme/third", "Ready False MailLimit").await;
    address(all, "address-held-back-by-a-limit", &world, "acme/third");
    world.click("info@example.com", Act::Decline);
    world.until_address_says("acme/info", "Stalled True Declined").await;
    address(all, "address-declined", &world, "acme/info");
    world.pass(DAY + MINUTE).await;
    world.until_address_says(ADDRESS, "Stalled True Expired").await;
    address(all, "address-expired", &world, ADDRESS);
}

#[tokio::test(start_paused = true)]
async fn the_fixtures_for_gitops_are_what_the_operator_writes() {
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
        assert!(kept == text, "{name} differs from what the operator writes: run `make fixtures` and `make gitops`");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), all.len(), "a fixture that nobody writes any more");
}
