//! What the watches have seen of addresses, in as few bytes as possible: which objects ask for which address, and where each
//! address's claim stands. A part of the [`super::index`], and like it a hint where to look, never a source of rights.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::index::Key;
use crate::model::{
    address::Address,
    claim::{Claim, State},
    confirmation::limits::{Counted, Mail},
    name::Domain,
    tenant::Tenant,
};

/// What is kept of a `SenderAddress`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSeen {
    /// The address.
    pub address: Address,
    /// Uid of the object.
    pub uid: Box<str>,
    /// Its generation.
    pub generation: i64,
    /// The annotation that asks for another mail.
    pub resend: Option<Box<str>>,
}

/// Where an address's claim stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressClaimSeen {
    /// The claimed address.
    pub address: Address,
    /// Its state.
    pub state: State,
    /// Who holds it.
    pub tenant: Option<Tenant>,
    /// Mails that were sent to it lately.
    pub mails: Box<[Mail]>,
    /// Resource version.
    pub version: Box<str>,
}

impl AddressClaimSeen {
    /// What is kept of a claim, if it is one on an address.
    pub fn of(claim: &Claim, version: &str) -> Option<Self> {
        Some(Self {
            address: claim.subject.address.clone()?,
            state: claim.state,
            tenant: claim.tenant.clone(),
            mails: claim.confirmation.as_ref().map(|kept| kept.mails.clone().into()).unwrap_or_default(),
            version: version.into(),
        })
    }
}

/// Everything about addresses. Changes collect the addresses that have to be looked at, until [`Self::woken`].
#[derive(Debug, Default)]
pub struct Mailboxes {
    objects: HashMap<Key, AddressSeen>,
    askers: HashMap<Address, BTreeSet<Key>>,
    claims: HashMap<Address, AddressClaimSeen>,
    /// Versions of the operator's own writes that the watch has not shown yet.
    noted: HashMap<Address, Box<str>>,
    /// Every address that is asked for or claimed, by its domain: those below a domain share its prefix.
    places: BTreeMap<String, BTreeSet<Address>>,
    woken: BTreeSet<Address>,
}

impl Mailboxes {
    /// An object was seen.
    pub fn put_object(&mut self, key: Key, seen: AddressSeen) {
        if self.objects.get(&key) == Some(&seen) {
            return;
        }
        self.remove_object(&key);
        let address = seen.address.clone();
        self.askers.entry(address.clone()).or_default().insert(key.clone());
        self.objects.insert(key, seen);
        self.place(&address);
        self.woken.insert(address);
    }

    /// An object is gone.
    pub fn remove_object(&mut self, key: &Key) {
        let Some(seen) = self.objects.remove(key) else { return };
        if let Some(keys) = self.askers.get_mut(&seen.address) {
            keys.remove(key);
            if keys.is_empty() {
                self.askers.remove(&seen.address);
            }
        }
        self.displace(&seen.address);
        self.woken.insert(seen.address);
    }

    /// After a complete list: everything that was not in it is gone.
    pub fn keep_objects(&mut self, namespace: Option<&str>, seen: &HashSet<Key>) {
        let listed = |key: &Key| namespace.is_none_or(|namespace| &*key.0 == namespace);
        let gone: Vec<Key> = self.objects.keys().filter(|key| listed(key) && !seen.contains(*key)).cloned().collect();
        for key in &gone {
            self.remove_object(key);
        }
    }

    /// A claim was seen.
    pub fn put_claim(&mut self, seen: AddressClaimSeen) {
        if let Some(own) = self.noted.get(&seen.address) {
            // What was before our own write would hide a mail that is counted since.
            if is_before(&seen.version, own) {
                return;
            }
            self.noted.remove(&seen.address);
        }
        if self.claims.get(&seen.address).is_some_and(|before| before.version == seen.version) {
            return;
        }
        let address = seen.address.clone();
        self.claims.insert(address.clone(), seen);
        self.place(&address);
        self.woken.insert(address);
    }

