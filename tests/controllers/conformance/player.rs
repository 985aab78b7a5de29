//! Puts requests to one side and says in words what it answered. What it refers to ("the claim as it was two answers ago")
//! it has from its own side's answers.

use std::collections::HashMap;

use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderAddressSpec, SenderDomain, SenderDomainSpec},
    cluster::store::StoreError,
    model::{
        address::Address,
        claim::{StoredClaim, claim_name},
    },
};

use super::{
    requests::{CLAIMS, OBJECTS, Request, Sight},
    samples,
    side::{Change, Key, Side},
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

    pub fn address(&self, number: u64) -> Address {
        Address::parse(&format!("a{number}@s{}.example", self.seed)).unwrap()
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

/// One side, and what it has answered.
pub struct Player<S> {
    side: S,
    stage: Stage,
    claims: HashMap<u64, Vec<StoredClaim>>,
    objects: HashMap<u64, Vec<SenderDomain>>,
    addresses: HashMap<u64, Vec<SenderAddress>>,
    numbers: Numbers,
}

impl<S: Side> Player<S> {
    pub fn new(side: S, stage: Stage) -> Self {
        let (claims, objects, addresses) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { side, stage, claims, objects, addresses, numbers: Numbers::default() }
    }

    /// Puts a request; the answer in words.
    pub async fn ask(&mut self, request: Request) -> String {
        let answer = match request {
            Request::GetClaim { .. }
            | Request::CreateClaim { .. }
            | Request::SwapClaim { .. }
            | Request::TurnClaim { .. }
            | Request::DeleteClaim { .. }
            | Request::ListClaims => self.ask_about_claims(request).await,
            Request::ListDomains { .. }
            | Request::ApplyStatus { .. }
            | Request::GetDomain { .. }
            | Request::GetNamespace { .. } => self.ask_about_objects(request).await,
            Request::GetAddress { .. }
            | Request::ListAddresses { .. }
            | Request::ApplyAddressStatus { .. }
            | Request::Ask { .. }
            | Request::StopAsking { .. } => self.ask_about_addresses(request).await,
            _ => self.ask_people(request).await,
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
        let (store, stage) = (self.side.store(), &self.stage);
        match request {
            Request::GetClaim { claim } => {
                let found = store.claim(&stage.claim(claim)).await?;
                Ok(found.map_or_else(|| "none".to_owned(), |stored| self.saw_claim(claim, stored)))
            }
            Request::CreateClaim { claim, record } => {
                let record = samples::claim(&stage.environment, &stage.domain(claim), record);
                let stored = store.create_claim(&stage.claim(claim), &record).await?;
                Ok(self.saw_claim(claim, stored))
            }
            Request::SwapClaim { claim, old, record } => {
                let Some(old) = self.old_claim(claim, old) else { return Ok("never seen".to_owned()) };
                let record = samples::claim(&stage.environment, &stage.domain(claim), record);
                let stored = store.swap_claim(&stage.claim(claim), &old, &record).await?;
                Ok(self.saw_claim(claim, stored))
            }
            Request::TurnClaim { claim } => {
                let Some(old) = self.old_claim(claim, Sight::Newest) else { return Ok("never seen".to_owned()) };
                let record = samples::claim(&stage.environment, &stage.domain(claim + 1), 0);
                let stored = store.swap_claim(&stage.claim(claim), &old, &record).await?;
                Ok(self.saw_claim(claim, stored))
            }
            Request::DeleteClaim { claim, old } => {
                let Some(old) = self.old_claim(claim, old) else { return Ok("never seen".to_owned()) };
                store.delete_claim(&stage.claim(claim), &old).await.map(|()| "deleted".to_owned())
            }
            _ => {
                let claims = store.claims().await?.into_iter().filter(|claim| stage.has(claim));
                let lines: Vec<String> = claims.map(|claim| words::stored(&claim, &mut self.numbers)).collect();
                Ok(lines.join("\n"))
            }
        }
    }

    async fn ask_about_objects(&mut self, request: Request) -> Result<String, StoreError> {
        let (store, stage) = (self.side.store(), &self.stage);
        match request {
            Request::GetDomain { object } => {
                let (namespace, name) = stage.object(object);
                let found = store.sender_domain(&namespace, &name).await?;
                Ok(found.map_or_else(|| "none".to_owned(), |found| self.saw_object(object, found)))
            }
            Request::ApplyStatus { object, to, status } => {
                let Some(old) = self.old_object(object, to) else { return Ok("never seen".to_owned()) };
                store.apply_status(&old, &samples::status(status)).await.map(|()| "applied".to_owned())
            }
            Request::GetNamespace { namespace } => {
                let Some(found) = store.namespace(&stage.namespace(namespace)).await? else {
                    return Ok("none".to_owned());
                };
                let uid = self.numbers.of(&found.uid);
                Ok(format!("uid {uid} {:?}", samples::ours(&found.labels)))
            }
            Request::ListDomains { domain } => {
                let list = store.sender_domains_for(&samples::name(&stage.domain(domain))).await?;
                let mut list: Vec<_> = list.iter().collect();
                list.sort_by_key(|object| words::about(object));
                let lines: Vec<String> =
                    list.into_iter().map(|object| words::numbered(object, &mut self.numbers)).collect();
                Ok(lines.join("\n"))
            }
            other => Ok(format!("{other:?} is not about objects")),
        }
    }

    async fn ask_about_addresses(&mut self, request: Request) -> Result<String, StoreError> {
        let (side, store, stage) = (&self.side, self.side.store(), &self.stage);
        match request {
            Request::GetAddress { object } => {
                let (namespace, name) = stage.object(object);
                let found = store.sender_address(&namespace, &name).await?;
                Ok(found.map_or_else(|| "none".to_owned(), |found| self.saw_address(object, found)))
            }
            Request::ListAddresses { address } => {
                let mut list = store.sender_addresses_for(&stage.address(address)).await?;
                list.sort_by_key(words::about_address);
                let lines: Vec<String> =
                    list.iter().map(|object| words::numbered_address(object, &mut self.numbers)).collect();
                Ok(lines.join("\n"))
            }
            Request::ApplyAddressStatus { object, to, status } => {
                let old = self.addresses.get(&object).and_then(|seen| pick(seen, to));
                let Some(old) = old else { return Ok("never seen".to_owned()) };
                store.apply_address_status(old, &samples::address_status(status)).await.map(|()| "applied".to_owned())
            }
            Request::Ask { object, address } => {
                let spec = SenderAddressSpec { address: stage.address(address).to_string(), locale: None, note: None };
                let made = side.ask(&stage.object(object), spec).await?;
                Ok(self.saw_address(object, made))
            }
            Request::StopAsking { object } => {
                side.stop_asking(&stage.object(object)).await.map(|()| "deleted".to_owned())
            }
            other => Ok(format!("{other:?} is not about addresses")),
        }
    }

    async fn ask_people(&mut self, request: Request) -> Result<String, StoreError> {
        let (side, stage) = (&self.side, &self.stage);
        match request {
            Request::CreateObject { object, domain, kept } => {
                let spec = SenderDomainSpec {
                    domain: stage.domain(domain),
                    deletion_policy: None,
                    adoption_policy: None,
                    suspend: None,
                };
                let made = side.create(&stage.object(object), spec, kept).await?;
                Ok(self.saw_object(object, made))
            }
            Request::Suspend { object, suspend } => {
                let edited = side.suspend(&stage.object(object), suspend).await?;
                Ok(self.saw_object(object, edited))
            }
            Request::TurnObject { object } => {
                let edited = side.turn(&stage.object(object), "elsewhere.example").await?;
                Ok(self.saw_object(object, edited))
            }
            Request::DeleteObject { object } => side.delete(&stage.object(object)).await.map(|()| "deleted".to_owned()),
            Request::RemoveFinalizers { object } => {
                // A real one stores the default of the status with the first write after the creation: a write for
                // nothing would give a new version then, of which nobody learns anything.
                let newest = self.old_object(object, Sight::Newest);
                if newest.is_none_or(|newest| newest.finalizers().is_empty()) {
                    return Ok("nothing to remove".to_owned());
                }
                side.remove_finalizers(&stage.object(object)).await.map(|()| "removed".to_owned())
            }
            Request::Label { namespace, labels } => {
                side.label(&stage.namespace(namespace), &format!("t{labels}")).await.map(|()| "labelled".to_owned())
            }
            other => Ok(format!("{other:?} is not for people")),
        }
    }

    fn saw_claim(&mut self, claim: u64, stored: StoredClaim) -> String {
        let said = words::stored(&stored, &mut self.numbers);
        self.claims.entry(claim).or_default().push(stored);
        said
    }

    fn saw_object(&mut self, object: u64, seen: SenderDomain) -> String {
        let said = words::numbered(&seen, &mut self.numbers);
        self.objects.entry(object).or_default().push(seen);
        said
    }

    fn saw_address(&mut self, object: u64, seen: SenderAddress) -> String {
        let said = words::numbered_address(&seen, &mut self.numbers);
        self.addresses.entry(object).or_default().push(seen);
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

    fn old_object(&self, object: u64, sight: Sight) -> Option<SenderDomain> {
        pick(self.objects.get(&object)?, sight).cloned()
    }
}

fn pick<T>(seen: &[T], sight: Sight) -> Option<&T> {
    let back = match sight {
        Sight::Older(back) => usize::try_from(back).unwrap_or_default(),
        Sight::First => seen.len(),
        Sight::Newest | Sight::OtherUid => 0,
    };
    seen.get(seen.len().saturating_sub(1 + back))
}
