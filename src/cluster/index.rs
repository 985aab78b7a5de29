//! What the watches have seen, in as few bytes as possible: which objects ask for which domain, where each claim
//! stands, and what each namespace is labelled.
//!
//! It says *what to look at*, never what is true: a pass reads the objects themselves. So a late watch costs a delay and
//! never a wrong decision.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::mailboxes::Mailboxes;
use crate::model::{
    address::Address,
    claim::{Claim, State},
    creations::Creations,
    name::Domain,
    release::together,
    tenant::{TENANT_LABEL, Tenant, serves},
};

/// Namespace and name.
pub type Key = (Arc<str>, Arc<str>);

#[derive(Debug)]
struct Entry {
    domain: Domain,
    uid: Box<str>,
    generation: i64,
}

/// Where a claim stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimSeen {
    /// The claimed domain.
    pub domain: Domain,
    /// Its state.
    pub state: State,
    /// Who owns it, or asks for it while it is Provisional.
    pub tenant: Option<Tenant>,
    /// When its holder let go.
    pub releasing_time: Option<Timestamp>,
    /// The random id of its holder's tenure.
    pub holding: Option<Box<str>>,
    /// Whether SES sends for it.
    pub verified: bool,
    /// Whether an identity may exist for it that nobody has proven a right to.
    pub unproven: bool,
    /// Whether its identity is kept at SES although nobody holds it.
    pub retained: bool,
    /// What was created for it lately, and for whom.
    pub creations: Option<Creations>,
    /// Resource version.
    pub version: Box<str>,
}

impl ClaimSeen {
    /// What the index keeps of a claim.
    pub fn of(claim: &Claim, version: &str) -> Self {
        Self {
            domain: claim.subject.domain.clone(),
            state: claim.state,
            tenant: claim.tenant.as_ref().or(claim.sponsor.as_ref()).cloned(),
            releasing_time: claim.releasing_time,
            holding: claim.holding.as_deref().map(Into::into),
            verified: claim.identity.verified_time.is_some() && !claim.identity.hand_over,
            unproven: matches!(claim.state, State::Provisional | State::Releasing) && claim.tenant.is_none(),
            retained: claim.identity.retained,
            creations: claim.creations.clone(),
            version: version.into(),
        }
    }
}

impl ClaimSeen {
    /// What addresses rest on.
    fn cover(&self) -> (State, Option<&Tenant>, Option<&str>, bool) {
        (self.state, self.tenant.as_ref(), self.holding.as_deref(), self.verified)
    }
}

/// The index. Each change answers with the domains that have to be looked at.
#[derive(Debug, Default)]
pub struct Index {
    objects: HashMap<Key, Entry>,
    askers: HashMap<Domain, BTreeSet<Key>>,
    claims: BTreeMap<String, ClaimSeen>,
    elsewhere: HashMap<Domain, BTreeSet<Box<str>>>,
    domains: BTreeMap<String, Domain>,
    namespaces: HashMap<String, BTreeMap<String, String>>,
    /// The same about addresses.
    pub mailboxes: Mailboxes,
}

impl Index {
    /// An object was seen.
    pub fn put_object(&mut self, key: Key, domain: Domain, uid: &str, generation: i64) -> Vec<Domain> {
        let before = self.objects.get(&key);
        if before.is_some_and(|e| *e.uid == *uid && e.generation == generation && e.domain == domain) {
            return Vec::new();
        }
        let mut wake = self.remove_object(&key);
        self.mailboxes.domain_changed(&domain);
        self.askers.entry(domain.clone()).or_default().insert(key.clone());
        self.domains.insert(domain.reversed(), domain.clone());
        self.objects.insert(key, Entry { domain: domain.clone(), uid: uid.into(), generation });
        wake.retain(|other| *other != domain);
        wake.push(domain);
        wake
    }

    /// An object is gone.
    pub fn remove_object(&mut self, key: &Key) -> Vec<Domain> {
        let Some(entry) = self.objects.remove(key) else { return Vec::new() };
        if let Some(keys) = self.askers.get_mut(&entry.domain) {
            keys.remove(key);
            if keys.is_empty() {
                self.askers.remove(&entry.domain);
                self.domains.remove(&entry.domain.reversed());
            }
        }
        vec![entry.domain]
    }

    /// After a complete list: everything that was not in it is gone.
    pub fn keep_objects(&mut self, namespace: Option<&str>, seen: &HashSet<Key>) -> Vec<Domain> {
        let listed = |key: &Key| namespace.is_none_or(|namespace| &*key.0 == namespace);
        let gone: Vec<Key> = self.objects.keys().filter(|key| listed(key) && !seen.contains(*key)).cloned().collect();
        gone.iter().flat_map(|key| self.remove_object(key)).collect()
    }

