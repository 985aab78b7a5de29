//! Public suffixes: names under which anybody can register, so no tenant can own mail for all of them.

use super::name::Domain;

/// Whether `domain` is itself a public suffix, of the ICANN part (`co.uk`) or the private part (`github.io`) of the
/// list at <https://publicsuffix.org>.
///
/// The list is compiled in; suffixes added later are unknown until the operator is upgraded. Names whose last label is
/// on no list count as registrable, so that company-internal zones work.
pub fn is_public_suffix(domain: &Domain) -> bool {
    psl::suffix(domain.as_str().as_bytes())
        .is_some_and(|suffix| suffix.typ().is_some() && suffix.as_bytes() == domain.as_str().as_bytes())
}

/// The registrable domain: the part of the name that one party registered, with its name servers. A name whose last
/// label is on no list is registrable below that label.
pub fn registrable(domain: &Domain) -> String {
    let found = psl::domain(domain.as_str().as_bytes());
    found.map_or_else(|| domain.to_string(), |found| String::from_utf8_lossy(found.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_what_one_party_registered() {
        for (name, expected) in [
            ("a.b.example.co.uk", "example.co.uk"),
            ("example.com", "example.com"),
            ("mail.me.github.io", "me.github.io"),
            ("a.corp.lan", "corp.lan"),
        ] {
            assert_eq!(registrable(&Domain::parse(name).unwrap()), expected);
        }
    }

    #[test]
    fn names_open_to_registration_are_public_suffixes() {
        for (name, expected) in [
            ("co.uk", true),
            ("github.io", true),
            ("s3.amazonaws.com", true),
            ("example.co.uk", false),
            ("example.com", false),
            ("me.github.io", false),
            ("mail.internal", false),
            ("corp.lan", false),
        ] {
            assert_eq!(is_public_suffix(&Domain::parse(name).unwrap()), expected, "{name}");
        }
    }
}
