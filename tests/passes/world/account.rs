//! Amazon SES: identities and the life cycle of their verification.
//!
//! SES looks for the records for 72 hours after creation (`PENDING`, then `FAILED`), and when the records of a verified
//! domain vanish it sends for another 72 hours (`TEMPORARY_FAILURE`, then `FAILED`). A failed search is not begun again by
//! itself (Amazon SES Developer Guide, "Verified identities").

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sender_operator::{
    model::name::Domain,
    ses::{Caller, Identity, Listed, Outgoing, Page, Ses, SesError, Standing},
};
use tokio::time::Instant;

use super::{
    challenges_laws,
    failures::Failures,
    identity::Held,
    laws, lock,
    mailing::{Mailed, Sending},
    ports::Port,
    scene::{ELSEWHERE, caller, records},
    zone::Zone,
};

/// How long a call takes.
const LATENCY: Duration = Duration::from_millis(80);
/// Identities on a page of a list.
const PAGE: usize = 1000;
/// No two calls of one process lie closer: SES allows one a second. A little less for the granularity of timers.
const PACE: Duration = Duration::from_millis(990);

/// Operations of SES.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SesCall {
    List,
    Create,
    Get,
    Delete,
    StartEasyDkim,
    EnableSigning,
    Tag,
    Untag,
    ListAssociations,
    Disassociate,
    ListAddresses,
    DeletePolicy,
    ClearMailFrom,
    ClearConfigurationSet,
    Send,
    Standing,
}

impl SesCall {
    pub const ALL: [Self; 16] = [
        Self::List,
        Self::Create,
        Self::Get,
        Self::Delete,
        Self::StartEasyDkim,
        Self::EnableSigning,
        Self::Tag,
        Self::Untag,
        Self::ListAssociations,
        Self::Disassociate,
        Self::ListAddresses,
        Self::DeletePolicy,
        Self::ClearMailFrom,
        Self::ClearConfigurationSet,
        Self::Send,
        Self::Standing,
    ];

    pub fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::List | Self::ListAssociations | Self::ListAddresses | Self::Standing)
    }
}

/// A call that reached SES.
#[derive(Clone, Debug)]
pub struct Call {
    pub at: Duration,
    pub operation: SesCall,
    pub domain: String,
    pub error: Option<SesError>,
}

/// One account in one region.
#[derive(Debug, Default)]
pub struct Account {
    pub identities: BTreeMap<String, Held>,
    pub journal: Vec<Call>,
    /// What the operators created and deleted, in order: also where they never heard of it.
    pub created: Vec<String>,
    pub deleted: Vec<String>,
    pub failures: Failures<SesCall, SesError>,
    /// Mails that reached their mailboxes.
    pub mails: Vec<Mailed>,
    /// What the account may do.
    pub sending: Sending,
    /// Identities of single addresses.
    pub addresses: Vec<String>,
    /// Lists show only so many identities, and look complete.
    pub list_shows: Option<usize>,
    /// For so long reads don't show a write.
    pub lag: SignedDuration,
    /// What was before each write, and until when reads show that.
    stale: Vec<(Timestamp, String, Option<Held>)>,
}

impl Account {
    /// SES looks at DNS for every identity.
    pub fn look(&mut self, zone: &Zone, now: Timestamp) {
        for (domain, identity) in &mut self.identities {
            identity.look(found(zone, domain), now);
        }
    }

    /// A write is about to be made.
    fn remember(&mut self, domain: &str, now: Timestamp) {
        self.stale.retain(|(until, ..)| *until > now);
        if self.lag.is_positive() {
            let before = self.identities.get(domain).cloned();
            self.stale.push((now + self.lag, domain.to_owned(), before));
        }
    }

    fn get(&mut self, domain: &str, found: bool, now: Timestamp) -> Option<Identity> {
        // The first read sees that the search has begun, and nothing of what it finds.
        if let Some(identity) = self.identities.get_mut(domain).filter(|identity| !identity.idle) {
            identity.begin();
        }
        let mut stale = self.stale.iter().filter(|(until, about, _)| *until > now && about == domain);
        let shown = stale.next().map_or(self.identities.get(domain), |(.., before)| before.as_ref());
        shown.map(|identity| identity.view(domain, found))
    }

