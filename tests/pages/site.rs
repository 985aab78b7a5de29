//! The pages under test: the real server on loopback, over a cluster in memory and a clock that is set by hand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sender_operator::{
    clock::Clock,
    cluster::store::StoreError,
    model::{
        address::{self, Address},
        claim::{Account, Claim, Holder, State, StoredClaim, Subject, claim_name},
        confirmation::{
            Answer, AnswerKind, Attempt, Confirmation, Request,
            evidence::{Event as Kept, Visitor},
        },
        holder::Under,
        link::{KEY_BYTES, Link, LinkKeys},
        orders::Orders,
    },
    web::{Desk, Site, WebSettings, Wish, rate::Rate, router, server},
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};

pub const ENVIRONMENT: &str = "prod";
pub const ADDRESS: &str = "sales@shop.example.com";
const ID: [u8; 16] = [4; 16];

/// So many hours after the mail.
pub fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_795_024_800 + hours * 3600).unwrap()
}

/// The keys of the installation.
pub fn keys() -> LinkKeys {
    LinkKeys { current: [1; KEY_BYTES], previous: None, withdrawal: [9; KEY_BYTES] }
}

/// What the installation has set.
pub fn settings() -> WebSettings {
    WebSettings {
        public_url: String::new(),
        environment: ENVIRONMENT.to_owned(),
        company: Some("Acme & Söhne".to_owned()),
        logo: None,
        trusted_proxies: 0,
        code_required: true,
        decline_time: SignedDuration::from_hours(720),
        rate: Rate { burst: 100_000, refill: Duration::from_secs(1) },
    }
}

/// Claims in memory.
#[derive(Debug, Default)]
struct Cluster {
    claims: Mutex<BTreeMap<String, (Claim, u64)>>,
    wish: Mutex<Wish>,
    away: Mutex<bool>,
    /// Writes wait for a permit while this is set.
    gate: Mutex<Option<Arc<Semaphore>>>,
    writes: Mutex<usize>,
}

impl Cluster {
    fn put(&self, name: &str, claim: Claim) {
        let mut claims = self.claims.lock().unwrap();
        let version = claims.get(name).map_or(1, |(_, version)| version + 1);
        claims.insert(name.to_owned(), (claim, version));
    }

    fn trouble(&self) -> Option<StoreError> {
        self.away.lock().unwrap().then_some(StoreError::Unavailable)
    }

    fn reached(&self) -> Result<(), StoreError> {
        self.trouble().map_or(Ok(()), Err)
    }
}

fn stored((claim, version): &(Claim, u64)) -> StoredClaim {
    let (uid, version) = ("uid".to_owned(), version.to_string());
    StoredClaim { claim: claim.clone(), uid, version, created: at(0), orders: Orders::default() }
}

#[async_trait]
impl Desk for Cluster {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        self.reached()?;
        Ok(self.claims.lock().unwrap().get(name).map(stored))
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        *self.writes.lock().unwrap() += 1;
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        if self.claims.lock().unwrap()[name].1.to_string() != old.version {
            return Err(StoreError::Conflict);
        }
        self.put(name, new.clone());
        Ok(stored(&self.claims.lock().unwrap()[name]))
    }

    async fn wish(&self, _: &Holder) -> Result<Option<Wish>, StoreError> {
        self.reached()?;
        Ok(Some(self.wish.lock().unwrap().clone()))
    }
}

/// Stands until it is set.
#[derive(Debug)]
struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// The pages of an installation.
#[derive(Debug)]
pub struct Pages {
    /// Where they are, without a slash at the end.
    pub origin: String,
    address: Address,
    cluster: Arc<Cluster>,
    clock: Arc<Hands>,
    _stop: DropGuard,
}

impl Pages {
    /// An address whose owner was asked an hour ago.
    pub async fn new() -> Self {
        Self::with(settings(), keys(), ADDRESS).await
    }

