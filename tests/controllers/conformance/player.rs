//! Sends requests to one side and records its answers as text. A request that refers to an earlier state ("the claim as
//! it was two answers ago") takes it from the answers of the same side.

use std::collections::HashMap;

use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderDomain},
    cluster::store::{ObservedNamespace, StoreError},
    model::claim::{StoredClaim, claim_name},
};
use serde_json::json;

use super::{
    LAST,
    requests::{About, CLAIMS, Freshness, OBJECTS, StoreRequest},
    samples::{self, Sampled},
    side::{Change, Key, Objects, Side},
    words::{self, Numbers},
};

/// The names of one sequence; no other sequence uses them.
#[derive(Clone)]
pub struct Sequence {
    pub environment: String,
    pub seed: u64,
    pub namespaces: Vec<String>,
}

impl Sequence {
    pub fn domain(&self, number: u64) -> String {
        format!("d{number}.s{}.example", self.seed)
    }

    pub fn claim(&self, number: u64) -> String {
        claim_name(&self.environment, &samples::name(&self.domain(number)))
    }

    /// Objects are distributed over the namespaces by number.
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

    /// Whether a claim belongs to this sequence.
    pub fn has(&self, claim: &StoredClaim) -> bool {
        claim.claim.environment == self.environment
            && claim.claim.subject.domain.as_str().ends_with(&format!(".s{}.example", self.seed))
    }
}

/// Observed states of claims or objects, by number, the newest last.
type Sights<T> = HashMap<u64, Vec<T>>;

/// One side and its answers so far.
pub struct Player<S> {
    side: S,
    sequence: Sequence,
    claims: Sights<StoredClaim>,
    domains: Sights<SenderDomain>,
    addresses: Sights<SenderAddress>,
    numbers: Numbers,
}

impl<S: Side> Player<S> {
    pub fn new(side: S, sequence: Sequence) -> Self {
        let (claims, domains, addresses) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { side, sequence, claims, domains, addresses, numbers: Numbers::default() }
    }

    /// Sends a request and returns the answer as text.
    pub async fn ask(&mut self, request: StoreRequest) -> String {
        let Self { side, sequence, numbers, .. } = self;
        let answer = match request {
            StoreRequest::Domain(object, about) => {
                ask_about(side, sequence, &mut self.domains, numbers, object, about).await
            }
            StoreRequest::Address(object, about) => {
                ask_about(side, sequence, &mut self.addresses, numbers, object, about).await
            }
            StoreRequest::GetNamespace { namespace } => {
                side.store().namespace(&sequence.namespace(namespace)).await.map(|found| {
                    let said = |found: ObservedNamespace| {
                        (numbers.of(&found.uid), format!("{:?}", samples::ours(&found.labels)))
                    };
                    found.map(said).map_or_else(|| "none".to_owned(), |(uid, labels)| format!("uid {uid} {labels}"))
                })
            }
            StoreRequest::Label { namespace, labels } => {
                side.label(&sequence.namespace(namespace), &format!("t{labels}")).await.map(|()| "labelled".to_owned())
            }
            _ => self.ask_about_claims(request).await,
        };
        answer.unwrap_or_else(|error| words::error(&error))
    }

    /// The watch events of this sequence, at least up to this claim and this object.
    pub async fn seen(&self, last: u64) -> anyhow::Result<Vec<Change>> {
        let changes = self.side.seen(&self.sequence.names([last].into_iter(), [last].into_iter())).await?;
        let names = self.sequence.names(0..CLAIMS, 0..OBJECTS);
        Ok(changes.into_iter().filter(|change| names.contains(&change.about)).collect())
    }