    /// The operator's own write, which its pass knows of: its echo wakes nobody.
    pub fn note_claim(&mut self, seen: AddressClaimSeen) {
        self.place(&seen.address);
        self.noted.insert(seen.address.clone(), seen.version.clone());
        self.claims.insert(seen.address.clone(), seen);
    }

    /// A claim is gone.
    pub fn remove_claim(&mut self, address: &Address) {
        self.noted.remove(address);
        if self.claims.remove(address).is_some() {
            self.displace(address);
            self.woken.insert(address.clone());
        }
    }

    /// After a complete list of claims: everything that was not in it is gone.
    pub fn keep_claims(&mut self, seen: &HashSet<Address>) {
        let gone: Vec<Address> = self.claims.keys().filter(|address| !seen.contains(*address)).cloned().collect();
        for address in &gone {
            self.remove_claim(address);
        }
    }

    /// Something about a domain has changed that its addresses, and those below it, rest on.
    pub fn domain_changed(&mut self, domain: &Domain) {
        let prefix = domain.reversed();
        let below = self.places.range(prefix.clone()..).take_while(|(place, _)| place.starts_with(&prefix));
        self.woken.extend(below.flat_map(|(_, addresses)| addresses.iter().cloned()));
    }

    /// The labels of a namespace have changed.
    pub fn namespace_changed(&mut self, namespace: &str) {
        let inside = self.objects.iter().filter(|(key, _)| *key.0 == *namespace);
        self.woken.extend(inside.map(|(_, seen)| seen.address.clone()));
    }

    /// The addresses that have to be looked at, once.
    pub fn woken(&mut self) -> BTreeSet<Address> {
        std::mem::take(&mut self.woken)
    }

    /// The objects that ask for an address.
    pub fn askers(&self, address: &Address) -> Vec<Key> {
        self.askers.get(address).into_iter().flatten().cloned().collect()
    }

    /// Every address that is asked for or claimed.
    pub fn all(&self) -> impl Iterator<Item = &Address> {
        self.places.values().flatten()
    }

    /// Whether it has a claim.
    pub fn is_claimed(&self, address: &Address) -> bool {
        self.claims.contains_key(address)
    }

    /// Who shares a turn with this address: an object of the first namespace that asks for it.
    pub fn first_namespace(&self, address: &Address) -> Option<Arc<str>> {
        self.askers.get(address).and_then(BTreeSet::first).map(|(namespace, _)| namespace.clone())
    }

    /// Every mail that was sent lately.
    pub fn mails(&self) -> impl Iterator<Item = Counted<'_>> + Clone {
        self.claims
            .values()
            .flat_map(|seen| seen.mails.iter().map(|mail| Counted { domain: seen.address.domain(), mail }))
    }

    /// How many claims are in each state.
    pub fn count(&self, state: State) -> usize {
        self.claims.values().filter(|seen| seen.state == state).count()
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    fn place(&mut self, address: &Address) {
        self.places.entry(address.domain().reversed()).or_default().insert(address.clone());
    }

    fn displace(&mut self, address: &Address) {
        if self.askers.contains_key(address) || self.claims.contains_key(address) {
            return;
        }
        let place = address.domain().reversed();
        if let Some(addresses) = self.places.get_mut(&place) {
            addresses.remove(address);
            if addresses.is_empty() {
                self.places.remove(&place);
            }
        }
    }
}

