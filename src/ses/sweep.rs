//! Changes that a list of all identities reveals. Pure.
//!
//! One `ListEmailIdentities` call returns 1,000 identities with their verification status, so a steady state costs one
//! call per sweep and thousand identities. The list has no tags and no DKIM attributes. It only selects *what to read*;
//! no decision depends on it, least of all on a missing entry.

use std::collections::{BTreeMap, BTreeSet};

use super::{ListPage, ListedIdentity, SesError, Status};
use crate::model::name::Domain;

/// Number of missing identities that are read regardless of doubts.
const SAMPLE: usize = 10;
/// A list that lacks more than one in this number of the known identities is doubted.
const DOUBTED: usize = 20;
/// More pages than any account has (10,000 identities per region): the listing loops.
const MAX_PAGES: usize = 200;

/// A list, collected page by page.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    identities: BTreeMap<String, ListedIdentity>,
    tokens: BTreeSet<String>,
    pages: usize,
}

impl Listing {
    /// Adds a page; returns the token of the next one. A repeated page token means the listing loops; it is treated as
    /// malformed.
    pub fn add(&mut self, page: ListPage) -> Result<Option<String>, SesError> {
        self.identities.extend(page.identities);
        self.pages += 1;
        match page.next {
            Some(token) if self.pages >= MAX_PAGES || !self.tokens.insert(token.clone()) => Err(SesError::Malformed),
            next => Ok(next),
        }
    }

    /// Number of pages, at least 1 once the list is complete.
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// Number of listed names that are not among these.
    pub fn beyond(&self, known: &BTreeSet<&str>) -> usize {
        self.identities.keys().filter(|name| !known.contains(name.as_str())).count()
    }
}

/// The state of a claimed domain before the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Its identity had this state of verification.
    Present(Status),
    /// It had no identity.
    Absent,
    /// Nothing that a list could contradict.
    Anything,
}

/// The known facts that a complete list contradicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Listed identities that differ from the known state.
    pub changed: Vec<Domain>,
    /// Known identities that are not listed.
    pub missing: Vec<Domain>,
}

/// Compares a complete list with the known state and with the previous list. The sending flag is compared only between
/// lists. If lists always reported it differently from single reads, every sweep would cost a call per identity.
pub fn compare<'a>(
    before: &Listing,
    list: &Listing,
    known: impl IntoIterator<Item = (&'a Domain, &'a Expected)>,
) -> Findings {
    let mut findings = Findings::default();
    for (domain, expected) in known {
        let name = domain.as_str();
        match (expected, list.identities.get(name)) {
            (Expected::Present(_), None) => findings.missing.push(domain.clone()),
            (Expected::Present(status), Some(listed)) => {
                let flipped = before.identities.get(name).is_some_and(|before| before.sending != listed.sending);
                if flipped || *status != listed.verification {
                    findings.changed.push(domain.clone());
                }
            }
            (Expected::Absent, Some(_)) => findings.changed.push(domain.clone()),
            (Expected::Absent, None) | (Expected::Anything, _) => {}
        }
    }
    findings
}

/// Selects the missing identities to read. A list that lacks very many is more likely wrong than complete: then only a
/// sample is read. If the sample really is gone, the next list is trusted.
#[derive(Clone, Debug, Default)]
pub struct Doubts {
    sample: Vec<Domain>,
}

impl Doubts {
    /// The identities to read, and whether the list is doubted. `present`: number of previously known identities.
    pub fn weigh(&mut self, mut missing: Vec<Domain>, present: usize) -> (Vec<Domain>, bool) {
        let many = missing.len() > SAMPLE.max(present / DOUBTED);
        // No identity of the last sample is missing any more: the reads have confirmed the list.
        let confirmed = !self.sample.is_empty() && !self.sample.iter().any(|domain| missing.contains(domain));
        if !many || confirmed {
            self.sample.clear();
            return (missing, false);
        }
        missing.truncate(SAMPLE);
        self.sample.clone_from(&missing);
        (missing, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(n: usize) -> Domain {
        Domain::parse(&format!("d{n:03}.example.com")).unwrap()
    }

    fn listing(names: &[(&str, bool, Status)]) -> Listing {
        let mut list = Listing::default();
        let identities = names.iter().map(|(name, sending, verification)| {
            (format!("{name}.example.com"), ListedIdentity { sending: *sending, verification: verification.clone() })
        });
        assert_eq!(list.add(ListPage { identities: identities.collect(), next: None }), Ok(None));
        list
    }

    #[test]
    fn what_differs_from_what_is_known_is_looked_at() {
        let (pending, success) = (Status::Pending, Status::Success);
        let present = |status: &Status| Expected::Present(status.clone());
        for (what, expected, before, listed, changed, missing) in [
            ("nothing new", present(&success), Some(true), Some((true, &success)), false, false),
            ("verified", present(&pending), Some(false), Some((true, &success)), true, false),
            ("failed", present(&success), Some(true), Some((true, &Status::Failed)), true, false),
            ("no longer sends", present(&success), Some(true), Some((false, &success)), true, false),
            ("first list", present(&success), None, Some((false, &success)), false, false),
            ("gone", present(&success), Some(true), None, false, true),
            ("still gone", Expected::Absent, None, None, false, false),
            ("back", Expected::Absent, None, Some((true, &success)), true, false),
            ("not known yet", Expected::Anything, None, Some((true, &success)), false, false),
        ] {
            let entry = |(sending, status): (bool, &Status)| listing(&[("d000", sending, status.clone())]);
            let before = before.map_or_else(Listing::default, |sending| entry((sending, &success)));
            let list = listed.map_or_else(Listing::default, entry);
            let findings = compare(&before, &list, [(&domain(0), &expected)]);
            assert_eq!((findings.changed.len(), findings.missing.len()), (changed.into(), missing.into()), "{what}");
        }
    }

    #[test]
    fn a_list_has_an_end() {
        let page = |next: &str| ListPage { identities: BTreeMap::new(), next: Some(next.to_owned()) };
        let mut list = Listing::default();
        assert_eq!(list.add(page("a")), Ok(Some("a".to_owned())));
        assert_eq!(list.add(page("b")), Ok(Some("b".to_owned())), "an empty page is not the last one");
        assert_eq!(list.add(page("a")), Err(SesError::Malformed), "it goes in a circle");
        let mut list = Listing::default();
        let endless = (0..2 * MAX_PAGES).find(|n| list.add(page(&n.to_string())).is_err());
        assert_eq!(endless, Some(MAX_PAGES - 1));
    }

    #[test]
    fn a_list_that_lacks_very_many_is_doubted_until_a_sample_confirms_it() {
        let missing = |from: usize, to: usize| (from..to).map(domain).collect::<Vec<_>>();
        let mut doubts = Doubts::default();
        assert_eq!(
            doubts.weigh(missing(0, 10), 10),
            (missing(0, 10), false),
            "few are looked at, even if they are all"
        );
        assert_eq!(doubts.weigh(missing(0, 50), 1000), (missing(0, 50), false), "and up to one in twenty");
        assert_eq!(doubts.weigh(missing(0, 200), 200), (missing(0, 10), true));
        assert_eq!(doubts.weigh(missing(0, 200), 200), (missing(0, 10), true), "the sample is there: doubted again");
        assert_eq!(doubts.weigh(missing(10, 200), 200), (missing(10, 200), false), "the sample is gone: believed");
        assert_eq!(doubts.weigh(missing(0, 200), 200), (missing(0, 10), true), "and the next one is doubted anew");
    }
}