    /// A claim was seen or written: its own domain, and those above and below it that somebody asks for.
    pub fn put_claim(&mut self, claim: &ClaimSeen) -> Vec<Domain> {
        let place = claim.domain.reversed();
        match self.claims.get(&place) {
            Some(before) if before.version == claim.version => return Vec::new(),
            _ => {}
        }
        let domain = claim.domain.clone();
        let before = self.claims.insert(place, claim.clone());
        if before.as_ref().map(ClaimSeen::cover) != Some(claim.cover()) {
            self.mailboxes.domain_changed(&domain);
        }
        let mut wake = vec![domain.clone()];
        if before.is_none_or(|before| before.state != claim.state || before.tenant != claim.tenant) {
            wake.extend(self.related(&domain));
        }
        wake
    }

    /// A claim is gone.
    pub fn remove_claim(&mut self, domain: &Domain) -> Vec<Domain> {
        if self.claims.remove(&domain.reversed()).is_none() {
            return Vec::new();
        }
        self.mailboxes.domain_changed(domain);
        let mut wake = self.related(domain);
        wake.push(domain.clone());
        wake
    }

    /// After a complete list of claims: everything that was not in it is gone.
    pub fn keep_claims(&mut self, seen: &HashSet<Domain>) -> Vec<Domain> {
        let gone: Vec<Domain> =
            self.claims.values().map(|claim| &claim.domain).filter(|domain| !seen.contains(*domain)).cloned().collect();
        gone.iter().flat_map(|domain| self.remove_claim(domain)).collect()
    }

    /// A claim of another environment was seen, by its name; `stands`: somebody holds it, or it is being released.
    pub fn put_elsewhere(&mut self, domain: &Domain, name: &str, stands: bool) -> Vec<Domain> {
        let names = self.elsewhere.entry(domain.clone()).or_default();
        let changed = if stands { names.insert(name.into()) } else { names.remove(name) };
        if names.is_empty() {
            self.elsewhere.remove(domain);
        }
        // Only who asks here too has to hear of it.
        if changed && self.askers.contains_key(domain) { vec![domain.clone()] } else { Vec::new() }
    }

    /// Names of other environments' claims on a domain.
    pub fn elsewhere(&self, domain: &Domain) -> Vec<String> {
        self.elsewhere.get(domain).into_iter().flatten().map(ToString::to_string).collect()
    }

    /// Tenants that hold a domain above this one.
    pub fn held_above(&self, domain: &Domain) -> Vec<Tenant> {
        let above = domain.ancestors().filter_map(|above| self.claims.get(&above.reversed()));
        above.filter(|claim| claim.state == State::Held).filter_map(|claim| claim.tenant.clone()).collect()
    }

    /// How many other domains' claims nobody has proven, and how many of those count for this tenant. One that is being
    /// released counts until its identity is gone: else who asks and deletes in turns would have any number.
    pub fn provisional_beside(&self, domain: &Domain, tenant: &Tenant) -> (usize, usize) {
        let all = self.claims.values().filter(|claim| claim.unproven && claim.domain != *domain);
        all.fold((0, 0), |(all, of), claim| (all + 1, of + usize::from(claim.tenant.as_ref() == Some(tenant))))
    }

    /// A namespace was seen with these labels (those that matter to the operator).
    pub fn put_namespace(&mut self, name: &str, labels: &BTreeMap<String, String>) -> Vec<Domain> {
        let before = self.namespaces.insert(name.to_owned(), labels.clone());
        if before.as_ref() == Some(labels) {
            return Vec::new();
        }
        self.mailboxes.namespace_changed(name);
        self.asked_in(name)
    }

    /// A namespace is gone.
    pub fn remove_namespace(&mut self, name: &str) -> Vec<Domain> {
        if self.namespaces.remove(name).is_none() {
            return Vec::new();
        }
        self.mailboxes.namespace_changed(name);
        self.asked_in(name)
    }

    /// The objects that ask for a domain.
    pub fn askers(&self, domain: &Domain) -> Vec<Key> {
        self.askers.get(domain).into_iter().flatten().cloned().collect()
    }

