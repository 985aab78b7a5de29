//! The sort order of the index: subjects at and below a domain form one range.

use std::collections::BTreeMap;

use crate::model::{address::Address, name::Domain};

/// A subject with a sort key.
pub trait Located {
    /// Begins with the reversed name of its domain, and so with that of each parent domain. Unique for each subject.
    fn place(&self) -> String;
}

impl Located for Domain {
    fn place(&self) -> String {
        self.reversed()
    }
}

impl Located for Address {
    /// `com.example.@sales`: labels contain no `@`, so dots of the local part never count as label separators.
    fn place(&self) -> String {
        let text = self.to_string();
        format!("{}@{}", self.domain().reversed(), text.split('@').next().unwrap_or_default())
    }
}

/// The entries at a domain or below it.
pub fn at_or_below<'a, T>(
    entries: &'a BTreeMap<String, T>,
    domain: &Domain,
) -> impl Iterator<Item = &'a T> + use<'a, T> {
    let prefix = domain.reversed();
    entries.range(prefix.clone()..).take_while(move |(place, _)| place.starts_with(&prefix)).map(|(_, entry)| entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_finds_its_addresses_and_none_whose_local_part_looks_like_a_label() {
        let texts = ["a@example.com", "c@mail.example.com", "mail.b@example.com", "d@badexample.com"];
        let all: BTreeMap<String, &str> =
            texts.iter().map(|text| (Address::parse(text).unwrap().place(), *text)).collect();
        for (domain, expected) in [("example.com", &texts[..3]), ("mail.example.com", &texts[1..2])] {
            let mut found: Vec<&str> = at_or_below(&all, &Domain::parse(domain).unwrap()).copied().collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{domain}");
        }
    }
}
