//! Puts requests to one side and says in words what it answered. What it refers to ("the claim as it was two answers ago")
//! it has from its own side's answers.

use std::collections::HashMap;

use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderDomain},
    cluster::store::{NamespaceFacts, StoreError},
    model::claim::{StoredClaim, claim_name},
};
use serde_json::json;

use super::{
    LAST,
    requests::{About, CLAIMS, OBJECTS, Request, Sight},
    samples::{self, Sampled},
    side::{Change, Key, Objects, Side},
    words::{self, Numbers},
};

/// Where a sequence plays: names that no other sequence has.
#[derive(Clone)]
pub struct Stage {
    pub environment: String,
    pub seed: u64,
    pub namespaces: Vec<String>,
}

impl Stage {
    pub fn domain(&self, number: u64) -> String {
        format!("d{number}.s{}.example", self.seed)
    }

    pub fn claim(&self, number: u64) -> String {
        claim_name(&self.environment, &samples::name(&self.domain(number)))
    }

    /// Objects lie in the namespaces in turn.
    pub fn object(&self, number: u64) -> Key {
        let namespace = usize::try_from(number).unwrap() % self.namespaces.len();
        (self.namespaces[namespace].clone(), format!("o{number}-s{}", self.seed))
    }

    pub fn namespace(&self, number: u64) -> String {
        let namespace = self.namespaces.get(usize::try_from(number).unwrap());
        namespace.cloned().unwrap_or_else(|| format!("{}-none", self.environment))
    }

    /// The names of these claims and objects, as watches show them.
    fn names(&self, claims: impl Iterator<Item = u64>, objects: impl Iterator<Item = u64>) -> Vec<String> {
        let objects = objects.map(|number| self.object(number)).map(|(namespace, name)| format!("{namespace}/{name}"));
        let objects = objects.flat_map(|object| [format!("@{object}"), object]);
        claims.map(|number| self.claim(number)).chain(objects).collect()
    }

    /// Whether a claim is one of this sequence.
    pub fn has(&self, claim: &StoredClaim) -> bool {
        claim.claim.environment == self.environment
            && claim.claim.subject.domain.as_str().ends_with(&format!(".s{}.example", self.seed))
    }
}

/// What was seen of claims or objects, by number, the newest last.
type Sights<T> = HashMap<u64, Vec<T>>;

/// One side, and what it has answered.
pub struct Player<S> {
    side: S,
    stage: Stage,
    claims: Sights<StoredClaim>,
    domains: Sights<SenderDomain>,
    addresses: Sights<SenderAddress>,
    numbers: Numbers,
}

impl<S: Side> Player<S> {
    pub fn new(side: S, stage: Stage) -> Self {
        let (claims, domains, addresses) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { side, stage, claims, domains, addresses, numbers: Numbers::default() }
    }

    /// Puts a request; the answer in words.
    pub async fn ask(&mut self, request: Request) -> String {
        let Self { side, stage, numbers, .. } = self;
        let answer = match request {
            Request::Domain(object, about) => ask_about(side, stage, &mut self.domains, numbers, object, about).await,
            Request::Address(object, about) => {
                ask_about(side, stage, &mut self.addresses, numbers, object, about).await
            }
            Request::GetNamespace { namespace } => {
                side.store().namespace(&stage.namespace(namespace)).await.map(|found| {
                    let said =
                        |found: NamespaceFacts| (numbers.of(&found.uid), format!("{:?}", samples::ours(&found.labels)));
                    found.map(said).map_or_else(|| "none".to_owned(), |(uid, labels)| format!("uid {uid} {labels}"))
                })
            }
            Request::Label { namespace, labels } => {
                side.label(&stage.namespace(namespace), &format!("t{labels}")).await.map(|()| "labelled".to_owned())
            }
            _ => self.ask_about_claims(request).await,
        };
        answer.unwrap_or_else(|error| words::error(&error))
    }

    /// What watches have shown of this sequence, at least up to this claim and this object.
    pub async fn seen(&self, last: u64) -> anyhow::Result<Vec<Change>> {
        let changes = self.side.seen(&self.stage.names([last].into_iter(), [last].into_iter())).await?;
        let names = self.stage.names(0..CLAIMS, 0..OBJECTS);
        Ok(changes.into_iter().filter(|change| names.contains(&change.about)).collect())
    }