    /// Who shares a turn with this domain: those that are asked for by the same tenant. Good enough to be fair by; whose
    /// it is says the claim.
    pub fn group(&self, domain: &Domain) -> Arc<str> {
        let asker = self.askers.get(domain).and_then(BTreeSet::first);
        asker.map_or_else(|| Arc::from(""), |(namespace, _)| self.group_of(namespace))
    }

    /// The same of an address.
    pub fn address_group(&self, address: &Address) -> Arc<str> {
        let namespace = self.mailboxes.first_namespace(address);
        namespace.map_or_else(|| Arc::from(""), |namespace| self.group_of(&namespace))
    }

    fn group_of(&self, namespace: &Arc<str>) -> Arc<str> {
        let tenant = self.namespaces.get(&**namespace).and_then(|labels| labels.get(TENANT_LABEL));
        tenant.map_or_else(|| namespace.clone(), |tenant| Arc::from(format!("tenant/{tenant}")))
    }

    /// Whether there is anything to do about an address: see [`Self::concerns`].
    pub fn concerns_address(&self, environment: &str, address: &Address) -> bool {
        let mut namespaces = self.mailboxes.askers(address).into_iter().map(|(namespace, _)| namespace);
        self.mailboxes.is_claimed(address) || namespaces.any(|name| self.is_served(environment, &name))
    }

    fn is_served(&self, environment: &str, namespace: &str) -> bool {
        self.namespaces.get(namespace).is_some_and(|labels| serves(environment, labels))
    }

    /// How many claims are in each state.
    pub fn count(&self, state: State) -> usize {
        self.claims.values().filter(|claim| claim.state == state).count()
    }

    /// How many claims let go within one hour of `time`, whether they are released by now or not.
    pub fn releasing_together(&self, time: Timestamp) -> usize {
        together(time, self.claims.values().filter_map(|claim| claim.releasing_time))
    }

    /// What was created lately for this tenant, a window for each claim.
    pub fn creations_for(&self, tenant: &Tenant) -> Vec<Creations> {
        let all = self.claims.values().filter_map(|claim| claim.creations.as_ref());
        all.filter(|creations| creations.tenant == *tenant).cloned().collect()
    }

    /// Every claim.
    pub fn claims(&self) -> Vec<ClaimSeen> {
        self.claims.values().cloned().collect()
    }

    /// Every domain that concerns this environment.
    pub fn subjects(&self, environment: &str) -> BTreeSet<&Domain> {
        let claimed = self.claims.values().map(|claim| &claim.domain);
        self.askers.keys().filter(|domain| self.is_asked_for_in(environment, domain)).chain(claimed).collect()
    }

    /// Whether there is anything to do about a domain: it has a claim, or somebody asks for it in a namespace that this
    /// environment serves. A namespace that was not seen yet is looked at when it is.
    pub fn concerns(&self, environment: &str, domain: &Domain) -> bool {
        self.claims.contains_key(&domain.reversed()) || self.is_asked_for_in(environment, domain)
    }