    async fn ask_about_claims(&mut self, request: StoreRequest) -> Result<String, StoreError> {
        let (side, sequence) = (&self.side, &self.sequence);
        match request {
            StoreRequest::GetClaim { claim } => {
                let found = side.store().claim(&sequence.claim(claim)).await?;
                Ok(found.map_or_else(|| "none".to_owned(), |stored| self.saw_claim(claim, stored)))
            }
            StoreRequest::CreateClaim { claim, record } => {
                let record = samples::claim(&sequence.environment, &sequence.domain(claim), record);
                let stored = side.store().create_claim(&sequence.claim(claim), &record).await?;
                Ok(self.saw_claim(claim, stored))
            }
            StoreRequest::SwapClaim { claim, old, record } => self.swap(claim, old, claim, record).await,
            StoreRequest::TurnClaim { claim } => self.swap(claim, Freshness::Newest, claim + 1, 0).await,
            StoreRequest::DeleteClaim { claim, old } => {
                let Some(old) = self.old_claim(claim, old) else { return Ok(NEVER_SEEN.to_owned()) };
                side.store().delete_claim(&sequence.claim(claim), &old).await.map(|()| "deleted".to_owned())
            }
            _ => {
                let claims = side.store().claims().await?.into_iter().filter(|claim| sequence.has(claim));
                let lines: Vec<String> = claims.map(|claim| words::stored(&claim, &mut self.numbers)).collect();
                Ok(lines.join("\n"))
            }
        }
    }

    async fn swap(&mut self, claim: u64, old: Freshness, domain: u64, record: u64) -> Result<String, StoreError> {
        let Some(old) = self.old_claim(claim, old) else { return Ok(NEVER_SEEN.to_owned()) };
        let record = samples::claim(&self.sequence.environment, &self.sequence.domain(domain), record);
        let stored = self.side.store().swap_claim(&self.sequence.claim(claim), &old, &record).await?;
        Ok(self.saw_claim(claim, stored))
    }

    fn saw_claim(&mut self, claim: u64, stored: StoredClaim) -> String {
        let said = words::stored(&stored, &mut self.numbers);
        self.claims.entry(claim).or_default().push(stored);
        said
    }

    fn old_claim(&self, claim: u64, freshness: Freshness) -> Option<StoredClaim> {
        let seen = self.claims.get(&claim)?;
        let mut found = pick(seen, freshness)?.clone();
        if matches!(freshness, Freshness::OtherUid) {
            found.uid.clone_from(&seen.first()?.uid);
        }
        Some(found)
    }
}

/// The answer if a request refers to a state that never existed.
const NEVER_SEEN: &str = "never seen";

/// A request about an object of either kind.
async fn ask_about<K: Sampled>(
    side: &impl Objects<K>,
    sequence: &Sequence,
    seen: &mut Sights<K>,
    numbers: &mut Numbers,
    object: u64,
    about: About,
) -> Result<String, StoreError> {
    let at = sequence.object(object);
    let field = K::FIELD.strip_prefix("spec.").unwrap_or_default();
    let old = |freshness| seen.get(&object).and_then(|seen| pick(seen, freshness));
    let shown = match about {
        About::Get => side.objects().object(&at.0, &at.1).await?,
        About::Create(subject, kept) => {
            let spec = serde_json::from_value(json!({ field: K::subject_of(sequence, subject) })).unwrap();
            Some(side.create(&at, spec, kept).await?)
        }
        About::Edit(number) => {
            let (field, value) = K::edited(number);
            Some(side.edit(&at, field, value).await?)
        }
        About::Turn => Some(side.edit(&at, field, json!(K::subject_of(sequence, LAST))).await?),
        About::List(subject) => {
            let subject = K::subject_of(sequence, subject).try_into().ok().unwrap();
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
        // A real API server stores the default status with the first write after the creation. A write without a change
        // would then give a new version that no watch shows.
        About::RemoveFinalizers if old(Freshness::Newest).is_none_or(|newest| newest.finalizers().is_empty()) => {
            return Ok("nothing to remove".to_owned());
        }
        About::RemoveFinalizers => return side.remove_finalizers(&at).await.map(|()| "removed".to_owned()),
    };
    let Some(shown) = shown else { return Ok("none".to_owned()) };
    let said = words::numbered(&shown, numbers);
    seen.entry(object).or_default().push(shown);
    Ok(said)
}

fn pick<T>(seen: &[T], freshness: Freshness) -> Option<&T> {
    let back = match freshness {
        Freshness::Older(back) => usize::try_from(back).unwrap_or_default(),
        Freshness::First => seen.len(),
        Freshness::Newest | Freshness::OtherUid => 0,
    };
    seen.get(seen.len().saturating_sub(1 + back))
}
