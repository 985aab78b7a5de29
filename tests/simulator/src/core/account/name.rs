//! Names of identities: which names SES accepts, and which are equal.

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityType {
    EmailAddress,
    /// A domain: all its addresses and subdomains.
    Domain,
}

/// An address has an `@`, a domain has none; SES decides by this.
pub(crate) fn kind(name: &str) -> IdentityType {
    if name.contains('@') { IdentityType::EmailAddress } else { IdentityType::Domain }
}

/// The key of an identity. Domains are case-insensitive; addresses are case-sensitive, including their domain part (AWS
/// SES Developer Guide, "Creating and verifying identities").
pub(crate) fn key(name: &str) -> String {
    match kind(name) {
        IdentityType::Domain => name.to_ascii_lowercase(),
        IdentityType::EmailAddress => name.to_owned(),
    }
}

/// The domain directly after the `@` of an address; the name itself for a domain. Lower case.
pub(crate) fn domain_of(name: &str) -> String {
    name.rsplit_once('@').map_or(name, |(_, domain)| domain).to_ascii_lowercase()
}

/// The domain and its parents, nearest first: `a.b.example` gives `a.b.example`, `b.example`, `example`.
pub(crate) fn ancestors(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, parent)| parent))
}

/// Whether SES accepts the name: 7-bit ASCII, LDH labels (also underscores), lengths of DNS and SMTP.
pub(crate) fn acceptable(name: &str) -> bool {
    match name.rsplit_once('@') {
        None => acceptable_domain(name),
        Some((local, domain)) => {
            (1..=64).contains(&local.len())
                && local.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@')
                && acceptable_domain(domain)
        }
    }
}

fn acceptable_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_ses_accepts() {
        let long = format!("{}.example", "a".repeat(64));
        let table = [
            ("acme.example", true),
            ("ACME.example", true),
            ("_dmarc.acme.example", true),
            ("xn--bcher-kva.example", true),
            ("ops@acme.example", true),
            ("a+b@acme.example", true),
            ("example", false),
            ("acme.example.", false),
            ("bücher.example", false),
            ("ac me.example", false),
            ("-acme.example", false),
            ("*.acme.example", false),
            (long.as_str(), false),
            ("@acme.example", false),
            ("ops@", false),
            ("a@b@acme.example", false),
            ("", false),
        ];
        for (name, expected) in table {
            assert_eq!(acceptable(name), expected, "{name}");
        }
    }

    #[test]
    fn domains_ignore_case_and_addresses_do_not() {
        assert_eq!(key("ACME.Example"), "acme.example");
        assert_eq!(key("Ops@ACME.Example"), "Ops@ACME.Example");
        assert_eq!(domain_of("Ops@ACME.Example"), "acme.example");
        assert_eq!(ancestors("a.b.example").collect::<Vec<_>>(), ["a.b.example", "b.example", "example"]);
    }
}