    fn is_asked_for_in(&self, environment: &str, domain: &Domain) -> bool {
        let mut namespaces = self.askers.get(domain).into_iter().flatten().map(|(namespace, _)| namespace);
        namespaces.any(|name| self.is_served(environment, name))
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    fn asked_in(&self, namespace: &str) -> Vec<Domain> {
        let inside = self.objects.iter().filter(|(key, _)| *key.0 == *namespace);
        inside.map(|(_, entry)| entry.domain.clone()).collect()
    }

    /// Domains above and below that somebody asks for.
    fn related(&self, domain: &Domain) -> Vec<Domain> {
        let prefix = domain.reversed();
        let below = self.domains.range(prefix.clone()..).take_while(|(place, _)| place.starts_with(&prefix));
        let below = below.map(|(_, other)| other.clone()).filter(|other| other != domain);
        let above = domain.ancestors().filter(|above| self.askers.contains_key(above));
        below.chain(above).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tenant::ENVIRONMENT_LABEL;

    fn domain(name: &str) -> Domain {
        Domain::parse(name).unwrap()
    }

    fn key(name: &str) -> Key {
        (Arc::from("ns"), Arc::from(name))
    }

    fn claim(name: &str, state: State, version: &str) -> ClaimSeen {
        ClaimSeen {
            domain: domain(name),
            state,
            tenant: None,
            releasing_time: None,
            holding: None,
            verified: false,
            unproven: false,
            retained: false,
            creations: None,
            version: version.into(),
        }
    }

    fn names(domains: Vec<Domain>) -> Vec<String> {
        let mut names: Vec<String> = domains.into_iter().map(String::from).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_generation_wakes_and_a_status_write_does_not() {
        let mut index = Index::default();
        assert_eq!(names(index.put_object(key("a"), domain("a.example.com"), "u1", 1)), ["a.example.com"]);
        assert!(index.put_object(key("a"), domain("a.example.com"), "u1", 1).is_empty());
        assert_eq!(names(index.put_object(key("a"), domain("a.example.com"), "u1", 2)), ["a.example.com"]);
        assert_eq!(
            names(index.put_object(key("a"), domain("b.example.com"), "u2", 1)),
            ["a.example.com", "b.example.com"]
        );
        assert!(index.askers(&domain("a.example.com")).is_empty());
        assert_eq!(names(index.remove_object(&key("a"))), ["b.example.com"]);
        assert_eq!(index.objects(), 0);
    }

    #[test]
    fn a_relist_finds_what_the_watch_missed() {
        let mut index = Index::default();
        index.put_object(key("kept"), domain("kept.example.com"), "u1", 1);
        index.put_object(key("gone"), domain("gone.example.com"), "u2", 1);
        assert_eq!(names(index.keep_objects(None, &HashSet::from([key("kept")]))), ["gone.example.com"]);
        index.put_claim(&claim("x.example.org", State::Held, "1"));
        assert_eq!(names(index.keep_claims(&HashSet::new())), ["x.example.org"]);
    }

    #[test]
    fn a_relist_of_one_namespace_says_nothing_of_others() {
        let mut index = Index::default();
        let other: Key = ("other".into(), "mail".into());
        index.put_object(other.clone(), domain("other.example.com"), "u1", 1);
        index.put_object(key("gone"), domain("gone.example.com"), "u2", 1);
        let namespace = key("gone").0;
        assert_eq!(names(index.keep_objects(Some(&namespace), &HashSet::new())), ["gone.example.com"]);
        assert_eq!(names(index.keep_objects(Some("other"), &HashSet::new())), ["other.example.com"]);
    }

    #[test]
    fn a_changed_claim_wakes_those_above_and_below_it() {
        let mut index = Index::default();
        for (n, name) in
            ["example.com", "a.example.com", "b.a.example.com", "badexample.com", "c.example.com"].iter().enumerate()
        {
            index.put_object(key(&n.to_string()), domain(name), "u", 1);
        }
        let woken = names(index.put_claim(&claim("a.example.com", State::Held, "1")));
        assert_eq!(woken, ["a.example.com", "b.a.example.com", "example.com"]);
        assert!(index.put_claim(&claim("a.example.com", State::Held, "1")).is_empty(), "our own write comes back");
        let woken = names(index.put_claim(&claim("a.example.com", State::Held, "2")));
        assert_eq!(woken, ["a.example.com"], "only a new state or tenant matters to the others");
        let displaced = ClaimSeen { tenant: "tenant/heir".parse().ok(), ..claim("a.example.com", State::Held, "3") };
        assert_eq!(names(index.put_claim(&displaced)), ["a.example.com", "b.a.example.com", "example.com"]);
    }

    #[test]
    fn a_relabelled_namespace_wakes_its_objects() {
        let mut index = Index::default();
        index.put_object(key("a"), domain("a.example.com"), "u", 1);
        let labels = BTreeMap::from([(TENANT_LABEL.to_owned(), "v".to_owned())]);
        assert_eq!(&*index.group(&domain("a.example.com")), "ns");
        assert_eq!(names(index.put_namespace("ns", &labels)), ["a.example.com"]);
        assert_eq!(&*index.group(&domain("a.example.com")), "tenant/v", "a tenant's namespaces share its turns");
        assert!(index.put_namespace("ns", &labels).is_empty());
        assert!(index.put_namespace("other", &labels).is_empty());
        assert_eq!(names(index.remove_namespace("ns")), ["a.example.com"]);
    }

    #[test]
    fn what_other_environments_are_asked_for_concerns_nobody_here() {
        let mut index = Index::default();
        let name = domain("a.example.com");
        index.put_object(key("a"), name.clone(), "u", 1);
        assert!(!index.concerns("default", &name), "its namespace was not seen yet");
        index.put_namespace("ns", &BTreeMap::from([(ENVIRONMENT_LABEL.to_owned(), "production".to_owned())]));
        assert!(!index.concerns("default", &name) && index.concerns("production", &name));
        assert!(index.subjects("default").is_empty());
        index.put_claim(&claim("a.example.com", State::Held, "1"));
        assert!(index.concerns("default", &name), "a claim is to be let go");
        assert_eq!(index.subjects("default").len(), 1);
    }
}