/// Whether a resource version is older than another one of the same kind. They are decimal numbers that rise (Kubernetes API
/// concepts, "Resource versions"); of others nothing is known.
fn is_before(version: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<u128>().ok();
    matches!((number(version), number(other)), (Some(version), Some(other)) if version < other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn key(name: &str) -> Key {
        (Arc::from("ns"), Arc::from(name))
    }

    fn seen(text: &str, generation: i64, resend: Option<&str>) -> AddressSeen {
        AddressSeen { address: address(text), uid: "u".into(), generation, resend: resend.map(Into::into) }
    }

    fn claim(text: &str, version: &str) -> AddressClaimSeen {
        AddressClaimSeen {
            address: address(text),
            state: State::Held,
            tenant: None,
            mails: Box::default(),
            version: version.into(),
        }
    }

    fn woken(mailboxes: &mut Mailboxes) -> Vec<String> {
        mailboxes.woken().into_iter().map(String::from).collect()
    }

    #[test]
    fn a_new_generation_and_a_new_wish_for_a_mail_wake_and_a_status_write_does_not() {
        let mut all = Mailboxes::default();
        for (case, generation, resend, wakes) in [
            ("new", 1, None, true),
            ("a status write", 1, None, false),
            ("another spec", 2, None, true),
            ("another mail is asked for", 2, Some("a"), true),
            ("seen again", 2, Some("a"), false),
            ("once more", 2, Some("b"), true),
        ] {
            all.put_object(key("a"), seen("a@example.com", generation, resend));
            assert_eq!(!all.woken().is_empty(), wakes, "{case}");
        }
        all.remove_object(&key("a"));
        assert_eq!(woken(&mut all), ["a@example.com"]);
        assert_eq!((all.objects(), all.all().count()), (0, 0));
    }

    #[test]
    fn a_domain_wakes_its_addresses_and_those_below_it() {
        let mut all = Mailboxes::default();
        for (n, text) in ["a@example.com", "b@mail.example.com", "c@badexample.com", "d@example.org"].iter().enumerate()
        {
            all.put_object(key(&n.to_string()), seen(text, 1, None));
        }
        all.put_claim(claim("claimed@mail.example.com", "1"));
        all.woken();
        all.domain_changed(&Domain::parse("example.com").unwrap());
        assert_eq!(woken(&mut all), ["a@example.com", "b@mail.example.com", "claimed@mail.example.com"]);
        all.domain_changed(&Domain::parse("mail.example.com").unwrap());
        assert_eq!(woken(&mut all), ["b@mail.example.com", "claimed@mail.example.com"]);
        all.namespace_changed("ns");
        assert_eq!(all.woken().len(), 4);
    }

    #[test]
    fn our_own_write_wakes_nobody_and_anothers_does() {
        let mut all = Mailboxes::default();
        all.note_claim(claim("a@example.com", "1"));
        all.put_claim(claim("a@example.com", "1"));
        assert!(all.woken().is_empty(), "the echo of our own write");
        all.put_claim(claim("a@example.com", "2"));
        assert_eq!(woken(&mut all), ["a@example.com"], "the owner has clicked");
        all.keep_claims(&HashSet::new());
        assert_eq!(woken(&mut all), ["a@example.com"]);
        assert!(!all.is_claimed(&address("a@example.com")) && all.all().count() == 0);
    }

    #[test]
    fn what_was_before_our_own_write_hides_no_mail_that_is_counted_since() {
        let mut all = Mailboxes::default();
        let mail = Mail { tenant: "tenant/acme".parse().unwrap(), time: jiff::Timestamp::UNIX_EPOCH };
        all.note_claim(claim("a@example.com", "8"));
        all.note_claim(AddressClaimSeen { mails: [mail].into(), ..claim("a@example.com", "9") });
        for (version, mails) in [("7", 1), ("8", 1), ("9", 1), ("10", 0), ("9", 0)] {
            all.put_claim(claim("a@example.com", version));
            assert_eq!(all.mails().count(), mails, "{version}");
        }
        assert!(is_before("9", "10") && !is_before("10", "9") && !is_before("a", "b"));
    }

    #[test]
    fn a_relist_finds_what_the_watch_missed() {
        let mut all = Mailboxes::default();
        all.put_object(key("kept"), seen("kept@example.com", 1, None));
        all.put_object(key("gone"), seen("gone@example.com", 1, None));
        all.woken();
        all.keep_objects(None, &HashSet::from([key("kept")]));
        assert_eq!(woken(&mut all), ["gone@example.com"]);
        all.keep_objects(Some("another"), &HashSet::new());
        assert!(woken(&mut all).is_empty(), "a list of one namespace says nothing of others");
    }
}
