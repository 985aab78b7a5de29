//! The API server in memory, which the reconcile tests use, behaves as a real one: both get the same random requests
//! and must give the same answers and watch events.

#[path = "../reconciles/simulation/cluster.rs"]
#[allow(dead_code, reason = "only this API server deletes and watches namespaces")]
mod cluster;
mod model;
mod player;
mod real;
mod requests;
mod samples;
mod side;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use kube::Client;
use sender_operator_harness::{Identity, TestEnv};

use self::{
    model::Model,
    player::{Player, Sequence},
    real::Real,
    requests::{About, Freshness, StoreRequest, sequence},
    side::Change,
    words::Numbers,
};

/// Seeds; each gives a different sequence.
const SEEDS: std::ops::Range<u64> = 1..11;
/// Requests per sequence.
const LENGTH: usize = 110;
/// Number of the last claim and the last object to be created.
const LAST: u64 = 9;

/// Rejections of claims and of both kinds of objects that the sequences must produce, so that the test covers enough.
const REFUSALS: [(&str, &str); 6] = [
    ("CreateClaim", "Conflict"),
    ("SwapClaim", "Conflict"),
    ("SwapClaim", "Invalid"),
    ("SwapClaim", "NotFound"),
    ("TurnClaim", "Invalid"),
    ("DeleteClaim", "Conflict"),
];
const REFUSALS_OF_OBJECTS: [(&str, &str); 6] = [
    ("ApplyStatus", "Conflict"),
    ("ApplyStatus", "NotFound"),
    ("Create", "Conflict"),
    ("Edit", "NotFound"),
    ("Turn", "Invalid"),
    ("Delete", "NotFound"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_in_memory_answers_as_a_real_one() -> anyhow::Result<()> {
    let ground = Ground::new().await?;
    let mut answers = BTreeSet::new();
    for seed in SEEDS {
        let model = Player::new(Model::new(seed), ground.sequence(seed));
        let played = play(seed, model, ground.real(seed).await?).await;
        answers.extend(played.with_context(|| format!("with seed {seed}"))?);
    }
    let of_objects = ["Domain", "Address"]
        .into_iter()
        .flat_map(|kind| REFUSALS_OF_OBJECTS.map(|(request, class)| (format!("{kind} {request}"), class)));
    let all = REFUSALS.map(|(request, class)| (request.to_owned(), class)).into_iter().chain(of_objects);
    let missing: Vec<_> = all.filter(|(request, class)| !answers.contains(&format!("{request}: {class}"))).collect();
    ensure!(missing.is_empty(), "never covered: {missing:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_reaches_an_object_that_others_change_and_never_a_recreated_one() -> anyhow::Result<()> {
    let ground = Ground::new().await?;
    for kind in [StoreRequest::Domain, StoreRequest::Address] {
        let mut real = ground.real(0).await?;
        let mut ask = async |about| real.ask(kind(0, about)).await;
        let (create, apply) = (About::Create(0, false), |status| About::ApplyStatus(Freshness::First, status));
        ask(create).await;
        ask(About::Edit(0)).await;
        ensure!(ask(apply(1)).await == "applied");
        ensure!(ask(apply(0)).await == "applied", "an object read before the last status is sufficient");
        ask(About::Delete).await;
        ensure!(ask(apply(2)).await == "NotFound");
        ask(create).await;
        ensure!(ask(apply(2)).await == "Conflict");
        let untouched = ask(About::Get).await;
        ensure!(untouched.contains(r#""status":{"conditions":[],"observedGeneration":-1}"#), "{untouched}");
    }
    Ok(())
}

/// A real API server; only this test writes the resources in it.
struct Ground {
    env: TestEnv<'static>,
    /// The operator's service account.
    operator: Client,
    tenants: Vec<(String, Client)>,
}

impl Ground {
    async fn new() -> anyhow::Result<Self> {
        let env = TestEnv::builder("conformance").start().await?;
        env.operator.kill9().await?;
        let mut tenants = Vec::new();
        for name in ["a", "b"] {
            let tenant = env.tenant_namespace(name, None).await?;
            tenants.push((tenant.namespace, tenant.client));
        }
        let namespace = format!("{}-system", env.environment());
        let kubeconfig = env.cluster.service_account(&namespace, "sender-operator").await?;
        let operator = env.cluster.client(&Identity::Kubeconfig(kubeconfig)).await?;
        Ok(Self { env, operator, tenants })
    }

    fn sequence(&self, seed: u64) -> Sequence {
        let namespaces = self.tenants.iter().map(|(namespace, _)| namespace.clone()).collect();
        Sequence { environment: self.env.environment().to_owned(), seed, namespaces }
    }

    async fn real(&self, seed: u64) -> anyhow::Result<Player<Real>> {
        let admin = self.env.cluster.admin().await?;
        let real = Real::new(self.operator.clone(), admin, self.tenants.clone()).await?;
        Ok(Player::new(real, self.sequence(seed)))
    }
}

/// Plays one sequence. Returns all answers, as `SwapClaim: Conflict`.
async fn play(seed: u64, mut model: Player<Model>, mut real: Player<Real>) -> anyhow::Result<BTreeSet<String>> {
    let mut answers = BTreeSet::new();
    let mut requests =
        vec![StoreRequest::Label { namespace: 0, labels: 0 }, StoreRequest::Label { namespace: 1, labels: 0 }];
    requests.extend(sequence(seed, LENGTH));
    requests.push(StoreRequest::CreateClaim { claim: LAST, record: 0 });
    requests.extend([StoreRequest::Domain, StoreRequest::Address].map(|kind| kind(LAST, About::Create(LAST, false))));
    for (n, request) in requests.iter().enumerate() {
        let (expected, answered) = (real.ask(*request).await, model.ask(*request).await);
        let before: Vec<String> = requests[..n].iter().map(|request| format!("{request:?}")).collect();
        let before = before.join("\n");
        ensure!(
            expected == answered,
            "request {n}, {request:?}\nreal:  {expected}\nmodel: {answered}\nafter\n{before}"
        );
        answers.insert(format!("{}: {answered}", request.name()));
    }
    let (expected, shown) = (by_object(real.seen(LAST).await?), by_object(model.seen(LAST).await?));
    ensure!(expected.keys().eq(shown.keys()), "watches showed {:?}; in memory: {:?}", expected.keys(), shown.keys());
    for (about, expected) in expected {
        let shown = &shown[&about];
        ensure!(expected == *shown, "what a watch showed of {about}\nreal:  {expected:#?}\nmodel: {shown:#?}");
    }
    Ok(answers)
}

fn by_object(changes: Vec<Change>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, (Numbers, Vec<String>)> = BTreeMap::new();
    for change in changes {
        let (numbers, lines) = all.entry(change.about).or_default();
        let uid = numbers.of(&change.uid);
        // The version of a deletion is not used.
        let version = if change.gone { "gone".to_owned() } else { format!("version {}", numbers.of(&change.version)) };
        lines.push(format!("uid {uid} {version}: {}", change.now));
    }
    all.into_iter().map(|(about, (_, lines))| (about, lines)).collect()
}