    /// The same of an installation with other settings, keys, or for another address.
    pub async fn with(settings: WebSettings, keys: LinkKeys, address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (address, cluster) = (Address::parse(address).unwrap(), Arc::new(Cluster::default()));
        let clock = Arc::new(Hands(Mutex::new(at(1))));
        let settings = WebSettings { public_url: origin.clone(), ..settings };
        let site = Site::new(settings, keys, cluster.clone(), clock.clone(), Arc::new(|_| ())).unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, router(site), server::Limits::default(), stop.clone()));
        let pages = Self { origin, address, cluster, clock, _stop: stop.drop_guard() };
        let domain = Subject { domain: pages.address.domain().clone(), address: None };
        pages.cluster.put(&claim_name(ENVIRONMENT, &domain.domain), claim_of(domain, None));
        pages.is_answered(None);
        pages
    }

    /// The link of an attempt's mail, sent at hour 0, as it stands behind the path.
    pub fn link(&self, attempt: u32) -> String {
        keys().seal(ENVIRONMENT, &self.unsealed(attempt))
    }

    /// The code of the first mail.
    pub fn code(&self) -> String {
        keys().code(ENVIRONMENT, &self.unsealed(1))
    }

    fn unsealed(&self, attempt: u32) -> Link {
        Link { hash: self.address.hash(), id: ID, attempt, expiry: at(24) }
    }

    /// Sets the clock.
    pub fn set(&self, time: Timestamp) {
        *self.clock.0.lock().unwrap() = time;
    }

    /// The API server answers nothing, or does again.
    pub fn away(&self, away: bool) {
        *self.cluster.away.lock().unwrap() = away;
    }

    /// The asking resource says this.
    pub fn says(&self, note: Option<&str>) {
        self.cluster.wish.lock().unwrap().note = note.map(ToOwned::to_owned);
    }

    /// The request is as it was after the first mail, with this answer, and nothing was written since.
    pub fn is_answered(&self, answer: Option<AnswerKind>) {
        let under = Under { domain: self.address.domain().clone(), holding: "h1".to_owned() };
        let attempt = Attempt::new(1).begun(at(0)).sent(at(0), at(24));
        let answer = answer.map(|kind| Answer { kind, time: at(1) });
        let request = Request { attempt, answer, ..Request::new("04".repeat(16), under) };
        let confirmation = Confirmation { request: Some(request), ..Confirmation::default() };
        let subject = Subject { domain: self.address.domain().clone(), address: Some(self.address.clone()) };
        self.cluster.put(&self.claim_name(), claim_of(subject, Some(confirmation)));
        *self.cluster.writes.lock().unwrap() = 0;
    }

    /// A second mail was sent.
    pub fn is_sent_again(&self) {
        let mut claim = self.claim();
        let request = claim.confirmation.as_mut().unwrap().request.as_mut().unwrap();
        request.attempt = Attempt::new(2).begun(at(1)).sent(at(1), at(25));
        self.cluster.put(&self.claim_name(), claim);
    }

    /// Writes wait, until as many are let through.
    pub fn hold_writes(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.cluster.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// Writes that were begun.
    pub fn writes(&self) -> usize {
        *self.cluster.writes.lock().unwrap()
    }

    /// What stands in the claim.
    pub fn answer(&self) -> Option<AnswerKind> {
        self.claim().confirmation?.request?.answer.map(|answer| answer.kind)
    }

    /// What the claim keeps of what happened, the newest last, with who did it.
    pub fn kept(&self) -> Vec<(Kept, Visitor)> {
        let kept = self.claim().confirmation.unwrap().evidence;
        kept.into_iter().map(|entry| (entry.event, entry.visitor.unwrap())).collect()
    }

    fn claim(&self) -> Claim {
        self.cluster.claims.lock().unwrap()[&self.claim_name()].0.clone()
    }

    fn claim_name(&self) -> String {
        address::claim_name(ENVIRONMENT, &self.address.hash())
    }
}

/// A claim that a tenant holds.
fn claim_of(subject: Subject, confirmation: Option<Confirmation>) -> Claim {
    let account = Account { id: String::new(), region: String::new(), owner_id: String::new() };
    let holder = Holder {
        namespace: "web-shop".to_owned(),
        namespace_uid: "n".to_owned(),
        name: "newsletter".to_owned(),
        uid: "u".to_owned(),
    };
    Claim {
        state: State::Held,
        tenant: Some("tenant/marketing".parse().unwrap()),
        holder: Some(holder),
        holding: Some("h1".to_owned()),
        confirmation,
        ..Claim::new(ENVIRONMENT, subject, &account)
    }
}