    /// The page that follows a name; the names are in order.
    fn page(&mut self, after: &str) -> Page {
        self.identities.values_mut().filter(|identity| !identity.idle).for_each(Held::begin);
        let rest = self.identities.iter().filter(|(name, _)| name.as_str() > after);
        let shown = self.list_shows.unwrap_or(usize::MAX).min(PAGE);
        let listed = rest.clone().take(shown).map(|(name, identity)| {
            let view = identity.view(name, true);
            (name.clone(), Listed { sending: view.sending, verification: view.verification })
        });
        let identities: BTreeMap<_, _> = listed.collect();
        let more = self.list_shows.is_none() && rest.count() > identities.len();
        let next = identities.keys().next_back().filter(|_| more).cloned();
        Page { identities, next }
    }

    fn found_mut(&mut self, domain: &str) -> Result<&mut Held, SesError> {
        self.identities.get_mut(domain).ok_or(SesError::NotFound)
    }
}

/// Whether all three records stand in DNS.
fn found(zone: &Zone, domain: &str) -> bool {
    records(domain).iter().all(|(name, value)| zone.cnames.get(name) == Some(value))
}

impl Port {
    /// One call: its way there, the laws, ordered failures, its effect.
    async fn call<T>(
        &self,
        call: SesCall,
        domain: &str,
        effect: impl FnOnce(&mut Account, bool) -> Result<T, SesError> + Send,
    ) -> Result<T, SesError> {
        self.way(LATENCY).await;
        self.alive().await;
        let (answer, how) = {
            let cluster = lock(&self.shared.cluster);
            let mut account = lock(&self.shared.account);
            let zone = lock(&self.shared.zone);
            let now = self.shared.now();
            self.shared.faults(laws::ses_call(&self.link, &cluster.claims, &account, call, domain));
            self.shared.faults(challenges_laws::ses_call(&self.link, call, domain));
            if self.link.called(Instant::now()).is_some_and(|pause| pause < PACE) {
                self.shared.fault(format!("{call:?} of {domain}: faster than the budget"));
            }
            let struck =
                if call.is_write() { lock(&self.shared.writes).next(format!("{call:?} {domain}")) } else { None };
            let ordered = struck.map(|how| (how, SesError::Unreachable));
            let ordered = ordered.or_else(|| account.failures.next(call, domain));
            account.look(&zone, now);
            if call.is_write() {
                account.remember(domain, now);
            }
            let answer = match &ordered {
                Some((how, error)) if !how.has_effect() => Err(error.clone()),
                _ => effect(&mut account, found(&zone, domain)),
            };
            // What had no effect is answered, not lost.
            let ordered = ordered.filter(|(how, _)| answer.is_ok() || !how.has_effect());
            let answer = ordered.as_ref().map_or(answer, |(_, error)| Err(error.clone()));
            self.link.known.called(call, domain, answer.as_ref().err());
            let at = self.shared.start.elapsed();
            let error = answer.as_ref().err().cloned();
            account.journal.push(Call { at, operation: call, domain: domain.to_owned(), error });
            (answer, ordered.map(|(how, _)| how))
        };
        self.shared.changed.notify_waiters();
        match how {
            Some(how) => self.fail(how, answer).await,
            None => answer,
        }
    }

    async fn change_identity(
        &self,
        call: SesCall,
        domain: &str,
        change: impl FnOnce(&mut Held) + Send,
    ) -> Result<(), SesError> {
        self.call(call, domain, |account, _| account.found_mut(domain).map(change)).await
    }
}

fn domain_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(ELSEWHERE, |(_, domain)| domain)
}

#[async_trait]
impl Ses for Port {
    async fn caller(&self) -> Result<Caller, SesError> {
        Ok(caller())
    }

    async fn list(&self, token: Option<&str>) -> Result<Page, SesError> {
        let after = token.unwrap_or_default().to_owned();
        self.call(SesCall::List, "", move |account, _| Ok(account.page(&after))).await
    }

    async fn identity(&self, domain: &Domain) -> Result<Option<Identity>, SesError> {
        let (domain, shared) = (domain.as_str(), &self.shared);
        let get = |account: &mut Account, found| Ok(account.get(domain, found, shared.now()));
        let answer = self.call(SesCall::Get, domain, get).await;
        self.link.known.read(domain, answer.as_ref().is_ok_and(Option::is_some));
        answer
    }

