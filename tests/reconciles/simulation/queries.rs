//! Observations of this simulation, as text that scenarios compare.

use std::{fmt::Write as _, time::Duration};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use sender_operator::{
    api::{SenderDomainStatus, reasons::EventReason},
    cluster::store::{PendingEvent, Regarding},
    model::claim::{Claim, State, StoredClaim},
    ses::SesError,
};

use super::{
    HOUR, Simulation,
    account::{Call, SesCall},
    people::key,
    store::StoreCall,
};

/// `Ready False Pending`, for each condition.
pub fn said(conditions: &[Condition]) -> Vec<String> {
    conditions.iter().map(|c| format!("{} {} {}", c.type_, c.status, c.reason)).collect()
}

pub fn message(conditions: Vec<Condition>, type_: &str) -> String {
    conditions.into_iter().find(|c| c.type_ == type_).map(|c| c.message).unwrap_or_default()
}

/// Statuses.
impl Simulation {
    pub fn status(&self, object: &str) -> SenderDomainStatus {
        self.object(object).status.unwrap()
    }

    /// All conditions, as `Ready False Pending`.
    pub fn says(&self, object: &str) -> Vec<String> {
        said(&self.status(object).conditions)
    }

    pub fn message(&self, object: &str, condition: &str) -> String {
        message(self.status(object).conditions, condition)
    }

    pub fn records(&self, object: &str) -> Vec<String> {
        self.status(object).dns_records.iter().map(|record| format!("{:?}", record.state)).collect()
    }

    /// All statuses of the object, oldest first.
    pub fn history(&self, object: &str) -> Vec<Vec<String>> {
        let key = key(object);
        let requests = self.requests();
        let applied = requests.applied.iter().filter(|applied| applied.key == key);
        applied.map(|applied| said(&applied.status.conditions)).collect()
    }

    /// Awaits a status of the newest generation that contains these conditions.
    pub async fn until_says(&self, object: &str, wanted: &[&str]) {
        self.until_says_within(HOUR, object, wanted).await;
    }

    pub async fn until_says_within(&self, time: Duration, object: &str, wanted: &[&str]) {
        let what = format!("{object} has {wanted:?}");
        self.until_within(time, &what, || self.is_saying(object, wanted)).await;
    }

    /// Whether the status is of the newest generation and has these conditions.
    pub fn is_saying(&self, object: &str, wanted: &[&str]) -> bool {
        let says = self.says(object);
        let newest = Some(self.status(object).observed_generation) == self.object(object).metadata.generation;
        newest && wanted.iter().all(|wanted| says.iter().any(|said| said == wanted))
    }

    pub async fn until_ready(&self, object: &str) {
        self.until_says(object, &["Ready True Ready"]).await;
    }
}

/// Claims.
impl Simulation {
    /// The claim of the default environment.
    pub fn stored_claim(&self, domain: &str) -> Option<StoredClaim> {
        self.cluster().claims.get(&format!("default.{domain}")).cloned()
    }

    pub fn claim_of(&self, environment: &str, domain: &str) -> Option<Claim> {
        self.cluster().claims.get(&format!("{environment}.{domain}")).map(|stored| stored.claim.clone())
    }

    pub fn identities(&self) -> usize {
        self.account().domains().count()
    }

    pub fn claim(&self, domain: &str) -> Option<Claim> {
        self.stored_claim(domain).map(|stored| stored.claim)
    }

    pub fn state(&self, domain: &str) -> Option<State> {
        self.claim(domain).map(|claim| claim.state)
    }

    pub async fn until_state(&self, domain: &str, state: State) {
        self.until(&format!("{domain} is {state:?}"), || self.state(domain) == Some(state)).await;
    }

    /// The tenant that holds the domain.
    pub fn owner(&self, domain: &str) -> Option<String> {
        let claim = self.claim(domain).filter(|claim| claim.state == State::Held)?;
        claim.tenant.map(|tenant| tenant.to_string())
    }
}

/// Calls, writes, events.
impl Simulation {
    pub fn journal(&self) -> Vec<Call> {
        self.account().journal.iter().filter(|call| call.operation != SesCall::List).cloned().collect()
    }