    async fn ask_about_claims(&mut self, request: Request) -> Result<String, StoreError> {
        let (side, stage) = (&self.side, &self.stage);
        match request {
            Request::GetClaim { claim } => {
                let found = side.store().claim(&stage.claim(claim)).await?;
                Ok(found.map_or_else(|| "none".to_owned(), |stored| self.saw_claim(claim, stored)))
            }
            Request::CreateClaim { claim, record } => {
                let record = samples::claim(&stage.environment, &stage.domain(claim), record);
                let stored = side.store().create_claim(&stage.claim(claim), &record).await?;
                Ok(self.saw_claim(claim, stored))
            }
            Request::SwapClaim { claim, old, record } => self.swap(claim, old, claim, record).await,
            Request::TurnClaim { claim } => self.swap(claim, Sight::Newest, claim + 1, 0).await,
            Request::DeleteClaim { claim, old } => {
                let Some(old) = self.old_claim(claim, old) else { return Ok(NEVER_SEEN.to_owned()) };
                side.store().delete_claim(&stage.claim(claim), &old).await.map(|()| "deleted".to_owned())
            }
            _ => {
                let claims = side.store().claims().await?.into_iter().filter(|claim| stage.has(claim));
                let lines: Vec<String> = claims.map(|claim| words::stored(&claim, &mut self.numbers)).collect();
                Ok(lines.join("\n"))
            }
        }
    }

    async fn swap(&mut self, claim: u64, old: Sight, domain: u64, record: u64) -> Result<String, StoreError> {
        let Some(old) = self.old_claim(claim, old) else { return Ok(NEVER_SEEN.to_owned()) };
        let record = samples::claim(&self.stage.environment, &self.stage.domain(domain), record);
        let stored = self.side.store().swap_claim(&self.stage.claim(claim), &old, &record).await?;
        Ok(self.saw_claim(claim, stored))
    }

    fn saw_claim(&mut self, claim: u64, stored: StoredClaim) -> String {
        let said = words::stored(&stored, &mut self.numbers);
        self.claims.entry(claim).or_default().push(stored);
        said
    }

    fn old_claim(&self, claim: u64, sight: Sight) -> Option<StoredClaim> {
        let seen = self.claims.get(&claim)?;
        let mut found = pick(seen, sight)?.clone();
        if matches!(sight, Sight::OtherUid) {
            found.uid.clone_from(&seen.first()?.uid);
        }
        Some(found)
    }
}

/// What is said where a request refers to what was never there.
const NEVER_SEEN: &str = "never seen";

/// A request about an object of either kind.
async fn ask_about<K: Sampled>(
    side: &impl Objects<K>,
    stage: &Stage,
    seen: &mut Sights<K>,
    numbers: &mut Numbers,
    object: u64,
    about: About,
) -> Result<String, StoreError> {
    let at = stage.object(object);
    let field = K::FIELD.strip_prefix("spec.").unwrap_or_default();
    let old = |sight| seen.get(&object).and_then(|seen| pick(seen, sight));
    let shown = match about {
        About::Get => side.objects().object(&at.0, &at.1).await?,
        About::Create(subject, kept) => {
            let spec = serde_json::from_value(json!({ field: K::subject_of(stage, subject) })).unwrap();
            Some(side.create(&at, spec, kept).await?)
        }
        About::Edit(number) => {
            let (field, value) = K::edited(number);
            Some(side.edit(&at, field, value).await?)
        }
        About::Turn => Some(side.edit(&at, field, json!(K::subject_of(stage, LAST))).await?),
        About::List(subject) => {
            let subject = K::subject_of(stage, subject).try_into().ok().unwrap();
            let mut list = side.objects().objects_for(&subject).await?;
            list.sort_by_key(words::about);
            let lines: Vec<String> = list.iter().map(|object| words::numbered(object, numbers)).collect();
            return Ok(lines.join("\n"));
        }
        About::ApplyStatus(to, status) => {
            let Some(old) = old(to) else { return Ok(NEVER_SEEN.to_owned()) };
            return side.objects().apply_status(old, &K::status_of(status)).await.map(|()| "applied".to_owned());
        }
        About::Delete => return side.delete(&at).await.map(|()| "deleted".to_owned()),
        // A real one stores the default of the status with the first write after the creation: a write for nothing would give a
        // new version then, of which nobody learns anything.
        About::RemoveFinalizers if old(Sight::Newest).is_none_or(|newest| newest.finalizers().is_empty()) => {
            return Ok("nothing to remove".to_owned());
        }
        About::RemoveFinalizers => return side.remove_finalizers(&at).await.map(|()| "removed".to_owned()),
    };
    let Some(shown) = shown else { return Ok("none".to_owned()) };
    let said = words::numbered(&shown, numbers);
    seen.entry(object).or_default().push(shown);
    Ok(said)
}

fn pick<T>(seen: &[T], sight: Sight) -> Option<&T> {
    let back = match sight {
        Sight::Older(back) => usize::try_from(back).unwrap_or_default(),
        Sight::First => seen.len(),
        Sight::Newest | Sight::OtherUid => 0,
    };
    seen.get(seen.len().saturating_sub(1 + back))
}