    async fn create(&self, domain: &Domain, tags: &BTreeMap<String, String>) -> Result<(), SesError> {
        let (now, domain) = (self.shared.now(), domain.as_str());
        let create = |account: &mut Account, _| {
            if account.identities.contains_key(domain) {
                return Err(SesError::AlreadyExists);
            }
            account.identities.insert(domain.to_owned(), Held::new(tags.clone(), now));
            account.created.push(domain.to_owned());
            Ok(())
        };
        self.call(SesCall::Create, domain, create).await
    }

    async fn delete(&self, domain: &Domain) -> Result<(), SesError> {
        let domain = domain.as_str();
        let delete = |account: &mut Account, _| {
            if account.identities.get(domain).is_some_and(|identity| !identity.associations.is_empty()) {
                return Err(SesError::Associated);
            }
            if account.identities.remove(domain).is_some() {
                account.deleted.push(domain.to_owned());
            }
            Ok(())
        };
        self.call(SesCall::Delete, domain, delete).await
    }

    async fn start_easy_dkim(&self, domain: &Domain) -> Result<(), SesError> {
        let now = self.shared.now();
        self.change_identity(SesCall::StartEasyDkim, domain.as_str(), |identity| identity.start_easy_dkim(now)).await
    }

    async fn enable_signing(&self, domain: &Domain) -> Result<(), SesError> {
        self.change_identity(SesCall::EnableSigning, domain.as_str(), |identity| identity.signing = true).await
    }

    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), SesError> {
        self.change_identity(SesCall::Tag, domain_of(arn), |identity| identity.tags.extend(tags.clone())).await
    }

    async fn untag(&self, arn: &str, key: &str) -> Result<(), SesError> {
        let untag = |identity: &mut Held| {
            identity.tags.remove(key);
        };
        self.change_identity(SesCall::Untag, domain_of(arn), untag).await
    }

    async fn delete_policy(&self, domain: &Domain, name: &str) -> Result<(), SesError> {
        let delete = |identity: &mut Held| identity.set_up.policies.retain(|policy| policy != name);
        self.change_identity(SesCall::DeletePolicy, domain.as_str(), delete).await
    }

    async fn clear_mail_from(&self, domain: &Domain) -> Result<(), SesError> {
        let clear = |identity: &mut Held| identity.set_up.mail_from = None;
        self.change_identity(SesCall::ClearMailFrom, domain.as_str(), clear).await
    }

    async fn clear_configuration_set(&self, domain: &Domain) -> Result<(), SesError> {
        let clear = |identity: &mut Held| identity.set_up.configuration_set = None;
        self.change_identity(SesCall::ClearConfigurationSet, domain.as_str(), clear).await
    }

    async fn associations(&self, arn: &str, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError> {
        let domain = domain_of(arn);
        let skipped = token.map_or(0, |token| token.parse().unwrap());
        let list = |account: &mut Account, _| {
            let all = account.found_mut(domain)?.associations.clone();
            let page: Vec<String> = all.iter().skip(skipped).take(2).cloned().collect();
            let next = skipped + page.len();
            Ok((page, (next < all.len()).then(|| next.to_string())))
        };
        self.call(SesCall::ListAssociations, domain, list).await
    }

    async fn disassociate(&self, tenant: &str, arn: &str) -> Result<(), SesError> {
        let end = |identity: &mut Held| identity.associations.retain(|name| name != tenant);
        self.change_identity(SesCall::Disassociate, domain_of(arn), end).await
    }

    async fn addresses(&self, domain: &Domain, _: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError> {
        let domain = domain.as_str();
        let list = |account: &mut Account, _| {
            let at = |name: &&String| name.ends_with(&format!("@{domain}")) || name.ends_with(&format!(".{domain}"));
            Ok((account.addresses.iter().filter(at).cloned().collect(), None))
        };
        self.call(SesCall::ListAddresses, domain, list).await
    }

    async fn send(&self, mail: &Outgoing) -> Result<String, SesError> {
        self.send_mail(mail).await
    }

    async fn standing(&self) -> Result<Standing, SesError> {
        self.account_standing().await
    }
}
