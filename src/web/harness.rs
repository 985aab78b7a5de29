//! Pages over an in-memory cluster, requested as by a browser. The tests in a real browser (`tests/pages`) use it too.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::{PageEvent, PageStore, RequestDetails, Site, WebSettings, rate_limit::Rate, router};
use crate::{
    clock::Clock,
    cluster::store::StoreError,
    model::{
        address::{self, Address},
        admin_annotations::RequestedActions,
        claim::{Account, Claim, ClaimSubject, Holder, State, StoredClaim, claim_name},
        confirmation::{Answer, AnswerKind, Attempt, Confirmation, Request as Asked},
        holder::DomainTenure,
        link::{KEY_BYTES, Link, LinkKeys},
        name::Domain,
    },
};

pub(super) const ENVIRONMENT: &str = "prod";
pub(super) const ADDRESS: &str = "sales@shop.example.com";
pub(super) const ID: &str = "04040404040404040404040404040404";

/// This many hours after the mail.
pub(super) fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_795_024_800 + hours * 3600).unwrap()
}

pub(super) fn keys() -> LinkKeys {
    LinkKeys { current: [1; KEY_BYTES], previous: None, withdrawal: [9; KEY_BYTES] }
}

pub(super) fn address() -> Address {
    Address::parse(ADDRESS).unwrap()
}

pub(super) fn claim_of_address() -> String {
    address::claim_name(ENVIRONMENT, &address().hash())
}

/// The link of an attempt's mail, sent at hour 0.
pub(super) fn link(attempt: u32) -> Link {
    Link { hash: address().hash(), id: [4; 16], attempt, expiry: at(24) }
}

pub(super) fn signed(attempt: u32) -> String {
    keys().sign(ENVIRONMENT, &link(attempt))
}

pub(super) fn code() -> String {
    keys().code(ENVIRONMENT, &link(1))
}

fn base(subject: ClaimSubject) -> Claim {
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
        tenure_id: Some("h1".to_owned()),
        ..Claim::new(ENVIRONMENT, subject, &account)
    }
}

pub(super) fn domain_claim(name: &str) -> Claim {
    base(ClaimSubject { domain: Domain::parse(name).unwrap(), address: None })
}

/// The claim of an address whose first mail was sent at hour 0, with this answer.
pub(super) fn address_claim(answer: Option<AnswerKind>) -> Claim {
    let domain_tenure = DomainTenure { domain: Domain::parse("example.com").unwrap(), tenure_id: "h1".to_owned() };
    let attempt = Attempt::new(1).begun(at(0)).sent(at(0), at(24));
    let answer = answer.map(|kind| Answer { kind, time: at(1) });
    let request = Asked { attempt, answer, ..Asked::new(ID.to_owned(), domain_tenure) };
    let confirmation = Confirmation { request: Some(request), ..Confirmation::default() };
    let subject = ClaimSubject { domain: address().domain().clone(), address: Some(address()) };
    Claim { confirmation: Some(confirmation), ..base(subject) }
}

/// The fate of a write.
pub(super) enum Fate {
    /// It fails without effect.
    Fails(StoreError),
    /// It takes effect, and its response is lost.
    AnswerLost,
    /// Another writer changes the claim first.
    After(Box<dyn FnOnce(&mut Claim) + Send>),
    /// It waits for a permit.
    #[allow(dead_code, reason = "only a real browser sends two at once")]
    Waits(Arc<Semaphore>),
}

/// An in-memory API server.
#[derive(Default)]
pub(super) struct Cluster {
    claims: Mutex<BTreeMap<String, (Claim, u64)>>,
    request_details: Mutex<Option<RequestDetails>>,
    fates: Mutex<VecDeque<Fate>>,
    pub(super) reads: AtomicUsize,
    pub(super) writes: AtomicUsize,
    /// Reads fail while it is set; `no_details` affects only the reads of request details.
    pub(super) away: Mutex<Option<StoreError>>,
    pub(super) no_details: Mutex<bool>,
    hanging: Mutex<bool>,
}

impl Cluster {
    pub(super) fn put(&self, name: &str, claim: Claim) {
        let mut claims = self.claims.lock().unwrap();
        let version = claims.get(name).map_or(1, |(_, version)| version + 1);
        claims.insert(name.to_owned(), (claim, version));
    }

    pub(super) fn claim_now(&self) -> Claim {
        self.claims.lock().unwrap()[&claim_of_address()].0.clone()
    }

    pub(super) fn answer(&self) -> Option<AnswerKind> {
        let request = self.claim_now().confirmation?.request?;
        request.answer.map(|answer| answer.kind)
    }

    pub(super) fn next_write(&self, fate: Fate) {
        self.fates.lock().unwrap().push_back(fate);
    }

    pub(super) fn has_details(&self, request_details: RequestDetails) {
        *self.request_details.lock().unwrap() = Some(request_details);
    }

    /// The next read never returns.
    pub(super) fn hang(&self) {
        *self.hanging.lock().unwrap() = true;
    }

    async fn read(&self) -> Result<(), StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let hangs = std::mem::take(&mut *self.hanging.lock().unwrap());
        if hangs {
            std::future::pending::<()>().await;
        }
        self.away.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

fn stored((claim, version): &(Claim, u64)) -> StoredClaim {
    let (uid, version) = ("uid".to_owned(), version.to_string());
    StoredClaim { claim: claim.clone(), uid, version, created: at(0), requested_actions: RequestedActions::default() }
}

#[async_trait]
impl PageStore for Cluster {
    async fn claim(&self, name: &str) -> Result<Option<StoredClaim>, StoreError> {
        self.read().await?;
        Ok(self.claims.lock().unwrap().get(name).map(stored))
    }

