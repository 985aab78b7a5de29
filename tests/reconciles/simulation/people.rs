//! Actions of people, DNS teams and strangers in this simulation.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderDomain, SenderDomainSpec, SenderDomainStatus, reasons::EventReason},
    model::{admin_annotations::RequestedActions, claim::StoredClaim, records::Doubt, tenant::TENANT_LABEL},
    ses::Caller,
};
use ses_simulator::IdentityPatch;

use super::{
    Simulation,
    cluster::{KeptObject, Key},
    identity::Held,
    lock,
    zone::Zone,
};

/// When every simulation begins: 2026-01-01T00:00:00Z.
pub const BEGINNING: i64 = 1_767_225_600;
/// The owner id in the operator's Secret.
pub const OWNER: &str = "owner-1";
/// The zone that SES names for DKIM.
pub const SIGNING_ZONE: &str = "dkim.amazonses.com";
/// A host that does not belong to SES.
pub const ELSEWHERE: &str = "elsewhere.example.net";

pub fn caller() -> Caller {
    Caller { account: "111122223333".into(), region: "eu-west-1".into(), partition: "aws".into() }
}

/// The DKIM tokens of a domain: always the same in one account, and readable.
pub fn tokens(domain: &str) -> Vec<String> {
    [1, 2, 3].map(|n| format!("t{n}-{}", domain.replace('.', "-"))).into()
}

/// Names and values of the three records.
pub fn records(domain: &str) -> Vec<(String, String)> {
    let record = |token: String| (format!("{token}._domainkey.{domain}"), format!("{token}.{SIGNING_ZONE}"));
    tokens(domain).into_iter().map(record).collect()
}

/// Name and value of one of them.
pub fn record(domain: &str, n: usize) -> (String, String) {
    records(domain)[n].clone()
}

/// Parses `namespace/name`.
pub fn key(text: &str) -> Key {
    let (namespace, name) = text.split_once('/').unwrap();
    (namespace.to_owned(), name.to_owned())
}

/// People at the API server.
impl Simulation {
    /// A namespace that belongs to the tenant of the same name.
    pub fn tenant(&self, name: &str) {
        self.namespace(name, &[(TENANT_LABEL, name)]);
    }

    pub fn namespace(&self, name: &str, labels: &[(&str, &str)]) {
        let labels: BTreeMap<_, _> = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.cluster().put_namespace(name, labels);
    }

    pub fn namespace_uid(&self, name: &str) -> String {
        self.cluster().namespaces.get(name).unwrap().uid.clone()
    }

    /// `kubectl delete namespace`, with all its objects.
    pub fn delete_namespace(&self, name: &str) {
        let inside: Vec<Key> = self.cluster().domains.keys().filter(|(ns, _)| ns == name).cloned().collect();
        for (namespace, object) in inside {
            self.delete(&format!("{namespace}/{object}"));
        }
        let addresses = self.addresses_in(name);
        for object in &addresses {
            self.stop_asking(object);
        }
        self.cluster().remove_namespace(name);
    }

    pub fn apply(&self, object: &str, domain: &str) {
        self.apply_with(object, domain, |_| {});
    }

    /// Applies a new object with more than a domain in its spec.
    pub fn apply_with(&self, object: &str, domain: &str, change: impl FnOnce(&mut SenderDomainSpec)) {
        let mut spec =
            SenderDomainSpec { domain: domain.to_owned(), deletion_policy: None, adoption_policy: None, suspend: None };
        change(&mut spec);
        let now = self.now();
        self.cluster().create::<SenderDomain>(&key(object), spec, None, now).unwrap();
    }

    pub fn edit(&self, object: &str, change: impl FnOnce(&mut SenderDomainSpec)) {
        self.cluster().edit::<SenderDomain>(&key(object), change).unwrap();
    }

    pub fn edit_status(&self, object: &str, change: impl FnOnce(&mut SenderDomainStatus)) {
        self.with_object::<SenderDomain>(object, |object| change(object.status.as_mut().unwrap()));
    }

    /// `kubectl delete` of an object with a foreign finalizer.
    pub fn begin_delete(&self, object: &str) {
        self.with_object::<SenderDomain>(object, |object| {
            object.metadata.finalizers = Some(vec!["example.com/keep".to_owned()]);
        });
        self.delete(object);
    }

    /// Removes the finalizer.
    pub fn end_delete(&self, object: &str) {
        self.cluster().remove_finalizers::<SenderDomain>(&key(object)).unwrap();
    }

    pub fn delete(&self, object: &str) {
        let now = self.now();
        self.cluster().delete::<SenderDomain>(&key(object), now).unwrap();
    }

    pub(super) fn with_object<K: KeptObject>(&self, object: &str, change: impl FnOnce(&mut K)) {
        let mut cluster = self.cluster();
        let mut object: K = cluster.object(&key(object)).unwrap();
        change(&mut object);
        cluster.put(object);
    }