    pub fn lists(&self) -> usize {
        self.account().journal.iter().filter(|call| call.operation == SesCall::List).count()
    }

    pub fn ses_calls(&self, domain: &str) -> Vec<SesCall> {
        self.account().journal.iter().filter(|call| call.domain == domain).map(|call| call.operation).collect()
    }

    /// The times of this operation on a domain.
    pub fn times(&self, operation: SesCall, domain: &str) -> Vec<Duration> {
        let account = self.account();
        let fitting = account.journal.iter().filter(|call| call.operation == operation && call.domain == domain);
        fitting.map(|call| call.at).collect()
    }

    /// Calls to SES about a domain that write, without creations of existing identities.
    pub fn ses_writes(&self, domain: &str) -> Vec<SesCall> {
        let about = |call: &Call| call.domain == domain && call.operation.is_write();
        let journal = self.journal().into_iter();
        let made = journal.filter(|call| about(call) && call.error != Some(SesError::AlreadyExists));
        made.map(|call| call.operation).collect()
    }

    /// Number of this request by the operators, if it writes.
    pub fn writes(&self, call: StoreCall) -> usize {
        self.requests().writes.get(&call).copied().unwrap_or_default()
    }

    pub fn all_writes(&self) -> usize {
        self.requests().writes.values().sum()
    }

    /// Number of this request by the operators, if it reads.
    pub fn reads(&self, call: StoreCall) -> usize {
        self.requests().reads.get(&call).copied().unwrap_or_default()
    }

    pub fn dns_questions(&self) -> usize {
        super::lock(&self.shared.zone).asked
    }

    pub fn told(&self, reason: EventReason) -> Vec<PendingEvent> {
        let requests = self.requests();
        requests.told.iter().filter(|(_, event)| event.reason == reason).map(|(_, event)| event.clone()).collect()
    }

    /// All events, as `BecameReady acme/mail`, sorted.
    pub fn all_told(&self) -> Vec<String> {
        let about = |regarding: &Regarding| match &regarding.namespace {
            Some(namespace) => format!("{namespace}/{}", regarding.name),
            None => regarding.name.clone(),
        };
        let requests = self.requests();
        let events = requests.told.iter().map(|(_, event)| event);
        let mut all: Vec<_> =
            events.map(|event| format!("{} {}", event.reason.as_str(), about(&event.regarding))).collect();
        all.sort();
        all
    }

    /// Reasons of the events about an object, in order.
    pub fn events_of(&self, object: &str) -> Vec<EventReason> {
        let (namespace, name) = key(object);
        let about = |about: &Regarding| about.namespace.as_ref() == Some(&namespace) && about.name == name;
        let requests = self.requests();
        requests.told.iter().filter(|(_, event)| about(&event.regarding)).map(|(_, event)| event.reason).collect()
    }

    /// The whole state, for the analysis of a failed test.
    pub fn picture(&self) -> String {
        let mut text = format!("--- after {:?}\n", self.age());
        let cluster = self.cluster();
        for (name, stored) in &cluster.claims {
            let _ = writeln!(text, "claim {name}: {:?}", stored.claim);
        }
        for (key, object) in &cluster.domains {
            let _ = writeln!(text, "{key:?}: {:#?}", object.status);
        }
        for (key, object) in &cluster.addresses {
            let _ = writeln!(text, "{key:?} ({}): {:?}", object.spec.address, object.status);
        }
        drop(cluster);
        let requests = self.requests();
        let from = requests.told.len().saturating_sub(10);
        for (at, event) in &requests.told[from..] {
            let _ = writeln!(text, "event at {at:?}: {} {}", event.reason.as_str(), event.note);
        }
        drop(requests);
        for mailed in self.mails().iter().rev().take(10) {
            let _ = writeln!(text, "mail at {:?}: {} {}", mailed.at, mailed.mail.to, mailed.mail.subject);
        }
        let journal = self.journal();
        for call in &journal[journal.len().saturating_sub(20)..] {
            let _ = writeln!(text, "call at {:?}: {:?} {} {:?}", call.at, call.operation, call.domain, call.error);
        }
        text
    }
}