    async fn swap_claim(&self, name: &str, old: &StoredClaim, new: &Claim) -> Result<StoredClaim, StoreError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        let fate = self.fates.lock().unwrap().pop_front();
        let lost = matches!(fate, Some(Fate::AnswerLost));
        match fate {
            Some(Fate::Fails(error)) => return Err(error),
            Some(Fate::After(change)) => {
                let mut claim = self.claims.lock().unwrap()[name].0.clone();
                change(&mut claim);
                self.put(name, claim);
            }
            Some(Fate::Waits(gate)) => gate.acquire().await.unwrap().forget(),
            Some(Fate::AnswerLost) | None => {}
        }
        if self.claims.lock().unwrap()[name].1.to_string() != old.version {
            return Err(StoreError::Conflict);
        }
        self.put(name, new.clone());
        if lost { Err(StoreError::Unavailable) } else { Ok(stored(&self.claims.lock().unwrap()[name])) }
    }

    async fn request_details(&self, _: &Holder) -> Result<Option<RequestDetails>, StoreError> {
        self.read().await?;
        if *self.no_details.lock().unwrap() {
            return Err(StoreError::Unavailable);
        }
        Ok(self.request_details.lock().unwrap().clone())
    }
}

/// A clock that only moves when it is set.
pub(super) struct TestClock(pub(super) Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answered {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The visible text: without head and tags, with single spaces.
    pub(super) fn text(&self) -> String {
        let body = self.body.split_once("<body>").map_or("", |(_, body)| body);
        let mut text = String::new();
        for (at, piece) in body.split('<').enumerate() {
            let (tag, rest) = if at == 0 { ("", piece) } else { piece.split_once('>').unwrap() };
            let inline = ["bdi", "/bdi", "time", "/time"].contains(&tag.split(' ').next().unwrap());
            text.push_str(if inline { "" } else { " " });
            text.push_str(rest);
        }
        let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
        let text = plain.iter().fold(text, |text, (from, to)| text.replace(from, to));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The pages of one replica.
pub(super) struct Replica {
    pub(super) cluster: Arc<Cluster>,
    pub(super) clock: Arc<TestClock>,
    pub(super) events: Arc<Mutex<Vec<PageEvent>>>,
    pub(super) router: Router,
}

pub(super) fn settings() -> WebSettings {
    WebSettings {
        public_url: "https://mail.acme.example".to_owned(),
        environment: ENVIRONMENT.to_owned(),
        company: None,
        logo: None,
        trusted_proxies: 0,
        code_required: true,
        decline_time: SignedDuration::from_hours(720),
        rate: Rate { burst: 100_000, refill: Duration::from_secs(1) },
    }
}

impl Replica {
    /// An address with an hour-old confirmation mail for the tenant that holds `example.com`.
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: WebSettings) -> Self {
        let cluster = Arc::new(Cluster::default());
        cluster.put(&claim_name(ENVIRONMENT, &Domain::parse("example.com").unwrap()), domain_claim("example.com"));
        cluster.put(&claim_of_address(), address_claim(None));
        Self::over(cluster, settings)
    }

    pub(super) fn over(cluster: Arc<Cluster>, settings: WebSettings) -> Self {
        let clock = Arc::new(TestClock(Mutex::new(at(1))));
        let events = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::new({
            let events = events.clone();
            move |event| events.lock().unwrap().push(event)
        });
        let site = Site::new(settings, keys(), cluster.clone(), clock.clone(), tell).unwrap();
        Self { cluster, clock, events, router: router(site) }
    }

    /// The same with this answer in the claim.
    pub(super) fn answered(answer: AnswerKind) -> Self {
        let replica = Self::new();
        replica.cluster.put(&claim_of_address(), address_claim(Some(answer)));
        replica
    }

    pub(super) fn set(&self, time: Timestamp) {
        *self.clock.0.lock().unwrap() = time;
    }

    pub(super) fn changed(&self, change: impl FnOnce(&mut Claim)) {
        let mut claim = self.cluster.claim_now();
        change(&mut claim);
        self.cluster.put(&claim_of_address(), claim);
    }

    pub(super) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let peer: SocketAddr = "203.0.113.7:4711".parse().unwrap();
        let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answered { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(super) async fn get(&self, link: &str) -> Answered {
        self.ask(Method::GET, &format!("/confirm/{link}"), &[], "").await
    }

    /// Clicks a button on the page of the first mail's link.
    pub(super) async fn press(&self, action: &str, code: &str) -> Answered {
        self.press_at(&signed(1), action, code).await
    }

    /// Clicks a button on a page.
    pub(super) async fn press_at(&self, link: &str, action: &str, code: &str) -> Answered {
        let form = [(header::CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"), ("user-agent", "Browser/1")];
        let body = format!("action={action}&code={}", code.replace(' ', "+"));
        self.ask(Method::POST, &format!("/confirm/{link}"), &form, &body).await
    }

    /// Follows a redirect as a browser does.
    pub(super) async fn follow(&self, answer: &Answered) -> Answered {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        self.ask(Method::GET, &format!("/confirm/{}", answer.header("location")), &[], "").await
    }

    pub(super) fn reads(&self) -> usize {
        self.cluster.reads.load(Ordering::Relaxed)
    }

    pub(super) fn writes(&self) -> usize {
        self.cluster.writes.load(Ordering::Relaxed)
    }
}