    /// An administrator or another process changes a claim.
    pub fn change_claim(&self, name: &str, change: impl FnOnce(&mut StoredClaim)) {
        let mut cluster = self.cluster();
        let mut stored = cluster.claims.get(name).unwrap().clone();
        stored.version = cluster.version();
        change(&mut stored);
        cluster.put_claim(name, stored);
        self.shared.domain_written();
    }

    /// An administrator annotates the claim of a domain in the default environment; an empty value removes the
    /// annotation.
    pub fn annotate(&self, domain: &str, annotation: &str, value: &str) {
        self.annotate_claim(&format!("default.{domain}"), annotation, value);
    }

    /// The same with the name of any claim.
    pub fn annotate_claim(&self, name: &str, annotation: &str, value: &str) {
        let mut annotations = self.annotations.lock().unwrap();
        let values = annotations.entry(name.to_owned()).or_default();
        values.insert(annotation.to_owned(), value.to_owned());
        self.change_claim(name, |stored| {
            stored.requested_actions = RequestedActions::of(values, stored.claim.subject.address.is_some());
        });
    }

    pub fn remove_claim(&self, name: &str) {
        self.cluster().remove_claim(name);
        self.shared.domain_written();
    }

    /// Creates `<tenant>/mail` for a domain whose records are published, and awaits that it is Ready and settled.
    pub async fn ready(&self, tenant: &str, domain: &str) {
        let object = format!("{tenant}/mail");
        self.tenant(tenant);
        self.publish(domain);
        self.apply(&object, domain);
        self.until_ready(&object).await;
        self.until("it is reported", || self.events_of(&object).contains(&EventReason::BecameReady)).await;
    }

    pub fn object(&self, object: &str) -> SenderDomain {
        self.cluster().domains.get(&key(object)).unwrap().clone()
    }

    pub fn uid(&self, object: &str) -> String {
        self.object(object).uid().unwrap()
    }
}

/// The DNS team.
impl Simulation {
    pub fn publish(&self, domain: &str) {
        for (name, value) in records(domain) {
            self.set_record(&name, &value);
        }
    }

    pub fn unpublish(&self, domain: &str) {
        for (name, _) in records(domain) {
            self.remove_record(&name);
        }
    }

    pub fn set_record(&self, name: &str, value: &str) {
        self.with_zone(|zone| zone.records.set(name, "CNAME", &[value], None).unwrap());
    }

    pub fn remove_record(&self, name: &str) {
        self.with_zone(|zone| zone.records.remove(name, "CNAME").unwrap());
    }

    /// A name with address records.
    pub fn set_address(&self, name: &str) {
        self.with_zone(|zone| zone.records.set(name, "A", &["192.0.2.1"], None).unwrap());
    }

    /// SES checks before and after the change, so that the result does not depend on the time of the operator's reads.
    pub(super) fn with_zone<T>(&self, change: impl FnOnce(&mut Zone) -> T) {
        let mut account = self.account();
        let mut zone = lock(&self.shared.zone);
        account.look(&zone, self.shared.now());
        change(&mut zone);
        account.look(&zone, self.shared.now());
    }

    /// Lookups of names with this suffix get no usable answer.
    pub fn dns_unknown(&self, suffix: &str, doubt: Doubt) {
        lock(&self.shared.zone).ailments.push((suffix.to_owned(), Some(doubt)));
    }

    /// The operator's resolvers wrongly deny names with this suffix; SES sees them.
    pub fn dns_denies(&self, suffix: &str) {
        lock(&self.shared.zone).ailments.push((suffix.to_owned(), None));
    }
}

/// Strangers in the AWS console.
impl Simulation {
    pub fn at_ses(&self, domain: &str, change: impl FnOnce(&mut Held)) {
        let mut account = self.account();
        let before = account.held(domain).unwrap();
        let mut after = before.clone();
        change(&mut after);
        after.put(domain, &before, &mut account.ses, self.now());
    }

    pub fn delete_at_ses(&self, domain: &str) {
        assert!(self.account().ses.remove_identity(domain));
    }

    pub fn create_at_ses(&self, domain: &str, tags: &[(&str, &str)]) {
        let patch = IdentityPatch::default().tags(tags.iter().copied());
        self.account().ses.put_identity(domain, patch, self.now());
    }

    /// Overrides SES's state of a domain's DKIM until Easy DKIM is started.
    pub fn ses_says_of_dkim(&self, domain: &str, word: &str) {
        self.account().words.insert(domain.to_owned(), word.to_owned());
    }

    /// From now on reads show a write only after this time.
    pub fn ses_lags(&self, lag: Duration) {
        self.account().lag = SignedDuration::try_from(lag).unwrap();
    }

    pub fn identity(&self, domain: &str) -> Option<Held> {
        self.account().held(domain)
    }
}
